"""How orders and what belongs to them are shown: colors of states, quantities."""

from decimal import Decimal

from core import formats

# By the state of an order, a shipment, a payment or an operation; others have none.
COLORS = {
    "PENDING_PAYMENT": "warning",
    "PAYMENT_REVIEW": "danger",
    "PROCESSING": "info",
    "PARTIALLY_SHIPPED": "info",
    "COMPLETE": "success",
    "READY": "success",
    "BACKORDER": "warning",
    "FUTURE": "info",
    "CUSTOMER_CARE": "danger",
    "AUTHORIZED": "info",
    "CAPTURED": "success",
    "SUCCEEDED": "success",
    "DECLINED": "danger",
    "UNKNOWN": "warning",
    "EXPIRED": "danger",
}


def color(state: str) -> str:
    """Return the color of a label that shows a state."""
    return COLORS.get(state, "neutral")


def units(quantity: Decimal | None) -> str:
    """Return a quantity as people write it; a dash for none."""
    return formats.quantity(quantity or None)
