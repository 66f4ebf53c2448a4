"""Reads the rows that a release plan needs; every read is one statement.

Quantities come as whole ten-thousandths, the planner's units.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from django.db import connection

from core.sql import fetch_rows, literals
from fulfillment.models import Shipment
from fulfillment.models.considered import CONSIDERED_SQL, IN_QUEUE_SQL
from fulfillment.release.planning.values import (
    FutureFacts,
    Need,
    ProductFacts,
    QueuedShipment,
    SourceFacts,
    SourceItemFacts,
    Supply,
)
from inventory.models import FutureSupply, SourceItem

# Conditions and choices that statements name.
NAMED = {
    "considered": CONSIDERED_SQL,
    "in_queue": IN_QUEUE_SQL,
    "backorder": literals(Shipment.State.BACKORDER),
    "future": literals(Shipment.State.FUTURE),
    "open": literals(FutureSupply.State.OPEN),
    "in_stock": literals(SourceItem.Status.IN_STOCK),
}

SOURCES = """
SELECT id, code, is_enabled, ships_to_home, latitude::float8, longitude::float8
FROM inventory_source
"""

LINKS = """
SELECT link.stock_id, array_agg(link.source_id ORDER BY link.priority, source.code)
FROM inventory_stocksource AS link JOIN inventory_source AS source ON source.id = link.source_id
GROUP BY link.stock_id
"""

# Only products that some shipment waits for; of a promise, those received too: it moves whole.
AWAITED = """
SELECT DISTINCT balance.product_id FROM fulfillment_waitingbalance AS balance
WHERE balance.quantity > 0 OR EXISTS (
    SELECT 1 FROM fulfillment_shipmentline AS line
    JOIN fulfillment_shipment AS shipment ON shipment.id = line.shipment_id
    WHERE line.product_id = balance.product_id AND line.quantity > 0 AND shipment.state = {future})
"""

PRODUCTS = """
SELECT product.id, product.sku, product.future_inventory, product.qty_uses_decimals IS TRUE
FROM inventory_product AS product WHERE product.id = ANY(%s::bigint[])
"""

# At hand, In Stock, not allocated and above the safety stock, as ten-thousandths; held.
ITEMS_NOW = """
SELECT item.id, item.product_id, item.source_id,
    CASE WHEN item.status = {in_stock}
        THEN ((item.quantity - item.allocated - item.safety_stock) * 10000)::bigint ELSE 0 END
FROM inventory_sourceitem AS item WHERE item.product_id = ANY(%s::bigint[])
ORDER BY item.id FOR UPDATE OF item
"""

FUTURE_NOW = """
SELECT supply.id,
    ((GREATEST(supply.quantity - supply.received_quantity, 0) - supply.allocated_quantity)
     * 10000)::bigint, supply.expected_on
FROM inventory_futuresupply AS supply
WHERE supply.state = {open} AND supply.product_id = ANY(%s::bigint[])
ORDER BY supply.id FOR UPDATE OF supply
"""

ITEMS = """
SELECT item.id, item.product_id, item.source_id,
    ((item.quantity - item.allocated) * 10000)::bigint, (item.safety_stock * 10000)::bigint,
    item.status = {in_stock}
FROM inventory_sourceitem AS item WHERE item.product_id = ANY(%s::bigint[]) ORDER BY item.id
"""

FUTURE = """
SELECT supply.id, supply.product_id, supply.source_id, supply.expected_on,
    ((GREATEST(supply.quantity - supply.received_quantity, 0) - supply.allocated_quantity)
     * 10000)::bigint
FROM inventory_futuresupply AS supply
WHERE supply.state = {open} AND supply.product_id = ANY(%s::bigint[]) ORDER BY supply.id
"""

# The places that use decimals; most products have none.
WITH_DECIMALS = """
SELECT place.source_id, place.product_id
FROM inventory_product AS product
JOIN LATERAL (
    SELECT source_id, product_id FROM inventory_sourceitem WHERE product_id = product.id
    UNION
    SELECT source_id, product_id FROM inventory_futuresupply
    WHERE product_id = product.id AND state = {open}
) AS place ON TRUE
LEFT JOIN inventory_sourceitem AS item USING (source_id, product_id)
WHERE product.id = ANY(%s::bigint[])
  AND (product.qty_uses_decimals OR EXISTS (
      SELECT FROM inventory_sourceitem AS own
      WHERE own.product_id = product.id AND own.qty_uses_decimals))
  AND COALESCE(item.qty_uses_decimals, product.qty_uses_decimals, FALSE)
