"""What the check of a file found, row by row: an effect, or a fault."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from core.quantities import fraction_refusal
from core.text import FaultError

LONGEST_VALUE = 80
KEPT_PROBLEMS = 10_000


class FileError(FaultError):
    """The file as a whole cannot be read."""


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


def problem_of(line: int, column: str, error: FaultError, *, cell: str = "") -> RowProblem:
    """Return what is wrong with a row, or the cell of it in ``column``."""
    return RowProblem(line, column, cell, error.message, error.values)


def fraction_problem(line: int, column: str, quantity: Decimal) -> RowProblem:
    """Return what is wrong with a fraction of a product that is sold in whole units."""
    error = fraction_refusal(quantity)
    return problem_of(line, column, error, cell=str(error.values["quantity"]))


def shortened(value: str) -> str:
    """Return a value as it can be shown: not too long, and without control characters."""
    shown = "".join(char if char.isprintable() else "�" for char in value[: LONGEST_VALUE + 1])
    return shown if len(shown) <= LONGEST_VALUE else f"{shown[:LONGEST_VALUE]}…"


@dataclass(frozen=True, slots=True)
class CellStep:
    """What one column of a row goes from and to, as cells of the file."""

    column: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class PlannedStep:
    """What one row of the file does; ``kind`` is NEW, CHANGED or DELETED."""

    line: int
    name: str
    kind: str
    cells: tuple[CellStep, ...]


@dataclass(frozen=True, slots=True)
class Findings:
    """Counts of rows, and the problems by line.

    ``skipped_count`` are rows that no import touches, such as configurable products;
    ``refused_lines`` are where the rows are that an import leaves out, those with problems and
    those that are written together with one of them; ``is_whole`` is whether the file could be
    read to its end. ``ignored`` are columns that nothing reads; ``fallen_back`` are shipments
    that lose their units to lower counts, or the promise of supply that moves. ``notices`` are
    rows that are taken with a word about them.
    ``problem_count`` and ``notice_count`` may exceed what is kept of them.
    """

    row_count: int = 0
    new_count: int = 0
    changed_count: int = 0
    unchanged_count: int = 0
    deleted_count: int = 0
    skipped_count: int = 0
    problem_count: int = 0
    notice_count: int = 0
    refused_row_count: int = 0
    refused_lines: tuple[int, ...] = ()
    is_whole: bool = True
    ignored: tuple[str, ...] = ()
    problems: tuple[RowProblem, ...] = ()
    notices: tuple[RowProblem, ...] = ()
    fallen_back: tuple[str, ...] = ()

    @property
    def touched_count(self) -> int:
        """How many rows do something."""
        return self.new_count + self.changed_count + self.deleted_count

    @property
    def has_good_rows(self) -> bool:
        """Whether the rows without problems can be written alone."""
        return self.is_whole and self.problem_count > 0 and self.touched_count > 0


@dataclass(frozen=True, slots=True)
class ImportPlan:
    """What the rows of a file that were understood would do, and what the database refuses.

    ``steps`` are read once, while the staged rows are still there, and may be many.
    """

    new_count: int = 0
    changed_count: int = 0
    deleted_count: int = 0
    steps: Iterable[PlannedStep] = ()
    problems: Sequence[RowProblem] = field(default_factory=list)
    notices: Sequence[RowProblem] = ()
    fallen_back: tuple[str, ...] = ()


def findings_from(kept: dict[str, Any]) -> Findings:
    """Return the findings that are ``kept`` as a mapping."""
    if not kept:
        return Findings()
    problems = {
        name: tuple(RowProblem(**problem) for problem in kept.get(name, ()))
        for name in ("problems", "notices")
    }
    lists = {name: tuple(kept[name]) for name in ("ignored", "fallen_back", "refused_lines")}
    return Findings(**{**kept, **lists, **problems})
