"""The formats of files by their code, and what each answers; the apps downstream add theirs."""

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from datetime import date
from typing import Any, Protocol

from inventory.files.cells import RowCells, Skipped, Staged, Value, lines
from inventory.files.findings import ImportPlan
from inventory.files.future_supply import FutureSupplyFormat
from inventory.files.products import Products
from inventory.files.staging import ImportRun
from inventory.files.stock_sources import StockSources
from inventory.models import ImportFile


class FileFormat(Protocol):
    """One format of file. Its module says more of each."""

    @property
    def columns(self) -> Sequence[str]:
        """The columns that are read."""

    @property
    def exported(self) -> Sequence[str]:
        """The columns that are written."""

    @property
    def staged(self) -> Mapping[str, str]:
        """What a row is read as: columns with their types in the database."""

    @property
    def behaviors(self) -> Sequence[str]:
        """What may be asked of a file, the usual first."""

    @property
    def group(self) -> str:
        """The column whose value says which rows are written together, if there is one."""

    @property
    def other_names(self) -> Mapping[str, str]:
        """Names of columns that are not read, each with the column to use in its place."""

    @property
    def most_rows(self) -> int | None:
        """How many rows one file may have, if that is limited."""

    @property
    def parts(self) -> Sequence[str]:
        """What a row may be about, each compared apart before a file is written."""

    def required(self, behavior: str) -> Sequence[str]:
        """Return the columns without which a file cannot be read."""

    def read(self, cells: RowCells, behavior: str) -> Staged | Skipped:
        """Return a row's values in the order of ``staged``; problems are noted on ``cells``."""

    def key(self, staged: Staged) -> tuple[str, ...] | None:
        """Return what two rows of one file may not have in common, if anything."""

    def plan(self, behavior: str, *, today: date, faulty: Set[int]) -> ImportPlan:
        """Return what the staged rows would do now; writes nothing.

        Of the lines that are ``faulty`` some cells could not be read, and are staged as NULL:
        their other problems are found too, and they do nothing to other rows.
        """

    def stored(self, behavior: str, part: str) -> Iterable[tuple[int, int]]:
        """Return a number for the values that stand now behind each line, once it is planned.

        Equal values have equal numbers, and 0 is a row that is not there.
        """

    def write(self, behavior: str, run: ImportRun) -> tuple[str, ...]:
        """Write the staged rows, in the caller's transaction; return the shipments that went back.

        Each part is compared as soon as its rows are locked.
        """

    def export(self, rows: Any) -> Iterator[Sequence[Value]]:
        """Yield the cells of a queryset's rows, in the order of ``exported``."""


FORMATS: dict[str, FileFormat] = {
    ImportFile.Format.STOCK_SOURCES.value: StockSources(),
    ImportFile.Format.PRODUCTS.value: Products(),
    ImportFile.Format.FUTURE_SUPPLY.value: FutureSupplyFormat(),
}


def register(code: str, file_format: FileFormat) -> None:
    """Let files be brought in as ``file_format``; called when the apps are ready."""
    FORMATS[code] = file_format


def export_lines(format_code: str, rows: Any) -> Iterator[str]:
    """Yield the lines of a file with the rows of a queryset, some thousands read at a time."""
    file_format = FORMATS[format_code]
    return lines(file_format.exported, file_format.export(rows))
