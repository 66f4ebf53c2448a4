"""What nobody should send: a 4xx with a clear problem, and nothing written."""

import json
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from core.api.access import UserThrottle
from core.models import ApiKey, IdempotentAnswer
from core.operations.api_keys import issue_key
from fulfillment.models import Allocation, Shipment
from inventory.models import InventoryConfiguration, Reservation, SourceItem
from orders.models import Order, OrderEmail, OrderLine, Payment
from tests.api import Api, api_of_superuser, codes, user_with
from tests.factories.inventory import (
    ProductFactory,
    SalesChannelFactory,
    SourceFactory,
    SourceItemFactory,
    StockFactory,
)
from tests.orders.addresses import HOME_BODY

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def shop() -> None:
    """East, which is no pickup location, has 10 A, and 10 of D, which is disabled."""
    east = SourceFactory(code="east")
    SalesChannelFactory(code="web", stock=StockFactory(code="shop", sources=[east]))
    for sku, is_enabled in (("A", True), ("D", False)):
        product = ProductFactory(sku=sku, is_enabled=is_enabled)
        SourceItemFactory(source=east, product=product, quantity=Decimal(10))
    InventoryConfiguration.objects.update_or_create(pk=1, defaults={"max_cart_qty": 9})


@pytest.fixture
def api() -> Api:
    return api_of_superuser()


def order(**members: Any) -> dict[str, Any]:
    return {
        "channel": "web",
        "customer": {"name": "Ada Example", "email": "ada@example.com"},
        "address": HOME_BODY,
        "lines": [{"sku": "A", "quantity": "1"}],
    } | members


def with_line(**members: int | list[str] | str | None) -> dict[str, Any]:
    return order(lines=[{"sku": "A", "quantity": "1"} | members])


def assert_nothing_was_written() -> None:
    models = (Order, OrderLine, Shipment, Allocation, Reservation, Payment, OrderEmail)
    assert {model.__name__: model.objects.count() for model in models} == {
        model.__name__: 0 for model in models
    }
    assert set(SourceItem.objects.values_list("quantity", "allocated")) == {
        (Decimal(10), Decimal(0))
    }
    assert not IdempotentAnswer.objects.exclude(status_code__isnull=True).exists()


QUANTITIES = {
    "-1": "NOT_POSITIVE",
    "0": "NOT_POSITIVE",
    "-0.0001": "NOT_POSITIVE",
    "NaN": "NOT_A_NUMBER",
    "Infinity": "NOT_A_NUMBER",
    "1e400": "NOT_A_NUMBER",
    "1E2": "NOT_A_NUMBER",
    "12345678901234567890": "TOO_LARGE",
    "1.00001": "TOO_MANY_DECIMALS",
    "": "NOT_A_NUMBER",
    "one": "NOT_A_NUMBER",
    "1,5": "NOT_A_NUMBER",
    " 1": "NOT_A_STRING",
    "١": "NOT_A_NUMBER",
}


@pytest.mark.parametrize("quantity", QUANTITIES)
@pytest.mark.parametrize("address", ["orders/", "availability/check/"])
def test_quantities_that_are_none_are_refused(api: Api, address: str, quantity: str) -> None:
    body = with_line(quantity=quantity)
    if address != "orders/":
        body.pop("customer")
        body.pop("address")

    status, problem = api.post(address, body)

    faults = [("/lines/0/quantity", QUANTITIES[quantity])]
    assert (status, codes(problem)) == (400, ("invalid", faults))
    assert problem["errors"][0]["detail"]
    assert_nothing_was_written()


@pytest.mark.parametrize("number", ["1", "1.5", "-1", "1e400", "NaN", "Infinity", "true", "null"])
def test_a_number_that_is_no_string_is_refused(api: Api, number: str) -> None:
    text = json.dumps(order()).replace('"quantity": "1"', f'"quantity": {number}')

    status, _problem = api.post("orders/", text)

    assert status == 400
    assert_nothing_was_written()


@pytest.mark.parametrize(
    ("sku", "status", "code"),
    [
        ("Z", 422, "UNKNOWN_SKU"),
        ("a", 422, "UNKNOWN_SKU"),
        ("D", 422, "PRODUCT_DISABLED"),
        ("A" * 65, 400, "MAX_LENGTH"),
        ("A\x07", 400, "CONTROL_CHARACTERS"),
        ("A\x00", 400, "CONTROL_CHARACTERS"),
        ("A\n", 400, "CONTROL_CHARACTERS"),
        ("\ud800", 400, "CONTROL_CHARACTERS"),
        ("", 400, "BLANK"),
        ("  ", 400, "BLANK"),
        (None, 400, "NULL"),
        (7, 400, "INVALID"),
        (["A"], 400, "INVALID"),
    ],
)
def test_skus_that_cannot_be_sold_are_refused(
    api: Api, sku: int | list[str] | str | None, status: int, code: str
) -> None:
    answered, problem = api.post("orders/", with_line(sku=sku))

    assert answered == status
    assert code in [fault[1] for fault in codes(problem)[1]]
    assert all(pointer.startswith("/lines/0/") for pointer, _code in codes(problem)[1])
    assert_nothing_was_written()


