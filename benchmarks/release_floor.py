"""The least that releases a queue: read all, decide greedily in plain Python, write by COPY.

It writes the rows that a release leaves behind: shipments, children and their lines, allocations,
counters, timeline, the customers' e-mails and the decisions. It knows no dates, limits, policies
or reasons, holds everything in memory, and locks nothing. Everything is undone at the end, so
that ours finds the queue as it was.
"""

import json
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any, Generic, NamedTuple, Protocol, TypeVar

from django.db import connection, transaction
from django.utils import timezone

from fulfillment.models import ReleaseRun

READ_LINES = """
SELECT shipment.id, shipment.order_id, shipment.number, shipment.stock_id,
    shipment.backordered_since, parent.customer_email, line.id, line.order_line_id,
    line.product_id, asked.sku, (line.quantity * 10000)::bigint, (line.amount * 100)::bigint
FROM fulfillment_shipment AS shipment
JOIN orders_order AS parent ON parent.id = shipment.order_id
JOIN fulfillment_shipmentline AS line ON line.shipment_id = shipment.id
JOIN orders_orderline AS asked ON asked.id = line.order_line_id
WHERE shipment.state = 'BACKORDER' AND line.product_id IN (
    SELECT id FROM inventory_product WHERE sku LIKE 'BENCH-%%')
ORDER BY shipment.priority DESC, shipment.backordered_since, shipment.id
"""
READ_ITEMS = """
SELECT item.id, item.product_id, item.source_id, source.code,
    ((item.quantity - item.allocated - item.safety_stock) * 10000)::bigint
FROM inventory_sourceitem AS item JOIN inventory_source AS source ON source.id = item.source_id
WHERE source.code LIKE 'bench-%%' AND item.status = 'IN_STOCK' ORDER BY item.source_id
"""
NEXT_IDS = "SELECT nextval(%s::regclass) FROM generate_series(1, %s)"
PART_TABLE = """
CREATE TEMPORARY TABLE floor_part (
    shipment_id bigint, child_id bigint, line_id bigint, product_id bigint, source_id bigint,
    item_id bigint, units bigint, cents bigint
) ON COMMIT DROP
"""
CHILDREN = """
COPY fulfillment_shipment (id, number, order_id, stock_id, source_id, state, parent_id, is_held,
    hold_reason, hold_note, care_reason, priority, backordered_since, is_expected_on_fixed,
    amount, created_at, released_at, awaits_payment) FROM STDIN
"""
CHILD_LINES = """
COPY fulfillment_shipmentline (id, shipment_id, order_line_id, product_id, original_quantity,
    quantity, moved_quantity, canceled_quantity, refunded_quantity, original_amount, amount,
    moved_amount, canceled_amount, refunded_amount) FROM STDIN
"""
ALLOCATIONS = """
COPY fulfillment_allocation (order_line_id, shipment_line_id, source_item_id, quantity) FROM STDIN
"""
EVENTS = """
COPY fulfillment_shipmentevent (shipment_id, kind, reason, detail, created_at) FROM STDIN
"""
EMAILS = """
COPY orders_orderemail (order_id, kind, event_key, state, language, recipient, context, subject,
    body, attempt_count, last_error, created_at, next_attempt_at) FROM STDIN
"""
DECISIONS = """
COPY fulfillment_releasedecision (run_id, shipment_id, position, outcome, detail) FROM STDIN
"""
UPDATES = (
    """
    UPDATE fulfillment_shipment AS shipment
    SET state = 'READY', source_id = chosen.source_id, released_at = now()
    FROM (SELECT DISTINCT shipment_id, source_id FROM floor_part
          WHERE shipment_id = child_id) AS chosen
    WHERE shipment.id = chosen.shipment_id
    """,
    """
    UPDATE fulfillment_shipmentline AS line
    SET quantity = line.quantity - part.units / 10000.0,
        moved_quantity = line.moved_quantity + part.units / 10000.0,
        amount = line.amount - part.cents / 100.0,
        moved_amount = line.moved_amount + part.cents / 100.0
    FROM (SELECT line_id, sum(units) AS units, sum(cents) AS cents FROM floor_part
          WHERE shipment_id <> child_id GROUP BY line_id) AS part
    WHERE line.id = part.line_id
    """,
    """
    UPDATE fulfillment_shipment AS shipment SET state = 'REASSIGNED', amount = 0
    FROM (SELECT DISTINCT shipment_id FROM floor_part WHERE shipment_id <> child_id) AS part
    WHERE shipment.id = part.shipment_id
    """,
    """
    UPDATE inventory_sourceitem AS item SET allocated = item.allocated + part.units / 10000.0
    FROM (SELECT item_id, sum(units) AS units FROM floor_part GROUP BY item_id) AS part
    WHERE item.id = part.item_id
    """,
    """
    UPDATE inventory_stockbalance AS balance
    SET allocated = balance.allocated + part.units / 10000.0
    FROM (SELECT product_id, sum(units) AS units FROM floor_part GROUP BY product_id) AS part
    WHERE balance.product_id = part.product_id
    """,
    """
    UPDATE fulfillment_waitingbalance AS balance
    SET quantity = balance.quantity - part.units / 10000.0
    FROM (SELECT product_id, sum(units) AS units FROM floor_part GROUP BY product_id) AS part
    WHERE balance.product_id = part.product_id
    """,
    # What a commit would check; this transaction is undone instead.
    "SET CONSTRAINTS ALL IMMEDIATE",
)


