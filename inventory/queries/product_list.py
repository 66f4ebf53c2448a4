"""Annotations of the product list: what sorts and filters, computed in the database.

The list *shows* what the rules of salability say; these columns order and narrow it, and a test
holds them equal.
"""

from decimal import Decimal
from typing import Any

from django.db.models import (
    BooleanField,
    Case,
    CharField,
    Exists,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
    When,
)
from django.db.models.expressions import RawSQL
from django.db.models.functions import Coalesce

from inventory.models import InventoryConfiguration, Product, SourceItem, Stock
from inventory.models.columns import QuantityField
from inventory.models.product import PRODUCT_OPTIONS
from inventory.models.source import SOURCE_ITEM_OPTIONS
from inventory.options import Backorders
from inventory.resolution import Origin, resolve

NO = Backorders.NO_BACKORDERS.value

# One row of facts for a product in a stock: free units, whether an item is In Stock there, whether
# backorders are allowed (the most permissive over those items, else the product's own).
POSITION = """
SELECT {answer} FROM (
    SELECT COALESCE(SUM(GREATEST(item.quantity - item.allocated - item.safety_stock, 0)), 0)
               AS free,
           COUNT(*) > 0 AS has_item,
           NOT (inventory_product.product_type = 'VIRTUAL'
                AND COALESCE(inventory_product.manage_stock, %s))
           AND COALESCE(
               BOOL_OR(COALESCE(item.backorders, inventory_product.backorders, %s) <> '{no}'),
               COALESCE(inventory_product.backorders, %s) <> '{no}') AS allows,
           COALESCE(inventory_product.out_of_stock_threshold, %s) AS threshold
    FROM inventory_sourceitem AS item
    JOIN inventory_stocksource AS link ON link.source_id = item.source_id AND link.stock_id = %s
    JOIN inventory_source AS source ON source.id = item.source_id AND source.is_enabled
    WHERE item.product_id = inventory_product.id AND item.status = 'IN_STOCK'
) AS held
LEFT JOIN inventory_stockbalance AS balance
    ON balance.product_id = inventory_product.id AND balance.stock_id = %s
"""
SALABLE = """held.free - COALESCE(balance.waiting_quantity, 0)
    - CASE WHEN held.allows THEN LEAST(0, held.threshold) ELSE GREATEST(0, held.threshold) END"""
IS_SALABLE = f"""held.has_item AND (NOT COALESCE(inventory_product.manage_stock, %s)
    OR (held.allows AND held.threshold >= 0) OR {SALABLE} > 0)"""


def product_rows(
    products: QuerySet[Product], *, configuration: InventoryConfiguration
) -> QuerySet[Product]:
    """Annotate the effective backorder policy, its origin, and the quantity over all sources."""
    site = configuration.overrides()
    inherited = resolve("backorders", configuration=site)
    manages = Coalesce(F("manage_stock"), Value(effective("manage_stock", site)))
    quantities = (
        SourceItem.objects.filter(product=OuterRef("pk"))
        .order_by()
        .values("product")
        .annotate(total=Sum("quantity"))
        .values("total")
    )
    return products.annotate(
        is_stock_managed=manages,
        effective_backorders=Case(
            When(Q(product_type=Product.Type.VIRTUAL, is_stock_managed=True), then=Value(NO)),
            default=Coalesce(F("backorders"), Value(inherited.value)),
            output_field=CharField(),
        ),
        backorders_origin=Case(
            When(backorders__isnull=False, then=Value(Origin.PRODUCT.value)),
            default=Value(inherited.origin.value),
            output_field=CharField(),
        ),
        effective_threshold=Coalesce(
            F("out_of_stock_threshold"), Value(effective("out_of_stock_threshold", site))
        ),
        total_quantity=Coalesce(
            Subquery(quantities), Value(Decimal(0)), output_field=QuantityField()
        ),
    )


def salable_in(stock: Stock, *, configuration: InventoryConfiguration) -> RawSQL:
    """Return the salable quantity of the outer product in ``stock``, to sort by."""
    return RawSQL(  # noqa: S611 - constants of this module; every value is a parameter
        POSITION.format(answer=SALABLE, no=NO),
        _parameters(stock, configuration),
        output_field=QuantityField(),
    )


def is_salable_in(stock: Stock, *, configuration: InventoryConfiguration) -> RawSQL:
    """Return whether the outer product is salable in ``stock``, to filter by."""
    manages = effective("manage_stock", configuration.overrides())
    return RawSQL(  # noqa: S611 - as above
        POSITION.format(answer=f"({IS_SALABLE}) AND inventory_product.is_enabled", no=NO),
        (manages, *_parameters(stock, configuration)),
        output_field=BooleanField(),
    )


def overridden() -> Q:
    """Return the condition of having a value of one's own, on the product or at a source."""
    condition = Q()
    for option in PRODUCT_OPTIONS:
        condition |= Q(**{f"{option.name}__isnull": False})
    at_sources = Q()
    for option in SOURCE_ITEM_OPTIONS:
        at_sources |= Q(**{f"{option.name}__isnull": False})
    return condition | Q(Exists(SourceItem.objects.filter(at_sources, product=OuterRef("pk"))))


def low(*, configuration: InventoryConfiguration) -> Q:
    """Return the condition of being low at a source.

    Rule: Low stock.
    """
    below = effective("notify_quantity_below", configuration.overrides())
    items = SourceItem.objects.filter(
        product=OuterRef("pk"),
        source__is_enabled=True,
        quantity__lt=Coalesce(
            F("notify_quantity_below"), F("product__notify_quantity_below"), Value(below)
        ),
    )
    return Q(Exists(items), is_enabled=True, is_stock_managed=True)


def effective(name: str, site: dict[str, Any]) -> Any:
    """Return the value that products without one of their own follow."""
    return resolve(name, configuration=site).value


def _parameters(stock: Stock, configuration: InventoryConfiguration) -> tuple[Any, ...]:
    site = configuration.overrides()
    backorders = effective("backorders", site)
    threshold = effective("out_of_stock_threshold", site)
    manages = effective("manage_stock", site)
    return (manages, backorders, backorders, threshold, stock.pk, stock.pk)
