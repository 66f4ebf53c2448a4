"""Why a shipment waits: the words for each reason, in lists, filters, sentences."""

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
    "NO_STOCK": ReasonWords(_("No stock"), _("no stock at a source that can ship this order")),
    "NOT_ENOUGH_STOCK": ReasonWords(_("Not enough stock"), _("not enough stock")),
    "TAKEN_BY_EARLIER": ReasonWords(
        _("Taken by earlier shipments"),
        _("earlier shipments use all the stock"),
        names="taken_by",
    ),
    "WAITING_BEHIND": ReasonWords(
        _("Units are kept for others"),
        _("units are kept for earlier shipments"),
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
        _("Too many sources"), _("no choice of sources within the limits has all units")
    ),
    "FUTURE_DISABLED_SITE": ReasonWords(
        _("Future inventory is off"),
        _("supply is expected, but future inventory is off"),
    ),
    "FUTURE_DISABLED_PRODUCT": ReasonWords(
        _("Future inventory is off for the product"),
        _("supply is expected, but future inventory is off for the product"),
    ),
    "FUTURE_NO_DATE": ReasonWords(
        _("Supply without a date"), _("supply is expected, but without a date")
    ),
    "FUTURE_BEYOND_LIMIT": ReasonWords(
        _("Supply beyond the date limit"), _("supply is expected, but after the future date limit")
    ),
    "FUTURE_OVERDUE": ReasonWords(_("Supply overdue"), _("supply is overdue")),
    "HELD": ReasonWords(_("Held"), _("the shipment is on hold")),
    "PAYMENT": ReasonWords(_("Payment"), _("its payment is not settled")),
    "WAITING_FOR_REST": ReasonWords(
        _("Waiting for the rest"), _("the order ships complete"), names="waiting"
    ),
    "BEFORE_RELEASE_DATE": ReasonWords(
        _("Release date"), _("the release date of the product has not come")
    ),
    "ROUTING_ERROR": ReasonWords(_("Routing error"), _("no source could be chosen")),
}
REASON_LABELS = {code: words.label for code, words in REASONS.items()}