def test_limits_apply_to_the_sum_of_lines_of_one_sku(api: Api) -> None:
    lines = [{"sku": "A", "quantity": "5"}, {"sku": "A", "quantity": "5"}]

    status, problem = api.post("orders/", order(lines=lines))

    assert (status, codes(problem)[1]) == (
        422,
        [("/lines/0/quantity", "ABOVE_MAXIMUM"), ("/lines/1/quantity", "ABOVE_MAXIMUM")],
    )
    assert_nothing_was_written()


@pytest.mark.parametrize(
    ("members", "status", "fault"),
    [
        ({"channel": "none"}, 422, ("/channel", "UNKNOWN_CHANNEL")),
        ({"channel": "we\x00b"}, 400, ("/channel", "CONTROL_CHARACTERS")),
        (
            {"fulfillment_method": "PICKUP", "pickup_source": "east"},
            422,
            ("/pickup_source", "NOT_A_PICKUP_SOURCE"),
        ),
        (
            {"fulfillment_method": "PICKUP", "pickup_source": "none"},
            422,
            ("/pickup_source", "NOT_A_PICKUP_SOURCE"),
        ),
        ({"fulfillment_method": "PICKUP"}, 422, ("/pickup_source", "INVALID_PICKUP_SOURCE")),
        ({"pickup_source": "east"}, 422, ("/pickup_source", "INVALID_PICKUP_SOURCE")),
        ({"fulfillment_method": "PIGEON"}, 400, ("/fulfillment_method", "INVALID_CHOICE")),
        ({"payment": {"gateway": "none"}}, 422, ("/payment/gateway", "UNKNOWN_GATEWAY")),
        ({"payment": "manual"}, 400, ("/payment", "INVALID")),
        ({"currency": "usd"}, 422, ("/currency", "INVALID_CURRENCY")),
        ({"number": "W 1"}, 422, ("/number", "INVALID_NUMBER")),
        ({"priority": 2**31}, 400, ("/priority", "MAX_VALUE")),
        ({"priority": True}, 400, ("/priority", "INVALID")),
        ({"placed_at": "2026-03-02"}, 400, ("/placed_at", "INVALID")),
        ({"placed_at": "2026-03-02T12:00:00"}, 400, ("/placed_at", "INVALID")),
        ({"placed_at": "2999-01-01T00:00:00Z"}, 422, ("/placed_at", "INVALID_TIME")),
        ({"placed_at": "9999-12-31T23:59:59-12:00"}, 400, ("/placed_at", "OVERFLOW")),
        ({"placed_at": "1999-12-31T23:59:59Z"}, 422, ("/placed_at", "INVALID_TIME")),
        ({"lines": []}, 400, ("/lines", "EMPTY")),
        ({"lines": {}}, 400, ("/lines", "NOT_A_LIST")),
        ({"customer": None}, 400, ("/customer", "NULL")),
        (
            {"customer": {"name": "Ada", "email": "ada"}},
            400,
            ("/customer/email", "INVALID"),
        ),
        (
            {"customer": {"name": " ", "email": "ada@example.com"}},
            400,
            ("/customer/name", "BLANK"),
        ),
        ({"address": {"latitude": "91"}}, 400, ("/address/latitude", "OUT_OF_RANGE")),
        ({"address": {"latitude": "1"}}, 422, ("/address/latitude", "INVALID_COORDINATES")),
        ({"total": "1.00"}, 400, ("/total", "UNKNOWN")),
        (
            {"lines": [{"sku": "A", "quantity": "1", "unit_price": "1.0001"}]},
            400,
            ("/lines/0/unit_price", "TOO_MANY_DECIMALS"),
        ),
        (
            {"lines": [{"sku": "A", "quantity": "1", "unit_price": "1.001"}]},
            422,
            ("/lines/0/unit_price", "INVALID_AMOUNT"),
        ),
        (
            {"lines": [{"sku": "A", "quantity": "1", "discount": "99.00"}]},
            422,
            ("/lines/0/discount", "INVALID_AMOUNT"),
        ),
        (
            {"lines": [{"sku": "A", "quantity": "9", "unit_price": "999999999999.99"}]},
            422,
            ("/lines/0/discount", "INVALID_AMOUNT"),
        ),
    ],
)
def test_orders_that_make_no_sense_are_refused_at_the_pointer(
    api: Api, members: dict[Any, Any], status: int, fault: tuple[str, str]
) -> None:
    answered, problem = api.post("orders/", order(**members))

    assert answered == status, problem
    assert fault in codes(problem)[1]
    assert_nothing_was_written()


