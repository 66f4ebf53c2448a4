"""A printed packing slip whose address changes is out of date: printed again, then shipped."""

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from core.acts import Act
from fulfillment.documents.packing_slip import packing_slips
from fulfillment.models import Shipment
from fulfillment.operations.moves.departures import SlipOutOfDateError
from fulfillment.operations.moves.fulfill import fulfill
from fulfillment.operations.moves.holds import hold, lift_hold
from fulfillment.operations.moves.packing_slips import print_slips
from fulfillment.operations.moves.undo_fulfillment import undo_fulfillment
from fulfillment.operations.picking.pick_lists import make_pick_list
from inventory.operations.source_items import ItemChange, set_items
from orders.changes.cancel import cancel
from orders.changes.order_change import change_order
from orders.changes.request import ChangeRequest, NewContact
from tests.api import Api, codes
from tests.beside import beside
from tests.invariants import assert_invariants
from tests.orders.addresses import HOME
from tests.pdf import pages_of
from tests.present import present

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 1, 9, tzinfo=UTC)
ACT = Act(NOW, reason="Asked to")
LATER = Act(NOW + timedelta(hours=1))
MOVED = ChangeRequest(address=replace(HOME, street="2 High Street"))
RENAMED = ChangeRequest(NewContact(name="Grace Hopper"))


@pytest.fixture
def ready(place: Callable[..., Any]) -> Shipment:
    """4 of 6 units of an order, ready, with a printed packing slip; the others wait."""
    place("W-1")
    shipment = Shipment.objects.get(state="READY")
    print_slips([shipment.pk], Act(NOW))
    shipment.refresh_from_db()
    return shipment


def marks() -> list[tuple[str, bool]]:
    return list(Shipment.objects.order_by("pk").values_list("number", "is_slip_out_of_date"))


def test_a_shipment_with_a_former_address_is_printed_again_before_it_is_shipped(
    ready: Shipment,
) -> None:
    change_order(ready.order_id, ACT, request=MOVED)

    assert marks() == [("W-1-1", True), ("W-1-2", False)]
    with pytest.raises(SlipOutOfDateError):
        fulfill(ready.pk, LATER)
    ready.refresh_from_db()
    assert ready.state == "READY"
    [page] = pages_of(packing_slips(print_slips([ready.pk], LATER)))
    assert "2 High Street" in page
    assert marks() == [("W-1-1", False), ("W-1-2", False)]
    # Printing made no page stale.
    fulfill(ready.pk, LATER, expected_version=ready.version)
    assert_invariants()


@pytest.mark.parametrize(
    ("asked", "is_pickup", "is_marked"),
    [
        (MOVED, False, True),
        (MOVED, True, False),
        (RENAMED, False, True),
        (RENAMED, True, True),
        (ChangeRequest(NewContact(language="sv")), False, True),
        (ChangeRequest(NewContact(email="new@example.com")), False, False),
    ],
)
def test_a_slip_is_out_of_date_when_what_it_says_has_changed(
    ready: Shipment, asked: ChangeRequest, is_pickup: bool, is_marked: bool
) -> None:
    if is_pickup:
        Shipment.objects.update(pickup_source=ready.source)
        order = ready.order
        order.fulfillment_method, order.pickup_source = "PICKUP", ready.source
        order.save()

    change_order(ready.order_id, ACT, request=asked)

    assert marks()[0] == ("W-1-1", is_marked)


def test_what_has_no_slip_yet_is_not_marked(place: Callable[..., Any]) -> None:
    place("W-1")

    change_order(Shipment.objects.get(state="READY").order_id, ACT, request=MOVED)

    assert marks() == [("W-1-1", False), ("W-1-2", False)]


def test_what_is_on_a_pick_list_is_named_and_marked_without_a_slip(
    api: Api, place: Callable[..., Any]
) -> None:
    place("W-1")
    shipment = Shipment.objects.get(state="READY")
    make_pick_list(present(shipment.source_id), [shipment.pk], Act(NOW))
    body = {"reason": "Asked to", "set": {"customer": {"name": "Grace Hopper"}}}

    preview = api.post("orders/W-1/changes/?dry_run=1", body)[1]
    change_order(shipment.order_id, ACT, request=RENAMED)

    assert [(one["number"], one["is_slip_out_of_date"]) for one in preview["shipments"]] == [
        ("W-1-1", True)
    ]
    assert marks() == [("W-1-1", True), ("W-1-2", False)]
    # Fewer units of it are no slip.
    line = shipment.lines.get().order_line_id
    cancel(shipment.order_id, ACT, quantities={line: Decimal(3)})
    assert marks()[0] == ("W-1-1", True)
    with pytest.raises(SlipOutOfDateError):
        fulfill(shipment.pk, LATER)
    print_slips([shipment.pk], LATER)
    fulfill(shipment.pk, LATER)
    assert_invariants()


@pytest.mark.django_db(transaction=True)
def test_a_change_waits_for_a_pick_list_and_marks_what_is_on_it(place: Callable[..., Any]) -> None:
    place("W-1")
    ready = Shipment.objects.get(state="READY")

    def change() -> None:
        change_order(ready.order_id, ACT, request=MOVED)

    with ExitStack() as others, transaction.atomic():
        make_pick_list(present(ready.source_id), [ready.pk], Act(NOW))
        others.enter_context(beside(change))

    assert marks()[0] == ("W-1-1", True)


