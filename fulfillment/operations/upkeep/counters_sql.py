"""For each counter: the rows that it sums up, and how it is read, locked and written.

``report`` returns product id, place id, pickup source id, SKU, place, what is kept and what the
rows say, wherever these differ. The others take the ids of one counter; the last column of
``count`` is what its rows say.
"""

from dataclasses import dataclass
from enum import StrEnum


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
WAITS = """
SELECT part.product_id, shipment.stock_id, shipment.pickup_source_id,
    SUM(part.quantity - COALESCE(received.quantity, 0)) AS total
FROM fulfillment_shipmentline AS part
JOIN fulfillment_shipment AS shipment ON shipment.id = part.shipment_id
JOIN orders_orderline AS line ON line.id = part.order_line_id
LEFT JOIN LATERAL (
    SELECT SUM(allocation.quantity) AS quantity FROM fulfillment_allocation AS allocation
    WHERE allocation.shipment_line_id = part.id AND allocation.source_item_id IS NOT NULL
) AS received ON TRUE
WHERE shipment.state IN ('BACKORDER', 'FUTURE', 'CUSTOMER_CARE') AND line.is_reserving
    AND part.quantity > 0 {chosen}
GROUP BY part.product_id, shipment.stock_id, shipment.pickup_source_id
"""
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
