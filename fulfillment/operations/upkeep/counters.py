"""Counters that disagree with the rows they sum up, and counting them again.

For each counter, ``report`` returns product id, place id, pickup source id, SKU, place, the value
and the sum of the rows, wherever these differ. The other statements take the ids of one counter;
the last column of ``count`` is the sum of its rows.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from django.db import IntegrityError, connection, transaction

from core.quantities import ZERO
from core.sql import literals
from fulfillment.models import Shipment


class CounterKind(StrEnum):
    ITEM_ALLOCATED = "ITEM_ALLOCATED"
    SUPPLY_PROMISED = "SUPPLY_PROMISED"
    STOCK_RESERVED = "STOCK_RESERVED"
    STOCK_ALLOCATED = "STOCK_ALLOCATED"
    WAITING = "WAITING"


@dataclass(frozen=True, slots=True)
class CounterSql:
    report: str
    make: str
    lock: str
    count: str
    write: str


NAMED = """
SELECT found.product_id, found.place_id, found.pickup_id, product.sku, {place}, found.kept,
    found.counted
FROM ({found}) AS found JOIN inventory_product AS product ON product.id = found.product_id
{join}
WHERE found.kept <> found.counted
ORDER BY found.product_id, found.place_id, found.pickup_id
"""
OF_SOURCE = "JOIN inventory_source AS place ON place.id = found.place_id"
OF_STOCK = """JOIN inventory_stock AS place ON place.id = found.place_id
LEFT JOIN inventory_source AS pickup ON pickup.id = found.pickup_id"""
STOCK_AND_PICKUP = "place.code || COALESCE(' · ' || pickup.code, '')"
NOTHING_TO_MAKE = "SELECT 1"

MAKE_BALANCE = """
INSERT INTO inventory_stockbalance (product_id, stock_id, reserved, allocated)
VALUES (%(product)s, %(place)s, 0, 0) ON CONFLICT (product_id, stock_id) DO NOTHING
"""
LOCK_BALANCE = """
SELECT 1 FROM inventory_stockbalance
WHERE product_id = %(product)s AND stock_id = %(place)s FOR UPDATE
"""
BALANCE = """
SELECT product_id, stock_id AS place_id, NULL::bigint AS pickup_id,
    COALESCE(balance.{column}, 0) AS kept, COALESCE(summed.total, 0) AS counted
FROM inventory_stockbalance AS balance FULL JOIN ({rows}) AS summed USING (product_id, stock_id)
"""
WRITE_BALANCE = """
UPDATE inventory_stockbalance SET {column} = %(counted)s
WHERE product_id = %(product)s AND stock_id = %(place)s
"""

HELD_BY_STOCK = """
SELECT line.product_id, placed.stock_id, SUM(allocation.quantity) AS total
FROM fulfillment_allocation AS allocation
JOIN orders_orderline AS line ON line.id = allocation.order_line_id
JOIN orders_order AS placed ON placed.id = line.order_id
WHERE allocation.source_item_id IS NOT NULL {chosen}
GROUP BY line.product_id, placed.stock_id
"""
RESERVED_BY_STOCK = """
SELECT product_id, stock_id, SUM(quantity) AS total FROM inventory_reservation
{chosen} GROUP BY product_id, stock_id
"""
WAITS = f"""
SELECT part.product_id, shipment.stock_id, shipment.pickup_source_id,
    SUM(part.quantity - COALESCE(received.quantity, 0)) AS total
FROM fulfillment_shipmentline AS part
JOIN fulfillment_shipment AS shipment ON shipment.id = part.shipment_id
JOIN orders_orderline AS line ON line.id = part.order_line_id
LEFT JOIN LATERAL (
    SELECT SUM(allocation.quantity) AS quantity FROM fulfillment_allocation AS allocation
    WHERE allocation.shipment_line_id = part.id AND allocation.source_item_id IS NOT NULL
) AS received ON TRUE
WHERE shipment.state IN ({literals(*Shipment.WAITING_STATES)}) AND line.is_reserving
    AND part.quantity > 0 {{chosen}}
