"""The worked example: 25 on hand, threshold -50, backorders allowed, Only X left 5."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from core.acts import Act
from inventory.models import InventoryConfiguration, Source, SourceItem
from inventory.queries.salability_facts import availability_in_stock
from inventory.salability import is_salable, salable_quantity, storefront_message
from orders.cancellation import cancel_open_units
from orders.models import Order
from orders.placing.errors import OrderRefusedError
from orders.placing.place import PlacedOrder, place_order
from orders.placing.request import Customer, LineRequest, OrderRequest, PaymentRequest
from tests.factories.inventory import (
    ProductFactory,
    SalesChannelFactory,
    SourceFactory,
    SourceItemFactory,
    StockFactory,
)
from tests.invariants import assert_invariants
from tests.orders.addresses import HOME
from tests.present import present

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def shop(db: None) -> Source:
    source = SourceFactory()
    SalesChannelFactory(code="web", stock=StockFactory(code="shop", sources=[source]))
    InventoryConfiguration.objects.update_or_create(
        pk=1,
        defaults={
            "backorders": "ALLOW_QTY_BELOW_0_AND_NOTIFY_CUSTOMER",
            "out_of_stock_threshold": Decimal(-50),
            "only_x_left_threshold": Decimal(5),
        },
    )
    product = ProductFactory(sku="A", notify_quantity_below=Decimal(10))
    SourceItemFactory(source=source, product=product, quantity=Decimal(25))
    return source


def buy(quantity: int, sku: str = "A", payment: PaymentRequest | None = None) -> PlacedOrder:
    return place_order(
        OrderRequest(
            address=HOME,
            channel="web",
            customer=Customer("Ada Example", "ada@example.com"),
            lines=(LineRequest(sku, Decimal(quantity)),),
            payment=payment or PaymentRequest(),
        ),
        Act(NOW),
    )


def shown(sku: str = "A") -> tuple[Decimal, Any]:
    facts = present(availability_in_stock("shop", [sku], today=NOW.date())).products[sku].facts
    return salable_quantity(facts), storefront_message(facts, show_availability=True).value


def test_salable_falls_from_seventy_five_to_out_of_stock() -> None:
    assert shown() == (Decimal(75), "IN_STOCK")

    buy(60)
    buy(10)
    assert shown() == (Decimal(5), "ONLY_X_LEFT")

    buy(5)
    assert shown() == (Decimal(0), "OUT_OF_STOCK")
    with pytest.raises(OrderRefusedError, match="NOT_ENOUGH_ITEMS"):
        buy(1)
    assert_invariants()


def test_canceled_units_return_to_the_salable_quantity_and_to_no_source() -> None:
    buy(65)
    unpaid = buy(10, payment=PaymentRequest("sandbox", "timeout"))
    assert shown() == (Decimal(0), "OUT_OF_STOCK")

    order = Order.objects.get(pk=unpaid.order_id)
    cancel_open_units(order, Act(NOW, reason="Changed their mind"))

    assert shown() == (Decimal(10), "IN_STOCK")
    assert SourceItem.objects.get().quantity == Decimal(25)
    assert_invariants()


def test_a_product_with_backorders_disabled_keeps_its_threshold(shop: Source) -> None:
    product = ProductFactory(
        sku="B", backorders="NO_BACKORDERS", out_of_stock_threshold=Decimal(10)
    )
    SourceItemFactory(source=shop, product=product, quantity=Decimal(12))

    assert shown("B")[0] == Decimal(2)
    buy(2, "B")
    assert shown("B") == (Decimal(0), "OUT_OF_STOCK")


def test_a_global_change_is_seen_at_once_by_all_that_inherit(shop: Source) -> None:
    product = ProductFactory(sku="B", out_of_stock_threshold=Decimal(0))
    SourceItemFactory(source=shop, product=product, quantity=Decimal(12))

    InventoryConfiguration.objects.update(out_of_stock_threshold=Decimal(-60))

    assert shown("A")[0] == Decimal(85)
    assert shown("B")[0] == Decimal(12)


def test_availability_of_a_thousand_products_takes_three_queries(
    shop: Source, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(1000):
        SourceItemFactory(source=shop, product=ProductFactory(sku=f"S{number}"))
    skus = [f"S{number}" for number in range(1000)]

    with django_assert_num_queries(3):
        found = present(availability_in_stock("shop", skus, today=NOW.date()))

    assert len(found.products) == 1000
    assert all(is_salable(product.facts) for product in found.products.values())
