"""Parcels: ``shipment,carrier,tracking``, the tracking numbers of shipments that have left.

A file adds numbers, and gives theirs to parcels that have none yet. One that replaces corrects
numbers, too. Rows that equal a parcel change nothing, so a file can be brought in again.
"""

from collections.abc import Iterator, Mapping, Sequence, Set
from datetime import date
from hashlib import blake2b

from django.db.models import QuerySet

from core.sql import fetch_column, fetch_rows
from core.text import FaultError
from core.text import gettext_noop as _
from fulfillment.files.parcel_matches import (
    ParcelMatches,
    ParcelRecord,
    ParcelRow,
    match_parcels,
)
from fulfillment.models import Carrier, Parcel, Shipment
from fulfillment.operations.moves.parcels import write_parcels
from fulfillment.operations.shipments.locking import lock_shipments
from fulfillment.operations.shipments.parcel_facts import (
    COLLECTED,
    DISABLED_CARRIER,
    UNKNOWN_CARRIER,
)
from fulfillment.tracking import read_number
from inventory.files.cells import EMPTY, RowCells, Staged, Value, code_of, unescape, yes_no_of
from inventory.files.file_format import FileFormat
from inventory.files.findings import CellStep, ImportPlan, PlannedStep, RowProblem, shortened
from inventory.files.imports import TWICE
from inventory.files.staging import ImportRun, problems_in
from inventory.files.usual_words import folded
from inventory.models import ImportFile, ImportStep

Kind = ImportStep.Kind
MOST_ROWS = 10_000
LONGEST_SHIPMENT = 48
LONGEST_CARRIER = 100
REPLACE = ImportFile.Behavior.REPLACE

UNKNOWN_SHIPMENT = _("There is no shipment with the number “%(value)s”.")
NOT_SHIPPED = _(
    "The shipment “%(value)s” has not left. Ship it, then upload this row again: a file ships "
    "nothing."
)
JOINED = """staged_row AS incoming
JOIN fulfillment_shipment AS shipment ON shipment.number = incoming.shipment"""
UNKNOWN = """
SELECT line, shipment FROM staged_row AS incoming
WHERE shipment IS NOT NULL AND NOT EXISTS (
    SELECT FROM fulfillment_shipment AS known WHERE known.number = incoming.shipment)
ORDER BY line
"""
STILL_HERE = f"""
SELECT line, shipment.number FROM {JOINED} WHERE shipment.state <> '{Shipment.State.FULFILLED}'
ORDER BY line
"""  # noqa: S608 - constants alone
PICKUPS = f"""
SELECT line, shipment.number FROM {JOINED}
WHERE shipment.state = '{Shipment.State.FULFILLED}' AND shipment.pickup_source_id IS NOT NULL
ORDER BY line
"""  # noqa: S608 - constants alone
NAMED_CARRIERS = """
SELECT line, carrier FROM staged_row WHERE carrier IS NOT NULL ORDER BY line
"""
ROWS = f"""
SELECT line, shipment.id, shipment.number, incoming.carrier, tracking, tell_customer
FROM {JOINED}
WHERE shipment.state = '{Shipment.State.FULFILLED}' AND shipment.pickup_source_id IS NULL
ORDER BY line
"""  # noqa: S608 - constants alone
RECORDS = f"""
SELECT parcel.id, parcel.shipment_id, parcel.carrier_id, parcel.tracking_number
FROM fulfillment_parcel AS parcel
WHERE parcel.shipment_id IN (SELECT shipment.id FROM {JOINED})
ORDER BY parcel.id
"""  # noqa: S608 - constants alone
# What a row is about: whether the shipment has left, and its parcels.
STANDING = f"""
SELECT incoming.line, concat_ws('|', shipment.id, shipment.state, (
    SELECT string_agg(concat_ws(' ', parcel.id, parcel.carrier_id, parcel.tracking_number), '|'
        ORDER BY parcel.id)
    FROM fulfillment_parcel AS parcel WHERE parcel.shipment_id = shipment.id))
FROM {JOINED} ORDER BY incoming.line
"""  # noqa: S608 - constants alone
SHIPMENTS = f"SELECT DISTINCT shipment.id FROM {JOINED}"  # noqa: S608 - constants alone


