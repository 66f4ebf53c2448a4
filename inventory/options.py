"""The one table of stock options: names, labels, kinds, defaults, scopes, validation.

Model columns, forms, resolution, API fields, CSV columns and the reference page derive from it;
adding an option touches this table and a migration.
"""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any

from core.periods import CalendarPeriod, PeriodUnit
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


class Backorders(StrEnum):
    NO_BACKORDERS = "NO_BACKORDERS"
    ALLOW_QTY_BELOW_0 = "ALLOW_QTY_BELOW_0"
    ALLOW_QTY_BELOW_0_AND_NOTIFY_CUSTOMER = "ALLOW_QTY_BELOW_0_AND_NOTIFY_CUSTOMER"


class NotAvailableMessage(StrEnum):
    NOT_ENOUGH_ITEMS = "NOT_ENOUGH_ITEMS"
    ONLY_X_OF_Y = "ONLY_X_OF_Y"


class SourceSelection(StrEnum):
    PRIORITY = "PRIORITY"
    DISTANCE = "DISTANCE"


class ReleaseMode(StrEnum):
    FULL = "FULL"
    BY_LINE = "BY_LINE"
    BY_QUANTITY = "BY_QUANTITY"


class ReleasePolicy(StrEnum):
    SKIP_OVER = "SKIP_OVER"
    STRICT = "STRICT"
    AGEING = "AGEING"


class PaymentAction(StrEnum):
    AUTHORIZE_AND_CAPTURE = "AUTHORIZE_AND_CAPTURE"
    AUTHORIZE = "AUTHORIZE"


class AfterAction(StrEnum):
    BACKORDER = "BACKORDER"
    CUSTOMER_CARE = "CUSTOMER_CARE"
    CANCEL = "CANCEL"


class AfterActionScope(StrEnum):
    BY_QUANTITY = "BY_QUANTITY"
    BY_LINE = "BY_LINE"
    ALL = "ALL"


@dataclass(frozen=True, slots=True)
class StockOption:
    """One option: what it is called, what it may hold, where it may be set.

    ``is_hidden_without_stock`` marks the options that Manage Stock = No hides;
    ``shown_when`` names a yes/no option that must be on for this one to matter.
    """

    name: str
    label: str
    kind: OptionKind
    default: Any
    scopes: frozenset[Scope]
    group: Group
    help_text: str = ""
    choices: tuple[tuple[str, str], ...] = ()
    minimum: Decimal | int | None = None
    is_hidden_without_stock: bool = False
    shown_when: str | None = None
    csv_column: str | None = None
    csv_use_config_column: str | None = None


BACKORDERS_CHOICES = (
    (Backorders.NO_BACKORDERS.value, _("No Backorders")),
    (Backorders.ALLOW_QTY_BELOW_0.value, _("Allow Qty Below 0")),
    (
        Backorders.ALLOW_QTY_BELOW_0_AND_NOTIFY_CUSTOMER.value,
        _("Allow Qty Below 0 and Notify Customer"),
    ),
)
AFTER_ACTION_CHOICES = (
    (AfterAction.BACKORDER.value, _("Backorder")),
    (AfterAction.CUSTOMER_CARE.value, _("Customer care")),
    (AfterAction.CANCEL.value, _("Cancel")),
)

G = frozenset({Scope.GLOBAL})
P = frozenset({Scope.PRODUCT})
G_P = frozenset({Scope.GLOBAL, Scope.PRODUCT})
G_P_S = frozenset({Scope.GLOBAL, Scope.PRODUCT, Scope.SOURCE_ITEM})
P_S = frozenset({Scope.PRODUCT, Scope.SOURCE_ITEM})

