"""The formats of files by their code, and what each answers; the apps downstream add theirs."""

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from datetime import date
from typing import Any, Protocol

from inventory.files.cells import RowCells, Staged, Value, lines
from inventory.files.findings import ImportPlan
from inventory.files.future_supply import FutureSupplyFormat
from inventory.files.products import Products
from inventory.files.staging import ImportRun
from inventory.files.stock_sources import StockSources
from inventory.models import ImportFile


class FileFormat(Protocol):
    """One format of file; the module of each format describes it."""

    @property
    def columns(self) -> Sequence[str]:
        """The columns that an import reads."""

    @property
    def exported(self) -> Sequence[str]:
        """The columns that an export writes."""

    @property
    def staged(self) -> Mapping[str, str]:
        """The columns of the temporary table, with their types in the database."""

    @property
    def behaviors(self) -> Sequence[str]:
        """The behaviors that a file may have, the default first."""

    @property
    def group(self) -> str:
        """The column that groups rows which are written together; empty for none."""

    @property
    def other_names(self) -> Mapping[str, str]:
        """Names of columns that are not read, each with the column to use in its place."""

    @property
    def most_rows(self) -> int | None:
        """The most rows of one file; ``None`` for no limit."""

    @property
    def parts(self) -> Sequence[str]:
        """The parts of a row, each compared on its own before a file is written."""

    def required(self, behavior: str) -> Sequence[str]:
        """Return the columns without which a file cannot be read."""

    def read(self, cells: RowCells, behavior: str) -> Staged | None:
        """Return a row's values in the order of ``staged``; ``None`` for one that is skipped.

        Problems are noted on ``cells``.
        """

    def key(self, staged: Staged) -> tuple[str, ...] | None:
        """Return the key that no two rows of a file may share; ``None`` for none."""

    def plan(self, behavior: str, *, today: date, faulty: Set[int]) -> ImportPlan:
        """Return what the staged rows would do now; writes nothing.

        Lines in ``faulty`` have cells that could not be read and are staged as NULL:
        their other problems are found too, and they do nothing to other rows.
        """

    def stored(self, behavior: str, part: str) -> Iterable[tuple[int, int]]:
        """Return a digest of the stored values behind each line, once it is planned.

        Equal values have equal digests, and 0 stands for a missing row.
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
    """Add a format of the apps downstream; called when the apps are ready."""
    FORMATS[code] = file_format


def export_lines(format_code: str, rows: Any) -> Iterator[str]:
    """Yield the lines of a file with the rows of a queryset, some thousands read at a time."""
    file_format = FORMATS[format_code]
    return lines(file_format.exported, file_format.export(rows))
