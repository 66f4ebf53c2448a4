"""The status of an order, from the units of its lines; PURE."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from core.quantities import ZERO


class OrderStatus(StrEnum):
    PENDING_PAYMENT = "PENDING_PAYMENT"
    PAYMENT_REVIEW = "PAYMENT_REVIEW"
    PROCESSING = "PROCESSING"
    PARTIALLY_SHIPPED = "PARTIALLY_SHIPPED"
    COMPLETE = "COMPLETE"
    CANCELED = "CANCELED"
    CLOSED = "CLOSED"


UNPAID = (OrderStatus.PENDING_PAYMENT, OrderStatus.PAYMENT_REVIEW)


@dataclass(frozen=True, slots=True)
class LineOutcome:
    """The outcome of a line: ``deducted`` units left the books, some of them ``shipped``.

    ``taken_back`` counts the units that were refunded after they had left.
    """

    open: Decimal
    shipped: Decimal
    deducted: Decimal
    taken_back: Decimal


def status_of(lines: Iterable[LineOutcome], *, current: str) -> OrderStatus:
    """Return the status of an order with these lines; ``current`` matters while it is unpaid.

    Rule: Order status.
    """
    outcomes = list(lines)
    shipped = sum((line.shipped for line in outcomes), ZERO)
    if any(line.open for line in outcomes):
        if shipped:
            return OrderStatus.PARTIALLY_SHIPPED
        return OrderStatus(current) if current in UNPAID else OrderStatus.PROCESSING
    deducted = sum((line.deducted for line in outcomes), ZERO)
    if not deducted:
        return OrderStatus.CANCELED
    if deducted > sum((line.taken_back for line in outcomes), ZERO):
        return OrderStatus.COMPLETE
    return OrderStatus.CLOSED
