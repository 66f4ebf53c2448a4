"""Which source items are low, which products are gone."""

from datetime import date
from decimal import Decimal

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Coalesce

from core.models.columns import QuantityColumn
from inventory.models import InventoryConfiguration, Product, SourceItem, Stock
from inventory.queries.product_list import effective, unsalable


def low_item(*, configuration: InventoryConfiguration) -> Q:
    """Return the condition under which a source item is low, whatever its status.

    Rule: Low stock.
    """
    site = configuration.overrides()
    managed = Q(product__manage_stock=True)
    if effective("manage_stock", site):
        managed |= Q(product__manage_stock=None)
    below = threshold(configuration=configuration)
    return managed & Q(quantity__lt=below, source__is_enabled=True, product__is_enabled=True)


def low_product(*, configuration: InventoryConfiguration) -> Q:
    """Return the condition under which a product is low at a source."""
    items = SourceItem.objects.filter(low_item(configuration=configuration))
    return Q(Exists(items.filter(product=OuterRef("pk"))))


def threshold(*, configuration: InventoryConfiguration) -> Coalesce:
    """Return the quantity below which a source item is low: its own, its product's, the site's."""
    site: Decimal = effective("notify_quantity_below", configuration.overrides())
    return Coalesce(
        F("notify_quantity_below"),
        F("product__notify_quantity_below"),
        Value(site, output_field=QuantityColumn()),
    )


def low_items(
    items: QuerySet[SourceItem], *, configuration: InventoryConfiguration
) -> QuerySet[SourceItem]:
    """Return those of ``items`` that are low, with ``low_below`` and how much is ``missing``."""
    below = threshold(configuration=configuration)
    return items.filter(low_item(configuration=configuration)).annotate(
        low_below=below, missing=below - F("quantity")
    )


def low_count(*, configuration: InventoryConfiguration, most: int) -> int:
    """Return how many source items are low, counting no further than ``most``."""
    found = SourceItem.objects.filter(low_item(configuration=configuration)).order_by()
    return found.values("pk")[:most].count()


def sold_out(
    stock: Stock, *, configuration: InventoryConfiguration, today: date
) -> QuerySet[Product]:
    """Return the products that a stock is assigned and has none left of.

    They are enabled, their stock is managed, and their backorders are off or used up.
    """
    managed = Q(manage_stock=True)
    if effective("manage_stock", configuration.overrides()):
        managed |= Q(manage_stock=None)
    assigned = SourceItem.objects.filter(
        product=OuterRef("pk"), source__is_enabled=True, source__links__stock=stock
    )
    gone = unsalable(configuration=configuration, today=today, stock=stock)
    found = Product.objects.filter(managed, Exists(assigned), gone, is_enabled=True)
    return found.order_by("sku", "pk")
