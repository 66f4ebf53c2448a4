"""Which open record of future supply each row of a file is about; PURE."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from core.text import gettext_noop as _
from inventory.files.findings import RowProblem

TWICE = _("This is the row of line %(line)s again: same SKU, source, date and reference.")
CLOSED = _(
    "“%(value)s” is received or canceled already at this source; give what is still to come "
    "another reference."
)
SEVERAL = _(
    "%(count)s open records of this SKU and source have the reference “%(value)s”; change "
    "them on their own pages."
)
IN_TRANSIT = _(
    "Quantity sent from another source: %(sent)s. It cannot change. Receive what came, or cancel "
    "the rest."
)
BELOW_RECEIVED = _("%(received)s are received already; the quantity cannot be below that.")


@dataclass(frozen=True, slots=True)
class SupplyRow:
    """A row of the file; ``line`` is where it begins."""

    line: int
    product_id: int
    source_id: int
    quantity: Decimal
    expected_on: date | None
    reference: str

    @property
    def key(self) -> tuple[int, int, str]:
        return (self.product_id, self.source_id, self.reference)


@dataclass(frozen=True, slots=True)
class SupplyRecord:
    """A record that is there; ``received`` and ``promised`` are units of it."""

    pk: int
    product_id: int
    source_id: int
    quantity: Decimal
    expected_on: date | None
    reference: str
    received: Decimal
    promised: Decimal
    is_open: bool
    is_transfer: bool = False

    @property
    def key(self) -> tuple[int, int, str]:
        return (self.product_id, self.source_id, self.reference)

    def equals(self, row: SupplyRow) -> bool:
        return (self.quantity, self.expected_on) == (row.quantity, row.expected_on)


@dataclass(slots=True)
class SupplyMatches:
    """Rows that are new, rows that change a record, and rows that match more than one."""

    new: list[SupplyRow] = field(default_factory=list)
    changed: list[tuple[SupplyRow, SupplyRecord]] = field(default_factory=list)
    problems: list[RowProblem] = field(default_factory=list)

    def refuse(self, row: SupplyRow, column: str, message: str, **values: object) -> None:
        shown = {"value": row.reference, **values}
        self.problems.append(RowProblem(row.line, column, row.reference, message, shown))


def match_supply(rows: Iterable[SupplyRow], records: Iterable[SupplyRecord]) -> SupplyMatches:
    """Match each row with at most one record, and each record with at most one row.

    Rows that equal a record, open or (with a reference) closed, need nothing. Of those
    left, one with the date of a record changes it; so does the one row of a reference with one
    record. A row without a record is new.
    """
    rows_by_key: defaultdict[tuple[int, int, str], list[SupplyRow]] = defaultdict(list)
    for row in rows:
        rows_by_key[row.key].append(row)
    records_by_key: defaultdict[tuple[int, int, str], list[SupplyRecord]] = defaultdict(list)
    for record in records:
        records_by_key[record.key].append(record)
    matches = SupplyMatches()
    for key, group in rows_by_key.items():
        _match_group(group, records_by_key[key], matches)
    return matches


def _match_group(
    rows: Sequence[SupplyRow], records: Sequence[SupplyRecord], matches: SupplyMatches
) -> None:
    opened = [record for record in records if record.is_open]
    closed = [record for record in records if not record.is_open and record.reference]
    left = _rows_without_equal(_rows_without_equal(rows, opened), closed)
    left = _once(left, matches)
    left = _on_their_dates(left, opened, matches)
    for row in left:
        if not opened or not row.reference:
            if closed:
                matches.refuse(row, "reference", CLOSED)
            else:
                matches.new.append(row)
        elif len(left) == 1 and len(opened) == 1:
            _change(row, opened[0], matches)
        else:
            matches.refuse(row, "reference", SEVERAL, count=len(opened))


def _rows_without_equal(rows: Sequence[SupplyRow], records: list[SupplyRecord]) -> list[SupplyRow]:
    """Return the rows that no record equals; a record that equals one is used up."""
    left = []
    for row in rows:
        same = next((record for record in records if record.equals(row)), None)
        if same is None:
            left.append(row)
        else:
            records.remove(same)
    return left


def _once(rows: Sequence[SupplyRow], matches: SupplyMatches) -> list[SupplyRow]:
    """Return the rows without those that repeat one, which are refused with its line."""
    first: dict[date | None, SupplyRow] = {}
    for row in rows:
        if row.expected_on in first:
            matches.refuse(row, "", TWICE, line=first[row.expected_on].line)
        else:
            first[row.expected_on] = row
    return list(first.values())


def _on_their_dates(
    rows: Sequence[SupplyRow], records: list[SupplyRecord], matches: SupplyMatches
) -> list[SupplyRow]:
    """Return the rows with the date of no record; the others change the record they name."""
    left = []
    for row in rows:
        same = [record for record in records if record.expected_on == row.expected_on]
        if len(same) == 1:
            records.remove(same[0])
            _change(row, same[0], matches)
        else:
            left.append(row)
    return left


def _change(row: SupplyRow, record: SupplyRecord, matches: SupplyMatches) -> None:
    if record.is_transfer and row.quantity != record.quantity:
        sent = f"{record.quantity.normalize():f}"
        matches.refuse(row, "quantity", IN_TRANSIT, sent=sent)
    elif row.quantity < record.received:
        received = f"{record.received.normalize():f}"
        matches.refuse(row, "quantity", BELOW_RECEIVED, received=received)
    else:
        matches.changed.append((row, record))
