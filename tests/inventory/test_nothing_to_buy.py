"""Values that together leave nothing to buy: refused, confirmed, marked."""

import re
from datetime import UTC, datetime
from decimal import Decimal
from random import Random
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from core.acts import Act
from inventory.models import InventoryConfiguration, Product
from inventory.operations import options
from inventory.option_rules import nothing_to_buy
from inventory.queries.buyable import cannot_be_bought, left_with_nothing, reasons_by_product
from tests.api import api_of_superuser
from tests.factories.inventory import (
    ProductFactory,
    SourceFactory,
    SourceItemFactory,
    StockFactory,
)
from tests.form_values import shown
from tests.inventory.product_page import change_url
from tests.inventory.test_use_config import SITE_BOXES
from tests.option_values import give_own_values, own_value

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)

pytestmark = pytest.mark.django_db
LIMITS = [None, "0", "0.0003", "0.5", "1", "1.5", "2", "3", "5", "6", "7", "999999999999.9999"]
SENTENCE = "Cannot be bought: the minimum of 10 is above the maximum of 5."


def values(
    minimum: str = "0", maximum: str = "0", increment: Any = None, *, decimals: bool = False
) -> dict[str, Any]:
    return {
        "min_cart_qty": Decimal(minimum),
        "max_cart_qty": Decimal(maximum),
        "enable_qty_increments": increment is not None,
        "qty_increments": Decimal(increment or 1),
        "qty_uses_decimals": decimals,
    }


@pytest.mark.parametrize(
    ("given", "code"),
    [
        (values("10", "5"), "MINIMUM_ABOVE_MAXIMUM"),
        (values("5", "5"), None),
        (values("10", "0"), None),
        (values("5", "7", "4"), "NOTHING_FITS"),
        (values("5", "8", "4"), None),
        (values("1.2", "1.8"), "NOTHING_FITS"),
        (values("1.2", "1.8", decimals=True), None),
        (values("0", "2", "1.5"), "NOTHING_FITS"),
        (values("0", "3", "1.5"), None),
        (values("0", "2", "1.5", decimals=True), None),
    ],
)
def test_whether_there_is_a_quantity_to_buy(given: dict[str, Any], code: str | None) -> None:
    found = nothing_to_buy(given)

    assert (found and found.code) == code


def test_the_condition_in_the_database_decides_the_same() -> None:
    random = Random(20261128)  # noqa: S311 - the same worlds each time
    source = SourceFactory()

    def own() -> dict[str, Any]:
        limits = {name: random.choice(LIMITS) for name in ("min_cart_qty", "max_cart_qty")}
        return {
            **{name: limit and Decimal(limit) for name, limit in limits.items()},
            "enable_qty_increments": random.choice([None, True, True, False]),
            "qty_increments": random.choice([None, "0.0003", "0.5", "1", "1.5", "4", "7"]),
            "qty_uses_decimals": random.choice([None, True, False]),
        }

    for number in range(300):
        product = ProductFactory(sku=f"P-{number}", **own())
        if number % 3 == 0:
            SourceItemFactory(product=product, source=source, qty_uses_decimals=True)
    found = 0
    for _round in range(20):
        site = {name: value for name, value in own().items() if name != "qty_uses_decimals"}
        site["qty_increments"] = site["qty_increments"] and Decimal(site["qty_increments"])
        products = Product.objects.all()
        expected = set(reasons_by_product(products, configuration=site))
        marked = products.filter(cannot_be_bought(configuration=site))
        assert set(marked.values_list("pk", flat=True)) == expected
        found += len(expected)
    assert found > 500


@pytest.fixture
def products() -> None:
    """Ten A of its own minimum of 10, B of a maximum of 4, and C, which follows the site."""
    InventoryConfiguration.load()
    source = SourceFactory()
    StockFactory(code="shop", sources=[source])
    for sku, own in (("A", {"min_cart_qty": 10}), ("B", {"max_cart_qty": 4}), ("C", {})):
        SourceItemFactory(product=ProductFactory(sku=sku, **own), source=source, quantity=10)


CONFIGURATION = reverse("admin:inventory_inventoryconfiguration_change", args=[1])


