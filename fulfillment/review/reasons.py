"""Why a shipment waits: each reason's name in lists and filters, and its part of a sentence."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True)
class ReasonWords:
    """``names`` is the fact that names the shipments or sources concerned, if there is one."""

    label: Promise
    sentence: Promise
    names: str = ""


REASONS = {
    "NO_STOCK": ReasonWords(_("No stock"), _("none at a source it may leave from")),
    "NOT_ENOUGH_STOCK": ReasonWords(_("Not enough stock"), _("not enough there")),
    "TAKEN_BY_EARLIER": ReasonWords(
        _("Taken by earlier shipments"),
        _("earlier shipments took what was there"),
        names="taken_by",
    ),
    "WAITING_BEHIND": ReasonWords(
        _("Units are kept for others"),
        _("units are kept for shipments before it"),
        names="kept_for",
    ),
    "ITEM_OUT_OF_STOCK": ReasonWords(
        _("Item is Out of Stock"),
        _("stock is at a source item marked Out of Stock"),
        names="out_of_stock_at",
    ),
    "SAFETY_STOCK": ReasonWords(
        _("Safety stock"), _("the rest is safety stock"), names="safety_stock_at"
    ),
    "SOURCE_NOT_ELIGIBLE": ReasonWords(
        _("Source not eligible"),
        _("stock is at a source that cannot ship this order"),
        names="units_elsewhere_at",
    ),
    "PICKUP_SOURCE_ONLY": ReasonWords(
        _("Only at other sources than its pickup source"),
        _("stock is at other sources, but the order is collected at its pickup source"),
        names="units_elsewhere_at",
    ),
    "SPLIT_LIMIT": ReasonWords(
        _("Too many sources"), _("no choice of sources within the limits covers it")
    ),
    "FUTURE_DISABLED_SITE": ReasonWords(
        _("Future inventory is off"),
        _("more is coming, but the site promises nothing from future supply"),
    ),
    "FUTURE_DISABLED_PRODUCT": ReasonWords(
        _("Future inventory is off for the product"),
        _("more is coming, but the product promises nothing from it"),
    ),
    "FUTURE_NO_DATE": ReasonWords(
        _("Supply without a date"), _("more is coming, but no date is known")
    ),
    "FUTURE_BEYOND_LIMIT": ReasonWords(
        _("Supply beyond the date limit"), _("more is coming, but after the future date limit")
    ),
    "FUTURE_OVERDUE": ReasonWords(
        _("Supply overdue"), _("supply that should have come is overdue")
    ),
    "HELD": ReasonWords(_("Held"), _("it is held")),
    "PAYMENT": ReasonWords(_("Payment"), _("its payment is not settled")),
    "ROUTING_ERROR": ReasonWords(_("Routing error"), _("no source could be chosen")),
}
REASON_LABELS = {code: words.label for code, words in REASONS.items()}