def test_ten_thousand_lines_are_read_and_one_more_is_not(api: Api) -> None:
    lines = [{"sku": f"Z-{number}", "quantity": "1"} for number in range(10_000)]

    status, problem = api.post("orders/", order(lines=lines))
    assert (status, len(problem["errors"])) == (422, 10_000)
    status, problem = api.post("orders/", order(lines=[*lines, lines[0]]))
    assert (status, codes(problem)[1]) == (400, [("/lines", "MAX_LENGTH")])
    assert_nothing_was_written()


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'"order"',
        b"{'channel': 'web'}",
        b"\xff\xfe",
        b'{"channel": "web"',
        b"[" * 100_000,
        b'{"a":' * 5_000,
    ],
)
def test_bodies_that_are_no_order_are_refused(api: Api, body: Any) -> None:
    status, problem = api.post("orders/", body)

    assert status == 400
    assert problem["type"].startswith("urn:problem:")
    assert problem["detail"]
    assert_nothing_was_written()


@pytest.mark.parametrize(
    "content_type",
    ["text/plain", "application/xml", "application/x-www-form-urlencoded", "multipart/form-data"],
)
def test_what_is_not_json_is_415(api: Api, content_type: str) -> None:
    status, problem = api.send("POST", "orders/", order(), content_type=content_type)

    assert (status, codes(problem)) == (415, ("unsupported-media-type", []))
    assert_nothing_was_written()


def test_a_body_of_20_mb_is_413(api: Api) -> None:
    large = json.dumps(order(number="x" * 20_000_000))

    status, problem = api.post("orders/", large)

    assert (status, codes(problem)) == (413, ("too-large", []))
    assert_nothing_was_written()


def test_nul_bytes_in_addresses_and_queries_are_refused(api: Api) -> None:
    assert api.get("orders/W%00/")[0] == 404
    assert api.get("shipments/W%00/")[0] == 404
    for query in ("number=%00", "sku=%00", "email=%00", "source=%00"):
        assert api.get(f"orders/?{query}")[0] in (400, 404), query
    for query in ("sku=%00", "order=%00", "q=%00", "source=%00"):
        assert api.get(f"shipments/?{query}")[0] == 400, query


def test_expired_revoked_unknown_and_missing_keys_are_401_and_write_nothing() -> None:
    now = timezone.now()
    user = user_with("orders.add_order")
    expired, its_secret = issue_key(user.pk, name="expired", now=now)
    ApiKey.objects.filter(pk=expired.pk).update(expires_at=now - timedelta(seconds=1))
    revoked, other_secret = issue_key(user.pk, name="revoked", now=now)
    ApiKey.objects.filter(pk=revoked.pk).update(revoked_at=now)

    for secret in (its_secret, other_secret, "unknown", "", "\xff", "\xed\xa0\x80"):
        api = Api(secret)
        status, problem = api.post("orders/", order())
        assert (status, problem["status"]) == (401, 401), secret
        assert api.headers["WWW-Authenticate"] == 'Bearer realm="api"'
    assert_nothing_was_written()


@pytest.mark.parametrize("key", ["", " ", "x" * 201, "a b", "å", "\xed\xa0\x80"])
def test_keys_of_idempotency_that_are_none_are_refused(api: Api, key: str) -> None:
    status, problem = api.post("orders/", order(), Idempotency_Key=key)

    assert (status, codes(problem)) == (400, ("invalid-idempotency-key", []))
    assert_nothing_was_written()


def test_a_refused_order_does_not_use_up_its_key(api: Api) -> None:
    refused = api.post("orders/", with_line(sku="Z"), Idempotency_Key="one")
    placed = api.post("orders/", order(), Idempotency_Key="one")
    conflicting = api.post("orders/", with_line(quantity="2"), Idempotency_Key="one")

    assert (refused[0], placed[0], conflicting[0]) == (422, 201, 409)
    assert codes(conflicting[1]) == ("idempotency-conflict", [])
    assert Order.objects.count() == 1


def test_too_many_requests_are_429_and_say_when_to_come_back(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(UserThrottle, "THROTTLE_RATES", {"user": "2/min"})

    assert [api.post("orders/", with_line(sku="Z"))[0] for _ in range(2)] == [422, 422]
    status, problem = api.post("orders/", order())

    assert (status, codes(problem)) == (429, ("throttled", []))
    assert 1 <= int(api.headers["Retry-After"]) <= 60
    assert_nothing_was_written()


def test_methods_that_are_not_there_are_405(api: Api) -> None:
    assert api.delete("orders/")[0] == 405
    assert api.patch("orders/W-1/", {})[0] == 405
    assert api.get("orders/W-1/cancel/")[0] == 405
