"""A row's own values of its options, whose columns the table of options gives to the models."""

from typing import Any

from inventory.models.option_columns import OptionOwner


def own_value(row: OptionOwner, name: str) -> Any:
    """Return the row's own value of an option; ``None`` inherits."""
    return row.overrides()[name]


def own_values(row: OptionOwner, *names: str) -> tuple[Any, ...]:
    """Return the row's own values of options, in the order of their names."""
    return tuple(own_value(row, name) for name in names)


def give_own_values(row: OptionOwner, **values: Any) -> None:
    """Set the row's own values of options, and write nothing."""
    known = row.overrides()
    for name, value in values.items():
        assert name in known, name
        setattr(row, name, value)
