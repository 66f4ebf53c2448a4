"""Loads what Northwind sells: sources, stock, channel, products, source items, future supply."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from demo.fixtures import rows_of
from inventory.models import (
    FutureSupply,
    InventoryConfiguration,
    Product,
    SalesChannel,
    Source,
    SourceItem,
    Stock,
    StockSource,
)
from inventory.models.configuration import SINGLETON_PK
from inventory.options import Backorders

STOCK = "northwind"
CHANNEL = "web"


@dataclass(frozen=True, slots=True)
class Catalogue:
    """What the rest of the demo refers to, by SKU; ``main_source_ids`` hold the larger share."""

    stock: Stock
    channel: SalesChannel
    products: Mapping[str, Product]
    main_source_ids: Mapping[str, int]


def load_catalogue(*, shift: timedelta) -> Catalogue:
    """Write the catalogue with its future supply, dates moved by ``shift``."""
    InventoryConfiguration.objects.update_or_create(
        pk=SINGLETON_PK,
        defaults={"backorders": Backorders.ALLOW_QTY_BELOW_0_AND_NOTIFY_CUSTOMER.value},
    )
    stock = Stock.objects.create(code=STOCK, name="Northwind")
    SalesChannel.objects.create(code=CHANNEL, name="Web shop", stock=stock)
    for priority, row in enumerate(rows_of("sources"), start=1):
        source = Source.objects.create(**row)
        StockSource.objects.create(stock=stock, source=source, priority=priority)
    Product.objects.bulk_create(_product(row) for row in rows_of("products"))
    source_ids = dict(Source.objects.values_list("code", "pk"))
    product_ids = dict(Product.objects.values_list("sku", "pk"))
    SourceItem.objects.bulk_create(
        SourceItem(
            source_id=source_ids[row["source_code"]],
            product_id=product_ids[row["sku"]],
            quantity=Decimal(row["quantity"]),
        )
        for row in rows_of("stock_sources")
    )
    FutureSupply.objects.bulk_create(
        FutureSupply(
            source_id=source_ids[row["source_code"]],
            product_id=product_ids[row["sku"]],
            quantity=Decimal(row["quantity"]),
            expected_on=_shifted(row["expected_on"], shift),
            reference=row["reference"],
        )
        for row in rows_of("future_supply")
    )
    return read_catalogue()


def read_catalogue() -> Catalogue:
    """Return the catalogue as it was loaded."""
    stock = Stock.objects.get(code=STOCK)
    items = SourceItem.objects.filter(source__stocks=stock).select_related("product")
    # Ascending, so that the largest share is written last; the first source wins a tie.
    ranked = sorted(items, key=lambda item: (item.quantity, -item.source_id))
    return Catalogue(
        stock=stock,
        channel=SalesChannel.objects.get(code=CHANNEL),
        products={item.product.sku: item.product for item in ranked},
        main_source_ids={item.product.sku: item.source_id for item in ranked},
    )


def _product(row: Mapping[str, str]) -> Product:
    return Product(
        sku=row["sku"],
        name=row["name"],
        price=Decimal(row["price"]),
        notify_quantity_below=Decimal(row["notify_on_stock_below"]),
    )


def _shifted(day: str, shift: timedelta) -> date | None:
    return date.fromisoformat(day) + shift if day else None
