"""A shop of 4 kettles, whose customers are informed of backorders."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from core.acts import Act
from fulfillment.release.runs import engine
from inventory.models import FutureSupply, InventoryConfiguration, SourceItem
from orders.placing.place import place_order
from orders.placing.request import Customer, LineRequest, OrderRequest, PaymentRequest
from tests.factories.inventory import (
    FutureSupplyFactory,
    ProductFactory,
    SalesChannelFactory,
    SourceFactory,
    SourceItemFactory,
    StockFactory,
)
from tests.orders.addresses import HOME

NOW = datetime(2026, 3, 1, 9, tzinfo=UTC)


def open_shop() -> None:
    """4 kettles; what is sold beyond them is expected in 14 days."""
    source = SourceFactory(code="a")
    SalesChannelFactory(code="web", stock=StockFactory(sources=[source]))
    kettle = ProductFactory(sku="KTP", name="Kettle")
    SourceItemFactory(source=source, product=kettle, quantity=Decimal(4))
    configure(backorders="ALLOW_QTY_BELOW_0_AND_NOTIFY_CUSTOMER", default_backorder_days=14)


def configure(**options: int | str) -> None:
    InventoryConfiguration.objects.update_or_create(pk=1, defaults=options)


def place(
    quantity: int = 6,
    token: str = "",
    language: str = "en",
    gateway: str = "sandbox",
    **options: bool,
) -> int:
    request = OrderRequest(
        address=HOME,
        channel="web",
        customer=Customer("Ada Example", "ada@example.com", language),
        lines=(LineRequest("KTP", Decimal(quantity), Decimal("2.50")),),
        number="1001",
        payment=PaymentRequest(gateway, token),
    )
    return place_order(request, Act(NOW), **options).order_id


def release() -> None:
    engine.run_release(act=Act(NOW), zone=ZoneInfo("UTC"), trigger="STAFF")


def supply_comes(day: Any) -> FutureSupply:
    return FutureSupplyFactory(
        source=SourceItem.objects.get().source,
        product=SourceItem.objects.get().product,
        quantity=Decimal(2),
        expected_on=day,
    )
