"""Orders whose money is authorized and not captured, and gateways that misbehave on purpose."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from core.acts import Act
from fulfillment.models import ReleaseRun, Shipment, ShipmentLine
from fulfillment.release.runs import engine
from inventory.models import InventoryConfiguration, SourceItem
from inventory.operations import units
from orders.placing.place import place_order
from orders.placing.request import Customer, LineRequest, OrderRequest, PaymentRequest
from tests.factories.inventory import (
    ProductFactory,
    SalesChannelFactory,
    SourceFactory,
    SourceItemFactory,
    StockFactory,
)
from tests.orders.addresses import HOME

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


def open_shop(**options: Any) -> None:
    """One source with no kettle; released shipments are authorized again unless said otherwise."""
    source = SourceFactory(code="a")
    SalesChannelFactory(code="web", stock=StockFactory(sources=[source]))
    SourceItemFactory(source=source, product=ProductFactory(sku="KTP"), quantity=Decimal(0))
    rules = {
        "backorders": "ALLOW_QTY_BELOW_0",
        "payment_action": "AUTHORIZE",
        "void_and_reauthorize": True,
        **options,
    }
    InventoryConfiguration.objects.update_or_create(pk=1, defaults=rules)


def buy(quantity: int = 4, token: str = "", now: datetime = NOW) -> int:
    """Place an order of kettles at 2.50; return its id."""
    request = OrderRequest(
        address=HOME,
        channel="web",
        customer=Customer("Ada Example", "ada@example.com"),
        lines=(LineRequest("KTP", Decimal(quantity), Decimal("2.50")),),
        payment=PaymentRequest("sandbox", token),
    )
    placed = place_order(request, Act(now))
    # What waits is confirmed, with no date yet.
    waiting = ShipmentLine.objects.filter(shipment__order=placed.order_id, shipment__source=None)
    waiting.update(promise_told_at=now)
    return placed.order_id


def arrive(quantity: int) -> None:
    units.add({SourceItem.objects.get().pk: Decimal(quantity)})


def release(now: datetime = NOW) -> ReleaseRun:
    return engine.run_release(act=Act(now), zone=ZoneInfo("UTC"), trigger="STAFF")


def standing(shipment: Shipment | None = None) -> str:
    """Say how the one shipment stands: its state, and what holds it."""
    shipment = shipment or Shipment.objects.exclude(state="REASSIGNED").get()
    return f"{shipment.state} {shipment.hold_reason}".strip()
