from decimal import Decimal
from typing import Any
from urllib.parse import quote

import pytest

from inventory.models import InventoryConfiguration, Product
from tests.api import api_of_superuser, codes
from tests.factories.inventory import ProductFactory
from tests.option_values import own_value, own_values

pytestmark = pytest.mark.django_db

NULLS = dict.fromkeys(
    [
        "manage_stock",
        "backorders",
        "out_of_stock_threshold",
        "min_cart_qty",
        "max_cart_qty",
        "notify_quantity_below",
        "enable_qty_increments",
        "qty_increments",
        "qty_uses_decimals",
        "allow_multiple_boxes",
        "auto_return_to_stock",
        "only_x_left_threshold",
        "future_inventory",
    ]
)
EFFECTIVE = {
    "manage_stock": {"value": True, "origin": "SYSTEM"},
    "backorders": {"value": "NO_BACKORDERS", "origin": "SYSTEM"},
    "out_of_stock_threshold": {"value": "0.0000", "origin": "SYSTEM"},
    "min_cart_qty": {"value": "1.0000", "origin": "SYSTEM"},
    "max_cart_qty": {"value": "10000.0000", "origin": "SYSTEM"},
    "notify_quantity_below": {"value": "1.0000", "origin": "SYSTEM"},
    "enable_qty_increments": {"value": False, "origin": "SYSTEM"},
    "qty_increments": {"value": "1.0000", "origin": "SYSTEM"},
    "qty_uses_decimals": {"value": False, "origin": "SYSTEM"},
    "allow_multiple_boxes": {"value": False, "origin": "SYSTEM"},
    "auto_return_to_stock": {"value": False, "origin": "SYSTEM"},
    "only_x_left_threshold": {"value": "0.0000", "origin": "SYSTEM"},
    "future_inventory": {"value": False, "origin": "SYSTEM"},
}


def test_a_product_is_made_read_and_changed() -> None:
    api = api_of_superuser()
    own = {"backorders": "ALLOW_QTY_BELOW_0", "out_of_stock_threshold": "-50"}
    body = {"sku": "A/1", "name": "Apple", "price": "2.50", "overrides": own}

    product: dict[str, Any] = {
        "sku": "A/1",
        "barcode": None,
        "name": "Apple",
        "enabled": True,
        "type": "SIMPLE",
        "price": "2.50",
        "order_multiple": 1,
        "lead_time_days": None,
        "release_on": None,
        "preorder_limit": None,
        "overrides": NULLS
        | {"backorders": "ALLOW_QTY_BELOW_0", "out_of_stock_threshold": "-50.0000"},
        "effective": EFFECTIVE
        | {
            "backorders": {"value": "ALLOW_QTY_BELOW_0", "origin": "PRODUCT"},
            "out_of_stock_threshold": {"value": "-50.0000", "origin": "PRODUCT"},
        },
        "notices": [],
    }
    assert api.post("products/", body) == (201, product)
    assert api.get("products/A/1/") == (200, product)

    times = {
        "order_multiple": 12,
        "lead_time_days": 14,
        "release_on": "2027-04-01",
        "preorder_limit": 500,
    }
    assert api.patch("products/A/1/", times) == (200, product | times)
    wrong = {
        "order_multiple": 0,
        "lead_time_days": 3651,
        "release_on": "1 April",
        "preorder_limit": 0,
    }
    refused = api.patch("products/A/1/", wrong)
    assert codes(refused[1])[1] == [
        ("/order_multiple", "MIN_VALUE"),
        ("/lead_time_days", "MAX_VALUE"),
        ("/release_on", "INVALID"),
        ("/preorder_limit", "MIN_VALUE"),
    ]
    status, changed = api.patch("products/A/1/", {"overrides": {"backorders": None}})

    assert status == 200
    assert changed["overrides"]["backorders"] is None
    assert changed["effective"]["backorders"] == EFFECTIVE["backorders"]
    assert changed["overrides"]["out_of_stock_threshold"] == "-50.0000"
    assert own_value(Product.objects.get(), "backorders") is None


