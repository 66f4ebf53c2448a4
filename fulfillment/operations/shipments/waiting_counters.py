"""Keeps the counters of what waits, so that placement never sums a queue."""

from collections.abc import Mapping
from decimal import Decimal
from typing import NamedTuple

from core.sql import array, prepared_cursor

ADD = """
INSERT INTO fulfillment_waitingbalance AS balance
    (product_id, stock_id, pickup_source_id, quantity)
SELECT product_id, stock_id, pickup_source_id, quantity
FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::numeric[])
     AS change(product_id, stock_id, pickup_source_id, quantity)
ORDER BY product_id, stock_id, pickup_source_id
ON CONFLICT (product_id, stock_id, pickup_source_id)
DO UPDATE SET quantity = balance.quantity + EXCLUDED.quantity
"""

# A negative change cannot be written as "insert or update": PostgreSQL holds the row it would
# insert to the CHECKs first. So rows are made empty, locked in key order, then moved.
MAKE = """
INSERT INTO fulfillment_waitingbalance (product_id, stock_id, pickup_source_id, quantity)
SELECT product_id, stock_id, pickup_source_id, 0
FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[])
     AS change(product_id, stock_id, pickup_source_id)
ORDER BY product_id, stock_id, pickup_source_id
ON CONFLICT (product_id, stock_id, pickup_source_id) DO NOTHING
"""

LOCK_AND_SHIFT = """
WITH change AS (
    SELECT * FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::numeric[])
        AS change(product_id, stock_id, pickup_source_id, quantity)
), locked AS MATERIALIZED (
    SELECT balance.id, change.quantity FROM fulfillment_waitingbalance AS balance
    JOIN change ON balance.product_id = change.product_id
        AND balance.stock_id = change.stock_id
        AND balance.pickup_source_id IS NOT DISTINCT FROM change.pickup_source_id
    ORDER BY balance.product_id, balance.stock_id, balance.pickup_source_id
    FOR UPDATE OF balance
)
UPDATE fulfillment_waitingbalance AS balance SET quantity = balance.quantity + locked.quantity
FROM locked WHERE balance.id = locked.id
"""


class QueueKey(NamedTuple):
    """Whose queue for which product: a stock's, at one pickup source or (None) to homes."""

    product_id: int
    stock_id: int
    pickup_source_id: int | None


def shift_waiting(changes: Mapping[QueueKey, Decimal]) -> None:
    """Add to what waits, by queue; among the last statements of a transaction, in key order."""
    moved = sorted(
        ((key, quantity) for key, quantity in changes.items() if quantity),
        key=lambda change: (change[0][0], change[0][1], change[0][2] or 0),
    )
    if not moved:
        return
    keys = [
        array([key.product_id for key, _ in moved]),
        array([key.stock_id for key, _ in moved]),
        array([key.pickup_source_id for key, _ in moved]),
    ]
    quantities = array([quantity for _, quantity in moved])
    with prepared_cursor() as cursor:
        if any(quantity < 0 for _, quantity in moved):
            cursor.execute(MAKE, keys)
            cursor.execute(LOCK_AND_SHIFT, [*keys, quantities])
        else:
            cursor.execute(ADD, [*keys, quantities])