"""

PICKUP_WAITING = """
SELECT DISTINCT pickup_source_id, product_id FROM fulfillment_waitingbalance
WHERE pickup_source_id IS NOT NULL AND quantity > 0 AND product_id = ANY(%s::bigint[])
"""

SHIPMENTS = """
SELECT shipment.id, shipment.number, shipment.state = {future}, shipment.priority,
    shipment.backordered_since, shipment.stock_id, shipment.pickup_source_id, shipment.source_id,
    parent.latitude::float8, parent.longitude::float8, shipment.order_id,
    (SELECT array_agg(ARRAY[bar.source_id, bar.product_id]) FROM fulfillment_sourcebar AS bar
     WHERE bar.shipment_id = shipment.id AND bar.ended_at IS NULL)
FROM fulfillment_shipment AS shipment
JOIN orders_order AS parent ON parent.id = shipment.order_id
WHERE shipment.id = ANY(%(ids)s::bigint[]) AND {in_queue}
  AND (shipment.id = ANY(%(even)s::bigint[]) OR {considered})
ORDER BY shipment.id
"""

# The rows of a batch are close to each other, or in memory. Taken for far apart, as on a disk, they
# would be looked for in whole tables: in all orders there ever were, batch after batch.
ROWS_ARE_NEAR = "SET LOCAL random_page_cost = 1.1"

# Orders are locked before shipments, as everywhere; their status cannot change until the end.
LOCK_ORDERS = """
SELECT id FROM orders_order
WHERE id IN (SELECT order_id FROM fulfillment_shipment WHERE id = ANY(%s::bigint[]))
ORDER BY id FOR SHARE
"""

LINES = """
SELECT line.shipment_id, line.id, order_line.number, line.product_id,
    (line.quantity * 10000)::bigint, order_line.is_reserving,
    (line.amount * 100)::bigint, line.order_line_id
FROM fulfillment_shipmentline AS line
JOIN orders_orderline AS order_line ON order_line.id = line.order_line_id
WHERE line.shipment_id = ANY(%s::bigint[]) AND line.quantity > 0
ORDER BY line.shipment_id, order_line.number
"""

# Of shipments that wait, only promises hold units.
RECEIVED = """
SELECT line.shipment_id, line.product_id, (sum(allocation.quantity) * 10000)::bigint
FROM fulfillment_allocation AS allocation
JOIN fulfillment_shipmentline AS line ON line.id = allocation.shipment_line_id
WHERE line.shipment_id = ANY(%s::bigint[]) AND allocation.source_item_id IS NOT NULL
GROUP BY line.shipment_id, line.product_id
"""


class ShipmentLineMoney(NamedTuple):
    """The amount of a shipment line, in cents, and its order line."""

    cents: int
    order_line_id: int


@dataclass(frozen=True, slots=True)
class Batch:
    """Some shipments of the queue, read together; money by shipment line id."""

    shipments: tuple[QueuedShipment, ...]
    money: Mapping[int, ShipmentLineMoney]

    @property
    def product_ids(self) -> list[int]:
        return sorted(
            {
                need.product_id
                for shipment in self.shipments
                for need in shipment.needs
                if need.is_reserving
            }
        )


def read_supply(product_ids: Collection[int] | None = None) -> Supply:
    """Return all supply that waiting shipments could be given.

    ``product_ids`` limits it to these products; otherwise, all products that shipments wait for.
    """
    ids = [row[0] for row in rows_of(AWAITED)] if product_ids is None else product_ids
    awaited = [array_text(ids)]
    sources, links = read_places()
    return Supply(
        sources=sources,
        links=links,
        items=tuple(SourceItemFacts(*row) for row in rows_of(ITEMS, awaited)),
        future=tuple(FutureFacts(*row) for row in rows_of(FUTURE, awaited)),
        products={row[0]: ProductFacts(*row) for row in rows_of(PRODUCTS, awaited)},
        pickup_waiting=frozenset((row[0], row[1]) for row in rows_of(PICKUP_WAITING, awaited)),
        with_decimals=frozenset((row[0], row[1]) for row in rows_of(WITH_DECIMALS, awaited)),
    )


def expect_rows_near() -> None:
    """Make the server follow indexes, not read whole tables, until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute(ROWS_ARE_NEAR)


