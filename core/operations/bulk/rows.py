"""What a bulk action does to one row: values before and after, or a refusal. PURE."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from hashlib import blake2b
from typing import Any, Generic, TypeVar

from core.quantities import ZERO, QuantityError, format_quantity, fraction_error
from inventory.option_rules import Conflict
from inventory.resolution import Values, uses_decimals

# Digests, and sums of them, are below this.
DIGESTS = 2**64

Request = TypeVar("Request")

QUANTITIES = ("quantity", "safety_stock")


@dataclass(frozen=True, slots=True)
class Shift:
    """One value of a row, before and after; ``name`` is an option or what a row has else."""

    name: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class RowRefusal:
    """Why a row is left as it is: a sentence with named gaps for ``values``."""

    message: str
    values: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class BulkRow:
    """One row of a plan. ``source_code`` is empty for what belongs to the product itself."""

    key: int
    sku: str
    source_code: str
    shifts: tuple[Shift, ...]
    refusal: RowRefusal | None = None

    @property
    def is_change(self) -> bool:
        return self.refusal is None and any(shift.before != shift.after for shift in self.shifts)

    def kept_shifts(self) -> list[dict[str, Any]]:
        """Return the shifts as JSON keeps them."""
        return [
            {"name": shift.name, "before": plain(shift.before), "after": plain(shift.after)}
            for shift in self.shifts
        ]

    def digest(self) -> int:
        """Return a number that differs between plans of the row."""
        shifts = [(shift.name, plain(shift.before), plain(shift.after)) for shift in self.shifts]
        refusal = self.refusal and (self.refusal.message, sorted(self.refusal.values.items()))
        text = repr((self.key, self.source_code, shifts, refusal))
        return int.from_bytes(blake2b(text.encode(), digest_size=8).digest())


def plain(value: Any) -> Any:
    """Return a value in one spelling: 5 for 5.0000."""
    return format_quantity(value) if isinstance(value, Decimal) else value


@dataclass(slots=True)
class RowTally:
    """Counts of planned rows; ``fingerprint`` is the same for the same plan in any order."""

    changed_count: int = 0
    unchanged_count: int = 0
    refused_count: int = 0
    fingerprint: int = 0

    def add(self, row: BulkRow) -> None:
        self.fingerprint = (self.fingerprint + row.digest()) % DIGESTS
        if row.refusal is not None:
            self.refused_count += 1
        elif row.is_change:
            self.changed_count += 1
        else:
            self.unchanged_count += 1

    @property
    def total_count(self) -> int:
        return self.changed_count + self.unchanged_count + self.refused_count


@dataclass(slots=True)
class Plan:
    """The plan of one key, with all its rows, as a preview keeps it."""

    digest: int = 0
    rows: list[str] = field(default_factory=list)

    def add(self, row: BulkRow) -> None:
        self.digest = (self.digest + row.digest()) % DIGESTS
        refusal = row.refusal and {
            "message": row.refusal.message,
            "values": dict(row.refusal.values),
        }
        kept = {"source": row.source_code, "shifts": row.kept_shifts(), "refusal": refusal}
        self.rows.append(json.dumps({"sku": row.sku, **kept}, default=str))

    def as_text(self) -> str:
        """Return it in one line, from which :func:`digest_in` and :func:`rows_in` read."""
        return f"{self.digest:x} [{','.join(self.rows)}]"


def digest_in(text: str) -> int:
    """Return the digest of a plan that was kept; 0 of one without rows."""
    return int(text.partition(" ")[0], 16) if text else 0


def rows_in(text: str) -> Sequence[Mapping[str, Any]]:
    """Return the rows of a plan that was kept, as JSON keeps them."""
    rows: list[dict[str, Any]] = json.loads(text.partition(" ")[2] or "[]")
    return rows


def one_row(_request: Any) -> int:
    """One chosen key is one row."""
    return 1


@dataclass(frozen=True, slots=True)
class RowAction(Generic[Request]):
    """One bulk action.

    ``plan`` reads what the rows are and says what each would become. ``lock`` locks them, before
    the plan that counts is made. ``write`` does what is planned; it is given rows that change,
    all of them, in the transaction of the lock. ``read`` and ``shown`` turn a request into JSON
    and back; ``rows_each`` is how many rows one chosen key stands for. One that
    ``is_difference`` applies to what rows hold, whatever they held when it was confirmed.
    """

    plan: Callable[[Sequence[int], Request], list[BulkRow]]
    lock: Callable[[Sequence[int], Request], None]
    write: Callable[[Sequence[BulkRow], Request, datetime, int | None], None]
    read: Callable[[Mapping[str, Any]], Request]
    rows_each: Callable[[Request], int] = one_row
    is_difference: bool = False


def refusal_of(error: QuantityError) -> RowRefusal:
    """Return the refusal of a quantity."""
    return RowRefusal(error.message, error.values)


def fraction_refusal(
    becomes: Mapping[str, Any], *, product: Values, source_item: Values
) -> RowRefusal | None:
    """Return why a source item may not hold what it becomes: the first fraction of whole units.

    ``product`` and ``source_item`` are the own values that would be in force then.

    Rule: Qty Uses Decimals, §2.
    """
    if uses_decimals(product, source_item):
        return None
    errors = (fraction_error(becomes.get(name, ZERO)) for name in QUANTITIES)
    return next((refusal_of(error) for error in errors if error is not None), None)


def refuse_for_fractions(row: BulkRow, left: Conflict | None) -> BulkRow:
    """Return the row, refused where ``left`` says which fractions still need decimals."""
    return row if left is None else replace(row, refusal=RowRefusal(left.message, left.values))
