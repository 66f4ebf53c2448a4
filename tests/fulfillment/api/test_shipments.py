"""Shipments over the API: reading, filtering, and everything that is done to them."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries
from time_machine import TimeMachineFixture

from fulfillment.models import Allocation, Shipment, SourceBar
from inventory.models import FutureSupply, Source, SourceItem
from orders.models import Order, OrderEmail
from tests.api import Api, codes
from tests.factories.fulfillment import promise
from tests.invariants import assert_invariants

pytestmark = pytest.mark.django_db


def stock_up(source: str, units: int) -> None:
    SourceItem.objects.filter(source__code=source).update(quantity=units)


def test_a_shipment_is_shown_whole(
    api: Api, place: Callable[..., Any], time_machine: TimeMachineFixture
) -> None:
    time_machine.move_to(datetime(2026, 3, 2, 12, tzinfo=UTC), tick=False)
    place("W-1")

    status, ready = api.get("shipments/W-1-1/")
    waits = api.get("shipments/W-1-2/")[1]

    assert status == 200
    assert ready.pop("version").isdecimal()
    assert ready.pop("created_at")
    assert ready == {
        "number": "W-1-1",
        "order": "W-1",
        "state": "READY",
        "is_held": False,
        "hold_reason": "",
        "hold_note": "",
        "care_reason": "",
        "stock": "shop",
        "channel": "web",
        "fulfillment_method": "SHIP_TO_HOME",
        "source": "east",
        "pickup_source": None,
        "parent": None,
        "children": [],
        "priority": 0,
        "assignee": None,
        "backordered_since": None,
        "expected_on": None,
        "value": "10.00",
        "currency": "USD",
        "parcels": [],
        "released_at": None,
        "picked_at": None,
        "packed_at": None,
        "set_aside_at": None,
        "slip_printed_at": None,
        "collect_by": None,
        "is_slip_out_of_date": False,
        "fulfilled_at": None,
        "preorder_on": None,
        "missed_promise_count": 0,
        "lines": [
            {
                "line": 1,
                "sku": "A",
                "quantity": "4.0000",
                "promised_on": None,
                "promise_told_at": None,
                "agreed_on": None,
            }
        ],
        "allocations": [
            {"sku": "A", "source": "east", "quantity": "4.0000", "future_supply": None}
        ],
        "bars": [],
    }
    assert (waits["state"], waits["source"], waits["allocations"]) == ("BACKORDER", None, [])
    assert (waits["backordered_since"], waits["expected_on"]) == (
        "2026-03-02T12:00:00Z",
        "2026-03-16",
    )


def test_a_promise_names_its_future_supply(api: Api, place: Callable[..., Any]) -> None:
    place("W-1")
    supply = FutureSupply.objects.create(
        product=SourceItem.objects.filter(source__code="west").get().product,
        source=Source.objects.get(code="west"),
        quantity=Decimal(2),
        allocated_quantity=Decimal(2),
    )
    waits = Shipment.objects.get(number="W-1-2")
    line = waits.lines.get()
    Allocation.objects.create(
        order_line_id=line.order_line_id,
        shipment_line=line,
        future_supply=supply,
        quantity=Decimal(2),
    )

    assert api.get("shipments/W-1-2/")[1]["allocations"] == [
        {"sku": "A", "source": "west", "quantity": "2.0000", "future_supply": supply.pk}
    ]


def test_shipments_are_found_by_each_filter_of_the_api(api: Api, place: Callable[..., Any]) -> None:
    place("W-1")
    place(
        "W-2",
        "3",
        fulfillment_method="PICKUP",
        pickup_source="west",
        placed_at="2026-01-01T12:00:00Z",
    )
    api.post("shipments/W-1-2/hold/", {"reason": "Call first"})
    for number, expected_on in (("W-1-2", date(2026, 4, 14)), ("W-2-1", date(2026, 5, 1))):
        Shipment.objects.filter(number=number).update(expected_on=expected_on)

    def found(query: str) -> list[Any]:
        status, page = api.get(f"shipments/?{query}")
        assert status == 200, page
        return [shipment["number"] for shipment in page["results"]]

    assert found("") == ["W-2-1", "W-1-2", "W-1-1"]
    assert found("state=READY") == ["W-1-1"]
    assert found("state=READY,BACKORDER") == ["W-2-1", "W-1-2", "W-1-1"]
    assert found("source=east") == ["W-1-1"]
    assert found("sku=A&channel=web&order=W-2") == ["W-2-1"]
    assert found("sku=B") == found("channel=none") == found("order=none") == []
    assert found("held=true") == ["W-1-2"]
    assert found("method=PICKUP") == ["W-2-1"]
    assert found("age_days_max=1") == []
    assert found("age_days_min=1") == ["W-2-1", "W-1-2"]
    assert found("expected_after=2026-05-01") == ["W-2-1"]
    assert found("expected_before=2026-04-30") == ["W-1-2"]
    assert found("reason=HELD") == ["W-1-2"]
    assert found("value_min=10") == ["W-1-1"]
    assert found("value_max=5") == ["W-1-2"]
    for query in ("state=GONE", "held=1", "method=X", "age_days_min=-1", "reason=X", "value_min=x"):
        assert api.get(f"shipments/?{query}")[0] == 400, query


def test_a_list_costs_the_same_however_many_shipments(
    api: Api, place: Callable[..., Any], django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    place("W-1")
    place("W-2")
    place("W-3")

    with django_assert_max_num_queries(10):
        _status, page = api.get("shipments/")

    assert len(page["results"]) == 4


def test_a_hold_is_set_and_lifted(api: Api, place: Callable[..., Any]) -> None:
    place("W-1")

    status, held = api.post("shipments/W-1-1/hold/", {"reason": "Call first"})
    assert (status, held["is_held"]) == (200, True)
    assert (held["hold_reason"], held["hold_note"]) == ("STAFF", "Call first")
    status, problem = api.post("shipments/W-1-1/fulfill/")
    assert (status, codes(problem)) == (409, ("hold-first-lifted", []))

    status, lifted = api.post("shipments/W-1-1/lift-hold/")
    assert (status, lifted["is_held"], lifted["hold_reason"]) == (200, False, "")
    assert api.post("shipments/W-1-1/lift-hold/")[0] == 409


def test_a_shipment_is_reassigned_and_rerouted(api: Api, place: Callable[..., Any]) -> None:
    place("W-1")
    stock_up("west", 20)

    status, moved = api.post("shipments/W-1-1/reassign/", {"source": "west"})
    assert (status, moved["state"], moved["children"]) == (200, "REASSIGNED", ["W-1-1.1"])
    status, served = api.post("shipments/W-1-2/reroute/")
    assert (status, served["state"], served["source"]) == (200, "READY", "east")
    status, problem = api.post("shipments/W-1-1.1/reassign/", {"source": "nowhere"})
    assert (status, codes(problem)[1]) == (422, [("/source", "SOURCE_NOT_ELIGIBLE")])
    assert_invariants()


def test_units_that_others_wait_for_are_not_given(api: Api, place: Callable[..., Any]) -> None:
    place("W-1", "4")
    place("W-2", "3", fulfillment_method="PICKUP", pickup_source="west")
    Shipment.objects.filter(number="W-2-1").update(priority=1)
    stock_up("west", 4)

    status, problem = api.post("shipments/W-1-1/reassign/", {"source": "west"})

    assert (status, codes(problem)) == (409, ("not-enough-units", []))
    assert_invariants()


def test_what_is_ready_goes_back_and_its_source_is_barred(
    api: Api, place: Callable[..., Any]
) -> None:
    place("W-1")

    status, waits = api.post("shipments/W-1-1/backorder/", {"reason": "Not found"})

    assert (status, waits["state"], waits["source"]) == (200, "BACKORDER", None)
    bar = SourceBar.objects.get()
    assert (bar.source.code, bar.product.sku, bar.ended_at) == ("east", "A", None)
    assert [(shown["source"], shown["sku"]) for shown in waits["bars"]] == [("east", "A")]
    assert_invariants()


def test_an_exception_is_made_and_taken_back(api: Api, place: Callable[..., Any]) -> None:
    place("W-1")

    status, care = api.post("shipments/W-1-2/customer-care/", {"reason": "Address"})
    assert (status, care["state"], care["care_reason"]) == (200, "CUSTOMER_CARE", "Address")
    status, back = api.post("shipments/W-1-2/backorder/", {"reason": "Address found"})
    assert (status, back["state"]) == (200, "BACKORDER")
    assert not SourceBar.objects.exists()
    assert_invariants()


def test_priority_and_expected_date_are_set(
    api: Api, place: Callable[..., Any], time_machine: TimeMachineFixture
) -> None:
    time_machine.move_to(datetime(2026, 3, 31, 12, tzinfo=UTC), tick=False)
    place("W-1")
    promise(Shipment.objects.get(number="W-1-2"), None)

    assert api.post("shipments/W-1-2/set-priority/", {"priority": 9})[1]["priority"] == 9
    status, dated = api.post("shipments/W-1-2/set-expected-date/", {"expected_on": "2026-08-01"})
    assert (status, dated["expected_on"]) == (200, "2026-08-01")
    assert OrderEmail.objects.filter(kind="EXPECTED_DATE_CHANGED").count() == 1
    assert api.post("shipments/W-1-1/set-expected-date/", {"expected_on": None})[0] == 409
    assert api.post("shipments/W-1-2/set-expected-date/", {"expected_on": "soon"})[0] == 400
    status, problem = api.post("shipments/W-1-2/set-expected-date/", {"expected_on": "2026-03-30"})
    assert (status, codes(problem)) == (
        422,
        ("in-the-past", [("/expected_on", "IN_THE_PAST")]),
    )
    assert OrderEmail.objects.filter(kind="EXPECTED_DATE_CHANGED").count() == 1


def test_a_part_is_shipped_and_the_rest_stays_ready(api: Api, place: Callable[..., Any]) -> None:
    place("W-1")
    part = {"lines": [{"line": 1, "quantity": "1"}]}
    part["parcels"] = [{"carrier": "ups", "tracking_number": "1Z 9", "weight": "1.5"}]

    first = api.post("shipments/W-1-1/fulfill/", part, Idempotency_Key="one")
    again = api.post("shipments/W-1-1/fulfill/", part, Idempotency_Key="one")

    status, rest = first
    assert (status, rest["state"], rest["lines"][0]["quantity"]) == (200, "READY", "3.0000")
    assert again == first
    child = api.get(f"shipments/{rest['children'][0]}/")[1]
    assert (child["state"], child["parent"]) == ("FULFILLED", "W-1-1")
    [parcel] = child["parcels"]
    assert (parcel["carrier"], parcel["tracking_number"], parcel["weight"]) == (
        "ups",
        "1Z9",
        "1.5000",
    )
    assert parcel["tracking_url"] == "https://www.ups.com/track?tracknum=1Z9"
    assert api.get("shipments/W-1-1/")[1]["lines"][0]["quantity"] == "3.0000"
    assert api.post("shipments/W-1-1/fulfill/")[1]["state"] == "FULFILLED"
    assert Order.objects.get().status == "PARTIALLY_SHIPPED"
    assert_invariants()


@pytest.mark.parametrize(
    ("lines", "status"),
    [
        ([{"line": 1, "quantity": "5"}], 422),
        ([{"line": 2, "quantity": "1"}], 422),
        ([{"line": 1, "quantity": "-1"}], 400),
        ([], 400),
    ],
)
@pytest.mark.parametrize("action", ["fulfill", "cancel"])
def test_units_that_are_not_there_are_neither_shipped_nor_canceled(
    api: Api, place: Callable[..., Any], action: str, lines: list[dict[str, Any]], status: int
) -> None:
    place("W-1")
    reason = {"reason": "Asked to"} if action == "cancel" else {}

    assert api.post(f"shipments/W-1-1/{action}/", {"lines": lines, **reason})[0] == status

    assert Shipment.objects.get(number="W-1-1").state == "READY"
    assert_invariants()


def test_what_is_on_a_shipment_is_canceled_in_part_and_whole(
    api: Api, place: Callable[..., Any]
) -> None:
    place("W-1")
    part = {"lines": [{"line": 1, "quantity": "1"}], "reason": "Asked to"}

    status, rest = api.post("shipments/W-1-1/cancel/", part)
    assert (status, rest["state"], rest["lines"][0]["quantity"]) == (200, "READY", "3.0000")
    status, gone = api.post("shipments/W-1-1/cancel/", {"reason": "Asked to"})
    assert (status, gone["state"], gone["lines"]) == (200, "CANCELED", [])
    assert api.get("shipments/W-1-2/")[1]["state"] == "BACKORDER"
    assert api.post("shipments/W-1-1/cancel/", {"reason": "Again"})[0] == 422
    assert_invariants()


BODIES = {
    "hold": {"reason": "Call first"},
    "lift-hold": {},
    "reassign": {"source": "west"},
    "reroute": {},
    "backorder": {"reason": "Not found"},
    "set-priority": {"priority": 1},
    "pack": {},
    "unpack": {},
    "set-aside": {},
    "set-expected-date": {"expected_on": "2126-08-01"},
    "customer-care": {"reason": "Address"},
    "fulfill": {},
    "undo-fulfillment": {"reason": "Not collected"},
    "cancel": {"reason": "Asked to"},
}


@pytest.mark.parametrize("action", BODIES)
def test_a_stale_version_is_412_and_changes_nothing(
    api: Api, place: Callable[..., Any], action: str
) -> None:
    place("W-1")
    stale = api.get("shipments/W-1-1/")[1]["version"]
    api.post("shipments/W-1-1/set-priority/", {"priority": 5})
    before = api.get("shipments/W-1-1/")[1]

    status, problem = api.post(f"shipments/W-1-1/{action}/", BODIES[action], If_Match=f'"{stale}"')

    assert (status, codes(problem)) == (412, ("stale", []))
    assert api.get("shipments/W-1-1/")[1] == before


def test_the_version_that_was_seen_is_let_through(api: Api, place: Callable[..., Any]) -> None:
    place("W-1")
    seen = api.get("shipments/W-1-1/")[1]["version"]

    assert api.post("shipments/W-1-1/fulfill/", If_Match=f'"{seen}"')[0] == 200
    seen = api.get("shipments/W-1-2/")[1]["version"]
    assert api.post("shipments/W-1-2/cancel/", {"reason": "No"}, If_Match=f'"{seen}"')[0] == 200


@pytest.mark.parametrize("action", ["reassign", "reroute", "fulfill", "cancel"])
def test_an_order_in_payment_review_ships_and_moves_nothing(
    api: Api, place: Callable[..., Any], action: str
) -> None:
    place("W-1")
    Order.objects.update(status="PAYMENT_REVIEW")

    status, problem = api.post(f"shipments/W-1-1/{action}/", BODIES[action])

    assert (status, codes(problem)) == (409, ("unpaid", []))
    assert api.get("shipments/W-1-1/")[1]["state"] == "READY"
    assert_invariants()


def test_a_shipment_that_is_not_there_is_404(api: Api) -> None:
    assert api.get("shipments/none/")[0] == 404
    assert api.post("shipments/none/hold/", {"reason": "x"})[0] == 404
    assert api.post("shipments/none/explode/", {"reason": "x"})[0] == 404
