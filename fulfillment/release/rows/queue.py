"""The queue of a run: the shipments it considers, in order, batch by batch.

A ``QueuePosition`` compares as ``QueuedShipment.queue_key`` does.
"""

import math
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from itertools import starmap
from typing import NamedTuple

from django.db import connection, transaction

from core.sql import array, fetch_column, fetch_rows
from fulfillment.models import Shipment
from fulfillment.models.release_conditions import CONSIDERED_SQL, IN_QUEUE_SQL
from inventory.models import FutureSupply, SourceItem

State = Shipment.State
OPEN, IN_STOCK = FutureSupply.State.OPEN, SourceItem.Status.IN_STOCK


class QueuePosition(NamedTuple):
    """A shipment's position in the queue; ``turn`` is its priority, negated."""

    turn: int
    since: datetime
    shipment_id: int


# Behind every shipment.
END = QueuePosition(2**40, datetime.max.replace(tzinfo=UTC), 2**62)

# Products with units left, and the units that a run may allocate; a table of the session.
MAKE_AVAILABLE = (
    """
    CREATE TEMPORARY TABLE IF NOT EXISTS release_available (
        product_id bigint PRIMARY KEY, units bigint
    )
    """,
    "TRUNCATE release_available",
)

# A run has explained it since it began to wait, and all units left anywhere do not cover it: the
# explanation would be the same.
LEAVES_OUT_SETTLED = f"""
    AND NOT EXISTS (
        SELECT 1 FROM fulfillment_shipmentline AS lacking
        LEFT JOIN release_available AS available ON available.product_id = lacking.product_id
        LEFT JOIN unmanaged ON unmanaged.order_line_id = lacking.order_line_id
        WHERE lacking.shipment_id = shipment.id AND unmanaged.order_line_id IS NULL
          AND lacking.quantity * 10000 > COALESCE(available.units, 0)
          AND shipment.state = '{State.BACKORDER}'
          AND EXISTS (SELECT 1 FROM fulfillment_releasedecision AS decision
                      WHERE decision.shipment_id = lacking.shipment_id
                        AND decision.explains_wait))
"""  # noqa: S608 - constants


# The server keeps the ids, in order, while batch after batch is read and written: the queue is
# read once, however long, and the worker holds one batch. Each half joins whole tables, or follows
# an index where few products are left; joined by OR, they would read shipment by shipment. Lines
# that need no units are few.
def _queue(left_out: str = "") -> str:
    return f"""
DECLARE release_queue NO SCROLL CURSOR WITH HOLD FOR
WITH unmanaged AS MATERIALIZED (
    SELECT id AS order_line_id FROM orders_orderline WHERE NOT is_reserving AND NOT is_virtual
)
SELECT id FROM (
    SELECT shipment.id, shipment.priority, shipment.backordered_since
    FROM fulfillment_shipment AS shipment
    JOIN orders_order AS parent ON parent.id = shipment.order_id
    WHERE {CONSIDERED_SQL} {left_out}
      AND EXISTS (
        SELECT 1 FROM fulfillment_shipmentline AS line
        JOIN release_available AS available ON available.product_id = line.product_id
        WHERE line.shipment_id = shipment.id AND line.quantity > 0)
    UNION
    SELECT shipment.id, shipment.priority, shipment.backordered_since
    FROM fulfillment_shipment AS shipment
    JOIN orders_order AS parent ON parent.id = shipment.order_id
    WHERE {CONSIDERED_SQL} {left_out}
      AND EXISTS (
        SELECT 1 FROM fulfillment_shipmentline AS line
        JOIN unmanaged ON unmanaged.order_line_id = line.order_line_id
        WHERE line.shipment_id = shipment.id AND line.quantity > 0)
) AS touched
ORDER BY priority DESC, backordered_since, id
"""  # noqa: S608 - constants


QUEUE, UNSETTLED_QUEUE = _queue(), _queue(LEAVES_OUT_SETTLED)
# Sorts and hashes of a million rows stay in memory; for this one statement.
ROOM = "SET LOCAL work_mem = '128MB'"

CHOSEN = f"""
SELECT -shipment.priority, shipment.backordered_since, shipment.id
FROM fulfillment_shipment AS shipment
JOIN orders_order AS parent ON parent.id = shipment.order_id
WHERE shipment.id = ANY(%(chosen)s::bigint[]) AND {CONSIDERED_SQL}
"""  # noqa: S608 - constants

QUEUE_POSITION = f"""
SELECT -shipment.priority, shipment.backordered_since, shipment.id
FROM fulfillment_shipment AS shipment WHERE shipment.id = %s AND {IN_QUEUE_SQL}
"""  # noqa: S608 - constants

