"""Short names of the reasons why a shipment waits, to choose from and to show in a list."""

from django.utils.translation import gettext_lazy as _

REASON_LABELS = {
    "NO_STOCK": _("No stock"),
    "NOT_ENOUGH_STOCK": _("Not enough stock"),
    "TAKEN_BY_EARLIER": _("Taken by earlier shipments"),
    "WAITING_BEHIND": _("Units are kept for others"),
    "ITEM_OUT_OF_STOCK": _("Item is Out of Stock"),
    "SAFETY_STOCK": _("Safety stock"),
    "SOURCE_NOT_ELIGIBLE": _("Source not eligible"),
    "PICKUP_SOURCE_ONLY": _("Only at other sources than its pickup source"),
    "SPLIT_LIMIT": _("Too many sources"),
    "FUTURE_DISABLED_SITE": _("Future inventory is off"),
    "FUTURE_DISABLED_PRODUCT": _("Future inventory is off for the product"),
    "FUTURE_NO_DATE": _("Supply without a date"),
    "FUTURE_BEYOND_LIMIT": _("Supply beyond the date limit"),
    "FUTURE_OVERDUE": _("Supply overdue"),
    "HELD": _("Held"),
    "PAYMENT": _("Payment"),
    "ROUTING_ERROR": _("Routing error"),
}
