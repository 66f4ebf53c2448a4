"""No oversell under concurrent buyers, thanks to the lock on source items; no deadlock either."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from decimal import Decimal
from threading import Barrier
from typing import Any

import pytest
from django.db import connection

from core.acts import Act
from inventory.models import InventoryConfiguration, Product, Source, SourceItem
from orders.models import Order
from orders.placing.errors import OrderRefusedError
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
from tests.orders.addresses import HOME

pytestmark = pytest.mark.django_db(transaction=True)

THREADS = 8
NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


def order(channel: str, *skus: str, quantity: int = 1) -> OrderRequest:
    return OrderRequest(
        address=HOME,
        channel=channel,
        customer=Customer("Ada Example", "ada@example.com"),
        lines=tuple(LineRequest(sku, Decimal(quantity)) for sku in skus),
    )


def place_together(requests: list[Any], *, key: str | None = None) -> list[Any]:
    """Place the requests, one list a thread, all threads starting at once; return the outcomes."""
    start = Barrier(len(requests))

    def buyer(mine: Any) -> Any:
        outcomes = []
        try:
            start.wait(timeout=120)
            for request in mine:
                try:
                    outcomes.append(place_order(request, Act(NOW, key=key)).number)
                except OrderRefusedError as refused:
                    outcomes.append(refused.problems[0].code)
        finally:
            connection.close()
        return outcomes

    with ThreadPoolExecutor(len(requests)) as pool:
        return [outcome for outcomes in pool.map(buyer, requests) for outcome in outcomes]


def stock_product(sku: str, sources: list[Source], quantity: int) -> Product:
    product = ProductFactory(sku=sku)
    for source in sources:
        SourceItemFactory(source=source, product=product, quantity=Decimal(quantity))
    return product


def allow_backorders(threshold: int) -> None:
    InventoryConfiguration.objects.update_or_create(
        pk=1,
        defaults={
            "backorders": "ALLOW_QTY_BELOW_0",
            "out_of_stock_threshold": Decimal(threshold),
        },
    )


def test_a_hot_product_sells_exactly_what_there_is() -> None:
    source = SourceFactory()
    SalesChannelFactory(code="web", stock=StockFactory(sources=[source]))
    stock_product("HOT", [source], 20)

    outcomes = place_together([[order("web", "HOT")] * 5 for _ in range(THREADS)])

    assert outcomes.count("NOT_ENOUGH_ITEMS") == 20
    assert Order.objects.count() == 20
    assert SourceItem.objects.get().allocated == Decimal(20)
    assert_invariants()


def test_two_stocks_that_share_a_source_do_not_sell_its_units_twice() -> None:
    source = SourceFactory()
    for code in ("east", "west"):
        SalesChannelFactory(code=code, stock=StockFactory(sources=[source]))
    stock_product("HOT", [source], 20)

    outcomes = place_together(
        [[order("west" if buyer % 2 else "east", "HOT")] * 5 for buyer in range(THREADS)]
    )

    assert outcomes.count("NOT_ENOUGH_ITEMS") == 20
    assert Order.objects.count() == 20
    assert_invariants()


def test_a_capped_backorder_sells_exactly_to_its_cap() -> None:
    source = SourceFactory()
    SalesChannelFactory(code="web", stock=StockFactory(sources=[source]))
    stock_product("HOT", [source], 10)
    allow_backorders(-50)

    outcomes = place_together([[order("web", "HOT", quantity=3)] * 4 for _ in range(THREADS)])

    assert Order.objects.count() == 20  # 20 x 3 = 10 on hand + 50 below 0
    assert outcomes.count("NOT_ENOUGH_ITEMS") == 12
    assert_invariants()


def test_products_ordered_in_opposite_order_do_not_deadlock() -> None:
    source = SourceFactory()
    SalesChannelFactory(code="web", stock=StockFactory(sources=[source]))
    skus = ["A", "B", "C", "D", "E", "F"]
    for sku in skus:
        stock_product(sku, [source], 1000)

    place_together(
        [[order("web", *(skus if buyer % 2 else skus[::-1]))] * 6 for buyer in range(THREADS)]
    )

    assert Order.objects.count() == 48
    assert {item.allocated for item in SourceItem.objects.all()} == {Decimal(48)}
    assert_invariants()


def test_one_key_raced_by_many_places_one_order() -> None:
    source = SourceFactory()
    SalesChannelFactory(code="web", stock=StockFactory(sources=[source]))
    stock_product("HOT", [source], 1)

    outcomes = place_together([[order("web", "HOT")] for _ in range(THREADS)], key="raced")

    assert len(set(outcomes)) == 1
    assert Order.objects.count() == 1
    assert_invariants()
