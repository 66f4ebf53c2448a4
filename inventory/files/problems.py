"""What is wrong with a file, one of its rows or one of its cells, and what would be right."""

from collections.abc import Mapping
from dataclasses import dataclass, field

LONGEST_VALUE = 80


class FileError(ValueError):
    """The file as a whole cannot be read; ``message`` is a sentence with gaps for ``values``."""

    def __init__(self, message: str, **values: object) -> None:
        super().__init__(message % values)
        self.message = message
        self.values = values


class CellError(ValueError):
    """One cell says nothing that its column could hold; as :class:`FileError`."""

    def __init__(self, message: str, **values: object) -> None:
        super().__init__(message % values)
        self.message = message
        self.values = values


@dataclass(frozen=True, slots=True)
class RowProblem:
    """What keeps a row from being imported; ``column`` is empty where the whole row does."""

    line: int
    column: str
    value: str
    message: str
    values: Mapping[str, object] = field(default_factory=dict)

    @property
    def sentence(self) -> str:
        return self.message % self.values


def shortened(value: str) -> str:
    """Return a value as it can be shown: not too long, and without control characters."""
    shown = "".join(char if char.isprintable() else "�" for char in value[: LONGEST_VALUE + 1])
    return shown if len(shown) <= LONGEST_VALUE else f"{shown[:LONGEST_VALUE]}…"
