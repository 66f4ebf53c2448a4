"""What each stock option does now, in a sentence. PURE.

Takes the effective values of one source item, one product or the whole site. A yes or no and a
choice have a sentence for each value; a number has one with a gap for it. What several options
amount to together is said last: a threshold means something else once backorders are allowed.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from core.periods import CalendarPeriod, PeriodUnit
from core.text import Sentence
from core.text import gettext_noop as _
from inventory.options import (
    AfterAction,
    AfterActionScope,
    Backorders,
    NotAvailableMessage,
    PaymentAction,
    ReleaseMode,
    ReleasePolicy,
    SourceSelection,
)

# Of an option that switches a kind of e-mail on and off.
SENT = {
    True: _("These e-mails are sent."),
    False: _("These e-mails are not sent. The list of e-mails shows them as left out."),
}
OF_VALUES: Mapping[str, Mapping[Any, str]] = {
    "manage_stock": {
        True: _("Every sale is counted against the quantity on hand."),
        False: _("Always salable where assigned; nothing is counted."),
    },
    "enable_qty_increments": {
        True: _("Sold in multiples of the increment only."),
        False: _("Any quantity within the limits can be bought."),
    },
    "qty_uses_decimals": {
        True: _("Parts of a unit can be bought, to 4 decimal places."),
        False: _("Whole quantities only."),
    },
    "allow_multiple_boxes": {
        True: _("A line with decimals may be packed in several boxes."),
        False: _("A line with decimals is packed in one piece."),
    },
    "auto_return_to_stock": {
        True: _("A refund returns the units to stock, unless staff clear the checkbox."),
        False: _("A refund returns no units to stock, unless staff select the checkbox."),
    },
    "delay_auto_cancel": {
        True: _("Late units are canceled when the customer did not answer in time."),
        False: _("Staff decide about late units when the customer did not answer in time."),
    },
    "future_inventory": {
        True: _("Backorders are also promised from dated supply."),
        False: _("Backorders wait for units on hand."),
    },
    "set_in_stock_on_return": {
        True: _("An item that sold out is In Stock again when units return."),
        False: _("An item that sold out stays Out of Stock when units return."),
    },
    "display_out_of_stock": {
        True: _("Storefronts list products that are out of stock."),
        False: _("Storefronts leave out products that are out of stock."),
    },
    "show_availability": {
        True: _("Storefronts say In Stock or Out of Stock."),
        False: _("Storefronts say neither In Stock nor Out of Stock."),
    },
    "not_available_message": {
        NotAvailableMessage.NOT_ENOUGH_ITEMS: _(
            "Customers who ask for too many see “Not enough items for sale”."
        ),
        NotAvailableMessage.ONLY_X_OF_Y: _(
            "Customers who ask for too many see how many are available."
        ),
    },
    "source_selection": {
        SourceSelection.PRIORITY: _("Sources are tried in the order of their stock."),
        SourceSelection.DISTANCE: _("The source nearest to the customer is tried first."),
    },
    "release_enabled": {
        True: _("Backorders are released on schedule and when units arrive."),
        False: _("Backorders are released only by runs that staff start."),
    },
    "release_mode": {
        ReleaseMode.FULL: _("A shipment is released whole, or waits."),
        ReleaseMode.BY_LINE: _("Whole lines are released, and the others wait."),
        ReleaseMode.BY_QUANTITY: _("Available units are released, and the rest waits."),
    },
    "release_policy": {
        ReleasePolicy.SKIP_OVER: _("Units that are too few for one shipment go to the next."),
        ReleasePolicy.STRICT: _("Units are kept for the first shipment that could use them."),
        ReleasePolicy.AGEING: _("Units are kept for shipments that have waited for long."),
    },
    "customers_may_cancel": {
        True: _("Customers can cancel backordered units on the page of their order."),
        False: _("Only staff can cancel backordered units."),
    },
    "ship_complete": {
        True: _("Ready shipments of a new order wait until nothing of the order waits."),
        False: _("Each shipment of a new order leaves as soon as it is ready."),
    },
    "pickup_without_setting_aside": {
        True: _("Customers are informed at once when their units are ready for pickup."),
        False: _("Customers are informed when the store has set their units aside."),
    },
    "send_confirmation": SENT,
    "send_being_prepared": SENT,
    "send_dispatched": SENT,
    "send_tracking": SENT,
    "send_shipping_undone": SENT,
    "send_ready_to_collect": SENT,
    "send_collect_reminder": SENT,
    "send_canceled": SENT,
    "send_refunded": SENT,
    "send_payment_needed": SENT,
    "send_expected_date_changed": {
        True: _("New dates are sent."),
        False: _("New dates are sent only in sales channels with a delay rule."),
    },
    "void_and_reauthorize": {
        True: _("Released shipments are picked after the payment is authorized again."),
        False: _("Released shipments are picked with the current authorization."),
    },
    "payment_action": {
        PaymentAction.AUTHORIZE_AND_CAPTURE: _("The payment is captured when an order is placed."),
        PaymentAction.AUTHORIZE: _("The payment is authorized first and captured when units ship."),
    },
    "max_sources_per_release": {None: _("Any number of sources.")},
    "max_sources_per_line": {None: _("Any number of sources.")},
    "partial_match_action": {
        AfterAction.BACKORDER: _("Units without a source are backordered."),
        AfterAction.CUSTOMER_CARE: _("Units without a source go to customer care."),
        AfterAction.CANCEL: _("Units without a source are canceled."),
    },
    "partial_match_scope": {
        AfterActionScope.BY_QUANTITY: _("Only the missing units."),
        AfterActionScope.BY_LINE: _("The whole line that lacks units."),
        AfterActionScope.ALL: _("The whole order that lacks units."),
    },
    "no_match_action": {
        AfterAction.BACKORDER: _("The order waits as a backorder."),
        AfterAction.CUSTOMER_CARE: _("The order goes to customer care."),
        AfterAction.CANCEL: _("The order is canceled."),
    },
}
OF_NUMBERS: Mapping[str, str] = {
    "qty_increments": _("Sold in multiples of %(quantity)s."),
    "bulk_batch_size": _("Bulk work over more than %(quantity)s rows runs in a worker."),
    "ageing_days": _("Units are kept for shipments that wait for %(quantity)s days or more."),
    "default_backorder_days": _("A backorder is expected %(quantity)s days after its order."),
    "promise_days": _(
        "Without a date in an e-mail, units are due %(quantity)s days after the order."
    ),
    "delay_retell_days": _(
        "Customers without a date are informed again after %(quantity)s days or more."
    ),
    "collect_days": _("Customers have %(quantity)s days to collect their units."),
    "undo_shipping_days": _("Shipping can be undone for %(quantity)s days."),
    "delay_ask_days": _(
        "Customers are asked %(quantity)s days before the agreed date when no supply is known."
    ),
    "delay_answer_days": _("Customers who were asked too late have %(quantity)s days to answer."),
    "order_link_days": _("Links to the page of an order work for %(quantity)s days."),
    "rule_limit": _("A rule asks before it acts on more than %(quantity)s shipments a day."),
    "back_in_stock_factor": _(
        "Each day at most %(quantity)s customers are informed for each unit that can be sold."
    ),
    "back_in_stock_daily": _(
        "Each day at most %(quantity)s customers are informed about a product without a limited "
        "quantity."
    ),
    "notice_delay": _("E-mails of one order are collected for %(quantity)s minutes."),
    "max_sources_per_release": _("At most %(quantity)s."),
    "max_sources_per_line": _("At most %(quantity)s."),
}
OF_PERIODS: Mapping[PeriodUnit, str] = {
    PeriodUnit.DAYS: _("Supply that arrives within %(quantity)s days is promised."),
    PeriodUnit.WEEKS: _("Supply that arrives within %(quantity)s weeks is promised."),
    PeriodUnit.MONTHS: _("Supply that arrives within %(quantity)s months is promised."),
}
CAPPED = _("Up to %(quantity)s more than the quantity on hand can be sold.")
# Of a limit, and of none.
OF_LIMITS: Mapping[str, tuple[str, str]] = {
    "min_cart_qty": (_("At least %(quantity)s in an order."), _("No minimum.")),
    "max_cart_qty": (_("At most %(quantity)s in an order."), _("No maximum.")),
    "notify_quantity_below": (
        _("Low where fewer than %(quantity)s are on hand."),
        _("Never low."),
    ),
}


# A message, and the quantity that fills its gap.
Meaning = tuple[str, Decimal | None]


def explain(effective: Mapping[str, Any], *, is_virtual: bool = False) -> dict[str, Sentence]:
    """Return a sentence by option name, for the options that have one.

    ``effective`` maps option names to the values in force.

    Rule: Where merchants edit them, each field says in words what it does now.
    """
    is_managed = effective["manage_stock"]
    allows = effective["backorders"] != Backorders.NO_BACKORDERS and not (is_virtual and is_managed)
    threshold = Decimal(effective["out_of_stock_threshold"])
    meanings = {name: _meaning(name, value) for name, value in effective.items()} | {
        "backorders": _backorders(effective, threshold, allows=allows),
        "out_of_stock_threshold": _threshold(threshold, allows=allows),
        "only_x_left_threshold": _only_x_left(effective, threshold, allows=allows),
    }
    if effective["release_policy"] != ReleasePolicy.AGEING:
        meanings["ageing_days"] = _("No effect unless Release Policy is Ageing."), None
    return {
        name: Sentence(message, {} if gap is None else {"quantity": gap})
        for name, (message, gap) in meanings.items()
        if message
    }


def _meaning(name: str, value: Any) -> Meaning:
    """Return what the value means by itself; no message where nothing is to be said."""
    if isinstance(value, CalendarPeriod):
        return OF_PERIODS[value.unit], Decimal(value.quantity)
    message = OF_VALUES.get(name, {}).get(value)
    if message is not None:
        return message, None
    if name in OF_LIMITS:
        limited, unlimited = OF_LIMITS[name]
        return (limited, Decimal(value)) if value else (unlimited, None)
    return (OF_NUMBERS[name], Decimal(value)) if name in OF_NUMBERS else ("", None)


def _backorders(effective: Mapping[str, Any], threshold: Decimal, *, allows: bool) -> Meaning:
    if not allows and effective["backorders"] != Backorders.NO_BACKORDERS:
        return _("A virtual product with managed stock takes no backorders."), None
    if not allows:
        return _("Only units on hand are sold."), None
    if threshold < 0:
        return CAPPED, -threshold
    if effective["backorders"] == Backorders.ALLOW_QTY_BELOW_0_AND_NOTIFY_CUSTOMER:
        return _("Unlimited backorders. The customer sees how many units are backordered."), None
    return _("Unlimited backorders."), None


def _threshold(threshold: Decimal, *, allows: bool) -> Meaning:
    if allows and threshold > 0:
        return _("A positive threshold has no effect while backorders are allowed."), None
    if allows and threshold == 0:
        return _("Unlimited backorders."), None
    if allows:
        return CAPPED, -threshold
    if threshold < 0:
        return _("A negative threshold has no effect while backorders are off."), None
    if threshold > 0:
        return _("Out of stock when %(quantity)s are left."), threshold
    return _("Out of stock when none is left."), None


def _only_x_left(effective: Mapping[str, Any], threshold: Decimal, *, allows: bool) -> Meaning:
    at = Decimal(effective["only_x_left_threshold"])
    if at == 0:
        return _("Never shown."), None
    if not effective["manage_stock"]:
        return _("Never shown while stock is not managed."), None
    if allows and threshold >= 0:
        return _("Never shown while backorders are unlimited."), None
    return _("Shown when %(quantity)s or fewer can be sold."), at
