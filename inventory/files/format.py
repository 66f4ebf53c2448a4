"""What every format of file answers: its columns, how a row is read, planned and written. PURE."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from datetime import date, datetime
from typing import Any, Protocol, TypeVar

from inventory.files.cells import Value
from inventory.files.findings import CellError, ImportPlan, RowProblem, shortened
from inventory.files.reading import FileRow

Cell = TypeVar("Cell")


class RowCells:
    """The cells of one row; reading one that says nothing notes a problem."""

    def __init__(self, row: FileRow) -> None:
        self.line = row.line
        self.cells = row.cells
        self.problems: list[RowProblem] = []

    def has(self, column: str) -> bool:
        """Whether the file has the column, and the row a value in it."""
        return bool(self.cells.get(column, "").strip())

    def read(
        self, column: str, reader: Callable[..., Cell], *args: Any, **limits: Any
    ) -> Cell | None:
        """Return what ``reader`` makes of the cell; ``None`` where that is a problem."""
        try:
            return reader(self.cells.get(column, ""), *args, **limits)
        except CellError as error:
            self.refuse(column, error.message, **error.values)
            return None

    def refuse(self, column: str, message: str, /, **values: object) -> None:
        """Note that the cell keeps the row from being imported."""
        value = shortened(self.cells.get(column, ""))
        self.problems.append(RowProblem(self.line, column, value, message, values))


class Skipped:
    """What a row that no import touches is read as."""


SKIPPED = Skipped()
Staged = Sequence[Any]


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
        what else is wrong with them is told, and they do nothing to other rows.
        """

    def stored(self, behavior: str, part: str) -> Iterable[tuple[int, int]]:
        """Return a number for the values that stand now behind each line, once it is planned.

        Equal values have equal numbers, and 0 is a row that is not there.
        """

    def write(
        self,
        behavior: str,
        *,
        today: date,
        now: datetime,
        actor_id: int | None,
        compare: Callable[[str], None],
    ) -> tuple[str, ...]:
        """Write the staged rows, in the caller's transaction; return who fell back.

        ``compare`` is called with each part as soon as its rows are locked, and raises
        :class:`core.operations.stale_rows.StaleRowsError` where they changed.
        """

    def export(self, rows: Any) -> Iterator[Sequence[Value]]:
        """Yield the cells of a queryset's rows, in the order of ``exported``."""
