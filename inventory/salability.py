"""What can be sold: salable quantity, is salable, is salable for a quantity, Only X left. PURE."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from math import ceil
from typing import Any

from core.quantities import FRACTION, ZERO, fraction_error
from core.text import Sentence
from core.text import gettext_noop as _
from inventory.resolution import ProductPolicy, uses_decimals


class Reason(StrEnum):
    NOT_ASSIGNED_TO_STOCK = "NOT_ASSIGNED_TO_STOCK"
    PRODUCT_DISABLED = "PRODUCT_DISABLED"
    BELOW_MINIMUM = "BELOW_MINIMUM"
    ABOVE_MAXIMUM = "ABOVE_MAXIMUM"
    NOT_AN_INCREMENT = "NOT_AN_INCREMENT"
    DECIMALS_NOT_ALLOWED = "DECIMALS_NOT_ALLOWED"
    OUT_OF_STOCK = "OUT_OF_STOCK"
    NOT_ENOUGH_ITEMS = "NOT_ENOUGH_ITEMS"


MESSAGES = {
    Reason.NOT_ASSIGNED_TO_STOCK: _("This product is not sold through this channel."),
    Reason.PRODUCT_DISABLED: _("This product is disabled."),
    Reason.BELOW_MINIMUM: _("The fewest you may purchase is %(minimum)s."),
    Reason.ABOVE_MAXIMUM: _("The most you may purchase is %(maximum)s."),
    Reason.NOT_AN_INCREMENT: _("You can buy this product only in quantities of %(increment)s."),
    Reason.DECIMALS_NOT_ALLOWED: FRACTION,
    Reason.OUT_OF_STOCK: _("This product is out of stock."),
    Reason.NOT_ENOUGH_ITEMS: _("There are not enough items for sale."),
}
ONLY_X_OF_Y = _("Only %(available)s of %(requested)s available.")


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a quantity cannot be sold; ``message`` is a sentence with gaps that ``values`` fill."""

    reason: Reason
    message: str
    values: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LinkedSource:
    """A source as a stock sees it; priority 1 is tried first."""

    source_id: int
    code: str
    priority: int
    is_enabled: bool
    ships_to_home: bool
    is_pickup_location: bool
    latitude: Decimal | None
    longitude: Decimal | None


@dataclass(frozen=True, slots=True)
class SalableItem:
    """A source item at a linked source, with its own option values (``None`` = inherit)."""

    item_id: int
    product_id: int
    source_id: int
    quantity: Decimal
    allocated: Decimal
    safety_stock: Decimal
    is_in_stock: bool
    overrides: Mapping[str, Any]
    is_source_enabled: bool = True

    @property
    def available(self) -> Decimal:
        """Units neither allocated nor kept back as safety stock."""
        return max(self.quantity - self.allocated - self.safety_stock, ZERO)


@dataclass(frozen=True, slots=True)
class SalableProduct:
    """A product with its own option values (``None`` = inherit)."""

    product_id: int
    sku: str
    name: str
    is_enabled: bool
    is_virtual: bool
    price: Decimal
    overrides: Mapping[str, Any]
    release_on: date | None = None
    preorder_limit: int | None = None

    def is_preordered(self, *, today: date) -> bool:
        """Whether orders of ``today`` are pre-orders, if its stock is managed.

        Rule: Pre-orders, §23.
        """
        return not self.is_virtual and self.release_on is not None and today < self.release_on


@dataclass(frozen=True, slots=True)
class SellingContext:
    """What is configured: the stock, its sources by priority, the global values, products by SKU.

    ``configuration`` holds the stored global values, ``None`` = use system value; ``today`` is the
    date of the site.
    """

    stock_id: int
    stock_code: str
    channel_id: int | None
    today: date
    links: tuple[LinkedSource, ...]
    configuration: Mapping[str, Any]
    products: Mapping[str, SalableProduct]

    @property
    def preordered_ids(self) -> frozenset[int]:
        """The products, by id, of which orders are pre-orders if their stock is managed."""
        return frozenset(
            product.product_id
            for product in self.products.values()
            if product.is_preordered(today=self.today)
        )