def test_a_held_shipment_is_marked_and_stays_so_when_the_hold_is_lifted(ready: Shipment) -> None:
    hold(ready.pk, ACT)
    change_order(ready.order_id, ACT, request=MOVED)
    lift_hold(ready.pk, LATER)

    with pytest.raises(SlipOutOfDateError):
        fulfill(ready.pk, LATER)


def test_a_slip_of_units_that_are_gone_is_forgotten_with_its_mark(ready: Shipment) -> None:
    change_order(ready.order_id, ACT, request=MOVED)
    line = ready.lines.get()

    set_items([ItemChange(line.product_id, ready.source_id or 0, {"quantity": Decimal(1)})], LATER)

    ready.refresh_from_db()
    assert (ready.state, ready.slip_printed_at, ready.is_slip_out_of_date) == (
        "BACKORDER",
        None,
        False,
    )


def test_a_parcel_that_never_left_has_the_slip_of_the_former_address(ready: Shipment) -> None:
    fulfill(ready.pk, ACT)
    change_order(ready.order_id, ACT, request=MOVED)
    assert marks()[0] == ("W-1-1", False)

    undo_fulfillment(ready.pk, LATER)

    assert marks()[0] == ("W-1-1", True)


def test_a_parcel_that_never_left_keeps_a_slip_that_is_right(ready: Shipment) -> None:
    fulfill(ready.pk, ACT)

    undo_fulfillment(ready.pk, LATER)

    assert marks()[0] == ("W-1-1", False)


@pytest.mark.django_db(transaction=True)
def test_shipping_waits_for_a_change_of_the_address_and_sees_it(ready: Shipment) -> None:
    def refused() -> None:
        with pytest.raises(SlipOutOfDateError):
            fulfill(ready.pk, LATER)

    with ExitStack() as others, transaction.atomic():
        change_order.within(ready.order_id, ACT, request=MOVED)
        others.enter_context(beside(refused))

    ready.refresh_from_db()
    assert ready.state == "READY"


@pytest.mark.django_db(transaction=True)
def test_a_change_waits_for_a_slip_that_is_being_printed_and_marks_it(
    place: Callable[..., Any],
) -> None:
    place("W-1")
    ready = Shipment.objects.get(state="READY")

    def change() -> None:
        change_order(ready.order_id, ACT, request=MOVED)

    with ExitStack() as others, transaction.atomic():
        print_slips([ready.pk], Act(NOW))
        others.enter_context(beside(change))

    assert marks()[0] == ("W-1-1", True)


def test_the_preview_names_it_and_the_page_shows_it(admin_client: Client, ready: Shipment) -> None:
    url = reverse("admin:orders_order_task", args=[ready.order_id, "change"])
    typed = {**admin_client.get(url).context["form"].initial, "street": "2 High Street"}
    typed["reason"] = "A typing error"
    out_of_date = "Packing slip out of date: print it before it is shipped"

    shown = admin_client.post(url, {**typed, "step": "preview"})

    assert [one["number"] for one in shown.context["effect"]["shipments"]] == ["W-1-1"]
    assert out_of_date in shown.content.decode()
    assert marks()[0] == ("W-1-1", False)

    assert admin_client.post(url, {**typed, "step": "confirm"}).status_code == 302
    page = reverse("admin:fulfillment_shipment_change", args=[ready.pk])
    assert '<span class="list-badge is-held">Packing slip out of date</span>' in (
        admin_client.get(page).content.decode()
    )
    ready.refresh_from_db()
    ship = reverse("admin:fulfillment_shipment_act", args=[ready.pk, "fulfill"])
    refused = admin_client.post(ship, {"version": str(ready.version)})
    assert refused.context["attempt"].problem == (
        "What its packing slip says has changed. Print it, then ship it."
    )


def test_a_page_from_before_the_change_says_that_the_slip_is_out_of_date(
    admin_client: Client, ready: Shipment
) -> None:
    page = admin_client.get(reverse("admin:fulfillment_shipment_change", args=[ready.pk]))
    change_order(ready.order_id, ACT, request=MOVED)

    ship = reverse("admin:fulfillment_shipment_act", args=[ready.pk, "fulfill"])
    typed = {"version": page.context["version"], "seen": page.context["seen"]}
    refused = admin_client.post(ship, typed)

    assert refused.context["since"]["changes"] == ["Packing slip out of date: No → Yes"]


def test_programs_are_told_and_a_bulk_ships_the_rest(api: Api, ready: Shipment) -> None:
    body = {"reason": "Asked to", "set": {"customer": {"name": "Grace Hopper"}}}

    preview = api.post("orders/W-1/changes/?dry_run=1", body)[1]
    assert [(one["number"], one["is_slip_out_of_date"]) for one in preview["shipments"]] == [
        ("W-1-1", True)
    ]
    assert api.post("orders/W-1/changes/", body)[0] == 201
    assert api.get("shipments/W-1-1/")[1]["is_slip_out_of_date"] is True

    status, problem = api.post("shipments/W-1-1/fulfill/")
    assert (status, codes(problem)[0], problem["detail"]) == (
        409,
        "slip-out-of-date",
        "What its packing slip says has changed. Print it, then ship it.",
    )
    [row] = api.post("shipments/fulfill/", [{"shipment": "W-1-1"}])[1]
    assert (row["ok"], row["code"]) == (False, "SLIP_OUT_OF_DATE")
