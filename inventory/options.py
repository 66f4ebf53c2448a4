"""The one table of stock options: names, labels, kinds, defaults, scopes, validation.

Model columns, forms, resolution, API fields, CSV columns and the reference page derive from it;
adding an option touches this table and a migration.
"""

from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from functools import partial
from types import NoneType
from typing import Any, Self

from core.periods import CalendarPeriod, PeriodUnit
from core.quantities import ZERO
from core.text import gettext_noop as _


class OptionKind(StrEnum):
    YES_NO = "YES_NO"
    CHOICE = "CHOICE"
    QUANTITY = "QUANTITY"
    WHOLE = "WHOLE"
    PERIOD = "PERIOD"


class Scope(StrEnum):
    GLOBAL = "GLOBAL"
    PRODUCT = "PRODUCT"
    SOURCE_ITEM = "SOURCE_ITEM"


class Group(StrEnum):
    STOCK = "STOCK"
    PRODUCT_STOCK = "PRODUCT_STOCK"
    RELEASE = "RELEASE"
    PROMISES = "PROMISES"
    NOTICES = "NOTICES"


class Choice(StrEnum):
    """A value that may be chosen, with its label."""

    label: str

    def __new__(cls, value: str, label: str = "") -> Self:
        choice = str.__new__(cls, value)
        choice._value_, choice.label = value, label
        return choice


def choices_of(choices: type[Choice]) -> tuple[tuple[str, str], ...]:
    """Return each value that may be chosen, with its label."""
    return tuple((choice.value, choice.label) for choice in choices)


class Backorders(Choice):
    NO_BACKORDERS = "NO_BACKORDERS", _("No Backorders")
    ALLOW_QTY_BELOW_0 = "ALLOW_QTY_BELOW_0", _("Allow Qty Below 0")
    ALLOW_QTY_BELOW_0_AND_NOTIFY_CUSTOMER = (
        "ALLOW_QTY_BELOW_0_AND_NOTIFY_CUSTOMER",
        _("Allow Qty Below 0 and Notify Customer"),
    )


class NotAvailableMessage(Choice):
    NOT_ENOUGH_ITEMS = "NOT_ENOUGH_ITEMS", _("Not enough items for sale")
    ONLY_X_OF_Y = "ONLY_X_OF_Y", _("Only X of Y available")


class SourceSelection(Choice):
    PRIORITY = "PRIORITY", _("Source priority")
    DISTANCE = "DISTANCE", _("Distance")


class ReleaseMode(Choice):
    FULL = "FULL", _("Full")
    BY_LINE = "BY_LINE", _("By line")
    BY_QUANTITY = "BY_QUANTITY", _("By quantity")


class ReleasePolicy(Choice):
    SKIP_OVER = "SKIP_OVER", _("Skip over")
    STRICT = "STRICT", _("Strict")
    AGEING = "AGEING", _("Ageing")


class PaymentAction(Choice):
    AUTHORIZE_AND_CAPTURE = "AUTHORIZE_AND_CAPTURE", _("Authorize and capture")
    AUTHORIZE = "AUTHORIZE", _("Authorize")


class AfterAction(Choice):
    BACKORDER = "BACKORDER", _("Backorder")
    CUSTOMER_CARE = "CUSTOMER_CARE", _("Customer care")
    CANCEL = "CANCEL", _("Cancel")


class AfterActionScope(Choice):
    BY_QUANTITY = "BY_QUANTITY", _("By quantity")
    BY_LINE = "BY_LINE", _("By line")
    ALL = "ALL", _("All")


class DelayRule(Choice):
    """What a sales channel does about delays, §18a."""

    OFF = "OFF", _("Do nothing")
    NOTIFY = "NOTIFY", _("Inform the customer")
    CONSENT = "CONSENT", _("Ask the customer for consent")


KINDS = {
    bool: OptionKind.YES_NO,
    Decimal: OptionKind.QUANTITY,
    int: OptionKind.WHOLE,
    NoneType: OptionKind.WHOLE,
    CalendarPeriod: OptionKind.PERIOD,
}