class ParcelsFormat(FileFormat):
    """The format; a row is a parcel of a shipment."""

    columns = ("shipment", "carrier", "tracking", "tell_customer")
    exported = columns[:3]
    staged = {
        "line": "integer",
        "shipment": "text",
        "carrier": "text",
        "tracking": "text",
        "tell_customer": "boolean",
    }
    behaviors = {
        ImportFile.Behavior.APPEND.value: exported,
        REPLACE.value: exported,
    }
    other_names = {
        "shipment_number": "shipment",
        "carrier_code": "carrier",
        "tracking_number": "tracking",
    }
    example = {"shipment": "1001-1", "carrier": "ups", "tracking": "1Z999AA10123456784"}
    most_rows = MOST_ROWS
    key_length = 3
    parts = ("parcels",)

    def read(self, cells: RowCells, behavior: str) -> Staged:
        """Read a row; what its shipment is like is looked at later."""
        return (
            cells.line,
            cells.read("shipment", code_of, limit=LONGEST_SHIPMENT),
            cells.read("carrier", code_of, limit=LONGEST_CARRIER),
            cells.read("tracking", _number_of),
            bool(cells.read_if_given("tell_customer", yes_no_of)),
        )

    def plan(self, behavior: str, *, today: date, faulty: Set[int]) -> ImportPlan:
        """Return which parcels would be added and corrected."""
        matches = _matches(behavior, faulty)
        return ImportPlan(
            new_count=len(matches.new),
            changed_count=len(matches.corrected),
            steps=_steps(matches),
            problems=[
                *problems_in(UNKNOWN, column="shipment", message=UNKNOWN_SHIPMENT),
                *problems_in(STILL_HERE, column="shipment", message=NOT_SHIPPED),
                *problems_in(PICKUPS, column="shipment", message=COLLECTED),
                *_carrier_problems(matches),
                *_repeated(matches),
            ],
        )

    def stored(self, behavior: str, part: str) -> list[tuple[int, int]]:
        """Return digests of the shipments' states and parcels."""
        return [(line, _digest(text)) for line, text in fetch_rows(STANDING)]

    def write(self, behavior: str, run: ImportRun) -> tuple[str, ...]:
        """Add and correct parcels, once their shipments are locked."""
        shipments = lock_shipments(fetch_column(SHIPMENTS))
        run.compare("parcels")
        matches = _matches(behavior, frozenset())
        kept = Parcel.objects.select_related("carrier").in_bulk(
            [record.pk for _row, record in matches.corrected]
        )
        carriers = Carrier.objects.in_bulk()
        owners = {shipment.pk: shipment for shipment in shipments}
        corrected = []
        for row, record in matches.corrected:
            parcel = kept[record.pk]
            before = str(parcel)
            parcel.carrier, parcel.tracking_number = carriers[row.carrier_id], row.tracking
            corrected.append((parcel, before))
        touched = {row.shipment_id for row in matches.new}
        touched |= {row.shipment_id for row, _record in matches.corrected}
        rows = [*matches.new, *(row for row, _record in matches.corrected)]
        write_parcels(
            [owners[pk] for pk in sorted(touched)],
            run.act,
            added=[
                Parcel(
                    shipment=owners[row.shipment_id],
                    carrier=carriers[row.carrier_id],
                    tracking_number=row.tracking,
                )
                for row in matches.new
            ],
            corrected=corrected,
            told={row.shipment_id for row in rows if row.tells_customer},
        )
        return ()

    def export(self, parcels: QuerySet[Parcel]) -> Iterator[tuple[Value, ...]]:
        """Yield a row for each parcel that has a number."""
        rows = parcels.exclude(tracking_number="").order_by("shipment__number", "pk")
        names = ("shipment__number", "carrier__code", "tracking_number")
        yield from rows.values_list(*names).iterator(chunk_size=2000)


