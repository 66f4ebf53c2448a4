"""Whether lines could be ordered, without ordering them."""

from decimal import Decimal
from typing import Any

import pytest

from inventory.models import InventoryConfiguration
from orders.models import Order
from tests.api import Api, api_of_superuser, codes
from tests.factories.inventory import (
    ProductFactory,
    SalesChannelFactory,
    SourceFactory,
    SourceItemFactory,
    StockFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def api() -> Api:
    east = SourceFactory(code="east")
    SalesChannelFactory(code="web", stock=StockFactory(code="shop", sources=[east]))
    told = {"backorders": "ALLOW_QTY_BELOW_0_AND_NOTIFY_CUSTOMER"}
    for sku, own in (("A", told), ("B", {"backorders": "ALLOW_QTY_BELOW_0"}), ("C", {})):
        product = ProductFactory(sku=sku, **own)
        SourceItemFactory(source=east, product=product, quantity=Decimal(4))
    InventoryConfiguration.objects.update_or_create(pk=1, defaults={"max_cart_qty": 100})
    return api_of_superuser()


def check(api: Api, *lines: tuple[str, str], **members: Any) -> tuple[Any, ...]:
    rows = [{"sku": sku, "quantity": quantity} for sku, quantity in lines]
    return api.post("availability/check/", {"channel": "web", "lines": rows} | members)


def test_each_line_says_whether_it_can_be_ordered_and_its_backordered_units(api: Api) -> None:
    status, body = check(api, ("A", "6"), ("B", "5"), ("C", "5"), ("D", "1"))

    assert status == 200
    assert body["lines"] == [
        {
            "sku": "A",
            "ok": True,
            "reasons": [],
            "backordered_quantity": "2.0000",
            "notice": "2 of these will be sent later, when they are in stock again.",
        },
        {
            "sku": "B",
            "ok": True,
            "reasons": [],
            "backordered_quantity": "1.0000",
            "notice": "",
        },
        {
            "sku": "C",
            "ok": False,
            "reasons": [
                {
                    "code": "NOT_ENOUGH_ITEMS",
                    "message": "There are not enough items for sale.",
                }
            ],
            "backordered_quantity": "0.0000",
            "notice": "",
        },
        {
            "sku": "D",
            "ok": False,
            "reasons": [{"code": "UNKNOWN_SKU", "message": "There is no product with this SKU."}],
            "backordered_quantity": "0.0000",
            "notice": "",
        },
    ]
    assert not Order.objects.exists()


def test_lines_of_one_product_count_together(api: Api) -> None:
    _status, body = check(api, ("C", "3"), ("C", "2"))

    assert [line["ok"] for line in body["lines"]] == [False, False]


def test_a_stock_is_asked_without_a_channel(api: Api) -> None:
    rows = [{"sku": "C", "quantity": "4"}]

    assert api.post("availability/check/", {"stock": "shop", "lines": rows})[0] == 200
    status, body = api.post("availability/check/", {"stock": "none", "lines": rows})
    assert (status, codes(body)[1]) == (422, [("/stock", "UNKNOWN_STOCK")])
    status, body = api.post("availability/check/", {"channel": "none", "lines": rows})
    assert (status, codes(body)[1]) == (422, [("/channel", "UNKNOWN_CHANNEL")])


def test_either_a_stock_or_a_channel_is_named(api: Api) -> None:
    lines = [{"sku": "C", "quantity": "1"}]
    for named in ({"stock": "shop", "channel": "web"}, {}):
        status, problem = api.post("availability/check/", {**named, "lines": lines})
        assert (status, codes(problem)[1]) == (422, [("/stock", "STOCK_OR_CHANNEL")])


def test_a_pickup_names_a_source_that_is_one(api: Api) -> None:
    pickup = {"fulfillment_method": "PICKUP"}

    for members in (pickup, {"pickup_source": "east"}):
        status, body = check(api, ("C", "1"), **members)
        assert status == 422
        assert codes(body)[1][0] == ("/pickup_source", "INVALID_PICKUP_SOURCE")
    status, body = check(api, ("C", "1"), pickup_source="east", **pickup)
    assert (status, codes(body)[1]) == (422, [("/pickup_source", "NOT_A_PICKUP_SOURCE")])