@dataclass(frozen=True, slots=True)
class StockOption:
    """One option: what it is called, what it may hold, where it may be set.

    Its kind is that of its default; without one it is a whole number that may be left out.
    ``is_hidden_without_stock`` marks the options that Manage Stock = No hides;
    ``shown_when`` names a yes/no option that must be on for this one to matter.
    """

    name: str
    label: str
    default: Any
    help_text: str
    scopes: frozenset[Scope]
    group: Group
    choices: tuple[tuple[str, str], ...] = ()
    minimum: Decimal | int | None = None
    maximum: int | None = None
    is_hidden_without_stock: bool = False
    shown_when: str | None = None
    csv_column: str | None = None
    csv_use_config_column: str | None = None
    kind: OptionKind = field(init=False)

    def __post_init__(self) -> None:
        kind = OptionKind.CHOICE if self.choices else KINDS[type(self.default)]
        object.__setattr__(self, "kind", kind)


G = frozenset({Scope.GLOBAL})
P = frozenset({Scope.PRODUCT})
G_P = frozenset({Scope.GLOBAL, Scope.PRODUCT})
G_P_S = frozenset({Scope.GLOBAL, Scope.PRODUCT, Scope.SOURCE_ITEM})
P_S = frozenset({Scope.PRODUCT, Scope.SOURCE_ITEM})
_product = partial(StockOption, group=Group.PRODUCT_STOCK)
_stock = partial(StockOption, scopes=G, group=Group.STOCK)
_release = partial(StockOption, scopes=G, group=Group.RELEASE)
_promises = partial(StockOption, scopes=G, group=Group.PROMISES)
_notices = partial(StockOption, scopes=G, group=Group.NOTICES)

