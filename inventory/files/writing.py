"""From rows of values to CSV, a row at a time."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal

from core.quantities import format_quantity
from inventory.files.cells import escape

Value = str | Decimal | date | bool | int | None
UTF_8_MARK = "\ufeff"


class _Line:
    """A file of one line: what is written last is what it is."""

    def __init__(self) -> None:
        self.text = ""

    def write(self, text: str) -> None:
        self.text = text


def lines(header: Sequence[str], rows: Iterable[Sequence[Value]]) -> Iterator[str]:
    """Yield the lines of a file, the header first, behind the mark that spreadsheets look for.

    Texts that a spreadsheet would run are escaped (:func:`inventory.files.cells.escape`).
    """
    line = _Line()
    writer = csv.writer(line)
    writer.writerow(header)
    yield UTF_8_MARK + line.text
    for row in rows:
        writer.writerow([cell_of(value) for value in row])
        yield line.text


def cell_of(value: Value) -> str:
    """Return ``value`` as the cell that is read as the same value."""
    match value:
        case None:
            return ""
        case bool():
            return "1" if value else "0"
        case Decimal():
            return format_quantity(value)
        case str():
            return escape(value)
        case _:
            return str(value)