@dataclass(frozen=True, slots=True)
class SalabilityFacts:
    """A product in a stock: its rules, its items at linked sources, and its waiting quantity.

    ``waiting`` is what has been sold and no source has set aside yet. ``preorder_on`` is the
    release date until it comes: ``policy`` is then that of pre-orders, and ``waiting`` counts
    every stock.
    """

    policy: ProductPolicy
    items: Sequence[SalableItem]
    waiting: Decimal
    is_enabled: bool = True
    preorder_on: date | None = None

    @property
    def is_assigned(self) -> bool:
        """Whether an enabled linked source has the product, whatever the item's status."""
        return any(item.is_source_enabled for item in self.items)

    @property
    def has_item_in_stock(self) -> bool:
        return any(item.is_source_enabled and item.is_in_stock for item in self.items)

    @property
    def free(self) -> Decimal:
        """Units available at enabled linked sources whose item is In Stock."""
        return sum(
            (item.available for item in self.items if item.is_source_enabled and item.is_in_stock),
            ZERO,
        )


def owed_quantity(facts: SalabilityFacts) -> Decimal:
    """Return the units sold that no unit at an enabled linked source covers."""
    return max(facts.waiting - facts.free, ZERO)


def salable_quantity(facts: SalabilityFacts) -> Decimal:
    """Return free − waiting − effective threshold; a negative result is real and kept.

    Until the release date no unit is free: what is left of the pre-order limit.

    Rules: Salable quantity; Pre-orders, §23.
    """
    free = facts.free if facts.preorder_on is None else ZERO
    return free - facts.waiting - facts.policy.effective_threshold


def is_salable(facts: SalabilityFacts) -> bool:
    """Whether anything of the product can be sold from the stock.

    Rule: Is salable.
    """
    if not facts.is_enabled or not facts.is_assigned:
        return False
    if not facts.policy.manage_stock:
        return True
    if not facts.has_item_in_stock:
        return False
    return facts.policy.is_unlimited or salable_quantity(facts) > 0


def refusals(
    facts: SalabilityFacts,
    quantity: Decimal,
    *,
    ordered_before: Decimal = ZERO,
    shows_only_x_of_y: bool = False,
) -> list[Refusal]:
    """Return every reason why ``quantity`` cannot be sold; none means it can.

    A product that is not assigned fails alone. Of the quantity rules only the first that fails
    counts, in the order minimum, maximum, increments, decimals; lines of one order with the same
    product count together, so pass their sum. ``ordered_before`` is what the order has of the
    product already: the quantity rules look at the whole, the stock at what is new.

    Rule: Is salable for quantity.
    """
    if not facts.is_assigned:
        return [_refusal(Reason.NOT_ASSIGNED_TO_STOCK)]
    found = [] if facts.is_enabled else [_refusal(Reason.PRODUCT_DISABLED)]
    rule = quantity_refusal(facts.policy, ordered_before + quantity)
    if rule is not None:
        found.append(rule)
    if not facts.policy.manage_stock:
        return found
    if not facts.has_item_in_stock:
        found.append(_refusal(Reason.OUT_OF_STOCK))
    salable = salable_quantity(facts)
    if not facts.policy.is_unlimited and salable < quantity:
        found.append(not_enough_items(salable, quantity, shows_only_x_of_y=shows_only_x_of_y))
    return found


def customers_to_tell(facts: SalabilityFacts, smallest: Decimal, *, factor: int, daily: int) -> int:
    """Return how many customers may hear in one day that the product is back in stock.

    ``smallest`` is the least quantity that can be bought; while it cannot be sold, nobody does.
    Then ``factor`` customers for each salable unit, rounded up; ``daily`` of them where stock is
    unlimited or not managed.

    Rule: Back in stock (§18c).
    """
    if refusals(facts, smallest):
        return 0
    if not facts.policy.manage_stock or facts.policy.is_unlimited:
        return daily
    return ceil(salable_quantity(facts) * factor)


