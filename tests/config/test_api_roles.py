"""Every method of every address of the HTTP API, with the key of every role, in one table."""

from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from drf_spectacular.generators import SchemaGenerator

from core.operations.api_keys import issue_key
from tests.api import NOW, Api

pytestmark = pytest.mark.django_db

# Who may: M Merchant, F Fulfillment, O Operations, V Viewer.
ROLES = {"M": "Merchant", "F": "Fulfillment", "O": "Operations", "V": "Viewer"}
TABLE = {
    ("GET", "configuration/"): "MOV",
    ("PATCH", "configuration/"): "M",
    ("GET", "sources/"): "MFOV",
    ("POST", "sources/"): "M",
    ("GET", "sources/{code}/"): "MFOV",
    ("PATCH", "sources/{code}/"): "M",
    ("GET", "stocks/"): "MFOV",
    ("POST", "stocks/"): "M",
    ("GET", "stocks/{code}/"): "MFOV",
    ("PATCH", "stocks/{code}/"): "M",
    ("DELETE", "stocks/{code}/"): "",
    ("GET", "sales-channels/"): "MFOV",
    ("GET", "sales-channels/{code}/"): "MFOV",
    ("PATCH", "sales-channels/{code}/"): "M",
    ("GET", "products/"): "MFOV",
    ("POST", "products/"): "M",
    ("GET", "products/{sku}/"): "MFOV",
    ("PATCH", "products/{sku}/"): "M",
    ("GET", "source-items/"): "MFOV",
    ("POST", "source-items/set/"): "M",
    ("POST", "source-items/adjust/"): "M",
    ("GET", "future-supply/"): "MFOV",
    ("POST", "future-supply/"): "M",
    ("GET", "future-supply/{id}/"): "MFOV",
    ("PATCH", "future-supply/{id}/"): "M",
    ("POST", "future-supply/{id}/receive/"): "MF",
    ("POST", "future-supply/{id}/cancel/"): "M",
    ("GET", "deliveries/"): "MFOV",
    ("POST", "deliveries/"): "MF",
    ("GET", "deliveries/{id}/"): "MFOV",
    ("GET", "receipts/"): "MFOV",
    ("POST", "receipts/{id}/take-back/"): "MF",
    ("GET", "reservations/"): "MOV",
    ("POST", "reservations/"): "O",
    ("GET", "back-in-stock/"): "M",
    ("POST", "back-in-stock/"): "M",
    ("GET", "availability/"): "MFOV",
    ("POST", "availability/check/"): "MFOV",
    ("POST", "source-selection/"): "MFOV",
    ("GET", "demand/"): "MFOV",
    ("POST", "order-proposals/"): "M",
    ("GET", "orders/"): "MFV",
    ("POST", "orders/"): "F",
    ("GET", "orders/{number}/"): "MFV",
    ("POST", "orders/{number}/cancel/"): "F",
    ("POST", "orders/{number}/capture/"): "F",
    ("POST", "orders/{number}/refund/"): "F",
    ("GET", "orders/{number}/changes/"): "MFV",
    ("POST", "orders/{number}/changes/"): "F",
    ("GET", "orders/{number}/changes/{id}/"): "MFV",
    ("GET", "orders/{number}/notes/"): "MFV",
    ("POST", "orders/{number}/notes/"): "F",
    ("GET", "returns/"): "FV",
    ("POST", "returns/"): "F",
    ("GET", "returns/{id}/"): "FV",
    ("POST", "returns/{id}/refund/"): "F",
    ("GET", "inconsistencies/"): "MOV",
    ("POST", "inconsistencies/"): "O",
    ("GET", "shipments/"): "MFOV",
    ("GET", "shipments/{number}/"): "MFOV",
    ("POST", "shipments/{number}/release/"): "FO",
    ("POST", "shipments/{number}/release-ahead/"): "F",
    ("GET", "shipments/{number}/explanation/"): "MFOV",
    ("GET", "shipments/{number}/packing-slip/"): "F",
    ("POST", "shipments/{number}/hold/"): "F",
    ("POST", "shipments/{number}/lift-hold/"): "F",
    ("POST", "shipments/{number}/reassign/"): "F",
    ("POST", "shipments/{number}/reroute/"): "F",
    ("POST", "shipments/{number}/backorder/"): "F",
    ("POST", "shipments/{number}/lift-bar/"): "F",
    ("GET", "shipments/{number}/notes/"): "MFOV",
    ("POST", "shipments/{number}/notes/"): "F",
    ("GET", "shipments/{number}/parcels/"): "MFOV",
    ("POST", "shipments/{number}/parcels/"): "F",
    ("GET", "shipments/{number}/parcels/{id}/"): "MFOV",
    ("PATCH", "shipments/{number}/parcels/{id}/"): "F",
    ("DELETE", "shipments/{number}/parcels/{id}/"): "F",
    ("POST", "shipments/{number}/assign/"): "F",
    ("POST", "shipments/{number}/set-priority/"): "F",
    ("POST", "shipments/{number}/set-expected-date/"): "F",
    ("POST", "shipments/{number}/customer-care/"): "F",
    ("POST", "shipments/{number}/pack/"): "F",
    ("POST", "shipments/{number}/unpack/"): "F",
    ("POST", "shipments/{number}/set-aside/"): "F",
    ("POST", "shipments/{number}/undo-fulfillment/"): "F",
    ("POST", "shipments/{number}/fulfill/"): "F",
    ("POST", "shipments/fulfill/"): "F",
    ("POST", "shipments/{number}/cancel/"): "F",
    ("GET", "pick-lists/"): "MFOV",
    ("POST", "pick-lists/"): "F",
    ("GET", "pick-lists/{id}/"): "MFOV",
    ("POST", "pick-lists/{id}/picks/"): "F",
    ("POST", "pick-lists/{id}/short/"): "F",
    ("POST", "pick-lists/{id}/take-off/"): "F",
    ("POST", "pick-lists/{id}/close/"): "F",
    ("GET", "pick-lists/{id}/document/"): "MFOV",
    ("GET", "carriers/"): "MFOV",
    ("POST", "carriers/"): "M",
    ("GET", "carriers/{code}/"): "MFOV",
    ("PATCH", "carriers/{code}/"): "M",
    ("GET", "delay-requests/"): "MFOV",
    ("GET", "delay-requests/{id}/"): "MFOV",
    ("POST", "delay-requests/answer/"): "F",
    ("POST", "delay-requests/{id}/answer/"): "F",
    ("GET", "rules/"): "MFOV",
    ("POST", "rules/"): "M",
    ("GET", "rules/{id}/"): "MFOV",
    ("PATCH", "rules/{id}/"): "M",
    ("DELETE", "rules/{id}/"): "M",
    ("GET", "rules/{id}/preview/"): "MFOV",
    ("GET", "rule-runs/"): "MFOV",
    ("POST", "rule-runs/"): "M",
    ("GET", "rule-runs/{id}/"): "MFOV",
    ("POST", "rule-runs/{id}/confirm/"): "M",
    ("GET", "release-runs/"): "FOV",
    ("POST", "release-runs/"): "FO",
    ("GET", "release-runs/{id}/"): "FOV",
    ("GET", "release-runs/{id}/decisions/"): "FOV",
    ("POST", "release-runs/{id}/apply/"): "FO",
}
NAMES = {"{code}": "none", "{sku}": "none", "{number}": "none", "{id}": "0"}