def read_batch(
    shipment_ids: Collection[int],
    *,
    now: datetime,
    zone: ZoneInfo,
    is_locked: bool,
    even: Collection[int] = (),
) -> Batch:
    """Return these shipments as they are now, those that may still be released.

    ``is_locked`` holds the rows, in primary-key order, until the transaction ends. Those in
    ``even`` are returned even if they are kept out of every run.
    """
    ids = array_text(shipment_ids)
    lock = "FOR UPDATE OF shipment" if is_locked else ""
    if is_locked:
        rows_of(LOCK_ORDERS, [ids])
    rows = rows_of(SHIPMENTS + lock, {"ids": ids, "even": array_text(even)})
    present = [row[0] for row in rows]
    held = [array_text(present)]
    needs: dict[int, list[Need]] = {shipment_id: [] for shipment_id in present}
    money: dict[int, ShipmentLineMoney] = {}
    for (
        shipment_id, line_id, sequence, product_id, units, is_reserving, cents, order_line_id
    ) in rows_of(LINES, held):  # fmt: skip
        needs[shipment_id].append(Need(line_id, sequence, product_id, units, is_reserving))
        money[line_id] = ShipmentLineMoney(cents, order_line_id)
    received: dict[int, dict[int, int]] = {}
    promises = [row[0] for row in rows if row[2]]
    for shipment_id, product_id, units in rows_of(RECEIVED, [array_text(promises)]):
        received.setdefault(shipment_id, {})[product_id] = units
    today = now.astimezone(zone).date()
    shipments = tuple(
        _shipment(row, needs[row[0]], received.get(row[0], {}), today, zone) for row in rows
    )
    return Batch(tuple(sorted(shipments, key=QueuedShipment.queue_key)), money)


@dataclass(frozen=True, slots=True)
class LockedSupply:
    """The supply of a batch's products, locked until the transaction ends.

    ``available`` and ``item_ids`` are by (product, source); ``promisable``, units and date, by
    record of future supply.
    """

    available: Mapping[tuple[int, int], int]
    item_ids: Mapping[tuple[int, int], int]
    promisable: Mapping[int, tuple[int, date | None]]


def lock_supply(product_ids: Sequence[int]) -> LockedSupply:
    """Lock the supply of products, in primary-key order, and return it."""
    products = [array_text(product_ids)]
    available: dict[tuple[int, int], int] = {}
    item_ids: dict[tuple[int, int], int] = {}
    for item_id, product_id, source_id, units in rows_of(ITEMS_NOW, products):
        key = product_id, source_id
        available[key] = units
        item_ids[key] = item_id
    promisable = {record: (units, day) for record, units, day in rows_of(FUTURE_NOW, products)}
    return LockedSupply(available, item_ids, promisable)


def read_places() -> tuple[dict[int, SourceFacts], dict[int, tuple[int, ...]]]:
    """Return the sources by id, and those of each stock by priority."""
    sources = {row[0]: SourceFacts(*row) for row in rows_of(SOURCES)}
    return sources, {stock_id: tuple(linked) for stock_id, linked in rows_of(LINKS)}


def _shipment(
    row: Sequence[Any],
    needs: list[Need],
    received: Mapping[int, int],
    today: Any,
    zone: ZoneInfo,
) -> QueuedShipment:
    latitude, longitude = row[8], row[9]
    return QueuedShipment(
        id=row[0],
        number=row[1],
        is_future=row[2],
        priority=row[3],
        backordered_since=row[4],
        age_days=(today - row[4].astimezone(zone).date()).days,
        stock_id=row[5],
        needs=tuple(needs),
        pickup_source_id=row[6],
        source_id=row[7],
        barred=frozenset((source, product) for source, product in row[11] or ()),
        destination=None if latitude is None or longitude is None else (latitude, longitude),
        received=received,
    )


def array_text(ids: Iterable[int]) -> str:
    """Return ids as the text of an array: the driver would convert thousands one by one."""
    return "{" + ",".join(map(str, ids)) + "}"


def rows_of(statement: str, parameters: Any = ()) -> list[Any]:
    """Return the rows of a statement, in which ``{future}`` and the like are ``NAMED``."""
    return fetch_rows(statement.format(**NAMED), parameters)