OPTIONS: tuple[StockOption, ...] = (
    _product(
        "manage_stock",
        _("Manage Stock"),
        True,
        _("No: always salable where assigned; nothing is reserved, allocated or deducted."),
        G_P,
        csv_column="manage_stock",
        csv_use_config_column="use_config_manage_stock",
    ),
    _product(
        "backorders",
        _("Backorders"),
        Backorders.NO_BACKORDERS.value,
        _("Whether more may be sold than is on hand."),
        G_P_S,
        choices=choices_of(Backorders),
        is_hidden_without_stock=True,
        csv_column="allow_backorders",
        csv_use_config_column="use_config_backorders",
    ),
    _product(
        "out_of_stock_threshold",
        _("Out-of-Stock Threshold"),
        ZERO,
        _("The salable quantity at which a product is out of stock; negative caps backorders."),
        G_P,
        is_hidden_without_stock=True,
        csv_column="out_of_stock_qty",
        csv_use_config_column="use_config_min_qty",
    ),
    _product(
        "min_cart_qty",
        _("Minimum Qty Allowed in Shopping Cart"),
        Decimal(1),
        _("0 means no limit."),
        G_P,
        minimum=ZERO,
        csv_column="min_cart_qty",
        csv_use_config_column="use_config_min_sale_qty",
    ),
    _product(
        "max_cart_qty",
        _("Maximum Qty Allowed in Shopping Cart"),
        Decimal(10000),
        _("0 means no limit."),
        G_P,
        minimum=ZERO,
        csv_column="max_cart_qty",
        csv_use_config_column="use_config_max_sale_qty",
    ),
    _product(
        "notify_quantity_below",
        _("Notify for Quantity Below"),
        Decimal(1),
        _("A source item below this quantity is low."),
        G_P_S,
        minimum=ZERO,
        is_hidden_without_stock=True,
        csv_column="notify_on_stock_below",
        csv_use_config_column="use_config_notify_stock_qty",
    ),
    _product(
        "enable_qty_increments",
        _("Enable Qty Increments"),
        False,
        _("Sell in multiples only."),
        G_P,
        csv_column="enable_qty_increments",
        csv_use_config_column="use_config_enable_qty_inc",
    ),
    _product(
        "qty_increments",
        _("Qty Increments"),
        Decimal(1),
        _("More than 0; whole unless the product uses decimals."),
        G_P,
        minimum=Decimal("0.0001"),
        shown_when="enable_qty_increments",
        csv_column="qty_increments",
        csv_use_config_column="use_config_qty_increments",
    ),
    _product(
        "qty_uses_decimals",
        _("Qty Uses Decimals"),
        False,
        _("Whole quantities only when No."),
        P_S,
        is_hidden_without_stock=True,
        csv_column="is_qty_decimal",
    ),
    _product(
        "allow_multiple_boxes",
        _("Allow Multiple Boxes for Shipping"),
        False,
        _("No: a line with decimals is packed in one piece. It never limits sources."),
        P,
        is_hidden_without_stock=True,
        shown_when="qty_uses_decimals",
        csv_column="is_decimal_divided",
    ),
    _product(
        "auto_return_to_stock",
        _("Automatically Return Credit Memo Item to Stock"),
        False,
        _("Selects “Return to stock” in advance on a refund."),
        G_P,
    ),
    _product(
        "only_x_left_threshold",
        _("Only X left Threshold"),
        ZERO,
        _("Storefronts show “Only 5 left” at or below it; 0 means never."),
        G_P,
        minimum=ZERO,
    ),
    _product(
        "future_inventory",
        _("Promise from future inventory"),
        False,
        _("Applies where the site allows it and the product does not forbid it."),
        G_P,
        is_hidden_without_stock=True,
    ),
    _stock(
        "set_in_stock_on_return",
        _("Set Items’ Status to be In Stock When Order is Canceled or Returned"),
        True,
        _("A return undoes an Out of Stock that the system set."),
    ),
    _stock(
        "display_out_of_stock",
        _("Display Out of Stock Products"),
        False,
        _("Keep products that are out of stock in listings."),
    ),
    _stock(
        "show_availability",
        _("Display Products Availability in Stock on Storefront"),
        True,
        _("Show In Stock or Out of Stock."),
    ),
    _stock(
        "not_available_message",
        _("Not Available Message"),
        NotAvailableMessage.NOT_ENOUGH_ITEMS.value,
        _("The message to a customer who asks for more than can be sold."),
        choices=choices_of(NotAvailableMessage),
    ),
    _stock(
        "source_selection",
        _("Source Selection Algorithm"),
        SourceSelection.PRIORITY.value,
        _("The order in which sources are tried."),
        choices=choices_of(SourceSelection),
    ),
    _stock(
        "bulk_batch_size",
        _("Bulk Batch Size"),
        1000,
        _("Bulk work over more rows than this runs in a worker."),
        minimum=1,
    ),
    _release(
        "release_enabled",
        _("Release Backorders"),
        True,
        _("No stops scheduled runs and arrival runs. Staff can still start runs."),
    ),
    _release(
        "release_mode",
        _("Release Mode"),
        ReleaseMode.FULL.value,
        _("Whether a shipment may be released in part."),
        choices=choices_of(ReleaseMode),
    ),
    _release(
        "release_policy",
        _("Release Policy"),
        ReleasePolicy.SKIP_OVER.value,
        _("How waiting shipments share units."),
        choices=choices_of(ReleasePolicy),
    ),
    _release(
        "ageing_days",
        _("Ageing Days"),
        14,
        _("Under Ageing, units are kept for a shipment of this age or older."),
        minimum=0,
    ),
    _release(
        "future_date_limit",
        _("Future Date Limit"),
        CalendarPeriod(30, PeriodUnit.DAYS),
        _("How far ahead dated supply may be promised."),
    ),
    _release(
        "default_backorder_days",
        _("Default Backorder Days"),
        14,
        _("The expected date when no supply has a date."),
        minimum=0,
    ),
    _release(
        "void_and_reauthorize",
        _("Void and Reauthorize"),
        False,
        _("Authorize again when a shipment is released, then void the old one."),
    ),
    _release(
        "payment_action",
        _("Payment Action"),
        PaymentAction.AUTHORIZE_AND_CAPTURE.value,
        _("When funds are captured; a payment gateway may set its own."),
        choices=choices_of(PaymentAction),
    ),
    _release(
        "max_sources_per_release",
        _("Maximum Sources per Release"),
        None,
        _("Empty means no limit."),
        minimum=1,
    ),
    _release(
        "max_sources_per_line",
        _("Maximum Sources per Line"),
        None,
        _("Empty means no limit."),
        minimum=1,
    ),
    _release(
        "partial_match_action",
        _("Partial Match Action"),
        AfterAction.BACKORDER.value,
        _("The action for the rest of an order that was assigned in part."),
        choices=choices_of(AfterAction),
    ),
    _release(
        "partial_match_scope",
        _("Partial Match Scope"),
        AfterActionScope.BY_QUANTITY.value,
        _("The units that the action applies to."),
        choices=choices_of(AfterActionScope),
    ),
    _release(
        "no_match_action",
        _("No Match Action"),
        AfterAction.BACKORDER.value,
        _("The action for an order without any assigned units."),
        choices=choices_of(AfterAction),
    ),
    _promises(
        "promise_days",
        _("Promise Days"),
        30,
        _("Days from the order by which units are due when the customer was given no date."),
        minimum=0,
    ),
    _promises(
        "delay_retell_days",
        _("Days Between “No Date Yet” E-Mails"),
        30,
        _("The least number of days before a customer is informed again that there is no date."),
        minimum=1,
    ),
    _promises(
        "collect_days",
        _("Days to Collect"),
        14,
        _("How long units that are set aside for pickup are kept for the customer."),
        minimum=1,
    ),
    _promises(
        "pickup_without_setting_aside",
        _("Pickup without Setting Aside"),
        False,
        _("Yes: units for pickup can be collected as soon as they are ready and not on hold."),
    ),
    _promises(
        "undo_shipping_days",
        _("Days to Undo Shipping"),
        7,
        _("How long shipping can be undone for a parcel that never left. 0: on the same day."),
        minimum=0,
    ),
    _promises(
        "delay_ask_days",
        _("Days to Ask before the Agreed Date"),
        7,
        _("How early customers are asked about units that no known supply covers."),
        minimum=1,
    ),
    _promises(
        "delay_answer_days",
        _("Days to Answer"),
        7,
        _("How long customers have who were asked too late. With fewer days left, staff call."),
        minimum=1,
    ),
    _promises(
        "delay_auto_cancel",
        _("Cancel Late Units without an Answer"),
        True,
        _("No: staff decide what happens to them."),
    ),
    _promises(
        "customers_may_cancel",
        _("Customers May Cancel Backordered Units"),
        False,
        _("Customers can cancel backordered units on the page of their order."),
    ),
    _promises(
        "order_link_days",
        _("Days That Links to an Order Work"),
        180,
        _("How long customers can open the page of their order from an e-mail."),
        minimum=1,
    ),
    _promises(
        "ship_complete",
        _("Ship Complete"),
        False,
        _("Nothing of a new order leaves before all of it can."),
    ),
    _promises(
        "rule_limit",
        _("Shipments a Rule May Change a Day"),
        50,
        _("For more, a rule that cancels, holds or writes to customers asks first."),
        minimum=0,
    ),
    _promises(
        "back_in_stock_factor",
        _("Back-in-Stock E-Mails per Salable Unit"),
        3,
        _("How many customers are informed a day for each unit that can be sold."),
        minimum=1,
    ),
    _promises(
        "back_in_stock_daily",
        _("Back-in-Stock E-Mails a Day"),
        500,
        _("How many customers are informed a day about a product without a limited quantity."),
        minimum=1,
    ),
    _notices(
        "notice_delay",
        _("Minutes to Collect E-Mails"),
        5,
        _("E-mails of one order within these minutes are sent as one; 0 sends each at once."),
        minimum=0,
        maximum=60,
    ),
    _notices(
        "send_confirmation",
        _("Send Order Confirmations"),
        True,
        _("No: customers get no date for backordered units."),
    ),
    _notices(
        "send_expected_date_changed",
        _("Send New Expected Dates"),
        True,
        _("No: only where a sales channel informs of delays, or asks."),
    ),
    _notices(
        "send_being_prepared",
        _("Send When Backordered Units Are Being Prepared"),
        True,
        _("Backordered units that are ready and not on hold."),
    ),
    _notices(
        "send_dispatched",
        _("Send When Units Are Dispatched"),
        True,
        _("Units that left for the address of the customer."),
    ),
    _notices(
        "send_tracking",
        _("Send When Tracking Is Added"),
        True,
        _("How parcels can be followed that the e-mail about their dispatch did not name."),
    ),
    _notices(
        "send_shipping_undone",
        _("Send When Shipping Is Undone"),
        True,
        _("Units that did not leave although an e-mail said so."),
    ),
    _notices(
        "send_ready_to_collect",
        _("Send When Units Are Ready to Collect"),
        True,
        _("Units that a store has set aside for pickup."),
    ),
    _notices(
        "send_collect_reminder",
        _("Send Reminders to Collect"),
        True,
        _("Once, for units that were not collected in time."),
    ),
    _notices(
        "send_canceled",
        _("Send Cancellations"),
        True,
        _("Units that were canceled, and what happens to the money."),
    ),
    _notices(
        "send_refunded",
        _("Send Refunds"),
        True,
        _("Refunds that were paid back."),
    ),
    _notices(
        "send_payment_needed",
        _("Send When a Payment Is Needed"),
        True,
        _("Authorizations that end, or have ended, and are not renewed."),
    ),
)

BY_NAME = {option.name: option for option in OPTIONS}


def option(name: str) -> StockOption:
    """Return the option with this code name."""
    return BY_NAME[name]


def options_for(scope: Scope) -> tuple[StockOption, ...]:
    """Return the options that may be set at ``scope``, in the order of the table."""
    return tuple(candidate for candidate in OPTIONS if scope in candidate.scopes)