def test_zero_is_a_value_and_null_is_none() -> None:
    api = api_of_superuser()
    ProductFactory(sku="A")

    api.patch("products/A/", {"overrides": {"min_cart_qty": "0", "manage_stock": False}})

    product = Product.objects.get()
    assert own_values(product, "min_cart_qty", "manage_stock") == (Decimal(0), False)


@pytest.mark.parametrize(
    ("change", "status", "fault"),
    [
        ({"sku": "x" * 65}, 400, ("/sku", "MAX_LENGTH")),
        ({"sku": "a\nb"}, 400, ("/sku", "CONTROL_CHARACTERS")),
        ({"sku": ""}, 400, ("/sku", "BLANK")),
        ({"sku": " A"}, 422, ("/sku", "INVALID")),
        ({"sku": None}, 400, ("/sku", "NULL")),
        ({"price": "-0.01"}, 400, ("/price", "TOO_SMALL")),
        ({"price": "0.001"}, 400, ("/price", "TOO_MANY_DECIMALS")),
        ({"price": "1000000000000"}, 400, ("/price", "TOO_LARGE")),
        ({"price": 2.5}, 400, ("/price", "NOT_A_STRING")),
        ({"type": "BUNDLE"}, 400, ("/type", "INVALID_CHOICE")),
        ({"overrides": {"backorders": "YES"}}, 400, ("/overrides/backorders", "INVALID_CHOICE")),
        ({"overrides": {"min_cart_qty": "-1"}}, 400, ("/overrides/min_cart_qty", "TOO_SMALL")),
        (
            {"overrides": {"qty_increments": "0"}},
            400,
            ("/overrides/qty_increments", "NOT_POSITIVE"),
        ),
        ({"overrides": {"release_mode": "FULL"}}, 400, ("/overrides/release_mode", "UNKNOWN")),
        ({"overrides": []}, 400, ("/overrides", "INVALID")),
    ],
)
def test_a_product_that_makes_no_sense_is_refused(
    change: dict[Any, Any], status: int, fault: tuple[str, str]
) -> None:
    answer, body = api_of_superuser().post("products/", {"sku": "A", "name": "Apple"} | change)

    assert (answer, codes(body)) == (status, ("invalid", [fault]))
    assert Product.objects.count() == 0


def test_the_sku_is_fixed_and_case_sensitive() -> None:
    api = api_of_superuser()
    ProductFactory(sku="Ab")

    assert api.patch("products/Ab/", {"sku": "B"})[0] == 400
    assert api.get("products/ab/")[0] == 404
    assert api.post("products/", {"sku": "Ab", "name": "x"})[0] == 422
    assert api.post("products/", {"sku": "AB", "name": "x"})[0] == 201


def test_look_alikes_and_skus_from_before_are_taken_with_a_notice() -> None:
    api = api_of_superuser()
    ProductFactory(sku="ab-É")
    ProductFactory(sku="old,one")

    made = api.post("products/", {"sku": "AB-e\u0301", "name": "x"})
    old = api.get("products/old,one/")

    assert made[0] == 201
    assert made[1]["notices"] == [
        {
            "code": "SKU_LOOKS_LIKE_ANOTHER",
            "detail": "The SKU “AB-e\u0301” looks like “ab-É”, which is another product.",
        }
    ]
    assert [notice["code"] for notice in old[1]["notices"]] == ["SKU_FROM_BEFORE"]
    assert api.patch("products/old,one/", {"name": "Renamed"})[0] == 200


@pytest.mark.parametrize("sku", ["A/1", "x/", "a b", "%2F", "a?b#c", "...", "set", "Ä;1", "a&b=c"])
def test_odd_skus_have_an_address(sku: str) -> None:
    api = api_of_superuser()
    assert api.post("products/", {"sku": sku, "name": "x"})[0] == 201

    status, body = api.get(f"products/{quote(sku, safe='')}/")

    assert (status, body["sku"]) == (200, sku)


