"""Annotations of the product list, computed in the database.

The list *shows* what the rules of salability say; these columns order and narrow it, and a test
holds them equal.
"""

from collections.abc import Iterable
from datetime import date
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
from django.db.models.expressions import Combinable, RawSQL
from django.db.models.functions import Coalesce, Greatest

from core.models.columns import QuantityColumn
from core.quantities import ZERO
from inventory.models import (
    FutureSupply,
    InventoryConfiguration,
    Product,
    SourceItem,
    Stock,
    StockBalance,
)
from inventory.models.product import PRODUCT_OPTIONS
from inventory.models.source_item import SOURCE_ITEM_OPTIONS
from inventory.options import Backorders
from inventory.resolution import Origin, resolve

IN_STOCK = SourceItem.Status.IN_STOCK.value
VIRTUAL = Product.Type.VIRTUAL.value
NO = Backorders.NO_BACKORDERS.value
ALLOW = Backorders.ALLOW_QTY_BELOW_0.value
NOTIFY = Backorders.ALLOW_QTY_BELOW_0_AND_NOTIFY_CUSTOMER.value

# The most permissive backorders over the items of the outer product that some stock can sell
# from; NULL where there are none.
AT_SOURCES = f"""
SELECT CASE WHEN BOOL_OR(own = '{NOTIFY}') THEN '{NOTIFY}'
            WHEN BOOL_OR(own = '{ALLOW}') THEN '{ALLOW}'
            WHEN COUNT(*) > 0 THEN '{NO}' END
FROM (
    SELECT COALESCE(item.backorders, inventory_product.backorders, %s) AS own
    FROM inventory_sourceitem AS item
    JOIN inventory_source AS source ON source.id = item.source_id AND source.is_enabled
    WHERE item.product_id = inventory_product.id AND item.status = '{IN_STOCK}'
      AND EXISTS (SELECT FROM inventory_stocksource AS link WHERE link.source_id = source.id)
) AS held
"""  # noqa: S608 - constants alone

# What the rules of salability count, of one product in one stock. Backorders are the most
# permissive over the items In Stock there, else the product's own.
FREE = "COALESCE(SUM(GREATEST(item.quantity - item.allocated - item.safety_stock, 0)), 0)"
ORDINARY = """held.free - COALESCE(balance.waiting_quantity, 0)
    - CASE WHEN allows THEN LEAST(0, threshold) ELSE GREATEST(0, threshold) END"""


def _salable(product: str) -> str:
    """Return the salable quantity, of pre-orders what is left of the limit (§23)."""
    return f"""CASE WHEN preordered THEN COALESCE({product}.preorder_limit, 0) - (
            SELECT COALESCE(SUM(anywhere.waiting_quantity), 0)
            FROM inventory_stockbalance AS anywhere WHERE anywhere.product_id = {product}.id)
        ELSE {ORDINARY} END"""  # noqa: S608 - constants alone


def _preordered(product: str, is_managed: str) -> str:
    """Return whether orders are pre-orders; its parameter is the date of the site."""
    return f"""COALESCE({product}.release_on > %s::date, FALSE) AND {is_managed}
           AND {product}.product_type <> '{VIRTUAL}' AS preordered"""


# The salable quantity of the outer product in a stock.
POSITION = f"""
SELECT {_salable("inventory_product")} FROM (
    SELECT {FREE} AS free,
           NOT (inventory_product.product_type = '{VIRTUAL}'
                AND COALESCE(inventory_product.manage_stock, %s))
           AND COALESCE(
               BOOL_OR(COALESCE(item.backorders, inventory_product.backorders, %s) <> '{NO}'),
               COALESCE(inventory_product.backorders, %s) <> '{NO}') AS allows,
           COALESCE(inventory_product.out_of_stock_threshold, %s) AS threshold
    FROM inventory_sourceitem AS item
    JOIN inventory_stocksource AS link ON link.source_id = item.source_id AND link.stock_id = %s
    JOIN inventory_source AS source ON source.id = item.source_id AND source.is_enabled
    WHERE item.product_id = inventory_product.id AND item.status = '{IN_STOCK}'
) AS held
CROSS JOIN LATERAL (
    SELECT {_preordered("inventory_product", "COALESCE(inventory_product.manage_stock, %s)")}
) AS release
LEFT JOIN inventory_stockbalance AS balance
    ON balance.product_id = inventory_product.id AND balance.stock_id = %s
"""  # noqa: S608 - constants alone

