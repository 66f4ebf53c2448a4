"""Units that shipments wait for, in all stocks that share a source."""

from collections.abc import Collection, Mapping
from decimal import Decimal

from core.quantities import ZERO
from core.sql import array, execute_prepared, fetch_rows, literals
from fulfillment.models import Shipment
from fulfillment.sourcing.eligibility import Queue

WAITING = """
SELECT balance.product_id, balance.pickup_source_id, SUM(balance.quantity)
FROM fulfillment_waitingbalance AS balance
WHERE balance.product_id = ANY(%(products)s::bigint[]) AND balance.quantity > 0
  AND (balance.stock_id = %(stock)s OR balance.stock_id IN (
      SELECT other.stock_id FROM inventory_stocksource AS own
      JOIN inventory_stocksource AS other ON other.source_id = own.source_id
      WHERE own.stock_id = %(stock)s))
GROUP BY balance.product_id, balance.pickup_source_id
"""


def waiting_by_queue(stock_id: int, product_ids: Collection[int]) -> Mapping[Queue, Decimal]:
    """Return the units that shipments wait for, held or not, by product and pickup source."""
    cursor = execute_prepared(WAITING, {"stock": stock_id, "products": array(product_ids)})
    return {Queue(product, source): units for product, source, units in cursor.fetchall()}


def pickup_sources_of(waiting: Mapping[Queue, Decimal]) -> set[int]:
    """Return the sources at which pickup shipments wait for units."""
    return {
        queue.pickup_source_id
        for queue, units in waiting.items()
        if units > 0 and queue.pickup_source_id
    }


AHEAD = f"""
SELECT part.product_id, shipment.pickup_source_id,
    SUM(part.quantity - COALESCE(received.quantity, 0))
FROM fulfillment_shipmentline AS part
JOIN fulfillment_shipment AS shipment ON shipment.id = part.shipment_id
JOIN orders_orderline AS line ON line.id = part.order_line_id
LEFT JOIN LATERAL (
    SELECT SUM(allocation.quantity) AS quantity FROM fulfillment_allocation AS allocation
    WHERE allocation.shipment_line_id = part.id AND allocation.source_item_id IS NOT NULL
) AS received ON TRUE
WHERE part.product_id = ANY(%(products)s) AND part.quantity > 0 AND line.is_reserving
  AND shipment.state IN ({literals(*Shipment.WAITING_STATES)})
  AND (-shipment.priority, shipment.backordered_since, shipment.id)
      < (%(turn)s, %(since)s, %(shipment)s)
  AND (shipment.stock_id = %(stock)s OR shipment.stock_id IN (
      SELECT other.stock_id FROM inventory_stocksource AS own
      JOIN inventory_stocksource AS other ON other.source_id = own.source_id
      WHERE own.stock_id = %(stock)s))
GROUP BY part.product_id, shipment.pickup_source_id
"""  # noqa: S608 - constants


def waiting_ahead(shipment: Shipment, product_ids: Collection[int]) -> Mapping[Queue, Decimal]:
    """Return the units that shipments before this one in queue order wait for, held or not.

    Counts its stock and every stock that shares a source with it. ``shipment`` knows since when
    it waits.
    """
    facts: dict[str, object] = {
        "products": list(product_ids),
        "turn": -shipment.priority,
        "since": shipment.backordered_since,
        "shipment": shipment.pk,
        "stock": shipment.stock_id,
    }
    return {Queue(product, source): units for product, source, units in fetch_rows(AHEAD, facts)}


def waiting_beside(shipment: Shipment, own: Mapping[int, Decimal]) -> Mapping[Queue, Decimal]:
    """Return the units that all other shipments wait for; ``own`` are its units, by product id."""
    waiting = dict(waiting_by_queue(shipment.stock_id, list(own)))
    for product_id, quantity in own.items():
        queue = Queue(product_id, shipment.pickup_source_id)
        waiting[queue] = waiting.get(queue, ZERO) - quantity
    return waiting