class Line(NamedTuple):
    """A line that waits, with what its shipment's children repeat."""

    shipment_id: int
    order_id: int
    number: str
    stock_id: int
    since: datetime
    email: str
    id: int
    order_line_id: int
    product_id: int
    sku: str
    units: int
    cents: int


class Demand(Protocol):
    """What a decision knows of a line."""

    @property
    def product_id(self) -> int: ...
    @property
    def units(self) -> int: ...


DemandT = TypeVar("DemandT", bound=Demand)


class Take(NamedTuple, Generic[DemandT]):
    """Units of a line from a source."""

    line: DemandT
    source_id: int
    units: int


Decided = dict[int, list[Take[Line]]]
Left = dict[int, dict[int, int]]


def release_floor() -> tuple[float, int]:
    """Return the seconds it takes, and how many shipments it releases; nothing is kept."""
    with transaction.atomic():
        run_id = ReleaseRun.objects.create(
            trigger=ReleaseRun.Trigger.COMMAND, created_at=timezone.now()
        ).pk
        with connection.cursor() as cursor:
            began = time.perf_counter()
            lines, left, items, codes = _read(cursor)
            decided = {shipment: takes(wanted, left) for shipment, wanted in lines.items()}
            _write(cursor, decided, items, codes, run_id)
            seconds = time.perf_counter() - began
        transaction.set_rollback(True)
    return seconds, sum(bool(takes) for takes in decided.values())


def _read(
    cursor: Any,
) -> tuple[dict[int, list[Line]], Left, dict[tuple[int, int], int], dict[int, str]]:
    left: Left = defaultdict(dict)
    items: dict[tuple[int, int], int] = {}
    codes: dict[int, str] = {}
    cursor.execute(READ_ITEMS)
    for item_id, product_id, source_id, code, units in cursor.fetchall():
        left[product_id][source_id] = units
        items[product_id, source_id] = item_id
        codes[source_id] = code
    lines: dict[int, list[Line]] = defaultdict(list)
    cursor.execute(READ_LINES)
    for row in cursor.fetchall():
        lines[row[0]].append(Line(*row))
    return lines, left, items, codes


def takes(wanted: Iterable[DemandT], left: Left) -> list[Take[DemandT]]:
    """Take the units of a shipment's lines from the first sources that have them, or none.

    ``left`` has the units by product and source, and loses what is taken.
    """
    taken_units = []
    for line in wanted:
        missing = line.units
        here = left[line.product_id]
        for source_id, units in here.items():
            taken = min(units, missing)
            if taken > 0:
                here[source_id] -= taken
                taken_units.append(Take(line, source_id, taken))
                missing -= taken
            if not missing:
                break
        if missing:
            for take in taken_units:
                left[take.line.product_id][take.source_id] += take.units
            return []
    return taken_units