# The products of which a stock (or, of all stocks, any) can sell something, in one pass.
SALABLE_PRODUCTS = f"""
SELECT held.product_id FROM (
    SELECT item.product_id, link.stock_id, {FREE} AS free,
           BOOL_OR(item.backorders <> '{NO}') AS some_allow,
           BOOL_OR(item.backorders IS NULL) AS some_inherit
    FROM inventory_sourceitem AS item
    JOIN inventory_stocksource AS link ON link.source_id = item.source_id
    JOIN inventory_source AS source ON source.id = item.source_id AND source.is_enabled
    WHERE item.status = '{IN_STOCK}' AND (%s::bigint IS NULL OR link.stock_id = %s)
    GROUP BY item.product_id, link.stock_id
) AS held
JOIN inventory_product AS product ON product.id = held.product_id AND product.is_enabled
CROSS JOIN LATERAL (
    SELECT COALESCE(product.manage_stock, %s) AS is_managed,
           COALESCE(product.out_of_stock_threshold, %s) AS threshold,
           COALESCE(held.some_allow, FALSE)
           OR held.some_inherit AND COALESCE(product.backorders, %s) <> '{NO}' AS asks
) AS rule
CROSS JOIN LATERAL (
    SELECT asks AND NOT (product.product_type = '{VIRTUAL}' AND is_managed) AS allows,
           {_preordered("product", "is_managed")}
) AS effect
LEFT JOIN inventory_stockbalance AS balance
    ON balance.product_id = held.product_id AND balance.stock_id = held.stock_id
WHERE NOT is_managed OR {_salable("product")} > 0
   OR CASE WHEN preordered THEN product.preorder_limit IS NULL ELSE allows AND threshold >= 0 END
"""  # noqa: S608 - as above

UNSALABLE_PRODUCTS = f"""
SELECT unsalable.id FROM inventory_product AS unsalable
LEFT JOIN ({SALABLE_PRODUCTS}) AS salable ON salable.product_id = unsalable.id
WHERE salable.product_id IS NULL
"""  # noqa: S608 - as above


def product_rows(
    products: QuerySet[Product], *, configuration: InventoryConfiguration
) -> QuerySet[Product]:
    """Annotate the effective backorder policy over all stocks, and its origin."""
    site = configuration.overrides()
    inherited = resolve("backorders", configuration=site)
    manages = Coalesce(F("manage_stock"), Value(effective("manage_stock", site)))
    asked = Coalesce(F("backorders"), Value(inherited.value))
    own_at_sources = SourceItem.objects.filter(product=OuterRef("pk"), backorders__isnull=False)
    return products.annotate(
        is_stock_managed=manages,
        asked_at_sources=Case(
            When(Exists(own_at_sources), then=RawSQL(AT_SOURCES, [inherited.value])),  # noqa: S611
            output_field=CharField(),
        ),
        effective_backorders=Case(
            When(Q(product_type=Product.Type.VIRTUAL, is_stock_managed=True), then=Value(NO)),
            default=Coalesce(F("asked_at_sources"), asked),
            output_field=CharField(),
        ),
        backorders_origin=Case(
            When(~Q(asked_at_sources=asked), then=Value(Origin.SOURCE_ITEM.value)),
            When(backorders__isnull=False, then=Value(Origin.PRODUCT.value)),
            default=Value(inherited.origin.value),
            output_field=CharField(),
        ),
        effective_threshold=Coalesce(
            F("out_of_stock_threshold"), Value(effective("out_of_stock_threshold", site))
        ),
    )


OUTSTANDING = Greatest(F("quantity") - F("received_quantity"), Value(ZERO))


def _total(rows: QuerySet[Any], quantity: str | Combinable) -> Coalesce:
    totals = rows.order_by().values("product").annotate(total=Sum(quantity)).values("total")
    return Coalesce(Subquery(totals), Value(ZERO), output_field=QuantityColumn())