def _number_of(cell: str) -> str:
    number = read_number(unescape(cell.strip()))
    if not number:
        raise FaultError(EMPTY)
    return number


def _carriers() -> dict[str, int]:
    """Return carriers by what a file may call them: the code, or code or name in any case."""
    found: dict[str, int] = {}
    every = list(Carrier.objects.order_by("pk"))
    for carrier in every:
        found.setdefault(folded(carrier.name), carrier.pk)
    found |= {folded(carrier.code): carrier.pk for carrier in every}
    return found | {carrier.code: carrier.pk for carrier in every}


def _carrier_id(carriers: Mapping[str, int], named: str) -> int | None:
    return carriers.get(named) or carriers.get(folded(named))


def _matches(behavior: str, faulty: Set[int]) -> ParcelMatches:
    carriers = _carriers()
    rows = []
    for line, shipment_id, shipment, carrier, tracking, tells in fetch_rows(ROWS):
        carrier_id = None if carrier is None else _carrier_id(carriers, carrier)
        if line not in faulty and carrier_id is not None:
            rows.append(ParcelRow(line, shipment_id, shipment, carrier_id, tracking, tells))
    records = [ParcelRecord(*record) for record in fetch_rows(RECORDS)]
    return match_parcels(rows, records, replaces=behavior == REPLACE)


def _carrier_problems(matches: ParcelMatches) -> list[RowProblem]:
    """Return a problem for each carrier that is unknown, or disabled and new to its parcel."""
    carriers = _carriers()
    found = [
        _carrier_problem(line, UNKNOWN_CARRIER, named)
        for line, named in fetch_rows(NAMED_CARRIERS)
        if _carrier_id(carriers, named) is None
    ]
    disabled = dict(Carrier.objects.filter(is_enabled=False).values_list("pk", "name"))
    taking = list(matches.new)
    taking += [row for row, was in matches.corrected if row.carrier_id != was.carrier_id]
    return found + [
        _carrier_problem(row.line, DISABLED_CARRIER, disabled[row.carrier_id])
        for row in taking
        if row.carrier_id in disabled
    ]


def _repeated(matches: ParcelMatches) -> list[RowProblem]:
    """Return a problem for each row that has the number of a row before it."""
    return [
        RowProblem(row.line, "tracking", row.tracking, TWICE, {"line": before.line, "key": key})
        for row, before in matches.repeated
        for key in [f"{row.shipment}, {row.tracking}"]
    ]


def _carrier_problem(line: int, message: str, named: str) -> RowProblem:
    value = shortened(named)
    return RowProblem(line, "carrier", value, message, {"value": value})


def _digest(text: str) -> int:
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), signed=True)


def _steps(matches: ParcelMatches) -> tuple[PlannedStep, ...]:
    names = dict(Carrier.objects.values_list("pk", "name"))
    steps = [
        PlannedStep(row.line, row.shipment, Kind.NEW, _cells(names, ("", ""), row))
        for row in matches.new
    ]
    steps += [
        PlannedStep(
            row.line,
            row.shipment,
            Kind.CHANGED,
            _cells(names, (names[was.carrier_id], was.tracking), row),
        )
        for row, was in matches.corrected
    ]
    return tuple(steps)


def _cells(names: Mapping[int, str], before: Sequence[str], row: ParcelRow) -> tuple[CellStep, ...]:
    """Return what becomes of carrier and number, those alone that change."""
    after = (names[row.carrier_id], row.tracking)
    pairs = zip(("carrier", "tracking"), before, after, strict=True)
    return tuple(CellStep(name, was, becomes) for name, was, becomes in pairs if was != becomes)
