"""The queue of a run: who is considered, in which order, from which supply.

A place is (−priority, backordered since, id), as ``QueuedShipment.queue_key`` gives it.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from fulfillment.release.snapshot import array_text

Place = tuple[int, datetime, int]

# Not held, money behind its order.
CONSIDERED = """
    shipment.state IN ('BACKORDER', 'FUTURE') AND NOT shipment.is_held
    AND parent.status NOT IN ('PENDING_PAYMENT', 'PAYMENT_REVIEW')
"""

# What anything is left of, and the units of it that a run may give away; a session's own table.
MAKE_AVAILABLE = (
    """
    CREATE TEMPORARY TABLE IF NOT EXISTS release_available (
        product_id bigint PRIMARY KEY, units bigint
    )
    """,
    "TRUNCATE release_available",
)

# The server keeps the places, in order, while batch after batch is read and written: the queue is
# asked once, however long, and the worker holds one batch.
QUEUE = """
DECLARE release_queue NO SCROLL CURSOR WITH HOLD FOR
SELECT shipment.id
FROM fulfillment_shipment AS shipment
JOIN orders_order AS parent ON parent.id = shipment.order_id
WHERE {considered}
  AND shipment.id IN (
    SELECT line.shipment_id FROM fulfillment_shipmentline AS line
    JOIN release_available AS available ON available.product_id = line.product_id
    WHERE line.quantity > 0
    UNION ALL
    SELECT line.shipment_id FROM orders_orderline AS asked
    JOIN fulfillment_shipmentline AS line ON line.order_line_id = asked.id
    WHERE NOT asked.is_reserving AND NOT asked.is_virtual AND line.quantity > 0)
  {unsettled}
ORDER BY shipment.priority DESC, shipment.backordered_since, shipment.id
"""
# A run has said why, and all that is left anywhere does not cover it: it would say so again.
UNSETTLED = """
  AND NOT (shipment.state = 'BACKORDER'
    AND EXISTS (SELECT 1 FROM fulfillment_releasedecision AS decision
                WHERE decision.shipment_id = shipment.id)
    AND EXISTS (SELECT 1 FROM fulfillment_shipmentline AS line
                JOIN orders_orderline AS asked ON asked.id = line.order_line_id
                LEFT JOIN release_available AS available ON available.product_id = line.product_id
                WHERE line.shipment_id = shipment.id AND asked.is_reserving
                  AND line.quantity * 10000 > COALESCE(available.units, 0)))
"""

CHOSEN = """
SELECT -shipment.priority, shipment.backordered_since, shipment.id
FROM fulfillment_shipment AS shipment
JOIN orders_order AS parent ON parent.id = shipment.order_id
WHERE shipment.id = ANY(%(chosen)s::bigint[]) AND {considered}
"""

# Products of which anything is at hand and not allocated, or coming and not promised.
HAS_SUPPLY = """(
    EXISTS (SELECT 1 FROM inventory_sourceitem AS item
            WHERE item.product_id = {product} AND item.quantity > item.allocated)
    OR EXISTS (SELECT 1 FROM inventory_futuresupply AS supply
               WHERE supply.product_id = {product} AND supply.state = 'OPEN'
                 AND supply.quantity > supply.received_quantity + supply.allocated_quantity))
"""

# Nothing can be given to it, and nothing is kept for it: it is in nobody's way.
COVERABLE = """AND (shipment.state = 'FUTURE' OR NOT EXISTS (
    SELECT 1 FROM fulfillment_shipmentline AS lacking
    JOIN orders_orderline AS asked ON asked.id = lacking.order_line_id
    WHERE lacking.shipment_id = shipment.id AND lacking.quantity > 0 AND asked.is_reserving
      AND NOT {has_supply}))
"""

RIVALS = """
SELECT DISTINCT -shipment.priority, shipment.backordered_since, shipment.id
FROM fulfillment_shipmentline AS line
JOIN fulfillment_shipment AS shipment ON shipment.id = line.shipment_id
JOIN orders_order AS parent ON parent.id = shipment.order_id
WHERE line.product_id = ANY(%(products)s::bigint[]) AND line.quantity > 0
  AND {considered} {coverable}
"""

PRODUCTS_OF = """
SELECT DISTINCT line.product_id FROM fulfillment_shipmentline AS line
WHERE line.shipment_id = ANY(%(shipments)s::bigint[]) AND line.quantity > 0
  AND {has_supply}
"""


def batches_of_queue(
    available: Mapping[int, int], *, size: int, leaves_out_settled: bool
) -> Iterator[list[int]]:
    """Yield the ids of all that wait for one of these products, in queue order, ``size`` at once.

    ``available`` are the units that may be given away by product, 0 where something is left that
    may not. ``leaves_out_settled`` passes over those that a run has decided before, and that need
    more of a product than is left of it anywhere.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        # A run that was canceled has left its own.
        if _rows("SELECT 1 FROM pg_cursors WHERE name = 'release_queue'", ()):
            cursor.execute("CLOSE release_queue")
        for statement in MAKE_AVAILABLE:
            cursor.execute(statement)
        with cursor.copy("COPY release_available FROM STDIN") as copy:
            for row in available.items():
                copy.write_row(row)
        # Without their number the server cannot tell a few from all.
        cursor.execute("ANALYZE release_available")
        unsettled = UNSETTLED if leaves_out_settled else ""
        cursor.execute(QUEUE.format(considered=CONSIDERED, unsettled=unsettled))
    while places := _rows("FETCH FORWARD %s FROM release_queue", [size]):
        yield [row[0] for row in places]
    with connection.cursor() as cursor:
        cursor.execute("CLOSE release_queue")


def places_of(chosen: Collection[int]) -> list[Place]:
    """Return the places of those of ``chosen`` that a run considers, in queue order."""
    return sorted(_rows(CHOSEN.format(considered=CONSIDERED), {"chosen": array_text(chosen)}))


def products_of(shipment_ids: Iterable[int]) -> list[int]:
    """Return the products that shipments wait for."""
    statement = """
        SELECT DISTINCT product_id FROM fulfillment_shipmentline
        WHERE shipment_id = ANY(%s::bigint[]) AND quantity > 0
    """
    return [row[0] for row in _rows(statement, [array_text(shipment_ids)])]


def rivals_of(places: Collection[Place], *, can_be_kept_for: bool) -> list[Place]:
    """Return who else could be given, or kept, units that ``places`` could use.

    Those that share a product with supply with one of them, those that share one with these, and
    so on; only down to the last of ``places``, because nobody is overtaken from behind.
    ``can_be_kept_for`` counts those too that lack a product altogether: a policy may keep the
    others for them.
    """
    coverable = COVERABLE.format(has_supply=HAS_SUPPLY.format(product="lacking.product_id"))
    rivals = RIVALS.format(considered=CONSIDERED, coverable="" if can_be_kept_for else coverable)
    products_of = PRODUCTS_OF.format(has_supply=HAS_SUPPLY.format(product="line.product_id"))
    last = max(places, default=None)
    known: set[int] = set()
    found: set[Place] = set()
    shipments = array_text(place[2] for place in places)
    while last is not None and (
        product_ids := {row[0] for row in _rows(products_of, {"shipments": shipments})} - known
    ):
        known |= product_ids
        rows = {
            place for place in _rows(rivals, {"products": array_text(product_ids)}) if place <= last
        } - found
        found |= rows
        shipments = array_text(place[2] for place in rows)
    return sorted(found)


def _rows(statement: str, parameters: Any) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return cursor.fetchall()