def test_a_barcode_is_of_one_product_and_found_by() -> None:
    api = api_of_superuser()
    body = {"sku": "A", "name": "x", "barcode": "4006381333931"}
    assert api.post("products/", body)[0] == 201

    status, problem = api.post("products/", body | {"sku": "B"})

    assert (status, codes(problem)[1]) == (422, [("/barcode", "UNIQUE")])
    status, problem = api.post("products/", body | {"sku": "B", "barcode": "04006381333931"})
    assert (status, codes(problem)[1]) == (422, [("/barcode", "UNIQUE")])
    assert problem["errors"][0]["detail"] == (
        "Another product has this barcode. Zeros before a code do not count."
    )
    # A code of seven digits is no GTIN, whose zeros do not count.
    assert api.post("products/", body | {"sku": "C", "barcode": "6385071"})[0] == 201
    assert api.post("products/", body | {"sku": "D", "barcode": "06385071"})[0] == 201
    assert [row["sku"] for row in api.get("products/?barcode=4006381333931")[1]["results"]] == ["A"]
    assert api.patch("products/A/", {"barcode": None})[1]["barcode"] is None
    assert api.post("products/", body | {"sku": "B"})[0] == 201


def test_configuration_says_what_is_set_and_what_is_in_force() -> None:
    api = api_of_superuser()

    status, body = api.get("configuration/")

    assert status == 200
    assert body["release_mode"] == {"value": None, "use_system_value": True, "effective": "FULL"}
    assert body["future_date_limit"] == {
        "value": None,
        "use_system_value": True,
        "effective": {"quantity": 30, "unit": "DAYS"},
    }
    assert body["max_sources_per_line"] == {
        "value": None,
        "use_system_value": True,
        "effective": None,
    }
    assert len(body) == 56


def test_configuration_is_changed_where_it_is_named() -> None:
    api = api_of_superuser()
    api.patch("configuration/", {"release_mode": "BY_LINE", "ageing_days": 7})

    status, body = api.patch(
        "configuration/",
        {"future_date_limit": {"quantity": 2, "unit": "MONTHS"}, "ageing_days": None},
    )

    assert status == 200
    assert body["future_date_limit"] == {
        "value": {"quantity": 2, "unit": "MONTHS"},
        "use_system_value": False,
        "effective": {"quantity": 2, "unit": "MONTHS"},
    }
    assert body["release_mode"]["value"] == "BY_LINE"
    assert body["ageing_days"] == {"value": None, "use_system_value": True, "effective": 14}
    stored = InventoryConfiguration.load()
    mode, limit = own_values(stored, "release_mode", "future_date_limit")
    assert (mode, str(limit)) == ("BY_LINE", "P2M")


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"ageing_days": -1}, ("/ageing_days", "MIN_VALUE")),
        ({"ageing_days": "7"}, ("/ageing_days", "INVALID")),
        ({"ageing_days": True}, ("/ageing_days", "INVALID")),
        ({"ageing_days": 2**31}, ("/ageing_days", "MAX_VALUE")),
        ({"future_date_limit": "P30D"}, ("/future_date_limit", "INVALID")),
        ({"future_date_limit": {"quantity": 1}}, ("/future_date_limit/unit", "REQUIRED")),
        ({"min_cart_qty": "NaN"}, ("/min_cart_qty", "NOT_A_NUMBER")),
        ({"backorder": None}, ("/backorder", "UNKNOWN")),
    ],
)
def test_configuration_refuses_what_has_no_meaning(
    change: dict[Any, Any], fault: tuple[str, str]
) -> None:
    status, body = api_of_superuser().patch("configuration/", change)

    assert (status, codes(body)) == (400, ("invalid", [fault]))
    assert set(InventoryConfiguration.load().overrides().values()) == {None}
