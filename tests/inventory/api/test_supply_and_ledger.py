from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
import time_machine

from inventory.api import future_supply
from inventory.models import FutureSupply, Product, Reservation, SourceItem, StockBalance
from tests.api import Api, api_of_superuser, codes
from tests.factories.inventory import ProductFactory, SourceFactory, StockFactory
from tests.invariants import assert_invariants

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def first_of_march() -> Iterator[None]:
    with time_machine.travel("2026-03-01T09:00:00Z", tick=False):
        yield


@pytest.fixture
def api() -> Api:
    ProductFactory(sku="A")
    SourceFactory(code="east")
    StockFactory(code="shop")
    return api_of_superuser()


RECORD = {
    "sku": "A",
    "source": "east",
    "quantity": "10.0000",
    "expected_on": "2026-03-20",
    "reference": "PO-1",
    "sent_from": None,
    "received_quantity": "0.0000",
    "allocated_quantity": "0.0000",
    "state": "OPEN",
}
ASKED = {
    "sku": "A",
    "source": "east",
    "quantity": "10",
    "expected_on": "2026-03-20",
    "reference": "PO-1",
}


def recorded(api: Api) -> Any:
    status, body = api.post("future-supply/", ASKED)
    assert (status, {**body, "id": 0}) == (201, {**RECORD, "id": 0})
    return body["id"]


def test_supply_is_recorded_changed_received_and_closed(api: Api) -> None:
    pk = recorded(api)

    status, body = api.patch(
        f"future-supply/{pk}/", {"quantity": "8", "expected_on": None, "reference": "PO-2"}
    )
    changed = RECORD | {
        "id": pk,
        "quantity": "8.0000",
        "expected_on": None,
        "reference": "PO-2",
    }
    assert (status, body) == (200, {"supply": changed, "kept": [], "broken": []})

    status, body = api.post(f"future-supply/{pk}/receive/", {"quantity": "3", "close": True})
    assert (status, body["supply"]["state"]) == (200, "RECEIVED")
    assert SourceItem.objects.get().quantity == Decimal(3)
    assert api.get(f"future-supply/{pk}/")[1]["received_quantity"] == "3.0000"
    status, body = api.post(f"future-supply/{pk}/receive/", {"quantity": "1"})
    assert (status, codes(body)[0]) == (409, "closed")
    assert_invariants()


def test_a_dry_run_changes_nothing(api: Api) -> None:
    pk = recorded(api)

    status, body = api.patch(f"future-supply/{pk}/?dry_run=1", {"quantity": "1"})

    assert (status, body["supply"]["quantity"]) == (200, "1.0000")
    assert FutureSupply.objects.get().quantity == Decimal(10)
    assert api.patch(f"future-supply/{pk}/?dry_run=x", {"quantity": "1"})[0] == 400


def test_what_is_refused_changes_nothing_and_is_refused_by_its_preview_too(api: Api) -> None:
    pk = recorded(api)
    api.post(f"future-supply/{pk}/receive/", {"quantity": "4"})
    change = {"quantity": "3", "reference": "PO-2"}

    refused = api.patch(f"future-supply/{pk}/", change)
    previewed = api.patch(f"future-supply/{pk}/?dry_run=1", change)

    assert (refused[0], codes(refused[1])[0]) == (422, "below-received")
    assert previewed == refused
    supply = FutureSupply.objects.get()
    assert (supply.quantity, supply.reference) == (Decimal(10), "PO-1")
    api.post(f"future-supply/{pk}/cancel/")
    assert api.patch(f"future-supply/{pk}/?dry_run=1", {"quantity": "9"})[0] == 409


def test_what_another_changed_meanwhile_stays(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    pk = recorded(api)
    refuse_past = future_supply._refuse_past

    def moved_meanwhile(values: Any) -> None:
        FutureSupply.objects.update(expected_on=date(2026, 4, 1))
        refuse_past(values)

    monkeypatch.setattr(future_supply, "_refuse_past", moved_meanwhile)

    status, problem = api.patch(f"future-supply/{pk}/", {"quantity": "8"})

    assert (status, codes(problem)[0]) == (409, "moved")
    supply = FutureSupply.objects.get()
    assert (supply.quantity, supply.expected_on) == (Decimal(10), date(2026, 4, 1))


def test_supply_is_canceled_once(api: Api) -> None:
    pk = recorded(api)

    assert api.post(f"future-supply/{pk}/cancel/")[1]["supply"]["state"] == "CANCELED"
    assert api.post(f"future-supply/{pk}/cancel/")[0] == 409
    assert api.post("future-supply/999999/cancel/")[0] == 404


@pytest.mark.parametrize(
    ("change", "status", "fault"),
    [
        ({"expected_on": "2026-02-28"}, 422, ("/expected_on", "IN_THE_PAST")),
        ({"expected_on": "20260320"}, 400, ("/expected_on", "INVALID")),
        ({"expected_on": "2026-02-30"}, 400, ("/expected_on", "INVALID")),
        ({"quantity": "0"}, 400, ("/quantity", "NOT_POSITIVE")),
        ({"sku": "a"}, 422, ("/sku", "UNKNOWN_SKU")),
        ({"source": "west"}, 422, ("/source", "UNKNOWN_SOURCE")),
    ],
)
def test_supply_that_makes_no_sense_is_refused(
    api: Api, change: dict[str, str], status: int, fault: tuple[str, str]
) -> None:
    answer, body = api.post("future-supply/", ASKED | change)

    assert (answer, codes(body)[1]) == (status, [fault])
    assert FutureSupply.objects.count() == 0


def test_supply_expected_today_is_not_past(api: Api) -> None:
    assert api.post("future-supply/", ASKED | {"expected_on": "2026-03-01"})[0] == 201
    assert FutureSupply.objects.get().expected_on == date(2026, 3, 1)


def test_receiving_nothing_or_less_than_was_received_is_refused(api: Api) -> None:
    pk = recorded(api)
    api.post(f"future-supply/{pk}/receive/", {"quantity": "4"})

    assert codes(api.post(f"future-supply/{pk}/receive/", {"quantity": "0"})[1])[0] == (
        "nothing-received"
    )
    status, body = api.patch(f"future-supply/{pk}/", {"quantity": "3"})
    assert (status, codes(body)[0]) == (422, "below-received")


def test_a_compensation_is_written_to_the_ledger(api: Api) -> None:
    Product.objects.update(qty_uses_decimals=True)
    asked = {"stock": "shop", "sku": "A", "quantity": "-2.5", "reason": "lost count"}

    status, body = api.post("reservations/", asked)

    written = Reservation.objects.get()
    assert (status, body) == (
        201,
        {
            "id": written.pk,
            "stock": "shop",
            "sku": "A",
            "quantity": "-2.5000",
            "event": "COMPENSATION",
            "order": "",
            "reason": "lost count",
            "created_at": "2026-03-01T09:00:00Z",
        },
    )
    assert written.actor is not None
    assert StockBalance.objects.get().reserved == Decimal("-2.5")
    assert api.get("reservations/?sku=A&stock=shop&event=COMPENSATION")[1]["results"] == [body]


def test_a_compensation_of_nothing_or_without_a_reason_is_refused(api: Api) -> None:
    asked = {"stock": "shop", "sku": "A", "quantity": "1", "reason": "x"}

    assert codes(api.post("reservations/", asked | {"quantity": "0"})[1])[0] == "nothing"
    assert api.post("reservations/", asked | {"reason": " "})[0] == 400
    assert api.post("reservations/", asked | {"stock": "none"})[0] == 422
    assert Reservation.objects.count() == 0
