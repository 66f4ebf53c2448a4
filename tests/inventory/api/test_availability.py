from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from inventory.models import InventoryConfiguration, Product, StockBalance
from tests.api import Api, api_with
from tests.factories.inventory import (
    ProductFactory,
    SourceFactory,
    SourceItemFactory,
    StockFactory,
)
from tests.option_values import give_own_values

pytestmark = pytest.mark.django_db


@pytest.fixture
def api() -> Api:
    east = SourceFactory(code="east")
    stock = StockFactory(code="shop", sources=[east])
    apple = ProductFactory(
        sku="A",
        backorders="ALLOW_QTY_BELOW_0",
        out_of_stock_threshold=Decimal(-50),
        only_x_left_threshold=Decimal(5),
    )
    SourceItemFactory(source=east, product=apple, quantity=Decimal(25))
    StockBalance.objects.create(stock=stock, product=apple)
    ProductFactory(sku="B")
    return api_with("inventory.view_product")


def answers(api: Api, sku: str = "A") -> Any:
    status, rows = api.get(f"availability/?stock=shop&sku={sku}")
    assert status == 200
    return rows


def test_25_on_hand_with_threshold_minus_50_is_75_salable(api: Api) -> None:
    assert answers(api, "A,B,a") == [
        {
            "sku": "A",
            "assigned": True,
            "salable_quantity": "75.0000",
            "unlimited": False,
            "is_salable": True,
            "backorders": "ALLOW_QTY_BELOW_0",
            "cannot_be_bought": None,
            "is_listed": True,
            "preorder_on": None,
            "message": "In Stock",
        },
        {
            "sku": "B",
            "assigned": False,
            "salable_quantity": None,
            "unlimited": False,
            "is_salable": False,
            "backorders": "NO_BACKORDERS",
            "cannot_be_bought": None,
            "is_listed": False,
            "preorder_on": None,
            "message": "Out of Stock",
        },
    ]


def test_only_5_are_left_after_70_and_none_after_75(api: Api) -> None:
    StockBalance.objects.update(reserved=-70)
    assert answers(api)[0]["message"] == "Only 5 left"

    StockBalance.objects.update(reserved=-75)
    assert answers(api)[0]["message"] == "Out of Stock"


def test_nothing_is_said_where_the_merchant_hides_availability(api: Api) -> None:
    InventoryConfiguration.objects.update_or_create(pk=1, defaults={"show_availability": False})

    assert answers(api)[0]["message"] == ""


def test_many_products_take_as_many_statements_as_one(
    api: Api, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(20):
        ProductFactory(sku=f"P{number}")
    api.get("availability/?stock=shop&sku=A")

    with django_assert_num_queries(6):
        api.get("availability/?stock=shop&sku=A")
    with django_assert_num_queries(6):
        api.get("availability/?stock=shop&sku=" + ",".join(f"P{number}" for number in range(20)))


def test_unknown_stocks_and_missing_names_are_refused(api: Api) -> None:
    assert api.get("availability/?stock=none&sku=A")[0] == 404
    assert api.get("availability/?stock=shop")[0] == 400
    assert api.get("availability/?sku=A")[0] == 400
    assert api.get("availability/?stock=%00&sku=%00")[0] == 400
    assert api.get("availability/?stock=shop&sku=" + ",".join(map(str, range(1001))))[0] == 400


def test_what_is_out_of_stock_is_listed_only_where_the_site_shows_it(api: Api) -> None:
    StockBalance.objects.update(reserved=-75)
    hidden = answers(api, "A,B")
    InventoryConfiguration.objects.update_or_create(pk=1, defaults={"display_out_of_stock": True})
    shown = answers(api, "A,B")

    assert [row["is_listed"] for row in hidden] == [False, False]
    # Not assigned to the stock: there is nothing to list.
    assert [row["is_listed"] for row in shown] == [True, False]


def test_a_virtual_product_takes_no_backorders_here_as_in_what_is_in_force_of_it() -> None:
    InventoryConfiguration.objects.update_or_create(
        pk=1, defaults={"backorders": "ALLOW_QTY_BELOW_0"}
    )
    source = SourceFactory()
    StockFactory(code="shop", sources=[source])
    product = ProductFactory(sku="V", product_type="VIRTUAL")
    SourceItemFactory(source=source, product=product)
    program = api_with("inventory.view_product")

    def told() -> tuple[Any, Any]:
        in_force = program.get("products/V/")[1]["effective"]["backorders"]
        return answers(program, "V")[0]["backorders"], in_force

    assert told() == ("NO_BACKORDERS", {"value": "NO_BACKORDERS", "origin": "PRODUCT"})
    give_own_values(product, manage_stock=False)
    product.save()
    assert told() == ("ALLOW_QTY_BELOW_0", {"value": "ALLOW_QTY_BELOW_0", "origin": "GLOBAL"})


def test_until_its_release_date_a_product_is_a_preorder(api: Api) -> None:
    Product.objects.filter(sku="A").update(release_on=date(2099, 4, 1), preorder_limit=12)

    preordered = answers(api)[0]
    Product.objects.filter(sku="A").update(release_on=date(2020, 4, 1))
    released = answers(api)[0]

    assert (preordered["preorder_on"], preordered["message"]) == (
        "2099-04-01",
        "Pre-order: available from 1 Apr 2099",
    )
    assert (preordered["salable_quantity"], preordered["unlimited"]) == ("12.0000", False)
    assert preordered["backorders"] == "ALLOW_QTY_BELOW_0_AND_NOTIFY_CUSTOMER"
    assert (released["preorder_on"], released["message"]) == (None, "In Stock")
    assert released["salable_quantity"] == "75.0000"
