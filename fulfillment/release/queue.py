"""The queue of a run: who is considered, in which order, from which supply.

A place is (−priority, backordered since, id), as ``QueuedShipment.queue_key`` gives it.
"""

from collections.abc import Collection, Iterable, Iterator
from datetime import datetime
from typing import Any

from django.db import connection

from fulfillment.release.plan import Supply
from fulfillment.release.snapshot import array_text

Place = tuple[int, datetime, int]

# Not held, money behind its order.
CONSIDERED = """
    shipment.state IN ('BACKORDER', 'FUTURE') AND NOT shipment.is_held
    AND parent.status NOT IN ('PENDING_PAYMENT', 'PAYMENT_REVIEW')
"""

# OFFSET 0 keeps each question one a shipment, down the index of the queue: joined, it would be
# asked of every line that waits, for every batch. Lines that take no units are few: asked last.
QUEUE = """
SELECT -shipment.priority, shipment.backordered_since, shipment.id
FROM fulfillment_shipment AS shipment
JOIN orders_order AS parent ON parent.id = shipment.order_id
WHERE {considered} {place}
  AND (EXISTS (SELECT 1 FROM fulfillment_shipmentline AS line
               WHERE line.shipment_id = shipment.id AND line.quantity > 0
                 AND line.product_id = ANY(%(products)s::bigint[]) OFFSET 0)
    OR EXISTS (SELECT 1 FROM fulfillment_shipmentline AS line
               JOIN orders_orderline AS asked ON asked.id = line.order_line_id
               WHERE line.shipment_id = shipment.id AND line.quantity > 0
                 AND NOT asked.is_reserving OFFSET 0))
ORDER BY shipment.priority DESC, shipment.backordered_since, shipment.id
LIMIT %(limit)s
"""
# Two ranges of that index, instead of one comparison that no index answers.
SAME_PRIORITY = """AND shipment.priority = %(priority)s
    AND (shipment.backordered_since, shipment.id) > (%(since)s, %(id)s)"""
LOWER_PRIORITY = "AND shipment.priority < %(priority)s"

# Lines that take no units need nothing, and go with the first that is there.
COUNT_LINES = """
SELECT count(*) FROM (
    (SELECT 1 FROM fulfillment_shipmentline
     WHERE product_id = ANY(%(products)s::bigint[]) AND quantity > 0 LIMIT %(limit)s)
    UNION ALL
    (SELECT 1 FROM orders_orderline WHERE NOT is_reserving AND NOT is_virtual LIMIT %(limit)s)
) AS line
"""
TOUCHING = """
SELECT DISTINCT -shipment.priority, shipment.backordered_since, shipment.id
FROM (
    SELECT shipment_id FROM fulfillment_shipmentline
    WHERE product_id = ANY(%(products)s::bigint[]) AND quantity > 0
    UNION ALL
    SELECT line.shipment_id FROM orders_orderline AS asked
    JOIN fulfillment_shipmentline AS line ON line.order_line_id = asked.id
    WHERE NOT asked.is_reserving AND NOT asked.is_virtual AND line.quantity > 0
) AS touched
JOIN fulfillment_shipment AS shipment ON shipment.id = touched.shipment_id
JOIN orders_order AS parent ON parent.id = shipment.order_id
WHERE {considered}
"""
FEW_LINES = 50_000

CHOSEN = """
SELECT -shipment.priority, shipment.backordered_since, shipment.id
FROM fulfillment_shipment AS shipment
JOIN orders_order AS parent ON parent.id = shipment.order_id
WHERE shipment.id = ANY(%(chosen)s) AND {considered}
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
WHERE line.product_id = ANY(%(products)s) AND line.quantity > 0 AND {considered} {coverable}
"""

PRODUCTS_OF = """
SELECT DISTINCT line.product_id FROM fulfillment_shipmentline AS line
WHERE line.shipment_id = ANY(%(shipments)s) AND line.quantity > 0
  AND {has_supply}
"""


def products_with_supply(supply: Supply) -> list[int]:
    """Return the products of which anything could be given now or promised."""
    found = {item.product_id for item in supply.items if item.free > 0}
    found |= {record.product_id for record in supply.future if record.units > 0}
    return sorted(found)


def batches_of_queue(supply: Supply, *, size: int) -> Iterator[list[int]]:
    """Yield the ids of all that wait for something of ``supply``, in queue order.

    Where few do, they are found by product. Otherwise each batch is read down the queue when it
    is asked for, so a queue of any length streams past.
    """
    product_ids = array_text(products_with_supply(supply))
    few = _few_that_wait_for(product_ids)
    if few is not None:
        for start in range(0, len(few), size):
            yield [place[2] for place in few[start : start + size]]
        return
    place: Place | None = None
    while places := _next_places(product_ids, after=place, limit=size):
        place = places[-1]
        yield [row[2] for row in places]


def _few_that_wait_for(product_ids: str) -> list[Place] | None:
    """Return all places that touch one of the products, or None where they are many."""
    parameters = {"products": product_ids, "limit": FEW_LINES + 1}
    (count,) = _rows(COUNT_LINES, parameters)[0]
    if count > FEW_LINES:
        return None
    return sorted(_rows(TOUCHING.format(considered=CONSIDERED), parameters))


def _next_places(product_ids: str, *, after: Place | None, limit: int) -> list[Place]:
    parameters: dict[str, Any] = {"products": product_ids, "limit": limit}
    if after is None:
        return _rows(QUEUE.format(considered=CONSIDERED, place=""), parameters)
    negated, since, shipment_id = after
    parameters |= {"priority": -negated, "since": since, "id": shipment_id}
    places = _rows(QUEUE.format(considered=CONSIDERED, place=SAME_PRIORITY), parameters)
    if len(places) < limit:
        parameters["limit"] = limit - len(places)
        places += _rows(QUEUE.format(considered=CONSIDERED, place=LOWER_PRIORITY), parameters)
    return places


def places_of(chosen: Collection[int]) -> list[Place]:
    """Return the places of those of ``chosen`` that a run considers, in queue order."""
    return sorted(_rows(CHOSEN.format(considered=CONSIDERED), {"chosen": list(chosen)}))


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
    shipment_ids = [place[2] for place in places]
    while last is not None and (
        product_ids := {row[0] for row in _rows(products_of, {"shipments": shipment_ids})} - known
    ):
        known |= product_ids
        rows = {
            place for place in _rows(rivals, {"products": list(product_ids)}) if place <= last
        } - found
        found |= rows
        shipment_ids = [place[2] for place in rows]
    return sorted(found)


def _rows(statement: str, parameters: Any) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return cursor.fetchall()