def _write(
    cursor: Any,
    decided: Decided,
    items: dict[tuple[int, int], int],
    codes: dict[int, str],
    run_id: int,
) -> None:
    now = datetime.now(UTC)
    groups = {
        (shipment_id, source_id): [take for take in takes if take.source_id == source_id]
        for shipment_id, takes in decided.items()
        for source_id in dict.fromkeys(take.source_id for take in takes)
    }
    split = {
        shipment_id
        for shipment_id, takes in decided.items()
        if len({take.source_id for take in takes}) > 1
    }
    moved = {key: group for key, group in groups.items() if key[0] in split}
    ids = _ids(cursor, "fulfillment_shipment", len(moved))
    child_ids = {key: key[0] for key in groups} | dict(zip(moved, ids, strict=True))
    takes_of = [(key, take) for key, group in groups.items() for take in group]
    new_lines = [take for key, take in takes_of if key in moved]
    line_ids = iter(_ids(cursor, "fulfillment_shipmentline", len(new_lines)))
    lines = [
        (next(line_ids) if key in moved else take.line.id, child_ids[key], key in moved, take)
        for key, take in takes_of
    ]
    cursor.execute(PART_TABLE)
    _copy(cursor, "COPY floor_part FROM STDIN", _parts(takes_of, child_ids, items))
    _copy(cursor, CHILDREN, _children(moved, child_ids, now))
    _copy(cursor, CHILD_LINES, _child_lines(lines))
    _copy(cursor, ALLOCATIONS, _allocations(lines, items))
    _copy(cursor, EVENTS, ((id, "RELEASED", "", "{}", now) for id in child_ids.values()))
    _copy(cursor, EMAILS, _emails(decided, now, run_id))
    _copy(cursor, DECISIONS, _decisions(decided, codes, run_id))
    cursor.execute("ANALYZE floor_part")
    for statement in UPDATES:
        cursor.execute(statement)


def _parts(
    takes: Iterable[tuple[tuple[int, int], Take[Line]]],
    child_ids: dict[tuple[int, int], int],
    items: dict[tuple[int, int], int],
) -> Iterator[tuple[Any, ...]]:
    for (shipment_id, source_id), take in takes:
        yield (
            shipment_id, child_ids[shipment_id, source_id], take.line.id, take.line.product_id,
            source_id, items[take.line.product_id, source_id], take.units, _cents(take),
        )  # fmt: skip


def _children(
    moved: dict[tuple[int, int], list[Take[Line]]],
    child_ids: dict[tuple[int, int], int],
    now: datetime,
) -> Iterator[tuple[Any, ...]]:
    for (shipment_id, source_id), takes in moved.items():
        line = takes[0].line
        yield (
            child_ids[shipment_id, source_id], f"{line.number}-{source_id}", line.order_id,
            line.stock_id, source_id, "READY", shipment_id, False, "", "", "", 0, line.since,
            False, sum(map(_cents, takes)) / 100, now, now, False,
        )  # fmt: skip


def _child_lines(lines: Iterable[tuple[int, int, bool, Take[Line]]]) -> Iterator[tuple[Any, ...]]:
    for line_id, child_id, is_new, take in lines:
        if is_new:
            quantity, amount = take.units / 10000, _cents(take) / 100
            yield (
                line_id, child_id, take.line.order_line_id, take.line.product_id, quantity,
                quantity, 0, 0, 0, amount, amount, 0, 0, 0,
            )  # fmt: skip


def _allocations(
    lines: Iterable[tuple[int, int, bool, Take[Line]]], items: dict[tuple[int, int], int]
) -> Iterator[tuple[Any, ...]]:
    for line_id, _child_id, _is_new, take in lines:
        item_id = items[take.line.product_id, take.source_id]
        yield take.line.order_line_id, line_id, item_id, take.units / 10000


def _emails(decided: Decided, now: datetime, run_id: int) -> Iterator[tuple[Any, ...]]:
    for shipment_id, takes in decided.items():
        if takes:
            line = takes[0].line
            context = json.dumps({"lines": [[take.line.sku, take.units] for take in takes]})
            yield (
                line.order_id, "BEING_PREPARED", f"release-{run_id}-{shipment_id}", "QUEUED", "en",
                line.email, context, "", "", 0, "", now, now,
            )  # fmt: skip


def _decisions(decided: Decided, codes: dict[int, str], run_id: int) -> Iterator[tuple[Any, ...]]:
    for position, (shipment_id, takes) in enumerate(decided.items(), start=1):
        outcome = "RELEASED" if takes else "WAITING"
        detail = [[take.line.sku, codes[take.source_id], take.units] for take in takes]
        yield run_id, shipment_id, position, outcome, json.dumps({"children": detail})


def _cents(take: Take[Line]) -> int:
    return take.line.cents * take.units // take.line.units


def _ids(cursor: Any, table: str, count: int) -> list[int]:
    cursor.execute(NEXT_IDS, [f"{table}_id_seq", count])
    return [row[0] for row in cursor.fetchall()]


def _copy(cursor: Any, statement: str, rows: Iterable[tuple[Any, ...]]) -> None:
    with cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(row)
