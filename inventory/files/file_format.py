"""What a format of file answers."""

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from datetime import date
from typing import Any, Protocol

from inventory.files.cells import RowCells, Staged, Value
from inventory.files.findings import ImportPlan
from inventory.files.staging import ImportRun


class FileFormat(Protocol):
    """One format of file; the module of each format describes it."""

    # The columns that an import reads, and those that an export writes.
    columns: Sequence[str]
    exported: Sequence[str]
    # The columns of the temporary table, with their types in the database.
    staged: Mapping[str, str]
    # The behaviors that a file may have, the default first, each with the columns that it needs.
    behaviors: Mapping[str, Sequence[str]]
    # The column that groups rows which are written together; empty for none.
    group: str = ""
    # Names of columns that are not read, each with the column to use in its place.
    other_names: Mapping[str, str]
    # A row that shows what a file may say, by column.
    example: Mapping[str, str]
    # The most rows of one file; None for no limit.
    most_rows: int | None = None
    # How many of the columns after the line are the key that no two rows share; 0 for none.
    key_length: int = 0
    # The parts of a row, each compared on its own before a file is written.
    parts: Sequence[str] = ()

    def read(self, cells: RowCells, behavior: str) -> Staged | None:
        """Return a row's values in the order of ``staged``; ``None`` for one that is skipped.

        Problems are noted on ``cells``.
        """

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
