"""Placement while units arrive and are released: nobody is overtaken, nothing is sold twice."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from decimal import Decimal
from threading import Barrier
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection

from core.acts import Act
from fulfillment.models import ReleaseRun, Shipment
from fulfillment.release.runs.engine import run_release
from inventory.models import InventoryConfiguration, SourceItem
from inventory.operations import units
from inventory.operations.receipts import receive_supply
from orders.placing.place import place_order
from orders.placing.request import Customer, LineRequest, OrderRequest
from tests.factories.inventory import (
    FutureSupplyFactory,
    ProductFactory,
    SalesChannelFactory,
    SourceFactory,
    SourceItemFactory,
    StockFactory,
)
from tests.invariants import assert_invariants
from tests.orders.addresses import HOME

pytestmark = pytest.mark.django_db(transaction=True)

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
LATER = datetime(2026, 3, 3, 12, tzinfo=UTC)


def buy(now: datetime) -> int:
    request = OrderRequest(
        address=HOME,
        channel="web",
        customer=Customer("Ada Example", "ada@example.com"),
        lines=(LineRequest("HOT", Decimal(1)),),
    )
    return place_order(request, Act(now)).order_id


def together(*calls: Any) -> list[Any]:
    start = Barrier(len(calls))

    def run(call: Any) -> Any:
        try:
            start.wait(timeout=120)
            return call()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


def test_buyers_do_not_overtake_the_queue_while_it_is_released() -> None:
    source = SourceFactory()
    SalesChannelFactory(code="web", stock=StockFactory(sources=[source]))
    item = SourceItemFactory(source=source, product=ProductFactory(sku="HOT"), quantity=Decimal(0))
    InventoryConfiguration.objects.update_or_create(
        pk=1, defaults={"backorders": "ALLOW_QTY_BELOW_0"}
    )
    early = [buy(NOW) for _ in range(10)]
    units.add({item.pk: Decimal(10)})

    def release() -> ReleaseRun:
        return run_release(act=Act(LATER), zone=ZoneInfo("UTC"), trigger=ReleaseRun.Trigger.STAFF)

    def buy_five() -> list[int]:
        return [buy(LATER) for _ in range(5)]

    together(release, *([buy_five] * 7))

    ready = Shipment.objects.filter(state=Shipment.State.READY).order_by("order_id")
    assert [shipment.order_id for shipment in ready] == early
    assert Shipment.objects.backordered().count() == 35
    assert_invariants()


def test_buyers_take_nothing_of_a_receipt_that_was_promised() -> None:
    source = SourceFactory()
    SalesChannelFactory(code="web", stock=StockFactory(sources=[source]))
    item = SourceItemFactory(source=source, product=ProductFactory(sku="HOT"), quantity=Decimal(0))
    InventoryConfiguration.objects.update_or_create(
        pk=1, defaults={"backorders": "ALLOW_QTY_BELOW_0", "future_inventory": True}
    )
    supply = FutureSupplyFactory(
        source=source, product=item.product, quantity=Decimal(20), expected_on=date(2026, 3, 9)
    )
    early = [buy(NOW) for _ in range(10)]
    run_release(act=Act(NOW), zone=ZoneInfo("UTC"), trigger=ReleaseRun.Trigger.STAFF)
    promised = Shipment.objects.filter(state=Shipment.State.FUTURE)
    assert set(promised.values_list("order_id", flat=True)) == set(early)

    def receive() -> None:
        for _ in range(5):
            receive_supply(supply.pk, Act(LATER), quantity=Decimal(4))

    def buy_five() -> list[int]:
        return [buy(LATER) for _ in range(5)]

    together(receive, *([buy_five] * 7))

    served = Shipment.objects.filter(state=Shipment.State.READY).values_list("order_id", flat=True)
    assert set(early) <= set(served)
    held = SourceItem.objects.get()
    assert held.quantity == Decimal(20)
    assert held.allocated == len(served)
    assert len(served) + Shipment.objects.backordered().count() == 45
    assert_invariants()
