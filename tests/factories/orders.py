from datetime import UTC, datetime
from decimal import Decimal

import factory
from factory.django import DjangoModelFactory

from orders.models import Order, OrderLine
from tests.factories.inventory import ProductFactory, SalesChannelFactory

CENT = Decimal("0.01")


class OrderFactory(DjangoModelFactory[Order]):
    """An order that is paid for; its lines are made with :class:`OrderLineFactory`."""

    number = factory.Sequence("ORD-{}".format)
    channel = factory.SubFactory(SalesChannelFactory)
    stock = factory.SelfAttribute("channel.stock")
    status = Order.Status.PROCESSING
    placed_at = datetime(2026, 3, 1, 9, tzinfo=UTC)
    customer_name = "Ada Example"
    customer_email = "ada@example.com"

    class Meta:
        model = Order


class OrderLineFactory(DjangoModelFactory[OrderLine]):
    order = factory.SubFactory(OrderFactory)
    number = factory.LazyAttribute(lambda line: line.order.lines.count() + 1)
    product = factory.SubFactory(ProductFactory)
    sku = factory.SelfAttribute("product.sku")
    name = factory.SelfAttribute("product.name")
    quantity = Decimal(1)
    unit_price = Decimal("10.00")
    total = factory.LazyAttribute(lambda line: (line.quantity * line.unit_price).quantize(CENT))

    class Meta:
        model = OrderLine
