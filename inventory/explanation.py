"""What each stock option does now, in a sentence. PURE.

Takes the effective values of one source item, one product or the whole site, and says what they
amount to together: a threshold means something else once backorders are allowed.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from core.quantities import format_quantity
from core.text import gettext_noop as _
from inventory.meanings import Sentence, meaning
from inventory.options import Backorders, ReleasePolicy


def explain(effective: Mapping[str, Any], *, is_virtual: bool = False) -> dict[str, Sentence]:
    """Return a sentence by option name, for the options that have one.

    ``effective`` maps option names to the values in force.

    Rule: Where merchants edit them, each field says in words what it does now.
    """
    is_managed = effective["manage_stock"]
    allows = effective["backorders"] != Backorders.NO_BACKORDERS and not (is_virtual and is_managed)
    threshold = Decimal(effective["out_of_stock_threshold"])
    by_themselves = {name: meaning(name, value) for name, value in effective.items()}
    together = {
        "backorders": _backorders(effective, threshold, allows=allows),
        "out_of_stock_threshold": _threshold(threshold, allows=allows),
        "min_cart_qty": _limit(
            effective["min_cart_qty"], _("At least %(quantity)s in an order."), _("No minimum.")
        ),
        "max_cart_qty": _limit(
            effective["max_cart_qty"], _("At most %(quantity)s in an order."), _("No maximum.")
        ),
        "notify_quantity_below": _limit(
            effective["notify_quantity_below"],
            _("Low where fewer than %(quantity)s are on hand."),
            _("Never low."),
        ),
        "only_x_left_threshold": _only_x_left(effective, threshold, allows=allows),
        **_ageing(effective),
    }
    return {name: one for name, one in (by_themselves | together).items() if one is not None}


def _backorders(effective: Mapping[str, Any], threshold: Decimal, *, allows: bool) -> Sentence:
    if not allows and effective["backorders"] != Backorders.NO_BACKORDERS:
        return Sentence(_("A virtual product with managed stock takes no backorders."))
    if not allows:
        return Sentence(_("No more is sold than is on hand."))
    if threshold < 0:
        return _capped(threshold)
    if effective["backorders"] == Backorders.ALLOW_QTY_BELOW_0_AND_NOTIFY_CUSTOMER:
        return Sentence(_("Unlimited backorders; the customer is told how many are backordered."))
    return Sentence(_("Unlimited backorders."))


def _threshold(threshold: Decimal, *, allows: bool) -> Sentence:
    if allows and threshold > 0:
        return Sentence(_("A positive threshold has no effect while backorders are allowed."))
    if allows and threshold == 0:
        return Sentence(_("Unlimited backorders."))
    if allows:
        return _capped(threshold)
    if threshold < 0:
        return Sentence(_("A negative threshold has no effect while backorders are off."))
    if threshold > 0:
        return Sentence(_("Out of stock when %(quantity)s are left."), _quantity(threshold))
    return Sentence(_("Out of stock when none is left."))


def _capped(threshold: Decimal) -> Sentence:
    return Sentence(
        _("Up to %(quantity)s more can be sold than is on hand."), _quantity(-threshold)
    )


def _limit(quantity: Any, message: str, none: str) -> Sentence:
    return Sentence(message, _quantity(Decimal(quantity))) if quantity else Sentence(none)


def _only_x_left(effective: Mapping[str, Any], threshold: Decimal, *, allows: bool) -> Sentence:
    at = Decimal(effective["only_x_left_threshold"])
    if at == 0:
        return Sentence(_("Never shown."))
    if not effective["manage_stock"]:
        return Sentence(_("Never shown while stock is not managed."))
    if allows and threshold >= 0:
        return Sentence(_("Never shown while backorders are unlimited."))
    return Sentence(_("Shown when %(quantity)s or fewer can be sold."), _quantity(at))


def _ageing(effective: Mapping[str, Any]) -> dict[str, Sentence]:
    if effective["release_policy"] == ReleasePolicy.AGEING:
        return {}
    return {"ageing_days": Sentence(_("No effect unless Release Policy is Ageing."))}


def _quantity(quantity: Decimal) -> dict[str, str]:
    return {"quantity": format_quantity(quantity)}