def typed(maximum: str, **more: str) -> dict[str, Any]:
    boxes = {name: on for name, on in SITE_BOXES.items() if name != "max_cart_qty_use_config"}
    opened = shown(InventoryConfiguration.load())
    return {**boxes, **opened, "max_cart_qty_value": maximum, **more}


def maximum() -> Any:
    return own_value(InventoryConfiguration.load(), "max_cart_qty")


def test_a_global_change_says_how_many_and_which_and_is_saved_when_confirmed(
    admin_client: Client, products: None
) -> None:
    refused = admin_client.post(CONFIGURATION, typed("5"))

    page = refused.content.decode()
    assert "1 product could no longer be bought: A." in page
    assert 'name="is_confirmed"' in page
    # No field is wrong.
    assert "Correct the marked fields." not in page
    assert (
        "Correct the marked fields."
        in admin_client.post(CONFIGURATION, typed("many")).content.decode()
    )
    [control] = re.findall(r'<input[^>]*name="max_cart_qty_value"[^>]*>', page)
    assert ' value="5"' in control
    assert maximum() is None

    saved = admin_client.post(CONFIGURATION, typed("5", is_confirmed="on"))

    assert saved.status_code == 302
    assert maximum() == 5
    # It is so already: what else is saved asks nothing.
    assert admin_client.post(CONFIGURATION, typed("5")).status_code == 302
    # Neither does what mends it.
    assert admin_client.post(CONFIGURATION, typed("20")).status_code == 302
    assert 'name="is_confirmed"' not in admin_client.get(CONFIGURATION).content.decode()


def test_over_the_api_it_is_a_conflict_until_confirmed(products: None) -> None:
    api = api_of_superuser()

    status, problem = api.patch("configuration/", {"max_cart_qty": "5"})

    assert (status, problem["type"]) == (409, "urn:problem:leaves-nothing-to-buy")
    assert (problem["product_count"], problem["products"]) == (1, ["A"])
    assert "1 product could no longer be bought." in problem["detail"]
    assert maximum() is None
    assert api.patch("configuration/", {"max_cart_qty": "5", "confirm": False})[0] == 409

    assert api.patch("configuration/", {"max_cart_qty": "5", "confirm": True})[0] == 200
    assert maximum() == 5


def test_it_is_looked_at_again_when_it_is_saved(products: None) -> None:
    configuration = InventoryConfiguration.load()
    give_own_values(configuration, max_cart_qty=Decimal(5))

    with pytest.raises(options.LeavesNothingToBuyError) as refused:
        options.save_configuration(configuration)

    assert (refused.value.found.count, refused.value.found.skus) == (1, ("A",))
    assert maximum() is None


def test_many_are_counted_and_the_first_are_named() -> None:
    for number in range(25):
        ProductFactory(sku=f"P-{number:02}", min_cart_qty=10)

    found = left_with_nothing(before={}, after={"max_cart_qty": Decimal(5)})

    assert (found.count, len(found.skus), found.skus[0]) == (25, 20, "P-00")


def test_such_a_product_is_marked_until_it_is_mended(admin_client: Client, products: None) -> None:
    InventoryConfiguration.objects.update(max_cart_qty=5)
    api = api_of_superuser()
    listed = reverse("admin:inventory_product_changelist")

    rows = api.get("availability/?stock=shop&sku=A,B,C")[1]
    assert [row["cannot_be_bought"] for row in rows] == ["MINIMUM_ABOVE_MAXIMUM", None, None]
    notices = api.get("products/A/")[1]["notices"]
    assert notices == [{"code": "CANNOT_BE_BOUGHT", "detail": SENTENCE}]
    product = Product.objects.get(sku="A")
    assert SENTENCE in admin_client.get(change_url(product)).content.decode()
    assert admin_client.get(listed).content.decode().count(SENTENCE) == 1
    for answer, skus in (("yes", {"A"}), ("no", {"B", "C"})):
        found = admin_client.get(listed, {"cannot_be_bought": answer}).context["cl"].result_list
        assert {row.sku for row in found} == skus

    give_own_values(product, min_cart_qty=None)
    options.save_product(product, Act(NOW))

    assert api.get("products/A/")[1]["notices"] == []
    assert SENTENCE not in admin_client.get(listed).content.decode()
