from decimal import Decimal
from typing import Any

import factory
from factory.django import DjangoModelFactory

from inventory.models import (
    FutureSupply,
    Product,
    SalesChannel,
    Source,
    SourceItem,
    Stock,
    StockSource,
)


class ProductFactory(DjangoModelFactory[Product]):
    sku = factory.Sequence("SKU-{}".format)
    name = factory.LazyAttribute(lambda product: f"Product {product.sku}")
    price = Decimal("10.00")

    class Meta:
        model = Product


class SourceFactory(DjangoModelFactory[Source]):
    code = factory.Sequence("source-{}".format)
    name = factory.LazyAttribute(lambda source: source.code.title())
    postcode = "00000"
    country = "US"

    class Meta:
        model = Source


class SourceItemFactory(DjangoModelFactory[SourceItem]):
    source = factory.SubFactory(SourceFactory)
    product = factory.SubFactory(ProductFactory)
    quantity = Decimal(10)

    class Meta:
        model = SourceItem


class StockFactory(DjangoModelFactory[Stock]):
    """A stock. ``sources=[a, b]`` links them with priorities 1, 2, …"""

    code = factory.Sequence("stock-{}".format)
    name = factory.LazyAttribute(lambda stock: stock.code.title())

    class Meta:
        model = Stock
        skip_postgeneration_save = True

    @factory.post_generation
    def sources(stock: Any, create: Any, sources: Any, **kwargs: Any) -> None:  # noqa: N805
        for priority, source in enumerate(sources or (), start=1):
            StockSource.objects.create(stock=stock, source=source, priority=priority)


class SalesChannelFactory(DjangoModelFactory[SalesChannel]):
    code = factory.Sequence("channel-{}".format)
    stock = factory.SubFactory(StockFactory)

    class Meta:
        model = SalesChannel


class FutureSupplyFactory(DjangoModelFactory[FutureSupply]):
    source = factory.SubFactory(SourceFactory)
    product = factory.SubFactory(ProductFactory)
    quantity = Decimal(10)

    class Meta:
        model = FutureSupply
