"""Recommended sources over the API."""

from decimal import Decimal
from typing import Any

import pytest

from inventory.models import InventoryConfiguration, Product, Source, SourceItem
from tests.api import Api, codes

pytestmark = pytest.mark.django_db


def select(api: Api, *lines: tuple[str, str], **members: dict[str, str] | str) -> tuple[Any, ...]:
    rows = [{"sku": sku, "quantity": quantity} for sku, quantity in lines]
    return api.post(
        "source-selection/", {"stock": "shop", "algorithm": "PRIORITY", "lines": rows} | members
    )


@pytest.fixture
def shop(api: Api) -> Api:
    """East has 4 A, west 9; east is in Stockholm, west in Gothenburg."""
    SourceItem.objects.filter(source__code="west").update(quantity=Decimal(9))
    Source.objects.filter(code="east").update(latitude="59.33", longitude="18.07")
    Source.objects.filter(code="west").update(latitude="57.71", longitude="11.97")
    return api


def test_the_first_source_that_covers_everything_is_recommended(shop: Api) -> None:
    status, body = select(shop, ("A", "3"), ("A", "1"))

    assert status == 200
    assert body == {
        "is_covered": True,
        "takes": [{"source": "east", "sku": "A", "quantity": "4.0000", "available": "4.0000"}],
    }


def test_otherwise_the_source_that_covers_most_comes_first(shop: Api) -> None:
    _status, body = select(shop, ("A", "12"))

    assert body["is_covered"]
    assert [(take["source"], take["quantity"]) for take in body["takes"]] == [
        ("west", "9.0000"),
        ("east", "3.0000"),
    ]
    assert not select(shop, ("A", "14"))[1]["is_covered"]


def test_the_nearest_source_is_recommended_by_distance(shop: Api) -> None:
    malmo = {"latitude": "55.60", "longitude": "13.00"}

    _status, body = select(shop, ("A", "1"), algorithm="DISTANCE", destination=malmo)

    assert body["takes"][0]["source"] == "west"


def test_limits_hold_and_unmanaged_products_need_nothing(shop: Api) -> None:
    InventoryConfiguration.objects.update(max_sources_per_release=1)
    assert select(shop, ("A", "12"))[1]["is_covered"] is False
    Product.objects.update(manage_stock=False)
    assert select(shop, ("A", "12"))[1] == {"is_covered": True, "takes": []}


def test_what_is_unknown_is_refused_at_its_pointer(shop: Api) -> None:
    status, body = select(shop, ("A", "1"), ("B", "1"))
    assert (status, codes(body)[1]) == (422, [("/lines/1/sku", "UNKNOWN_SKU")])
    status, body = select(shop, ("A", "1"), stock="none")
    assert (status, codes(body)[1]) == (422, [("/stock", "UNKNOWN_STOCK")])
    assert select(shop, ("A", "1"), algorithm="MAGIC")[0] == 400
