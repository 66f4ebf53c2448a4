"""Deliveries over the API: previewed, received whole or not at all, and listed."""

from typing import Any

import pytest

from inventory.models import Delivery, FutureSupply, Product
from tests.api import Api, api_of_superuser, codes
from tests.fulfillment.operations.test_deliveries import (
    on_hand,
    promised_delivery,
    states,
    untouched,
)
from tests.invariants import assert_invariants

pytestmark = pytest.mark.django_db


@pytest.fixture
def api() -> Api:
    promised_delivery()
    Product.objects.filter(sku="PAN").update(barcode="4006381333931")
    return api_of_superuser()


def body(*lines: dict[str, Any], **values: Any) -> dict[str, Any]:
    return {"source": "a", "reference": "PO-7", "lines": list(lines), **values}


KETTLES = {"sku": "KETTLE", "quantity": "5"}
PANS = {"barcode": "4006381333931", "quantity": "2"}


def record(sku: str) -> int:
    return FutureSupply.objects.get(product__sku=sku).pk


def test_a_delivery_is_previewed_received_and_listed(api: Api) -> None:
    sent = body(KETTLES, PANS)

    status, preview = api.post("deliveries/?dry_run=1", sent)
    assert (status, untouched()) == (200, True)
    status, answer = api.post("deliveries/", sent, Idempotency_Key="PO-7")
    assert (status, api.post("deliveries/", sent, Idempotency_Key="PO-7")) == (201, (201, answer))

    assert {one["order"] for one in answer["ready"]} == {"O1", "O2"}
    assert answer["on_hand"] == [{"sku": "PAN", "source": "a", "quantity": "1.0000"}]
    assert (answer["broken"], answer["open"]) == ([], [])
    assert [one["future_supply"] for one in answer["closed"]] == [record("KETTLE"), record("PAN")]
    assert [line["set_aside_quantity"] for line in answer["lines"]] == ["5.0000", "1.0000"]
    for name in ("lines", "ready", "broken", "on_hand", "open", "closed"):
        assert preview[name] == answer[name], name
    assert states() == {"O1": "READY", "O2": "READY"}
    assert_invariants()
    assert api.get("deliveries/?reference=PO-7&source=a")[1]["results"] == [answer]
    assert api.get("deliveries/?source=b")[1]["results"] == []
    assert api.get(f"deliveries/{answer['id']}/") == (200, answer)


def test_a_part_comes_the_rest_stays_open_or_is_closed(api: Api) -> None:
    some = {"future_supply": record("KETTLE"), "quantity": "3", "outstanding": "5"}
    none = {"sku": "PAN", "quantity": "0", "close": True}

    _status, answer = api.post("deliveries/", body(some, none))

    assert answer["open"] == [
        {"future_supply": record("KETTLE"), "sku": "KETTLE", "outstanding": "2.0000"}
    ]
    assert [one["sku"] for one in answer["closed"]] == ["PAN"]
    assert [one["order"] for one in answer["broken"]] == ["O1"]
    assert_invariants()


def test_what_no_record_expects_is_recorded_and_received(api: Api) -> None:
    _status, answer = api.post("deliveries/", body(PANS, reference="PO-8"))

    assert [line["is_new"] for line in answer["lines"]] == [True]
    assert answer["on_hand"] == [{"sku": "PAN", "source": "a", "quantity": "2.0000"}]
    assert on_hand() == [("KETTLE", 0, 0), ("PAN", 2, 0)]


@pytest.mark.parametrize(
    ("lines", "values", "status", "problem"),
    [
        ([KETTLES], {"source": "b"}, 422, ("unknown", [("/source", "UNKNOWN_SOURCE")])),
        ([KETTLES, KETTLES], {}, 422, ("named-twice", [("/lines/1", "NAMED_TWICE")])),
        (
            [KETTLES, {"sku": "POT", "quantity": "1"}, {"barcode": "1", "quantity": "1"}],
            {},
            422,
            (
                "unknown",
                [("/lines/1/sku", "UNKNOWN_SKU"), ("/lines/2/barcode", "UNKNOWN_BARCODE")],
            ),
        ),
        (
            [{"future_supply": 1, "quantity": "1"}],
            {},
            422,
            ("unknown", [("/lines/0/future_supply", "UNKNOWN_SUPPLY")]),
        ),
        ([{"quantity": "1"}], {}, 422, ("name-one", [("/lines/0", "NAME_ONE")])),
        ([{**KETTLES, "barcode": "1"}], {}, 422, ("name-one", [("/lines/0", "NAME_ONE")])),
        ([], {}, 400, ("invalid", [("/lines", "EMPTY")])),
        ([{"sku": "PAN", "quantity": "0"}], {}, 422, ("nothing-received", [])),
        (
            [PANS, {**KETTLES, "quantity": "1.5"}],
            {},
            422,
            ("decimals-not-allowed", [("/lines/1/quantity", "DECIMALS_NOT_ALLOWED")]),
        ),
        (
            [PANS, {**KETTLES, "outstanding": "4"}],
            {},
            409,
            ("moved", [("/lines/1/outstanding", "MOVED")]),
        ),
        (
            [PANS, {**KETTLES, "quantity": "6"}],
            {},
            409,
            ("over-receipt", [("/lines/1/quantity", "OVER_RECEIPT")]),
        ),
        (
            [{**KETTLES, "quantity": "11"}],
            {"confirm_over": True},
            422,
            ("reason-needed", [("/reason", "REASON_NEEDED")]),
        ),
    ],
)
def test_what_is_wrong_is_named_and_nothing_is_received(
    api: Api, lines: list[Any], values: dict[str, Any], status: int, problem: Any
) -> None:
    for path in ("deliveries/?dry_run=1", "deliveries/"):
        answered, said = api.post(path, body(*lines, **values))

        assert (answered, codes(said)) == (status, problem)
        assert untouched()


def test_units_of_a_product_go_to_its_earliest_records_and_too_many_to_the_last(api: Api) -> None:
    first = FutureSupply.objects.get(product__sku="PAN")
    later = FutureSupply.objects.create(
        product=first.product, source=first.source, quantity=4, reference="PO-7", expected_on=None
    )

    sent = body({**PANS, "quantity": "7", "outstanding": "6"}, confirm_over=True)
    _status, answer = api.post("deliveries/", sent)

    received = {line["future_supply"]: line["received_quantity"] for line in answer["lines"]}
    assert received == {first.pk: "2.0000", later.pk: "5.0000"}
    assert Delivery.objects.count() == 1