def api_of(role: str) -> Api:
    user = User.objects.create(username=f"program of {role}")
    if role in ROLES.values():
        user.groups.add(Group.objects.get(name=role))
    _key, secret = issue_key(user.pk, name="test", now=NOW)
    return Api(secret)


def address(path: str) -> str:
    for name, value in NAMES.items():
        path = path.replace(name, value)
    return path


def test_the_table_has_every_method_of_every_address() -> None:
    described = SchemaGenerator().get_schema(public=True)["paths"]

    assert {
        (method.upper(), path.removeprefix("/api/v1/"))
        for path, methods in described.items()
        for method in methods
    } == set(TABLE)


@pytest.mark.parametrize("letter", ROLES)
def test_each_role_may_do_what_the_table_says_and_no_more(letter: str) -> None:
    api = api_of(ROLES[letter])

    answered = {
        asked: api.send(asked[0], address(asked[1]), {} if asked[0] != "GET" else None)[0]
        for asked in TABLE
    }

    forbidden = {asked for asked, status in answered.items() if status == 403}
    assert forbidden == {asked for asked, letters in TABLE.items() if letter not in letters}
    assert all(status < 500 and status != 401 for status in answered.values())


def test_a_user_without_a_role_may_do_nothing() -> None:
    api = api_of("nobody")

    for method, path in TABLE:
        status, problem = api.send(method, address(path), {} if method != "GET" else None)
        assert (status, problem["type"]) == (403, "urn:problem:permission-denied"), path


def test_head_asks_for_the_permission_of_get() -> None:
    nobody, viewer = api_of("nobody"), api_of("Viewer")
    paths = [path for method, path in TABLE if method == "GET" and "V" in TABLE[method, path]]

    assert {nobody.send("HEAD", address(path), None)[0] for path in paths} == {403}
    assert 403 not in {viewer.send("HEAD", address(path), None)[0] for path in paths}


def test_with_an_unknown_key_every_address_is_401(settings: Any) -> None:
    # Wrong keys are counted: more are allowed than there are addresses.
    settings.LOG_IN_FAILURES = 100
    api = Api("unknown")

    for method, path in TABLE:
        assert api.send(method, address(path), None)[0] == 401, path