def quantity_refusal(policy: ProductPolicy, quantity: Decimal) -> Refusal | None:
    """Return the first quantity rule that ``quantity`` breaks: these hold for any product."""
    if policy.min_cart_qty and quantity < policy.min_cart_qty:
        return _refusal(Reason.BELOW_MINIMUM, minimum=policy.min_cart_qty)
    if policy.max_cart_qty and quantity > policy.max_cart_qty:
        return _refusal(Reason.ABOVE_MAXIMUM, maximum=policy.max_cart_qty)
    if policy.enable_qty_increments and quantity % policy.qty_increments:
        return _refusal(Reason.NOT_AN_INCREMENT, increment=policy.qty_increments)
    error = None if policy.qty_uses_decimals else fraction_error(quantity)
    if error is not None:
        return Refusal(Reason.DECIMALS_NOT_ALLOWED, error.message, error.values)
    return None


def not_enough_items(salable: Decimal, requested: Decimal, *, shows_only_x_of_y: bool) -> Refusal:
    """Return the refusal of more than there is, worded as the merchant chose."""
    if shows_only_x_of_y:
        values = {"available": max(salable, ZERO), "requested": requested}
        return Refusal(Reason.NOT_ENOUGH_ITEMS, ONLY_X_OF_Y, values)
    return _refusal(Reason.NOT_ENOUGH_ITEMS)


def is_listed(facts: SalabilityFacts, *, shows_out_of_stock: bool) -> bool:
    """Whether a storefront lists the product: what is out of stock only where the site shows it.

    Rule: What the storefront shows, §7.
    """
    return is_salable(facts) or (shows_out_of_stock and facts.is_enabled and facts.is_assigned)


class StorefrontMessage(StrEnum):
    IN_STOCK = "IN_STOCK"
    OUT_OF_STOCK = "OUT_OF_STOCK"
    ONLY_X_LEFT = "ONLY_X_LEFT"
    PREORDER = "PREORDER"
    NOTHING = "NOTHING"


def storefront_message(facts: SalabilityFacts, *, show_availability: bool) -> StorefrontMessage:
    """Return what a storefront shows beside the product.

    "Only X left" where stock is managed, 0 < salable ≤ threshold, and backorders are off or
    capped. Until its release date a product is shown as a pre-order.

    Rule: What the storefront shows.
    """
    if not is_salable(facts):
        return StorefrontMessage.OUT_OF_STOCK if show_availability else StorefrontMessage.NOTHING
    if facts.preorder_on is not None:
        return StorefrontMessage.PREORDER if show_availability else StorefrontMessage.NOTHING
    policy = facts.policy
    left = salable_quantity(facts)
    if (
        policy.manage_stock
        and not policy.is_unlimited
        and ZERO < left <= policy.only_x_left_threshold
    ):
        return StorefrontMessage.ONLY_X_LEFT
    return StorefrontMessage.IN_STOCK if show_availability else StorefrontMessage.NOTHING


def storefront_sentence(facts: SalabilityFacts, *, show_availability: bool) -> Sentence | None:
    """Return :func:`storefront_message` in words; None where a storefront shows nothing."""
    match storefront_message(facts, show_availability=show_availability):
        case StorefrontMessage.IN_STOCK:
            return Sentence(_("In Stock"))
        case StorefrontMessage.OUT_OF_STOCK:
            return Sentence(_("Out of Stock"))
        case StorefrontMessage.ONLY_X_LEFT:
            return Sentence(_("Only %(quantity)s left"), {"quantity": salable_quantity(facts)})
        case StorefrontMessage.PREORDER:
            return Sentence(_("Pre-order: available from %(day)s"), {"day": facts.preorder_on})
        case StorefrontMessage.NOTHING:
            return None


def items_with_decimals(
    context: SellingContext, items: Iterable[SalableItem]
) -> frozenset[tuple[int, int]]:
    """Return where fractions of a unit are held, by (source id, product id).

    Rule: Qty Uses Decimals, §2: what counts is the value in force at the source item.
    """
    products = {product.product_id: product for product in context.products.values()}
    return frozenset(
        (item.source_id, item.product_id)
        for item in items
        if uses_decimals(products[item.product_id].overrides, item.overrides)
    )


def _refusal(reason: Reason, **values: Decimal) -> Refusal:
    return Refusal(reason, MESSAGES[reason], values)
