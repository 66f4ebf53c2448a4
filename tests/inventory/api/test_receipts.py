"""Receipts over the API: listed, asked about, taken back."""

from collections.abc import Iterator
from datetime import date

import pytest
import time_machine

from inventory.models import FutureSupply, Receipt, ReceiptReversal, SourceItem
from tests.api import Api, api_of_superuser, codes
from tests.factories.inventory import FutureSupplyFactory, ProductFactory, SourceFactory
from tests.invariants import assert_invariants

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def first_of_march() -> Iterator[None]:
    with time_machine.travel("2026-03-01T09:00:00Z", tick=False):
        yield


@pytest.fixture
def api() -> Api:
    return api_of_superuser()


@pytest.fixture
def record() -> str:
    supply = FutureSupplyFactory(
        product=ProductFactory(sku="A"),
        source=SourceFactory(code="east"),
        quantity=10,
        expected_on=date(2026, 3, 20),
    )
    return f"future-supply/{supply.pk}"


def take_back_url() -> str:
    return f"receipts/{Receipt.objects.latest('pk').pk}/take-back/"


def test_more_than_is_outstanding_is_asked_about(api: Api, record: str) -> None:
    receive = f"{record}/receive/"

    status, body = api.post(receive, {"quantity": "12"})
    assert (status, codes(body)[0], body["outstanding"]) == (409, "over-receipt", "10.0000")
    status, body = api.post(receive, {"quantity": "21", "confirm_over": True})
    assert (status, codes(body)) == (422, ("reason-needed", [("/reason", "REASON_NEEDED")]))
    assert not Receipt.objects.exists()
    sent = {"quantity": "21", "confirm_over": True, "reason": "Sent twice"}
    assert api.post(receive, sent)[0] == 200
    assert api.get("receipts/")[1]["results"][0]["reason"] == "Sent twice"


def test_receipts_are_listed_and_taken_back(api: Api, record: str) -> None:
    api.post(f"{record}/receive/", {"quantity": "4"})
    first = take_back_url()
    api.post(f"{record}/receive/", {"quantity": "6"})

    status, body = api.post(first, {"reason": "Wrong record"})
    assert (status, codes(body)[0]) == (409, "not-last")
    shown = api.post(f"{take_back_url()}?dry_run=1", {"reason": "Wrong record"})
    assert (shown[0], shown[1]["possible_quantity"]) == (200, "6.0000")
    assert SourceItem.objects.get().quantity == 10
    status, body = api.post(take_back_url(), {"reason": "Wrong record", "quantity": "2"})

    assert (status, body["quantity"], body["kept"], body["broken"]) == (200, "2.0000", [], [])
    assert (body["supply"]["state"], body["supply"]["received_quantity"]) == ("OPEN", "8.0000")
    [told] = body["receipt"]["reversals"]
    assert (told["quantity"], told["reason"]) == ("2.0000", "Wrong record")
    assert told["made_at"] == "2026-03-01T09:00:00Z"
    assert SourceItem.objects.get().quantity == 8
    rows = api.get("receipts/?sku=A")[1]["results"]
    assert [(row["quantity"], row["taken_back_quantity"]) for row in rows] == [
        ("6.0000", "2.0000"),
        ("4.0000", "0.0000"),
    ]
    assert api.get("receipts/?sku=B")[1]["results"] == []
    assert_invariants()


def test_what_hinders_is_named(api: Api, record: str) -> None:
    api.post(f"{record}/receive/", {"quantity": "4"})
    SourceItem.objects.update(quantity=1)

    status, body = api.post(take_back_url(), {"reason": "Wrong record"})

    assert (status, codes(body)[0], body["possible_quantity"]) == (
        409,
        "too-many-units",
        "1.0000",
    )
    previewed = api.post(f"{take_back_url()}?dry_run=1", {"reason": "Wrong record"})
    assert previewed == (409, body)
    assert not ReceiptReversal.objects.exists()
    assert api.post(take_back_url(), {"reason": ""})[0] == 400
    assert api.post(take_back_url(), {})[0] == 400
    assert api.post("receipts/999999/take-back/", {"reason": "x"})[0] == 404
    assert FutureSupply.objects.get().received_quantity == 4


def test_a_receipt_of_the_same_key_is_taken_back_once(api: Api, record: str) -> None:
    api.post(f"{record}/receive/", {"quantity": "4"})
    sent = {"reason": "Wrong record", "quantity": "1"}

    first = api.post(take_back_url(), sent, Idempotency_Key="once")
    second = api.post(take_back_url(), sent, Idempotency_Key="once")

    assert first == second
    assert ReceiptReversal.objects.get().quantity == 1
