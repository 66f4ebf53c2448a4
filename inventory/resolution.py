"""Which value of an option is in force, from which origin. PURE.

In this order: source item, product, global, system default. ``None`` at a level means "use
config settings" there; ``0`` and No are values like any other.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from typing import Any

from core.quantities import ZERO
from inventory.options import BY_NAME, OPTIONS, Backorders, Scope

Values = Mapping[str, Any]
NOTHING: Values = {}

PERMISSIVENESS = {
    Backorders.NO_BACKORDERS: 0,
    Backorders.ALLOW_QTY_BELOW_0: 1,
    Backorders.ALLOW_QTY_BELOW_0_AND_NOTIFY_CUSTOMER: 2,
}


class Origin(StrEnum):
    SOURCE_ITEM = "SOURCE_ITEM"
    PRODUCT = "PRODUCT"
    GLOBAL = "GLOBAL"
    SYSTEM = "SYSTEM"


@dataclass(frozen=True, slots=True)
class ResolvedValue:
    """The value in force and the level it came from."""

    value: Any
    origin: Origin


def resolve(
    name: str,
    *,
    configuration: Values,
    product: Values = NOTHING,
    source_item: Values = NOTHING,
) -> ResolvedValue:
    """Return what is in force of the option ``name`` for one source item of one product.

    Each level maps option names to its own value, ``None`` (or absent) where it inherits.
    Promise from future inventory is in force only where the site says yes and the product says
    yes or inherits.

    Rule: Stock options, resolution.
    """
    definition = BY_NAME[name]
    if name == "future_inventory":
        return _future_inventory(configuration=configuration, product=product)
    levels = (
        (Scope.SOURCE_ITEM, Origin.SOURCE_ITEM, source_item),
        (Scope.PRODUCT, Origin.PRODUCT, product),
        (Scope.GLOBAL, Origin.GLOBAL, configuration),
    )
    for scope, origin, values in levels:
        if scope in definition.scopes and values.get(name) is not None:
            return ResolvedValue(values[name], origin)
    return ResolvedValue(definition.default, Origin.SYSTEM)


def resolve_all(
    scope: Scope,
    *,
    configuration: Values,
    product: Values = NOTHING,
    source_item: Values = NOTHING,
    is_virtual: bool = False,
) -> dict[str, ResolvedValue]:
    """Return what is in force of every option that may be set at ``scope``.

    ``is_virtual``: the product takes no backorders while its stock is managed, whatever is set.
    """
    found = {
        candidate.name: resolve(
            candidate.name, configuration=configuration, product=product, source_item=source_item
        )
        for candidate in OPTIONS
        if scope in candidate.scopes
    }
    managed = resolve("manage_stock", configuration=configuration, product=product)
    if _takes_none(is_virtual=is_virtual, manages_stock=bool(managed.value)):
        found["backorders"] = ResolvedValue(Backorders.NO_BACKORDERS.value, Origin.PRODUCT)
    return found


def uses_decimals(product: Values, source_item: Values = NOTHING) -> bool:
    """Return whether quantities may have fractions, at one source item of a product.

    Rule: Qty Uses Decimals, §2.
    """
    return bool(
        resolve(
            "qty_uses_decimals", configuration=NOTHING, product=product, source_item=source_item
        ).value
    )


@dataclass(frozen=True, slots=True)
class ProductPolicy:
    """The rules in force for one product in one stock.

    ``backorders`` and ``qty_uses_decimals`` are the most permissive over the stock's assigned,
    enabled, in-stock source items; with none in stock, the product's value.
    """

    manage_stock: bool
    backorders: Backorders
    out_of_stock_threshold: Decimal
    min_cart_qty: Decimal
    max_cart_qty: Decimal
    enable_qty_increments: bool
    qty_increments: Decimal
    qty_uses_decimals: bool
    only_x_left_threshold: Decimal
    future_inventory: bool

    @property
    def takes_backorders(self) -> bool:
        return self.backorders is not Backorders.NO_BACKORDERS

    @property
    def notifies_customer(self) -> bool:
        """Whether customers are informed how many of their units are backordered."""
        return self.backorders is Backorders.ALLOW_QTY_BELOW_0_AND_NOTIFY_CUSTOMER

    @property
    def effective_threshold(self) -> Decimal:
        """min(0, t) where backorders are allowed, else max(0, t)."""
        bound = min if self.takes_backorders else max
        return bound(ZERO, self.out_of_stock_threshold)

    @property
    def is_unlimited(self) -> bool:
        """Whether backorders are allowed without a cap."""
        return self.takes_backorders and self.effective_threshold == 0


POLICY_OPTIONS = tuple(
    name
    for name in ProductPolicy.__dataclass_fields__
    if name not in {"backorders", "qty_uses_decimals"}
)


def policy_in_stock(
    *,
    configuration: Values,
    product: Values,
    in_stock_items: Iterable[Values],
    is_virtual: bool,
) -> ProductPolicy:
    """Return the rules in force for a product over the in-stock source items of a stock.

    ``in_stock_items`` are the items' own option values. A virtual product with managed stock
    takes no backorders.
    """
    values = {
        name: resolve(name, configuration=configuration, product=product).value
        for name in POLICY_OPTIONS
    }
    items = list(in_stock_items) or [NOTHING]
    backorders = max(
        map(Backorders, _over_items("backorders", configuration, product, items)),
        key=PERMISSIVENESS.__getitem__,
    )
    if _takes_none(is_virtual=is_virtual, manages_stock=values["manage_stock"]):
        backorders = Backorders.NO_BACKORDERS
    uses_decimals = any(_over_items("qty_uses_decimals", configuration, product, items))
    return ProductPolicy(backorders=backorders, qty_uses_decimals=uses_decimals, **values)


def before_release(policy: ProductPolicy, preorder_limit: int | None) -> ProductPolicy:
    """Return the rules of a product until its release date: its orders are backorders.

    Whether backorders are allowed or not, as many as the limit (None: any number) are taken, and
    the customer is informed.

    Rule: Pre-orders, §23.
    """
    return replace(
        policy,
        backorders=Backorders.ALLOW_QTY_BELOW_0_AND_NOTIFY_CUSTOMER,
        out_of_stock_threshold=-Decimal(preorder_limit or 0),
    )


def _takes_none(*, is_virtual: bool, manages_stock: bool) -> bool:
    """Whether no backorders are taken, whatever is set.

    Rule: Backorders of virtual products, §2.
    """
    return is_virtual and manages_stock


def _over_items(
    name: str, configuration: Values, product: Values, items: Iterable[Values]
) -> set[Any]:
    """Return the different values in force of an option over the items, each resolved once."""
    return {
        resolve(name, configuration=configuration, product=product, source_item={name: own}).value
        for own in {item.get(name) for item in items}
    }


def _future_inventory(*, configuration: Values, product: Values) -> ResolvedValue:
    site = configuration.get("future_inventory")
    if product.get("future_inventory") is False:
        return ResolvedValue(False, Origin.PRODUCT)
    if not site:
        return ResolvedValue(False, Origin.SYSTEM if site is None else Origin.GLOBAL)
    own = product.get("future_inventory")
    return ResolvedValue(True, Origin.GLOBAL if own is None else Origin.PRODUCT)
