"""What a bulk action does to one row: the values it sets, or a refusal. PURE."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, Generic, TypeVar

from core.acts import Act
from core.quantities import format_quantity
from core.text import Sentence

Request = TypeVar("Request")


@dataclass(frozen=True, slots=True)
class Shift:
    """One value of a row, before and after; ``name`` is an option or what a row has else."""

    name: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class BulkRow:
    """One row of a plan.

    ``names`` are what it is called, and are kept; ``details`` are shown beside them alone.
    ``refusal`` is why it stays as it is; ``effect`` says what it comes to, where ``shifts`` do not.
    ``subject`` is what the plan read of it, for what writes it.
    """

    key: int
    names: tuple[str, ...]
    shifts: tuple[Shift, ...] = ()
    refusal: Sentence | None = None
    effect: Sentence | None = None
    details: tuple[str, ...] = ()
    subject: Any = None

    @property
    def is_change(self) -> bool:
        return self.refusal is None and (
            self.effect is not None or any(shift.before != shift.after for shift in self.shifts)
        )

    def kept_shifts(self) -> list[dict[str, Any]]:
        """Return the shifts as JSON keeps them."""
        return [
            {"name": shift.name, "before": plain(shift.before), "after": plain(shift.after)}
            for shift in self.shifts
        ]

    def kept(self) -> str:
        """Return the plan of the row as a preview keeps it, in one line."""
        refusal = self.refusal and {
            "message": self.refusal.message,
            "values": dict(self.refusal.values),
        }
        kept = {"names": self.names, "shifts": self.kept_shifts(), "refusal": refusal}
        return json.dumps(kept, default=str)


def plain(value: Any) -> Any:
    """Return a value in one spelling: 5 for 5.0000."""
    return format_quantity(value) if isinstance(value, Decimal) else value


@dataclass(slots=True)
class RowTally:
    """Counts of planned rows."""

    changed_count: int = 0
    unchanged_count: int = 0
    refused_count: int = 0

    def add(self, row: BulkRow) -> None:
        if row.refusal is not None:
            self.refused_count += 1
        elif row.is_change:
            self.changed_count += 1
        else:
            self.unchanged_count += 1


def refused_rows(rows: Sequence[BulkRow], refused: Mapping[int, Sentence] | None) -> list[BulkRow]:
    """Return rows, refused where ``refused`` says why, by key."""
    why = refused or {}
    return [replace(row, refusal=why[row.key]) if row.key in why else row for row in rows]


def one_row(_request: Any) -> int:
    """One chosen key is one row."""
    return 1


def lock_nothing(_keys: Sequence[int], _request: Any) -> None:
    """Nothing to lock: what writes the rows locks them."""


@dataclass(frozen=True, slots=True)
class RowPlan(Generic[Request]):
    """What a preview shows of a bulk action.

    ``plan`` reads what the rows are and says what each would become. ``read`` turns what a form
    asked for, as JSON keeps it, into the request; ``rows_each`` is how many rows one chosen key
    stands for. Where planning every row would cost too much, ``shown`` returns the values of each
    that it is about, as a text by key: rows are planned page by page, and those values compared.
    """

    plan: Callable[[Sequence[int], Request, Act], list[BulkRow]]
    read: Callable[[Mapping[str, Any]], Request]
    rows_each: Callable[[Request], int] = one_row
    shown: Callable[[Sequence[int]], dict[int, str]] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RowAction(RowPlan[Request]):
    """One bulk action.

    ``lock`` locks rows, before the plan that counts is made. ``write`` does what is planned; it is
    given rows that change, all of them, in the transaction of the lock, and returns why some of
    them stay as they are, by key; of those it wrote nothing. More rows than ``at_once`` are left
    to a worker, which makes ``chunk`` of them in one transaction. One that
    ``is_difference`` applies to what rows hold, whatever they held when it was confirmed. One that
    ``is_tried`` is planned in full only by making it: its preview makes each row and takes it back,
    and ``write`` refuses what cannot be. What it writes is one entry of history if it
    ``has_history``; every statement that is written within one takes longer.
    """

    write: Callable[[Sequence[BulkRow], Request, Act], Mapping[int, Sentence] | None]
    lock: Callable[[Sequence[int], Request], None] = lock_nothing
    at_once: Callable[[], int]
    chunk: int = 1000
    is_all_or_nothing: bool = False
    has_history: bool = False
    is_difference: bool = False
    is_tried: bool = False