GROUP BY part.product_id, shipment.stock_id, shipment.pickup_source_id
"""  # noqa: S608 - constants
WAITING_OR_WAITED = """
SELECT COALESCE(balance.product_id, waits.product_id) AS product_id,
    COALESCE(balance.stock_id, waits.stock_id) AS place_id,
    COALESCE(balance.pickup_source_id, waits.pickup_source_id) AS pickup_id,
    COALESCE(balance.quantity, 0) AS kept, COALESCE(waits.total, 0) AS counted
FROM (
    SELECT *, COALESCE(pickup_source_id, 0) AS pickup FROM fulfillment_waitingbalance
) AS balance
FULL JOIN (SELECT *, COALESCE(pickup_source_id, 0) AS pickup FROM ({waits}) AS queues) AS waits
    ON waits.product_id = balance.product_id AND waits.stock_id = balance.stock_id
    AND waits.pickup = balance.pickup
"""
ALLOCATED_TO = """
SELECT {owner}.product_id, {place} AS place_id, {pickup} AS pickup_id, {owner}.{column} AS kept,
    COALESCE(held.total, 0) AS counted
FROM {table} AS {owner} LEFT JOIN (
    SELECT {key}, SUM(quantity) AS total FROM fulfillment_allocation
    WHERE {key} IS NOT NULL GROUP BY {key}
) AS held ON held.{key} = {owner}.id
"""

COUNTERS = {
    CounterKind.ITEM_ALLOCATED: CounterSql(
        report=NAMED.format(
            place="place.code",
            join=OF_SOURCE,
            found=ALLOCATED_TO.format(
                owner="item",
                place="item.source_id",
                pickup="NULL::bigint",
                column="allocated",
                table="inventory_sourceitem",
                key="source_item_id",
            ),
        ),
        make=NOTHING_TO_MAKE,
        lock="SELECT 1 FROM inventory_sourceitem "
        "WHERE product_id = %(product)s AND source_id = %(place)s FOR UPDATE",
        count="SELECT SUM(allocation.quantity) FROM fulfillment_allocation AS allocation "
        "JOIN inventory_sourceitem AS item ON item.id = allocation.source_item_id "
        "WHERE item.product_id = %(product)s AND item.source_id = %(place)s",
        write="UPDATE inventory_sourceitem SET allocated = %(counted)s "
        "WHERE product_id = %(product)s AND source_id = %(place)s",
    ),
    CounterKind.SUPPLY_PROMISED: CounterSql(
        report=NAMED.format(
            place="place.reference || ' #' || place.id",
            join="JOIN inventory_futuresupply AS place ON place.id = found.place_id",
            found=ALLOCATED_TO.format(
                owner="supply",
                place="supply.id",
                pickup="NULL::bigint",
                column="allocated_quantity",
                table="inventory_futuresupply",
                key="future_supply_id",
            ),
        ),
        make=NOTHING_TO_MAKE,
        lock="SELECT 1 FROM inventory_futuresupply WHERE id = %(place)s FOR UPDATE",
        count="SELECT SUM(quantity) FROM fulfillment_allocation WHERE future_supply_id = %(place)s",
        write="UPDATE inventory_futuresupply SET allocated_quantity = %(counted)s "
        "WHERE id = %(place)s",
    ),
    CounterKind.STOCK_RESERVED: CounterSql(
        report=NAMED.format(
            place=STOCK_AND_PICKUP,
            join=OF_STOCK,
            found=BALANCE.format(column="reserved", rows=RESERVED_BY_STOCK.format(chosen="")),
        ),
        make=MAKE_BALANCE,
        lock=LOCK_BALANCE,
        count="SELECT SUM(quantity) FROM inventory_reservation "
        "WHERE product_id = %(product)s AND stock_id = %(place)s",
        write=WRITE_BALANCE.format(column="reserved"),
    ),
    CounterKind.STOCK_ALLOCATED: CounterSql(
        report=NAMED.format(
            place=STOCK_AND_PICKUP,
            join=OF_STOCK,
            found=BALANCE.format(column="allocated", rows=HELD_BY_STOCK.format(chosen="")),
        ),
        make=MAKE_BALANCE,
        lock=LOCK_BALANCE,
        count=HELD_BY_STOCK.format(
            chosen="AND line.product_id = %(product)s AND placed.stock_id = %(place)s"
        ),
        write=WRITE_BALANCE.format(column="allocated"),
    ),
    CounterKind.WAITING: CounterSql(
        report=NAMED.format(
            place=STOCK_AND_PICKUP,
            join=OF_STOCK,
            found=WAITING_OR_WAITED.format(waits=WAITS.format(chosen="")),
        ),
        make="INSERT INTO fulfillment_waitingbalance "
        "(product_id, stock_id, pickup_source_id, quantity) "
        "VALUES (%(product)s, %(place)s, %(pickup)s, 0) "
        "ON CONFLICT (product_id, stock_id, pickup_source_id) DO NOTHING",
        lock="SELECT 1 FROM fulfillment_waitingbalance WHERE product_id = %(product)s "
        "AND stock_id = %(place)s AND pickup_source_id IS NOT DISTINCT FROM %(pickup)s FOR UPDATE",
        count=WAITS.format(
            chosen="AND part.product_id = %(product)s AND shipment.stock_id = %(place)s "
            "AND shipment.pickup_source_id IS NOT DISTINCT FROM %(pickup)s"
        ),
        write="UPDATE fulfillment_waitingbalance SET quantity = %(counted)s "
        "WHERE product_id = %(product)s AND stock_id = %(place)s "
        "AND pickup_source_id IS NOT DISTINCT FROM %(pickup)s",
    ),
}


# The order in which their rows are locked everywhere.
LOCK_ORDER = list(CounterKind)


class CounterKey(NamedTuple):
    """Which counter: of a product at a source, in a stock, or (the place) of a future supply."""

    kind: CounterKind
    product_id: int
    place_id: int
    pickup_id: int | None


@dataclass(frozen=True, slots=True)
class WrongCounter:
    """A counter that has ``kept`` where its rows sum to ``counted``."""

    key: CounterKey
    sku: str
    place: str
    kept: Decimal
    counted: Decimal


@dataclass(frozen=True, slots=True)
class CounterCorrection:
    """The counters that now say what their rows say, and those that the database refused.

    A source that has fewer units than are allocated there needs a count of what is on hand.
    """

    keys: Sequence[CounterKey]
    refused: Sequence[CounterKey]


def wrong_counters() -> list[WrongCounter]:
    """Return every counter that disagrees with its rows, in the order in which they are locked."""
    found = []
    with connection.cursor() as cursor:
        for kind in LOCK_ORDER:
            cursor.execute(COUNTERS[kind].report)
            found += [
                WrongCounter(CounterKey(kind, *row[:3]), *row[3:]) for row in cursor.fetchall()
            ]
    return found


def recount(keys: Collection[CounterKey]) -> CounterCorrection:
    """Make counters say what their rows say; opens the transaction, safe to do twice.

    Each is locked before its rows are counted: whoever writes rows moves the counter in the same
    transaction, so nothing is counted twice, nor missed.
    """
    done, refused = [], []
    with transaction.atomic():
        for key in sorted(set(keys), key=_lock_order):
            try:
                with transaction.atomic():
                    _recount(key)
            except IntegrityError:
                refused.append(key)
            else:
                done.append(key)
    return CounterCorrection(done, refused)


def _lock_order(key: CounterKey) -> tuple[int, int, int, int]:
    return (LOCK_ORDER.index(key.kind), key.product_id, key.place_id, key.pickup_id or 0)


def _recount(key: CounterKey) -> None:
    sql = COUNTERS[key.kind]
    ids = {"product": key.product_id, "place": key.place_id, "pickup": key.pickup_id}
    with connection.cursor() as cursor:
        cursor.execute(sql.make, ids)
        cursor.execute(sql.lock, ids)
        cursor.execute(sql.count, ids)
        row = cursor.fetchone()
        cursor.execute(sql.write, {**ids, "counted": (row and row[-1]) or ZERO})
