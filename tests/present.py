"""Says of a value that may be missing by its type that it is there."""

from typing import TypeVar

Value = TypeVar("Value")


def present(value: Value | None) -> Value:
    """Return the value, which a test has made sure of.

    :raises AssertionError: if it is missing.
    """
    assert value is not None
    return value