RIVALS = f"""
SELECT DISTINCT -shipment.priority, shipment.backordered_since, shipment.id,
    shipment.state = '{State.FUTURE}'
FROM fulfillment_shipmentline AS line
JOIN fulfillment_shipment AS shipment ON shipment.id = line.shipment_id
JOIN orders_order AS parent ON parent.id = shipment.order_id
WHERE line.product_id = ANY(%(products)s::bigint[]) AND line.quantity > 0 AND {CONSIDERED_SQL}
  AND (-shipment.priority, shipment.backordered_since, shipment.id)
    <= (%(turn)s, %(since)s, %(shipment_id)s)
LIMIT %(at_most)s
"""  # noqa: S608 - constants

# The units that shipments before a position need, by product, as ten-thousandths.
WANTED_BEFORE = f"""
SELECT line.product_id, (sum(line.quantity) * 10000)::bigint
FROM fulfillment_shipmentline AS line
JOIN orders_orderline AS order_line
    ON order_line.id = line.order_line_id AND order_line.is_reserving
JOIN fulfillment_shipment AS shipment ON shipment.id = line.shipment_id
JOIN orders_order AS parent ON parent.id = shipment.order_id
WHERE line.product_id = ANY(%(products)s::bigint[]) AND line.quantity > 0 AND {CONSIDERED_SQL}
  AND (-shipment.priority, shipment.backordered_since, shipment.id)
    < (%(turn)s, %(since)s, %(shipment_id)s)
GROUP BY line.product_id
"""  # noqa: S608 - constants

# Only shipments that could be covered: the others are given nothing, and nothing is kept for them.
# Supply is counted generously: at every source and of every day.
COVERABLE_RIVALS = f"""
WITH rival (turn, since, id, is_future) AS MATERIALIZED ({RIVALS}), wanted AS MATERIALIZED (
    SELECT rival.id, line.product_id, line.quantity FROM rival
    JOIN fulfillment_shipmentline AS line ON line.shipment_id = rival.id AND line.quantity > 0
    JOIN orders_orderline AS order_line
        ON order_line.id = line.order_line_id AND order_line.is_reserving
), left_over AS (
    SELECT product_id, sum(units) AS units FROM (
        SELECT item.product_id, GREATEST(item.quantity - item.allocated - item.safety_stock, 0)
        FROM inventory_sourceitem AS item
        WHERE item.status = '{IN_STOCK}' AND item.product_id IN (SELECT product_id FROM wanted)
        UNION ALL
        SELECT supply.product_id,
            GREATEST(supply.quantity - supply.received_quantity - supply.allocated_quantity, 0)
        FROM inventory_futuresupply AS supply
        WHERE supply.state = '{OPEN}' AND supply.product_id IN (SELECT product_id FROM wanted)
    ) AS there (product_id, units)
    GROUP BY product_id
)
SELECT turn, since, id, is_future FROM rival
WHERE is_future OR NOT EXISTS (
    SELECT 1 FROM wanted LEFT JOIN left_over ON left_over.product_id = wanted.product_id
    WHERE wanted.id = rival.id AND wanted.quantity > COALESCE(left_over.units, 0))
"""  # noqa: S608 - constants

# Products of shipments of which anything is on hand and not allocated, or coming and not promised.
PRODUCTS_WITH_SUPPLY = f"""
SELECT DISTINCT line.product_id FROM fulfillment_shipmentline AS line
WHERE line.shipment_id = ANY(%(shipments)s::bigint[]) AND line.quantity > 0
  AND (
    EXISTS (SELECT 1 FROM inventory_sourceitem AS item
            WHERE item.product_id = line.product_id AND item.quantity > item.allocated)
    OR EXISTS (SELECT 1 FROM inventory_futuresupply AS supply
               WHERE supply.product_id = line.product_id AND supply.state = '{OPEN}'
                 AND supply.quantity > supply.received_quantity + supply.allocated_quantity))
"""  # noqa: S608 - constants


# A buyer of one of its products waits for the end of a batch, and no longer than the limit of
# ``DATABASE_LOCK_SECONDS``.
LOCK_SECONDS = 1.0
FIRST_SIZE = 1_000
# Smaller batches would read the same stock again and again for little.
LEAST_SIZE = 100
GROWTH = 2


