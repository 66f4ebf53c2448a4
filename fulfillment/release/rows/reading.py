"""Reads the rows that a release plan needs; every read is one statement.

Quantities come as whole ten-thousandths, the planner's units.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import starmap
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.db import connection

from core.currencies import MOST_DECIMALS, decimals_of
from core.sql import array, fetch_column, fetch_rows
from fulfillment.models import Shipment
from fulfillment.models.release_conditions import CONSIDERED_SQL, IN_QUEUE_SQL
from fulfillment.release.planning.values import (
    FutureFacts,
    ProductFacts,
    QueuedShipment,
    SourceFacts,
    SourceItemFacts,
    Supply,
)
from fulfillment.sourcing.needs import Need
from inventory.models import FutureSupply, SourceItem
from inventory.queries.working_days import openings

State = Shipment.State
OPEN, IN_STOCK = FutureSupply.State.OPEN, SourceItem.Status.IN_STOCK

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
AWAITED = f"""
SELECT DISTINCT balance.product_id FROM fulfillment_waitingbalance AS balance
WHERE balance.quantity > 0 OR EXISTS (
    SELECT 1 FROM fulfillment_shipmentline AS line
    JOIN fulfillment_shipment AS shipment ON shipment.id = line.shipment_id
    WHERE line.product_id = balance.product_id AND line.quantity > 0
      AND shipment.state = '{State.FUTURE}')
"""  # noqa: S608 - constants

PRODUCTS = """
SELECT product.id, product.sku, product.future_inventory, product.qty_uses_decimals IS TRUE,
    product.release_on
FROM inventory_product AS product WHERE product.id = ANY(%s::bigint[])
"""

# At hand, In Stock, not allocated and above the safety stock, as ten-thousandths; held.
ITEMS_NOW = f"""
SELECT item.id, item.product_id, item.source_id,
    CASE WHEN item.status = '{IN_STOCK}'
        THEN ((item.quantity - item.allocated - item.safety_stock) * 10000)::bigint ELSE 0 END
FROM inventory_sourceitem AS item WHERE item.product_id = ANY(%s::bigint[])
ORDER BY item.id FOR UPDATE OF item
"""  # noqa: S608 - constants

FUTURE_NOW = f"""
SELECT supply.id,
    ((GREATEST(supply.quantity - supply.received_quantity, 0) - supply.allocated_quantity)
     * 10000)::bigint, supply.expected_on
FROM inventory_futuresupply AS supply
WHERE supply.state = '{OPEN}' AND supply.product_id = ANY(%s::bigint[])
ORDER BY supply.id FOR UPDATE OF supply
"""  # noqa: S608 - constants

ITEMS = f"""
SELECT item.id, item.product_id, item.source_id,
    ((item.quantity - item.allocated) * 10000)::bigint, (item.safety_stock * 10000)::bigint,
    item.status = '{IN_STOCK}'
FROM inventory_sourceitem AS item WHERE item.product_id = ANY(%s::bigint[]) ORDER BY item.id
"""  # noqa: S608 - constants

FUTURE = f"""
SELECT supply.id, supply.product_id, supply.source_id, supply.expected_on,
    ((GREATEST(supply.quantity - supply.received_quantity, 0) - supply.allocated_quantity)
     * 10000)::bigint, supply.reference, COALESCE(sender.code, '')
FROM inventory_futuresupply AS supply
LEFT JOIN inventory_source AS sender ON sender.id = supply.sent_from_id
WHERE supply.state = '{OPEN}' AND supply.product_id = ANY(%s::bigint[]) ORDER BY supply.id
"""  # noqa: S608 - constants

# The source items that use decimals; most products have none.
WITH_DECIMALS = f"""
SELECT held.source_id, held.product_id
FROM inventory_product AS product
JOIN LATERAL (
    SELECT source_id, product_id FROM inventory_sourceitem WHERE product_id = product.id
    UNION
    SELECT source_id, product_id FROM inventory_futuresupply
    WHERE product_id = product.id AND state = '{OPEN}'
) AS held ON TRUE
LEFT JOIN inventory_sourceitem AS item USING (source_id, product_id)
WHERE product.id = ANY(%s::bigint[])
  AND (product.qty_uses_decimals OR EXISTS (
      SELECT FROM inventory_sourceitem AS own
      WHERE own.product_id = product.id AND own.qty_uses_decimals))
  AND COALESCE(item.qty_uses_decimals, product.qty_uses_decimals, FALSE)
"""  # noqa: S608 - constants

PICKUP_WAITING = """
SELECT DISTINCT pickup_source_id, product_id FROM fulfillment_waitingbalance
WHERE pickup_source_id IS NOT NULL AND quantity > 0 AND product_id = ANY(%s::bigint[])
"""

SHIPMENTS = f"""
SELECT shipment.id, shipment.number, shipment.state = '{State.FUTURE}', shipment.priority,
    shipment.backordered_since, shipment.stock_id, shipment.pickup_source_id, shipment.source_id,
    parent.latitude::float8, parent.longitude::float8, parent.currency,
    (SELECT array_agg(ARRAY[bar.source_id, bar.product_id]) FROM fulfillment_sourcebar AS bar
     WHERE bar.shipment_id = shipment.id AND bar.ended_at IS NULL)
