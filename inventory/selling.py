"""What selling is decided on, as values: sources, items and products as a stock sees them. PURE."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from inventory.resolution import uses_decimals


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

    @property
    def available(self) -> Decimal:
        """Units neither allocated nor kept back as safety stock."""
        return max(self.quantity - self.allocated - self.safety_stock, Decimal(0))


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


@dataclass(frozen=True, slots=True)
class SellingContext:
    """What is configured: the stock, its sources by priority, the global values, products by SKU.

    ``configuration`` holds the stored global values, ``None`` = use system value.
    """

    stock_id: int
    stock_code: str
    channel_id: int | None
    links: tuple[LinkedSource, ...]
    configuration: Mapping[str, Any]
    products: Mapping[str, SalableProduct]


def places_with_decimals(
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
