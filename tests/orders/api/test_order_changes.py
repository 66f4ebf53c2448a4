"""Changes of a placed order over the API."""

from typing import Any

import pytest

from orders.models import Order, OrderChange
from tests.api import Api, api_of_superuser, codes
from tests.orders.mugs import open_shop, placed

pytestmark = pytest.mark.django_db

MOVED = {
    "recipient": "Ada Example",
    "street": "2 rue Neuve",
    "city": "Paris",
    "postcode": "75002",
    "country": "FR",
}
BODY: dict[str, Any] = {"reason": "Asked to", "set": {"address": MOVED}}


@pytest.fixture
def api() -> Api:
    open_shop()
    placed("W-1", 12)
    return api_of_superuser()


def test_a_change_is_made_once_a_key_and_listed(api: Api) -> None:
    first = api.post("orders/W-1/changes/", BODY, Idempotency_Key="one")
    again = api.post("orders/W-1/changes/", BODY, Idempotency_Key="one")

    status, body = first
    assert (status, body["state"], body["reason"]) == (201, "APPLIED", "Asked to")
    assert body["steps"] == [
        {"column": "street", "before": "1 High Street", "after": "2 rue Neuve"},
        {"column": "city", "before": "London", "after": "Paris"},
        {"column": "postcode", "before": "SW1A 1AA", "after": "75002"},
        {"column": "country", "before": "GB", "after": "FR"},
    ]
    assert again == first
    assert OrderChange.objects.count() == 1
    assert api.get("orders/W-1/changes/")[1]["results"] == [body]
    assert api.get(f"orders/W-1/changes/{body['id']}/") == (200, body)
    placed("W-2", 1)
    assert api.get(f"orders/W-2/changes/{body['id']}/")[0] == 404


def test_a_preview_answers_the_effect_and_writes_nothing(api: Api) -> None:
    status, body = api.post(
        "orders/W-1/changes/?dry_run=1",
        {"reason": "Asked to", "set": {"customer": {"email": "new@example.com"}}},
    )

    assert status == 200
    assert body["before"]["customer"]["email"] == "ada@example.com"
    assert body["after"]["customer"]["email"] == "new@example.com"
    assert body["after"]["customer"]["name"] == "Ada Lovelace"
    money = {
        "canceled": "0.00",
        "authorized": "0.00",
        "captured": "120.00",
        "refunded": "0.00",
        "due": "0.00",
        "exchanged": "0.00",
    }
    assert body["money"] == {"before": money, "after": money}
    assert (body["shipments"], body["promises_moved"]) == ([], [])
    assert body["notices"] == [{"kind": "CONFIRMATION", "recipient": "new@example.com"}]
    assert not OrderChange.objects.exists()


def test_a_version_that_is_not_the_orders_is_refused(api: Api) -> None:
    version = Order.objects.get().version

    stale = api.post("orders/W-1/changes/", BODY, If_Match=f'"{version - 1}"')
    made = api.post("orders/W-1/changes/", BODY, If_Match=f'"{version}"')

    assert (stale[0], made[0]) == (412, 201)


@pytest.mark.parametrize(
    ("sent", "status", "problem"),
    [
        (
            {"reason": "x", "set": {"address": {"street": "1"}}},
            422,
            [
                ("/set/address/recipient", "ADDRESS_INCOMPLETE"),
                ("/set/address/city", "ADDRESS_INCOMPLETE"),
                ("/set/address/country", "ADDRESS_INCOMPLETE"),
                ("/set/address/postcode", "ADDRESS_INCOMPLETE"),
            ],
        ),
        ({"reason": "x", "set": {}}, 409, []),
        ({"set": {}}, 400, [("/reason", "REQUIRED")]),
        ({"reason": "x", "set": {"currency": "EUR"}}, 400, [("/set/currency", "UNKNOWN")]),
        (
            {"reason": "x", "set": {"customer": {"email": "ada"}}},
            400,
            [("/set/customer/email", "INVALID")],
        ),
    ],
)
def test_a_change_that_cannot_be_changes_nothing(
    api: Api, sent: dict[str, Any], status: int, problem: list[tuple[str, str]]
) -> None:
    answered, body = api.post("orders/W-1/changes/", sent)

    assert (answered, codes(body)[1]) == (status, problem)
    assert not OrderChange.objects.exists()


def test_an_order_shows_where_what_left_was_shipped_to(api: Api) -> None:
    assert api.post("shipments/W-1-1/fulfill/")[0] == 200
    assert api.post("orders/W-1/changes/", BODY)[0] == 201

    _status, order = api.get("orders/W-1/")

    assert order["address"]["city"] == "Paris"
    assert [
        (one["state"], (one["shipped_to"] or {}).get("city")) for one in order["shipments"]
    ] == [
        ("FULFILLED", "London"),
        ("BACKORDER", None),
    ]