class Pace:
    """Sizes each batch by how long the last one took; ``most`` is the largest, in shipments.

    ``seconds`` is how long a batch may take; infinity where it locks nothing.
    """

    def __init__(self, *, most: int, seconds: float = LOCK_SECONDS) -> None:
        self._most = most
        self._seconds = seconds
        self.size = min(FIRST_SIZE, most)

    def batches(self, take: Callable[[int], list[int]]) -> Iterator[list[int]]:
        """Yield what ``take`` returns for the size of each batch, until that is nothing.

        A batch takes as long as whoever is given it works before asking for the next.
        """
        while batch := take(self.size):
            started = time.monotonic()
            yield batch
            self.note(len(batch), seconds=time.monotonic() - started)

    def note(self, count: int, *, seconds: float) -> None:
        """Size the next batch after one of ``count`` shipments that took so many seconds."""
        fitting = count * self._seconds / seconds if seconds else math.inf
        size = int(min(fitting, count * GROWTH, self._most))
        self.size = max(size, min(LEAST_SIZE, self._most))


def batches_of_queue(
    available: Mapping[int, int], pace: Pace, *, leaves_out_settled: bool
) -> Iterator[list[int]]:
    """Yield the ids of all shipments that wait for one of these products, in queue order.

    ``available`` are the units that may be allocated, by product, 0 where those left may not.
    ``leaves_out_settled`` leaves out shipments that a run has explained and that need more of a
    product than is left of it anywhere.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        # A canceled run has left its cursor.
        if fetch_rows("SELECT 1 FROM pg_cursors WHERE name = 'release_queue'"):
            cursor.execute("CLOSE release_queue")
        for statement in MAKE_AVAILABLE:
            cursor.execute(statement)
        with cursor.copy("COPY release_available FROM STDIN") as copy:
            for row in available.items():
                copy.write_row(row)
        # Without their number the server cannot tell a few from all.
        cursor.execute("ANALYZE release_available")
        cursor.execute(ROOM)
        cursor.execute(UNSETTLED_QUEUE if leaves_out_settled else QUEUE)
    yield from pace.batches(
        lambda size: fetch_column("FETCH FORWARD %s FROM release_queue", [size])
    )
    with connection.cursor() as cursor:
        cursor.execute("CLOSE release_queue")


def queue_positions_of(chosen: Collection[int]) -> list[QueuePosition]:
    """Return the positions of those of ``chosen`` that a run considers, in queue order."""
    return sorted(starmap(QueuePosition, fetch_rows(CHOSEN, {"chosen": array(chosen)})))


def products_of(shipment_ids: Iterable[int]) -> list[int]:
    """Return the products that shipments wait for."""
    statement = """
        SELECT DISTINCT product_id FROM fulfillment_shipmentline
        WHERE shipment_id = ANY(%s::bigint[]) AND quantity > 0
    """
    return fetch_column(statement, [array(shipment_ids)])


def rivals_of(
    positions: Collection[QueuePosition],
    *,
    can_be_kept_for: bool,
    products: Collection[int] = (),
    at_most: int | None = None,
    with_later: bool = False,
) -> list[QueuePosition]:
    """Return the shipments that could be given, or kept, units that these could use.

    Those that share a product with supply with one of them, those that share one with these, and
    so on; only down to the last of ``positions``, because later shipments overtake none in one run,
    or ``with_later`` all of them.
    ``can_be_kept_for`` includes those of which a product has no units at all: a policy may keep
    the others for them. ``products`` count as if they had supply. The search ends once more than
    ``at_most`` are found.
    """
    rivals = RIVALS if can_be_kept_for else COVERABLE_RIVALS
    last = END if with_later else max(positions, default=None)
    known: set[int] = set()
    found: set[QueuePosition] = set()
    shipments = array([position.shipment_id for position in positions])
    extra = set(products)
    while last is not None and (
        product_ids := extra
        | set(fetch_column(PRODUCTS_WITH_SUPPLY, {"shipments": shipments})) - known
    ):
        known |= product_ids
        extra = set()
        facts = {"products": array(product_ids), **last._asdict()}
        facts["at_most"] = None if at_most is None else at_most + 1
        rows = {
            QueuePosition(*position) for *position, _is_future in fetch_rows(rivals, facts)
        } - found
        found |= rows
        if at_most is not None and len(found) > at_most:
            break
        shipments = array([position.shipment_id for position in rows])
    return sorted(found)


def queue_position_of(shipment_id: int) -> QueuePosition | None:
    """Return the position that a shipment has, or would have if nothing kept it out."""
    return next(starmap(QueuePosition, fetch_rows(QUEUE_POSITION, [shipment_id])), None)


def wanted_before(position: QueuePosition, product_ids: Collection[int]) -> dict[int, int]:
    """Return the units that shipments before ``position`` need of these products."""
    facts = {"products": array(product_ids), **position._asdict()}
    return dict(fetch_rows(WANTED_BEFORE, facts))
