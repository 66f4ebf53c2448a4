"""The counters of allocations: of source items, future supply, stocks, queues."""

from collections import defaultdict
from collections.abc import Mapping
from decimal import Decimal
from typing import NamedTuple

from core.counters import Counters
from inventory.operations.ledger import BALANCES, shift_balances

QUEUES = Counters(
    "fulfillment_waitingbalance",
    ("product_id", "stock_id", "pickup_source_id"),
    ("quantity",),
    optional=("pickup_source_id",),
)


class QueueKey(NamedTuple):
    """Whose queue for which product: a stock's, at one pickup source or (None) to homes."""

    product_id: int
    stock_id: int
    pickup_source_id: int | None


def shift_waiting(changes: Mapping[QueueKey, Decimal]) -> None:
    """Add to the waiting quantities; among a transaction's last statements, in key order."""
    moved = {key: (quantity,) for key, quantity in changes.items() if quantity}
    QUEUES.move(moved, takes_away=any(quantity < 0 for (quantity,) in moved.values()))


def shift_allocated(allocated: Mapping[QueueKey, Decimal]) -> None:
    """Count units, by queue, as set aside at sources instead of waiting; negative ones wait again.

    Among the last statements of a transaction: stocks before queues, each in key order.
    """
    of_stocks: defaultdict[tuple[int, int], Decimal] = defaultdict(Decimal)
    for key, quantity in allocated.items():
        of_stocks[key.stock_id, key.product_id] += quantity
    shift_balances(reserved={}, allocated=of_stocks)
    shift_waiting({key: -quantity for key, quantity in allocated.items()})


def moving(allocations: str) -> str:
    """Return the statement that adds allocations to their counters, or takes them off.

    ``allocations`` selects ``item_id``, ``future_id``, ``product_id``, ``stock_id``,
    ``pickup_source_id`` and ``quantity``, negative where an allocation ends. Callers have locked
    shipments, then source items, then future supply; the counters are locked here, as everywhere:
    stocks before queues, each in key order. To count those of the stocks first puts them first.
    """
    stocks = """(
        SELECT product_id, stock_id, 0 AS reserved, sum(quantity) AS allocated FROM moved
        WHERE item_id IS NOT NULL GROUP BY product_id, stock_id)"""
    queues = """(
        SELECT product_id, stock_id, pickup_source_id, -sum(quantity) AS quantity FROM moved
        WHERE item_id IS NOT NULL AND (SELECT count(*) FROM stock) >= 0
        GROUP BY product_id, stock_id, pickup_source_id)"""
    return f"""
    WITH moved AS ({allocations}), at_items AS (
        UPDATE inventory_sourceitem AS item SET allocated = item.allocated + given.quantity
        FROM (SELECT item_id, sum(quantity) AS quantity FROM moved
              WHERE item_id IS NOT NULL GROUP BY item_id) AS given
        WHERE item.id = given.item_id
    ), at_supply AS (
        UPDATE inventory_futuresupply AS supply
        SET allocated_quantity = supply.allocated_quantity + given.quantity
        FROM (SELECT future_id, sum(quantity) AS quantity FROM moved
              WHERE future_id IS NOT NULL GROUP BY future_id) AS given
        WHERE supply.id = given.future_id
    ), stock AS MATERIALIZED (
        {BALANCES.locked(stocks)}
    ), at_stocks AS (
        {BALANCES.shift("stock")}
    ), queue AS MATERIALIZED (
        {QUEUES.locked(queues)}
    )
    {QUEUES.shift("queue")}
    """  # noqa: S608 - constants


END_ALLOCATIONS = moving("""
    DELETE FROM fulfillment_allocation AS allocation
    USING fulfillment_shipmentline AS line
    JOIN fulfillment_shipment AS shipment ON shipment.id = line.shipment_id
    WHERE line.id = allocation.shipment_line_id AND line.shipment_id = ANY(%(ended)s)
    RETURNING allocation.source_item_id AS item_id, allocation.future_supply_id AS future_id,
        line.product_id, shipment.stock_id, shipment.pickup_source_id,
        -allocation.quantity AS quantity
""")
