"""What waits for products, in a stock and in every stock that shares a source with it."""

from collections.abc import Collection, Mapping
from decimal import Decimal
from typing import NamedTuple

from core.sql import array, prepared_cursor

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


class Queue(NamedTuple):
    """Who waits for a product: those who pick up at a source, or (None) those sent to homes."""

    product_id: int
    pickup_source_id: int | None


def waiting_by_queue(stock_id: int, product_ids: Collection[int]) -> Mapping[Queue, Decimal]:
    """Return the units that shipments wait for, held or not, by product and pickup source."""
    with prepared_cursor() as cursor:
        cursor.execute(WAITING, {"stock": stock_id, "products": array(product_ids)})
        return {Queue(product, source): units for product, source, units in cursor.fetchall()}