FROM fulfillment_shipment AS shipment
JOIN orders_order AS parent ON parent.id = shipment.order_id
WHERE shipment.id = ANY(%(ids)s::bigint[]) AND {IN_QUEUE_SQL}
  AND (shipment.id = ANY(%(even)s::bigint[]) OR {CONSIDERED_SQL})
ORDER BY shipment.id
"""  # noqa: S608 - constants

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
    (line.amount * 1000)::bigint, line.order_line_id
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


class ShipmentRow(NamedTuple):
    """A shipment as it is stored; ``bars`` are pairs of a source and a product."""

    id: int
    number: str
    is_future: bool
    priority: int
    backordered_since: datetime
    stock_id: int
    pickup_source_id: int | None
    source_id: int | None
    latitude: float | None
    longitude: float | None
    currency: str
    bars: Sequence[tuple[int, int]] | None


class ShipmentLineMoney(NamedTuple):
    """The amount of a shipment line, and its order line.

    ``amount`` and ``unit``, the smallest amount of its currency, are whole thousandths.
    """

    amount: int
    unit: int
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


def read_supply(
    product_ids: Collection[int] | None = None, *, now: datetime, zone: ZoneInfo
) -> Supply:
    """Return all supply that waiting shipments could be given.

    ``product_ids`` limits it to these products; otherwise, all products that shipments wait for.
    """
    ids = fetch_column(AWAITED) if product_ids is None else product_ids
    awaited = [array(ids)]
    sources, links = read_sources()
    future = tuple(starmap(FutureFacts, fetch_rows(FUTURE, awaited)))
    products = {row[0]: ProductFacts(*row) for row in fetch_rows(PRODUCTS, awaited)}
    days = [record.expected_on for record in future]
    days += [product.release_on for product in products.values()]
    today = now.astimezone(zone).date()
    until = max((day for day in days if day is not None), default=today)
    opening = openings(until=max(until, today), now=now, zone=zone)
    return Supply(
        sources=sources,
        links=links,
        items=tuple(starmap(SourceItemFacts, fetch_rows(ITEMS, awaited))),
        future=future,
        pickup_waiting=frozenset(fetch_rows(PICKUP_WAITING, awaited)),
        with_decimals=frozenset(fetch_rows(WITH_DECIMALS, awaited)),
        products=products,
        openings=opening.days,
        past_cut_off=opening.past_cut_off,
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
    ids = array(shipment_ids)
    lock = "FOR UPDATE OF shipment" if is_locked else ""
    if is_locked:
        fetch_rows(LOCK_ORDERS, [ids])
    found = fetch_rows(SHIPMENTS + lock, {"ids": ids, "even": array(even)})
    rows = list(starmap(ShipmentRow, found))
    needs: dict[int, list[Need]] = {row.id: [] for row in rows}
    promises = [row.id for row in rows if row.is_future]
    money: dict[int, ShipmentLineMoney] = {}
    smallest = {row.id: 10 ** (MOST_DECIMALS - decimals_of(row.currency)) for row in rows}
    for (
        shipment_id, line_id, sequence, product_id, units, is_reserving, amount, order_line_id
    ) in fetch_rows(LINES, [array(needs)]):  # fmt: skip
        needs[shipment_id].append(Need(line_id, sequence, product_id, units, is_reserving))
        money[line_id] = ShipmentLineMoney(amount, smallest[shipment_id], order_line_id)
    received: dict[int, dict[int, int]] = {}
    for shipment_id, product_id, units in (
        fetch_rows(RECEIVED, [array(promises)]) if promises else ()
    ):
        received.setdefault(shipment_id, {})[product_id] = units
    today = now.astimezone(zone).date()
    shipments = tuple(
        _shipment(row, needs[row.id], received.get(row.id, {}), today, zone) for row in rows
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
    products = [array(product_ids)]
    available: dict[tuple[int, int], int] = {}
    item_ids: dict[tuple[int, int], int] = {}
    for item_id, product_id, source_id, units in fetch_rows(ITEMS_NOW, products):
        key = product_id, source_id
        available[key] = units
        item_ids[key] = item_id
    promisable = {record: (units, day) for record, units, day in fetch_rows(FUTURE_NOW, products)}
    return LockedSupply(available, item_ids, promisable)


def read_sources() -> tuple[dict[int, SourceFacts], dict[int, tuple[int, ...]]]:
    """Return the sources by id, and those of each stock by priority."""
    sources, links = fetch_rows(SOURCES), fetch_rows(LINKS)
    return (
        {row[0]: SourceFacts(*row) for row in sources},
        {stock_id: tuple(linked) for stock_id, linked in links},
    )


def _shipment(
    row: ShipmentRow,
    needs: list[Need],
    received: Mapping[int, int],
    today: date,
    zone: ZoneInfo,
) -> QueuedShipment:
    latitude, longitude = row.latitude, row.longitude
    return QueuedShipment(
        id=row.id,
        number=row.number,
        is_future=row.is_future,
        priority=row.priority,
        backordered_since=row.backordered_since,
        age_days=(today - row.backordered_since.astimezone(zone).date()).days,
        stock_id=row.stock_id,
        needs=tuple(needs),
        pickup_source_id=row.pickup_source_id,
        source_id=row.source_id,
        barred=frozenset((source, product) for source, product in row.bars or ()),
        destination=None if latitude is None or longitude is None else (latitude, longitude),
        received=received,
    )
