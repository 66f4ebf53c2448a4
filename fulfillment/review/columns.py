"""The columns that the review can show, beside the shipment's number."""

from collections.abc import Iterable

from django.utils.translation import gettext_lazy as _

COLUMN_LABELS = {
    "order": _("Order"),
    "customer": _("Customer"),
    "state": _("State"),
    "age": _("Age"),
    "expected": _("Expected"),
    "value": _("Value"),
    "missing": _("Missing"),
    "why": _("Why"),
    "next_supply": _("Next supply"),
    "expires": _("Authorization expires"),
    "priority": _("Priority"),
    "channel": _("Sales channel"),
    "stock": _("Stock"),
    "method": _("Fulfillment method"),
    "source": _("Source"),
}
DEFAULT_COLUMNS = (
    "customer",
    "age",
    "expected",
    "value",
    "missing",
    "why",
    "next_supply",
    "expires",
)


def known(names: Iterable[object]) -> list[str]:
    """Return the columns of ``names`` that there are, each once, in the order of the table."""
    chosen = set(names) if isinstance(names, (list, tuple)) else set()
    return [name for name in COLUMN_LABELS if name in chosen]
