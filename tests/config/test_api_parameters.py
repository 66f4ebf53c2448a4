"""Every address of the API, from the URL resolver: what it does with what it does not know."""

import json
import re
from decimal import Decimal
from typing import Any

import pytest
from django.urls import get_resolver

from core.api.endpoint import DRY_RUN, Endpoint, ListEndpoint
from inventory.models import FutureSupply, SourceItem
from tests.api import Api, api_of_superuser, codes
from tests.factories.inventory import FutureSupplyFactory, SourceItemFactory

pytestmark = pytest.mark.django_db
WRITES = ("POST", "PATCH", "DELETE")
# Whatever is asked of these, there is nothing.
NOWHERE = "nowhere"


def endpoints() -> Any:
    """Return (address, endpoint) of every address, its arguments filled with what is nowhere."""
    found = []
    below: list[tuple[str, Any]] = [("", get_resolver("config.api"))]
    while below:
        start, resolver = below.pop()
        for pattern in resolver.url_patterns:
            address = start + str(pattern.pattern)
            if hasattr(pattern, "url_patterns"):
                below.append((address, pattern))
            elif pattern.name != NOWHERE:
                address = re.sub(r"<int:\w+>", "7", re.sub(r"<str:\w+>", "none", address))
                address = address.replace(r"^products/(?P<sku>[\s\S]+)/\Z", "products/none/")
                found.append((address, pattern.callback.cls))
    return sorted(found, key=lambda entry: entry[0])


ENDPOINTS = endpoints()
# The description and its page are the library's; they take a language.
METHODS = [
    (address, cls, method)
    for address, cls in ENDPOINTS
    if issubclass(cls, Endpoint)
    for method in ("GET", *WRITES)
    if hasattr(cls, method.lower())
]


@pytest.fixture
def api() -> Api:
    return api_of_superuser()


def test_every_address_is_walked() -> None:
    assert len(ENDPOINTS) > 40
    assert {cls for _address, cls in ENDPOINTS if not issubclass(cls, Endpoint)} == {
        cls for address, cls in ENDPOINTS if address in {"schema/", "docs/"}
    }


def test_parameters_that_an_address_does_not_have_are_400_with_their_name(api: Api) -> None:
    answers = {
        (address, method): (status, problem and codes(problem))
        for address, _cls, method in METHODS
        for status, problem in [api.send(method, f"{address}?stat=BACKORDER", {})]
    }

    refused = (400, ("invalid", [("/stat", "UNKNOWN")]))
    assert {key: answer for key, answer in answers.items() if answer != refused} == {}


def test_a_preview_is_had_or_refused_and_never_a_write(api: Api) -> None:
    """``?dry_run=1`` is refused wherever no preview is described."""
    without = [
        (address, method)
        for address, cls, method in METHODS
        if method in WRITES and DRY_RUN not in cls.query_parameters.get(method, ())
    ]
    answers = {
        key: (status, codes(problem))
        for key in without
        for status, problem in [api.send(key[1], f"{key[0]}?dry_run=1", {})]
    }

    assert len(without) > 20
    refused = (400, ("invalid", [("/dry_run", "UNKNOWN")]))
    assert {key: answer for key, answer in answers.items() if answer != refused} == {}


def test_every_write_of_source_items_and_future_supply_has_a_preview() -> None:
    without = {
        (address, method)
        for address, cls, method in METHODS
        if method in WRITES
        and address.startswith(("source-items/", "future-supply/", "receipts/"))
        and DRY_RUN not in cls.query_parameters.get(method, ())
    }

    assert without == set()


def test_a_parameter_or_a_member_that_is_given_twice_is_400_with_its_name(api: Api) -> None:
    lists = [address for address, cls in ENDPOINTS if issubclass(cls, ListEndpoint)]
    bodies = [(address, method) for address, _cls, method in METHODS if method in {"POST", "PATCH"}]

    twice = {
        address: (status, codes(problem))
        for address in lists
        for status, problem in [api.get(f"{address}?page_size=5&page_size=6")]
    }
    doubled = {
        key: (status, codes(problem))
        for key in bodies
        for status, problem in [api.send(key[1], key[0], '{"reason": "a", "reason": "b"}')]
    }

    once = (400, ("invalid", [("/page_size", "GIVEN_TWICE")]))
    assert {key: answer for key, answer in twice.items() if answer != once} == {}
    once = (400, ("invalid", [("/reason", "GIVEN_TWICE")]))
    assert {key: answer for key, answer in doubled.items() if answer != once} == {}
    assert (len(twice) > 8, len(doubled) > 20) == (True, True)


