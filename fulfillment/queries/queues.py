"""Units that shipments wait for, in all stocks that share a source."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import datetime
from decimal import Decimal
from operator import itemgetter
from typing import NamedTuple

from core.quantities import ZERO
from core.sql import array, arrays, execute_prepared, fetch_rows, literals
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


WAITING_PARTS = f"""
FROM fulfillment_shipmentline AS part
JOIN fulfillment_shipment AS shipment ON shipment.id = part.shipment_id
JOIN orders_orderline AS line ON line.id = part.order_line_id
LEFT JOIN LATERAL (
    SELECT SUM(allocation.quantity) AS quantity FROM fulfillment_allocation AS allocation
    WHERE allocation.shipment_line_id = part.id AND allocation.source_item_id IS NOT NULL
) AS received ON TRUE
WHERE part.product_id = ANY(%(products)s::bigint[]) AND part.quantity > 0 AND line.is_reserving
  AND shipment.state IN ({literals(*Shipment.WAITING_STATES)})
  AND (shipment.stock_id = %(stock)s OR shipment.stock_id IN (
      SELECT other.stock_id FROM inventory_stocksource AS own
      JOIN inventory_stocksource AS other ON other.source_id = own.source_id
      WHERE own.stock_id = %(stock)s))
"""  # noqa: S608 - constants
UNITS = "part.quantity - COALESCE(received.quantity, 0)"
AHEAD = f"""
SELECT part.product_id, shipment.pickup_source_id, SUM({UNITS})
{WAITING_PARTS}
  AND (-shipment.priority, shipment.backordered_since, shipment.id)
      < (%(turn)s, %(since)s, %(shipment)s)
GROUP BY part.product_id, shipment.pickup_source_id
"""
# Each waiting unit comes after so many of the turns that are asked about; a turn counts itself.
AHEAD_OF_TURNS = f"""
WITH waiting AS (
    SELECT part.product_id, shipment.pickup_source_id, -shipment.priority AS turn,
        shipment.backordered_since AS since, shipment.id AS shipment_id, {UNITS} AS units, 0 AS asks
    {WAITING_PARTS}
    UNION ALL
    SELECT product_id, NULL, turn, since, shipment_id, 0, 1
    FROM unnest(%(asked)s::bigint[], %(turns)s::bigint[], %(sinces)s::timestamptz[],
                %(shipments)s::bigint[]) AS asking(product_id, turn, since, shipment_id)
), placed AS (
    SELECT product_id, pickup_source_id, units, asks,
        SUM(asks) OVER (PARTITION BY product_id ORDER BY turn, since, shipment_id) AS turns_before
    FROM waiting
)
SELECT product_id, pickup_source_id, turns_before, SUM(units) FROM placed
WHERE asks = 0 GROUP BY product_id, pickup_source_id, turns_before
"""  # noqa: S608 - constants


class Turn(NamedTuple):
    """When a shipment has its turn in the queues of a stock: before those that compare greater."""

    priority_turn: int
    since: datetime
    shipment_id: int


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


def waiting_ahead_of_turns(
    stock_id: int, asked: Mapping[Turn, Collection[int]]
) -> dict[int, dict[Queue, Decimal]]:
    """Return what :func:`waiting_ahead` does for shipments of one stock, by shipment id.

    ``asked`` are the ids of their products. One statement reads each queue once.
    """
    pairs = [(product_id, *turn) for turn in sorted(asked) for product_id in asked[turn]]
    columns = arrays(pairs) if pairs else [array(())] * 4
    names = ("asked", "turns", "sinces", "shipments")
    products = array({product_id for product_id, *_turn in pairs})
    rows = fetch_rows(
        AHEAD_OF_TURNS,
        {"stock": stock_id, "products": products, **dict(zip(names, columns, strict=True))},
    )
    steps: defaultdict[int, list[tuple[int, int | None, Decimal]]] = defaultdict(list)
    for product_id, pickup_source_id, turns_before, units in rows:
        steps[product_id].append((turns_before, pickup_source_id, units))
    found: dict[int, dict[Queue, Decimal]] = {turn.shipment_id: {} for turn in asked}
    by_product: defaultdict[int, list[int]] = defaultdict(list)
    for product_id, *_turn, shipment_id in pairs:
        by_product[product_id].append(shipment_id)
    for product_id, shipment_ids in by_product.items():
        ahead: defaultdict[Queue, Decimal] = defaultdict(Decimal)
        left = sorted(steps[product_id], key=itemgetter(0), reverse=True)
        for turns_before_it, shipment_id in enumerate(shipment_ids):
            while left and left[-1][0] <= turns_before_it:
                _turns, pickup_source_id, units = left.pop()
                ahead[Queue(product_id, pickup_source_id)] += units
            found[shipment_id] |= ahead
    return found


def waiting_beside(shipment: Shipment, own: Mapping[int, Decimal]) -> Mapping[Queue, Decimal]:
    """Return the units that all other shipments wait for; ``own`` are its units, by product id."""
    waiting = dict(waiting_by_queue(shipment.stock_id, list(own)))
    for product_id, quantity in own.items():
        queue = Queue(product_id, shipment.pickup_source_id)
        waiting[queue] = waiting.get(queue, ZERO) - quantity
    return waiting
