"""Says in words what would release a shipment that waits."""

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

SENTENCES = {
    "RECEIVE": _("Receive %(quantity)s × %(sku)s at %(source)s."),
    "SET_IN_STOCK": _("Set %(sku)s at %(source)s to In Stock."),
    "LOWER_SAFETY_STOCK": _("Lower the safety stock of %(sku)s at %(source)s to %(quantity)s."),
    "ENABLE_FUTURE_INVENTORY": _("Promise from future inventory, in the configuration."),
    "ENABLE_FUTURE_INVENTORY_OF_PRODUCT": _("Promise from future inventory of %(sku)s."),
    "EXTEND_FUTURE_DATE_LIMIT": _("Extend the future date limit to %(until)s."),
    "USE_DECIMALS": _("Set Qty Uses Decimals of %(sku)s at %(source)s to Yes."),
    "LIFT_SPLIT_LIMITS": _("Let it leave from more sources than the limits allow."),
    "ENABLE_SOURCE": _("Enable the source %(source)s."),
    "SHIP_TO_HOME": _("Let the source %(source)s ship to home."),
    "LINK_SOURCE": _("Assign the source %(source)s to the stock of the order."),
    "LIFT_BAR": _("Lift the bar of %(sku)s at %(source)s."),
    "LIFT_HOLD": _("Lift its hold."),
    "SETTLE_PAYMENT": _("Settle the payment of its order."),
}


def remedy_sentence(remedy: Mapping[str, Any]) -> str:
    """Return one change that would help, as an explanation gives it."""
    values = dict(remedy)
    if "until" in values:
        values["until"] = date_format(date.fromisoformat(values["until"]), "DATE_FORMAT")
    return gettext(SENTENCES[remedy["kind"]]) % values


def asks_for_more(remedies: Iterable[Mapping[str, Any]], short: Mapping[str, Decimal]) -> bool:
    """Whether more is to be received of something than is ``short`` of it, by SKU."""
    received = [remedy for remedy in remedies if remedy["kind"] == "RECEIVE"]
    return any(Decimal(remedy["quantity"]) > short.get(remedy["sku"], 0) for remedy in received)
