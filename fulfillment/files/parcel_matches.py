"""Which parcel of a shipment each row of a file is about; PURE."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class ParcelRow:
    """A row of the file; ``line`` is where it begins."""

    line: int
    shipment_id: int
    shipment: str
    carrier_id: int
    tracking: str
    tells_customer: bool = False


@dataclass(frozen=True, slots=True)
class ParcelRecord:
    """A parcel that is there; its number may be empty."""

    pk: int
    shipment_id: int
    carrier_id: int
    tracking: str


Fit = Callable[[ParcelRow, ParcelRecord], bool]


def _is_equal(row: ParcelRow, record: ParcelRecord) -> bool:
    return (row.carrier_id, row.tracking) == (record.carrier_id, record.tracking)


def _has_same_number(row: ParcelRow, record: ParcelRecord) -> bool:
    return row.tracking == record.tracking


def _has_same_carrier(row: ParcelRow, record: ParcelRecord) -> bool:
    return row.carrier_id == record.carrier_id


def _lacks_number(row: ParcelRow, record: ParcelRecord) -> bool:
    return not record.tracking and _has_same_carrier(row, record)


def _is_any(_row: ParcelRow, _record: ParcelRecord) -> bool:
    return True


ADDING: tuple[Fit, ...] = (_has_same_number, _lacks_number)
REPLACING: tuple[Fit, ...] = (*ADDING, _has_same_carrier, _is_any)


@dataclass(slots=True)
class ParcelMatches:
    """Rows that add a parcel, rows that correct one, and those with the number of one before.

    A file may call a carrier by its code or its name: its words tell no two parcels apart.
    """

    new: list[ParcelRow] = field(default_factory=list)
    corrected: list[tuple[ParcelRow, ParcelRecord]] = field(default_factory=list)
    repeated: list[tuple[ParcelRow, ParcelRow]] = field(default_factory=list)


def match_parcels(
    rows: Iterable[ParcelRow], records: Iterable[ParcelRecord], *, replaces: bool
) -> ParcelMatches:
    """Match each row with at most one parcel of its shipment, and each parcel with one row.

    A row that equals a parcel needs nothing. Another corrects the carrier of a parcel with its
    number, or gives its number to a parcel of its carrier without one. Where the file
    ``replaces``, it then corrects a parcel that no row names: of its carrier first, of any other
    next. What is left adds a parcel.

    Rule: Parcels (§21).
    """
    rows_of: defaultdict[int, list[ParcelRow]] = defaultdict(list)
    records_of: defaultdict[int, list[ParcelRecord]] = defaultdict(list)
    found = ParcelMatches()
    first: dict[tuple[int, str], ParcelRow] = {}
    for row in rows:
        before = first.setdefault((row.shipment_id, row.tracking), row)
        if before is not row:
            found.repeated.append((row, before))
        else:
            rows_of[row.shipment_id].append(row)
    for record in records:
        records_of[record.shipment_id].append(record)
    for shipment_id, own in rows_of.items():
        left = records_of[shipment_id]
        _pairs(own, left, _is_equal)
        for fits in REPLACING if replaces else ADDING:
            found.corrected += _pairs(own, left, fits)
        found.new += own
    found.new.sort(key=lambda row: row.line)
    found.corrected.sort(key=lambda pair: pair[0].line)
    return found


def _pairs(
    rows: list[ParcelRow], records: list[ParcelRecord], fits: Fit
) -> list[tuple[ParcelRow, ParcelRecord]]:
    """Take out of both lists, and return, each row with the first parcel that fits it."""
    pairs = []
    for row in list(rows):
        record = next((one for one in records if fits(row, one)), None)
        if record is not None:
            rows.remove(row)
            records.remove(record)
            pairs.append((row, record))
    return pairs