OPTIONS: tuple[StockOption, ...] = (
    StockOption(
        "manage_stock",
        _("Manage Stock"),
        OptionKind.YES_NO,
        True,
        G_P,
        Group.PRODUCT_STOCK,
        _("No: always salable where assigned; nothing is reserved, allocated or deducted."),
        csv_column="manage_stock",
        csv_use_config_column="use_config_manage_stock",
    ),
    StockOption(
        "backorders",
        _("Backorders"),
        OptionKind.CHOICE,
        Backorders.NO_BACKORDERS.value,
        G_P_S,
        Group.PRODUCT_STOCK,
        _("Whether more may be sold than is on hand."),
        choices=BACKORDERS_CHOICES,
        is_hidden_without_stock=True,
        csv_column="allow_backorders",
        csv_use_config_column="use_config_backorders",
    ),
    StockOption(
        "out_of_stock_threshold",
        _("Out-of-Stock Threshold"),
        OptionKind.QUANTITY,
        Decimal(0),
        G_P,
        Group.PRODUCT_STOCK,
        _("The salable quantity at which a product is out of stock; negative caps backorders."),
        is_hidden_without_stock=True,
        csv_column="out_of_stock_qty",
        csv_use_config_column="use_config_min_qty",
    ),
    StockOption(
        "min_cart_qty",
        _("Minimum Qty Allowed in Shopping Cart"),
        OptionKind.QUANTITY,
        Decimal(1),
        G_P,
        Group.PRODUCT_STOCK,
        _("0 means no limit."),
        minimum=Decimal(0),
        csv_column="min_cart_qty",
        csv_use_config_column="use_config_min_sale_qty",
    ),
    StockOption(
        "max_cart_qty",
        _("Maximum Qty Allowed in Shopping Cart"),
        OptionKind.QUANTITY,
        Decimal(10000),
        G_P,
        Group.PRODUCT_STOCK,
        _("0 means no limit."),
        minimum=Decimal(0),
        csv_column="max_cart_qty",
        csv_use_config_column="use_config_max_sale_qty",
    ),
    StockOption(
        "notify_quantity_below",
        _("Notify for Quantity Below"),
        OptionKind.QUANTITY,
        Decimal(1),
        G_P_S,
        Group.PRODUCT_STOCK,
        _("A source item below this quantity is low."),
        minimum=Decimal(0),
        is_hidden_without_stock=True,
        csv_column="notify_on_stock_below",
        csv_use_config_column="use_config_notify_stock_qty",
    ),
    StockOption(
        "enable_qty_increments",
        _("Enable Qty Increments"),
        OptionKind.YES_NO,
        False,
        G_P,
        Group.PRODUCT_STOCK,
        _("Sell in multiples only."),
        csv_column="enable_qty_increments",
        csv_use_config_column="use_config_enable_qty_inc",
    ),
    StockOption(
        "qty_increments",
        _("Qty Increments"),
        OptionKind.QUANTITY,
        Decimal(1),
        G_P,
        Group.PRODUCT_STOCK,
        _("More than 0; whole unless the product uses decimals."),
        minimum=Decimal("0.0001"),
        shown_when="enable_qty_increments",
        csv_column="qty_increments",
        csv_use_config_column="use_config_qty_increments",
    ),
    StockOption(
        "qty_uses_decimals",
        _("Qty Uses Decimals"),
        OptionKind.YES_NO,
        False,
        P_S,
        Group.PRODUCT_STOCK,
        _("Whole quantities only when No."),
        is_hidden_without_stock=True,
        csv_column="is_qty_decimal",
    ),
    StockOption(
        "allow_multiple_boxes",
        _("Allow Multiple Boxes for Shipping"),
        OptionKind.YES_NO,
        False,
        P,
        Group.PRODUCT_STOCK,
        _("No: a line with decimals is packed in one piece. It never limits sources."),
        is_hidden_without_stock=True,
        shown_when="qty_uses_decimals",
        csv_column="is_decimal_divided",
    ),
    StockOption(
        "auto_return_to_stock",
        _("Automatically Return Credit Memo Item to Stock"),
        OptionKind.YES_NO,
        False,
        G_P,
        Group.PRODUCT_STOCK,
        _("Ticks “return to stock” beforehand on a refund."),
    ),
    StockOption(
        "only_x_left_threshold",
        _("Only X left Threshold"),
        OptionKind.QUANTITY,
        Decimal(0),
        G_P,
        Group.PRODUCT_STOCK,
        _("Storefronts show “Only 5 left” at or below it; 0 means never."),
        minimum=Decimal(0),
    ),
    StockOption(
        "future_inventory",
        _("Promise from future inventory"),
        OptionKind.YES_NO,
        False,
        G_P,
        Group.PRODUCT_STOCK,
        _("In force where the site says yes and the product says yes or inherits."),
        is_hidden_without_stock=True,
    ),
    StockOption(
        "set_in_stock_on_return",
        _("Set Items’ Status to be In Stock When Order is Canceled or Returned"),
        OptionKind.YES_NO,
        True,
        G,
        Group.STOCK,
        _("A return undoes an Out of Stock that the system set."),
    ),
    StockOption(
        "display_out_of_stock",
        _("Display Out of Stock Products"),
        OptionKind.YES_NO,
        False,
        G,
        Group.STOCK,
        _("Keep products that are out of stock in listings."),
    ),
    StockOption(
        "show_availability",
        _("Display Products Availability in Stock on Storefront"),
        OptionKind.YES_NO,
        True,
        G,
        Group.STOCK,
        _("Show In Stock or Out of Stock."),
    ),
    StockOption(
        "not_available_message",
        _("Not Available Message"),
        OptionKind.CHOICE,
        NotAvailableMessage.NOT_ENOUGH_ITEMS.value,
        G,
        Group.STOCK,
        _("What a customer reads who asks for more than can be sold."),
        choices=(
            (NotAvailableMessage.NOT_ENOUGH_ITEMS.value, _("Not enough items for sale")),
            (NotAvailableMessage.ONLY_X_OF_Y.value, _("Only X of Y available")),
        ),
    ),
    StockOption(
        "source_selection",
        _("Source Selection Algorithm"),
        OptionKind.CHOICE,
        SourceSelection.PRIORITY.value,
        G,
        Group.STOCK,
        _("The order in which sources are tried."),
        choices=(
            (SourceSelection.PRIORITY.value, _("Source priority")),
            (SourceSelection.DISTANCE.value, _("Distance")),
        ),
    ),
    StockOption(
        "bulk_batch_size",
        _("Bulk Batch Size"),
        OptionKind.WHOLE,
        1000,
        G,
        Group.STOCK,
        _("Bulk work over more rows than this runs in a worker."),
        minimum=1,
    ),
    StockOption(
        "release_enabled",
        _("Release Backorders"),
        OptionKind.YES_NO,
        True,
        G,
        Group.RELEASE,
        _("No stops scheduled and arrival runs, never one by hand."),
    ),
    StockOption(
        "release_mode",
        _("Release Mode"),
        OptionKind.CHOICE,
        ReleaseMode.FULL.value,
        G,
        Group.RELEASE,
        _("Whether a shipment may be released in part."),
        choices=(
            (ReleaseMode.FULL.value, _("Full")),
            (ReleaseMode.BY_LINE.value, _("By line")),
            (ReleaseMode.BY_QUANTITY.value, _("By quantity")),
        ),
    ),
    StockOption(
        "release_policy",
        _("Release Policy"),
        OptionKind.CHOICE,
        ReleasePolicy.SKIP_OVER.value,
        G,
        Group.RELEASE,
        _("What happens to units that a waiting shipment could use."),
        choices=(
            (ReleasePolicy.SKIP_OVER.value, _("Skip over")),
            (ReleasePolicy.STRICT.value, _("Strict")),
            (ReleasePolicy.AGEING.value, _("Ageing")),
        ),
    ),
    StockOption(
        "ageing_days",
        _("Ageing Days"),
        OptionKind.WHOLE,
        14,
        G,
        Group.RELEASE,
        _("Under Ageing, units are kept for a shipment of this age or older."),
        minimum=0,
    ),
    StockOption(
        "future_date_limit",
        _("Future Date Limit"),
        OptionKind.PERIOD,
        CalendarPeriod(30, PeriodUnit.DAYS),
        G,
        Group.RELEASE,
        _("How far ahead dated supply may be promised."),
    ),
    StockOption(
        "default_backorder_days",
        _("Default Backorder Days"),
        OptionKind.WHOLE,
        14,
        G,
        Group.RELEASE,
        _("The expected date where nothing better is known."),
        minimum=0,
    ),
    StockOption(
        "void_and_reauthorize",
        _("Void and Reauthorize"),
        OptionKind.YES_NO,
        False,
        G,
        Group.RELEASE,
        _("Authorize anew when a shipment is released, then void the old one."),
    ),
    StockOption(
        "payment_action",
        _("Payment Action"),
        OptionKind.CHOICE,
        PaymentAction.AUTHORIZE_AND_CAPTURE.value,
        G,
        Group.RELEASE,
        _("When funds are captured; a payment gateway may set its own."),
        choices=(
            (PaymentAction.AUTHORIZE_AND_CAPTURE.value, _("Authorize and capture")),
            (PaymentAction.AUTHORIZE.value, _("Authorize")),
        ),
    ),
    StockOption(
        "max_sources_per_release",
        _("Maximum Sources per Release"),
        OptionKind.WHOLE,
        None,
        G,
        Group.RELEASE,
        _("Empty means no limit."),
        minimum=1,
    ),
    StockOption(
        "max_sources_per_line",
        _("Maximum Sources per Line"),
        OptionKind.WHOLE,
        None,
        G,
        Group.RELEASE,
        _("Empty means no limit."),
        minimum=1,
    ),
    StockOption(
        "partial_match_action",
        _("Partial Match Action"),
        OptionKind.CHOICE,
        AfterAction.BACKORDER.value,
        G,
        Group.RELEASE,
        _("What happens to the rest when part of an order was assigned."),
        choices=AFTER_ACTION_CHOICES,
    ),
    StockOption(
        "partial_match_scope",
        _("Partial Match Scope"),
        OptionKind.CHOICE,
        AfterActionScope.BY_QUANTITY.value,
        G,
        Group.RELEASE,
        _("How much the action takes."),
        choices=(
            (AfterActionScope.BY_QUANTITY.value, _("By quantity")),
            (AfterActionScope.BY_LINE.value, _("By line")),
            (AfterActionScope.ALL.value, _("All")),
        ),
    ),
    StockOption(
        "no_match_action",
        _("No Match Action"),
        OptionKind.CHOICE,
        AfterAction.BACKORDER.value,
        G,
        Group.RELEASE,
        _("What happens when nothing of an order was assigned."),
        choices=AFTER_ACTION_CHOICES,
    ),
)

BY_NAME = {option.name: option for option in OPTIONS}


def option(name: str) -> StockOption:
    """Return the option with this code name."""
    return BY_NAME[name]


def options_for(scope: Scope) -> tuple[StockOption, ...]:
    """Return the options that may be set at ``scope``, in the order of the table."""
    return tuple(candidate for candidate in OPTIONS if scope in candidate.scopes)