def test_half_of_a_pair_of_surrogates_is_400_with_its_pointer(api: Api) -> None:
    body = r'{"reason": "a", "lines": [{"sku": "\ud800"}], "\uDFFF": {"b": "\u0000"}}'
    twice = r'{"\ud800": 1, "\ud800": 2}'

    answers = {
        (address, method): [
            (status, codes(problem))
            for sent in (body, twice, r'"\ud800"')
            for status, problem in [api.send(method, address, sent)]
        ]
        for address, _cls, method in METHODS
        if method in {"POST", "PATCH"}
    }

    pointers = ["/lines/0/sku", r"/\udfff", r"/\udfff/b"]
    refused = [
        (400, ("invalid", [(pointer, "CONTROL_CHARACTERS") for pointer in pointers])),
        (400, ("invalid", [(r"/\ud800", "GIVEN_TWICE")])),
        (400, ("invalid", [("", "CONTROL_CHARACTERS")])),
    ]
    assert len(answers) > 20
    assert {key: answer for key, answer in answers.items() if answer != refused} == {}


def test_a_cursor_that_is_broken_is_400_with_its_name(api: Api) -> None:
    lists = [address for address, cls in ENDPOINTS if issubclass(cls, ListEndpoint)]

    answers = {
        (address, cursor): (status, [fault["pointer"] for fault in problem["errors"]])
        for address in lists
        for cursor in ("x", "%00", "%F0%9F%92%A9")
        for status, problem in [api.get(f"{address}?cursor={cursor}")]
        if not (status == 404 and re.search("/(7|none)/", address))
    }

    assert len(answers) > 20
    assert {key: found for key, found in answers.items() if found != (400, ["/cursor"])} == {}


def test_answers_are_not_stored_and_name_no_method_that_fails(api: Api) -> None:
    stored, broken = set(), set()
    for address, cls in ENDPOINTS:
        if not issubclass(cls, Endpoint):
            continue
        status, _problem = api.send("OPTIONS", address, None)
        allowed = api.headers["Allow"].split(", ")
        if "OPTIONS" in allowed or status != 405:
            broken.add(address)
        api.send(allowed[0], address, {})
        if api.headers["Cache-Control"] != "no-store":
            stored.add(address)

    assert (stored, broken) == (set(), set())


@pytest.mark.parametrize(
    "body", [b"\xff{}", b'{"a": NaN}', b"{", b"[" * 100_000, b'{"a":1}{', b"\xef\xbb\xbf{}"]
)
def test_a_body_that_is_no_json_is_400_and_says_so(api: Api, body: Any) -> None:
    status, problem = api.send("POST", "sources/", body)

    assert (status, problem["type"]) == (400, "urn:problem:parse-error")


def test_a_preview_of_a_count_answers_what_the_count_would_and_writes_nothing(api: Api) -> None:
    item = SourceItemFactory(quantity=Decimal(4))
    named = {"sku": item.product.sku, "source": item.source.code}

    previewed = api.post("source-items/set/?dry_run=1", [{**named, "quantity": "9"}])
    adjusted = api.post(
        "source-items/adjust/?dry_run=1", [{**named, "by": "-1", "reason": "Broken"}]
    )
    refused = api.post("source-items/adjust/?dry_run=1", [{**named, "by": "-5", "reason": "Lost"}])

    assert previewed == (
        200,
        {"created_count": 0, "changed_count": 1, "shipments_fallen_back": []},
    )
    assert adjusted[0] == 200
    assert (refused[0], codes(refused[1])) == (422, ("below-zero", [("/0", "BELOW_ZERO")]))
    assert "holds 4 only" in refused[1]["detail"]
    assert SourceItem.objects.get().quantity == 4
    assert api.post("source-items/set/", [{**named, "quantity": "9"}]) == previewed


def test_previews_of_future_supply_write_nothing_and_keep_no_key(api: Api) -> None:
    supply = FutureSupplyFactory(quantity=Decimal(5))
    named = {"sku": supply.product.sku, "source": supply.source.code}
    path = f"future-supply/{supply.pk}/"

    made = api.post(
        "future-supply/?dry_run=1",
        {**named, "quantity": "3", "expected_on": None},
        Idempotency_Key="once",
    )
    answers = [
        api.patch(f"{path}?dry_run=1", {"quantity": "2"}),
        api.post(f"{path}receive/?dry_run=1", {"quantity": "1"}),
        api.post(f"{path}cancel/?dry_run=1"),
    ]
    nonsense = api.post(f"{path}cancel/?dry_run=yes")

    assert (made[0], made[1]["quantity"]) == (200, "3.0000")
    assert [status for status, _answer in answers] == [200, 200, 200]
    assert (nonsense[0], codes(nonsense[1])[1]) == (400, [("/dry_run", "INVALID")])
    [row] = FutureSupply.objects.all()
    assert (row.quantity, row.received_quantity, row.state) == (Decimal(5), Decimal(0), "OPEN")
    # The key is not used up by a look.
    body = {**named, "quantity": "3", "expected_on": None}
    assert api.post("future-supply/", body, Idempotency_Key="once")[0] == 201
    assert json.dumps(answers[1][1]["supply"]["received_quantity"]) == '"1.0000"'
