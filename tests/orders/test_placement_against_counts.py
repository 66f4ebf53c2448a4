"""Placement while counts are set, or files brought in: nothing is set aside that is not there."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from decimal import Decimal
from threading import Barrier
from typing import Any

import pytest
from django.db import connection

from core.acts import Act
from fulfillment.models import ShipmentLine
from inventory.models import InventoryConfiguration, SourceItem
from inventory.operations.source_items import ItemChange, set_items
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
from tests.invariants import assert_invariants
from tests.inventory.files.imports import written
from tests.orders.addresses import HOME

pytestmark = pytest.mark.django_db(transaction=True)

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
BUYERS = 6
ORDERS = 6


@pytest.fixture
def items() -> list[SourceItem]:
    """30 of A and of B; more may be ordered."""
    source = SourceFactory(code="a")
    SalesChannelFactory(code="web", stock=StockFactory(sources=[source]))
    InventoryConfiguration.objects.update_or_create(
        pk=1, defaults={"backorders": "ALLOW_QTY_BELOW_0"}
    )
    return [
        SourceItemFactory(source=source, product=ProductFactory(sku=sku), quantity=Decimal(30))
        for sku in ("A", "B")
    ]


def buy_some(skus: Any) -> None:
    request = OrderRequest(
        address=HOME,
        channel="web",
        customer=Customer("Ada Example", "ada@example.com"),
        lines=tuple(LineRequest(sku, Decimal(1)) for sku in skus),
    )
    for _ in range(ORDERS):
        place_order(request, Act(NOW))


def while_buyers_buy(*calls: Callable[..., Any]) -> None:
    """Make the calls at once with buyers of A and B, half of whom name B first."""
    buyers = [lambda skus=skus: buy_some(skus) for skus in (["A", "B"], ["B", "A"]) * 3]
    everyone = [*calls, *buyers]
    start = Barrier(len(everyone))

    def work(call: Any) -> None:
        try:
            start.wait(timeout=120)
            call()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(everyone)) as pool:
        list(pool.map(work, everyone))


def assert_everything_is_somewhere() -> None:
    """Each of the units ordered is set aside, or waits: none is sold twice, none is lost."""
    assert Order.objects.count() == BUYERS * ORDERS
    for item in SourceItem.objects.order_by("pk"):
        assert item.allocated <= item.quantity
        waiting = ShipmentLine.objects.filter(
            product=item.product_id, shipment__state="BACKORDER"
        ).values_list("quantity", flat=True)
        assert item.allocated + sum(waiting) == BUYERS * ORDERS
    assert_invariants()


def test_counts_that_sink_and_rise_while_buyers_buy(items: list[SourceItem]) -> None:
    def count() -> None:
        for quantity in (8, 25, 3, 30, 12):
            set_items(
                [
                    ItemChange(item.product_id, item.source_id, {"quantity": Decimal(quantity)})
                    for item in reversed(items)
                ],
                Act(NOW),
            )

    while_buyers_buy(count, count)

    assert_everything_is_somewhere()


def test_a_stock_file_brought_in_while_buyers_buy(items: list[SourceItem]) -> None:
    def bring_in() -> None:
        for quantity in (8, 3, 12):
            rows = [f"a,{sku},1,{quantity}" for sku in ("B", "A")]
            written("\n".join(["source_code,sku,status,quantity", *rows]))

    while_buyers_buy(bring_in, bring_in)

    assert_everything_is_somewhere()
