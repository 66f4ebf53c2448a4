"""Reading many products takes as many queries as reading one."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from inventory.models import InventoryConfiguration, Product, SourceItem, Stock
from inventory.queries.low_items import sold_out
from inventory.queries.positions import stock_positions
from inventory.queries.product_list import unsalable
from inventory.queries.salability_facts import availability_in_stock
from inventory.salability import salable_quantity
from tests.factories.inventory import SourceFactory, StockFactory
from tests.present import present

TODAY = date(2026, 3, 2)

pytestmark = pytest.mark.django_db


def catalog(count: int) -> Any:
    """``count`` products at two sources; every third sells 50 more than is on hand."""
    sources = [SourceFactory(), SourceFactory()]
    StockFactory(code="shop", sources=sources)
    products = Product.objects.bulk_create(
        Product(
            sku=f"S{number}",
            name="Bulk",
            backorders=None if number % 3 else "ALLOW_QTY_BELOW_0",
            out_of_stock_threshold=None if number % 3 else Decimal(-50),
        )
        for number in range(count)
    )
    SourceItem.objects.bulk_create(
        SourceItem(product=product, source=source, quantity=Decimal(2))
        for product in products
        for source in sources
    )
    return products


@pytest.mark.parametrize("count", [1, 10_000])
def test_resolution_of_ten_thousand_products_takes_three_queries(
    count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    catalog(count)
    skus = [f"S{number}" for number in range(count)]

    with django_assert_num_queries(3):
        found = present(availability_in_stock("shop", skus, today=TODAY))

    salable = {sku: salable_quantity(found.products[sku].facts) for sku in skus}
    assert salable == {
        sku: Decimal(4) if number % 3 else Decimal(54) for number, sku in enumerate(skus)
    }


@pytest.mark.parametrize("count", [1, 500])
def test_positions_in_every_stock_take_three_queries(
    count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    products = catalog(count)
    site = InventoryConfiguration.load()

    with django_assert_num_queries(3):
        positions = stock_positions(products, configuration=site, today=TODAY)

    assert len(positions) == count


def test_products_that_share_their_rules_do_not_share_what_they_inherit() -> None:
    catalog(6)
    InventoryConfiguration.objects.update_or_create(
        pk=1, defaults={"out_of_stock_threshold": Decimal(1)}
    )
    SourceItem.objects.filter(product__sku="S1").update(backorders="ALLOW_QTY_BELOW_0")

    found = present(
        availability_in_stock("shop", [f"S{number}" for number in range(6)], today=TODAY)
    ).products

    assert {sku: salable_quantity(row.facts) for sku, row in found.items()} == {
        "S0": Decimal(54),
        "S1": Decimal(4),
        "S2": Decimal(3),
        "S3": Decimal(54),
        "S4": Decimal(3),
        "S5": Decimal(3),
    }


def test_what_is_out_of_stock_is_found_once_and_never_looked_up_row_by_row() -> None:
    catalog(300)
    site = InventoryConfiguration.load()

    of_any = Product.objects.filter(unsalable(configuration=site, today=TODAY)).explain()
    of_shop = sold_out(Stock.objects.get(code="shop"), configuration=site, today=TODAY).explain()

    # An InitPlan runs once; a SubPlan over the items would run for each product.
    for plan in (of_any, of_shop):
        assert "InitPlan" in plan
        assert "NOT (ANY" not in plan