def on_hand() -> Coalesce:
    """Return the outer product's quantity over all sources."""
    return _total(SourceItem.objects.filter(product=OuterRef("pk")), "quantity")


def set_aside() -> Coalesce:
    """Return what is allocated of the outer product at any source."""
    return _total(SourceItem.objects.filter(product=OuterRef("pk")), "allocated")


def waiting() -> Coalesce:
    """Return what is sold of the outer product, and set aside at no source yet."""
    return _total(StockBalance.objects.filter(product=OuterRef("pk")), "waiting_quantity")


def incoming() -> Coalesce:
    """Return what is still to come of the outer product's open supply."""
    return _total(FutureSupply.objects.open().filter(product=OuterRef("pk")), OUTSTANDING)


def incoming_at_source() -> Coalesce:
    """Return what is still to come to the outer source item."""
    same_item = {"product": OuterRef("product"), "source": OuterRef("source")}
    return _total(FutureSupply.objects.open().filter(**same_item), OUTSTANDING)


# The quantities of a product over all sources and stocks, by the name of their annotation.
TOTALS = {
    "total_on_hand": on_hand,
    "total_set_aside": set_aside,
    "total_waiting": waiting,
    "total_incoming": incoming,
}


def totals_of(products: Iterable[Product]) -> dict[int, dict[str, Decimal]]:
    """Return the totals of these products, by id and by name; one statement."""
    listed = Product.objects.filter(pk__in=[product.pk for product in products]).order_by()
    summed = listed.annotate(**{name: total() for name, total in TOTALS.items()})
    return {row["pk"]: row for row in summed.values("pk", *TOTALS)}


def salable_in(stock: Stock, *, configuration: InventoryConfiguration, today: date) -> RawSQL:
    """Return the salable quantity of the outer product in ``stock``, to sort by."""
    site = configuration.overrides()
    backorders = effective("backorders", site)
    parameters = (
        effective("manage_stock", site),
        backorders,
        backorders,
        effective("out_of_stock_threshold", site),
        stock.pk,
        today,
        effective("manage_stock", site),
        stock.pk,
    )
    # Constants of this module; every value is a parameter.
    return RawSQL(POSITION, parameters, output_field=QuantityColumn())  # noqa: S611


def salable(
    *, configuration: InventoryConfiguration, today: date, stock: Stock | None = None
) -> RawSQL:
    """Return the condition that ``stock`` (left out: any stock) can sell some of a product.

    The products are found once, in one pass over the items, before any row is looked at. What is
    joined or excluded instead may be run for each row, once the planner takes it for large.

    Rule: Is salable.
    """
    return _one_of(SALABLE_PRODUCTS, configuration, stock, today)


def unsalable(
    *, configuration: InventoryConfiguration, today: date, stock: Stock | None = None
) -> RawSQL:
    """Return the opposite condition of :func:`salable`."""
    return _one_of(UNSALABLE_PRODUCTS, configuration, stock, today)


def _one_of(
    sql: str, configuration: InventoryConfiguration, stock: Stock | None, today: date
) -> RawSQL:
    site = configuration.overrides()
    stock_id = None if stock is None else stock.pk
    parameters = (
        stock_id,
        stock_id,
        effective("manage_stock", site),
        effective("out_of_stock_threshold", site),
        effective("backorders", site),
        today,
    )
    condition = f"inventory_product.id = ANY(ARRAY({sql}))"
    return RawSQL(condition, parameters, output_field=BooleanField())  # noqa: S611 - as above


def overridden() -> Q:
    """Return the condition of having a value of one's own, on the product or at a source."""
    condition = Q()
    for option in PRODUCT_OPTIONS:
        condition |= Q(**{f"{option.name}__isnull": False})
    at_sources = Q()
    for option in SOURCE_ITEM_OPTIONS:
        at_sources |= Q(**{f"{option.name}__isnull": False})
    return condition | Q(Exists(SourceItem.objects.filter(at_sources, product=OuterRef("pk"))))


def effective(name: str, site: dict[str, Any]) -> Any:
    """Return the value that products without one of their own follow."""
    return resolve(name, configuration=site).value
