"""Keeps the counters of what waits, so that placement never sums a queue."""

from collections.abc import Mapping
from decimal import Decimal
from typing import NamedTuple

from core.counters import Counters

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
    """Add to what waits, by queue; among the last statements of a transaction, in key order."""
    moved = {key: (quantity,) for key, quantity in changes.items() if quantity}
    QUEUES.move(moved, takes_away=any(quantity < 0 for (quantity,) in moved.values()))
