"""One source with MUGs, and orders of them."""

from datetime import UTC, datetime
from decimal import Decimal

from core.acts import Act
from inventory.models import InventoryConfiguration
from orders.models import Order
from orders.placing.place import place_order
from orders.placing.request import Customer, LineRequest, OrderRequest
from tests.factories.inventory import (
    ProductFactory,
    SalesChannelFactory,
    SourceFactory,
    SourceItemFactory,
    StockFactory,
)
from tests.orders.addresses import HOME

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


def open_shop() -> None:
    """Ten MUGs at one source, which takes backorders; a channel that sells them."""
    InventoryConfiguration.load()
    source = SourceFactory(code="seattle")
    SalesChannelFactory(code="web", stock=StockFactory(sources=[source]))
    product = ProductFactory(sku="MUG", backorders="ALLOW_QTY_BELOW_0")
    SourceItemFactory(product=product, source=source, quantity=Decimal(10))


def placed(number: str, quantity: int) -> Order:
    request = OrderRequest(
        address=HOME,
        channel="web",
        customer=Customer("Ada Lovelace", "ada@example.com"),
        lines=(LineRequest("MUG", Decimal(quantity)),),
        number=number,
    )
    return Order.objects.get(pk=place_order(request, Act(NOW)).order_id)
