"""The queue of a run: who is considered, in which order, from which supply.

A place is (−priority, backordered since, id), as ``QueuedShipment.queue_key`` gives it.
"""

from collections.abc import Collection, Iterator
from datetime import datetime
from typing import Any

from django.db import connection

from fulfillment.release.plan import Supply

Place = tuple[int, datetime, int]

# Not held, money behind its order.
CONSIDERED = """
    shipment.state IN ('BACKORDER', 'FUTURE') AND NOT shipment.is_held
    AND parent.status NOT IN ('PENDING_PAYMENT', 'PAYMENT_REVIEW')
"""

QUEUE = """
SELECT -shipment.priority, shipment.backordered_since, shipment.id
FROM fulfillment_shipment AS shipment
JOIN orders_order AS parent ON parent.id = shipment.order_id
WHERE {considered}
  AND EXISTS (SELECT 1 FROM fulfillment_shipmentline AS line
              LEFT JOIN orders_orderline AS asked ON asked.id = line.order_line_id
              WHERE line.shipment_id = shipment.id AND line.quantity > 0
                AND (line.product_id = ANY(%(products)s) OR NOT asked.is_reserving))
  {place}
ORDER BY shipment.priority DESC, shipment.backordered_since, shipment.id
LIMIT %(limit)s
"""
AFTER = """AND (-shipment.priority, shipment.backordered_since, shipment.id)
    > (%(priority)s, %(since)s, %(id)s)"""

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

    Each batch is read when it is asked for, so a queue of any length streams past.
    """
    product_ids = products_with_supply(supply)
    place: Place | None = None
    while True:
        priority, since, shipment_id = place or (None, None, None)
        places = _rows(
            QUEUE.format(considered=CONSIDERED, place=AFTER if place else ""),
            {
                "products": product_ids,
                "priority": priority,
                "since": since,
                "id": shipment_id,
                "limit": size,
            },
        )
        if not places:
            return
        place = places[-1]
        yield [row[2] for row in places]


def places_of(chosen: Collection[int]) -> list[Place]:
    """Return the places of those of ``chosen`` that a run considers, in queue order."""
    return sorted(_rows(CHOSEN.format(considered=CONSIDERED), {"chosen": list(chosen)}))


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
