"""Shipments are packed: what that keeps from them, and what takes it back."""

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils.html import strip_tags

from core.acts import Act
from core.quantities import ZERO
from fulfillment.models import PickList, Shipment
from fulfillment.operations.moves.change_holds import hold_for_change
from fulfillment.operations.moves.customer_care import move_to_care
from fulfillment.operations.moves.fulfill import fulfill
from fulfillment.operations.moves.holds import hold, lift_hold
from fulfillment.operations.moves.pack import pack, unpack
from fulfillment.operations.moves.packing_slips import print_slips
from fulfillment.operations.moves.reassignment import reroute
from fulfillment.operations.moves.set_aside import set_aside
from fulfillment.operations.moves.undo_fulfillment import undo_fulfillment
from fulfillment.operations.payments import hold_for_payment
from fulfillment.operations.picking.pick_lists import (
    NothingToPickError,
    PackedShipmentError,
    close,
    make_pick_list,
    pack_picked,
    take_off,
)
from fulfillment.operations.picking.picks import (
    Count,
    PackedPickError,
    PickedAlreadyError,
    scan,
    set_picked,
)
from fulfillment.operations.shipments.locking import WrongStateError
from fulfillment.queries.pick_lists import picked_at
from fulfillment.review.bulk_change import BulkAction, ShipmentBulkChange
from inventory.models import Source, SourceItem
from inventory.operations.source_items import ItemChange, set_items
from inventory.ports import PackedUnitsError
from orders.changes.cancel import cancel
from orders.changes.order_change import change_order
from orders.changes.request import ChangeRequest, NewContact
from orders.models import Order, Payment
from tests.api import Api, codes
from tests.beside import beside
from tests.fulfillment.review.bulk_moves import effects, make_together, said
from tests.invariants import assert_invariants
from tests.inventory.files.imports import checked, sentences
from tests.orders.addresses import HOME

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 1, 9, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)
WHY = Act(LATER, reason="Call first")


@pytest.fixture
def shipments(api: Api, place: Callable[..., Any]) -> list[Shipment]:
    """Three shipments at the source east, of 2, 1 and 1 of its 4 units of A, the earliest first."""
    for number, units in enumerate("211"):
        place(f"W-{number}", units)
    return list(Shipment.objects.order_by("pk"))


def east() -> int:
    return Source.objects.get(code="east").pk


def listed(shipments: list[Shipment]) -> PickList:
    return make_pick_list(east(), [one.pk for one in shipments], Act(NOW)).pick_list


def times(shipment: Shipment) -> tuple[Any, Any]:
    """Return when a shipment was picked and packed, as it is now."""
    rows = Shipment.objects.annotate(picked=picked_at()).filter(pk=shipment.pk)
    return rows.values_list("picked", "packed_at").get()


def events(shipment: Shipment) -> list[tuple[str, str]]:
    kinds = ("PACKED", "UNPACKED")
    return list(shipment.events.filter(kind__in=kinds).order_by("pk").values_list("kind", "reason"))


def count(quantity: int) -> Any:
    item = SourceItem.objects.get(product__sku="A", source__code="east")
    counted = ItemChange(item.product_id, item.source_id, {"quantity": Decimal(quantity)})
    return set_items([counted], Act(LATER))


def test_what_is_packed_is_unpacked_and_packed_again(shipments: list[Shipment]) -> None:
    first = shipments[0]
    pack(first.pk, Act(NOW))
    with pytest.raises(WrongStateError):
        pack(first.pk, Act(LATER))

    assert times(first) == (None, NOW)
    unpack(first.pk, Act(LATER))
    assert times(first) == (None, None)
    with pytest.raises(WrongStateError):
        unpack(first.pk, Act(LATER))
    pack(first.pk, Act(LATER))

    assert times(first) == (None, LATER)
    assert events(first) == [("PACKED", ""), ("UNPACKED", ""), ("PACKED", "")]


def test_what_waits_is_held_or_set_aside_is_not_packed(
    shipments: list[Shipment], place: Callable[..., Any]
) -> None:
    held, kept, _third = shipments
    hold(held.pk, WHY)
    Shipment.objects.filter(pk=kept.pk).update(pickup_source=east(), set_aside_at=NOW)
    place("W-9", "1")
    waiting = Shipment.objects.get(state="BACKORDER")

    for shipment in (held, kept, waiting):
        with pytest.raises(WrongStateError):
            pack(shipment.pk, Act(NOW))
    for shipment in (held, waiting):
        shipment.refresh_from_db()
        with pytest.raises(IntegrityError, match="packed"), transaction.atomic():
            Shipment.objects.create(
                order=shipment.order,
                stock=shipment.stock,
                source=shipment.source,
                number="X",
                state=shipment.state,
                is_held=shipment.is_held,
                hold_reason=shipment.hold_reason,
                backordered_since=NOW,
                created_at=NOW,
                packed_at=NOW,
            )

    assert not Shipment.objects.exclude(packed_at=None).exists()


@pytest.mark.parametrize(
    "leave",
    [
        lambda one: hold(one.pk, WHY),
        lambda one: move_to_care(one.pk, WHY),
        lambda one: cancel(one.order_id, WHY, shipment_number=one.number),
    ],
    ids=["hold", "care", "cancel"],
)
def test_what_leaves_ready_is_neither_picked_nor_packed(
    shipments: list[Shipment], leave: Callable[[Shipment], object]
) -> None:
    first = shipments[0]
    # The list is closed by hand: what was picked stays picked until it must go back.
    pick_list = listed([first])
    for key in "12":
        scan(pick_list.pk, "A", Act(NOW), key=key)
    close(pick_list.pk)
    pack(first.pk, Act(NOW))
    assert times(first) == (NOW, NOW)

    leave(first)

    assert times(first) == (None, None)
    assert [pick.is_put_back for pick in pick_list.picks.order_by("pk")] == [True]


def test_what_is_shipped_keeps_its_times_until_that_is_undone(shipments: list[Shipment]) -> None:
    first = shipments[0]
    pick_list = listed([first])
    for key in "12":
        scan(pick_list.pk, "A", Act(NOW), key=key)
    pack(first.pk, Act(NOW))

    fulfill(first.pk, Act(LATER))
    assert times(first) == (NOW, NOW)

    undo_fulfillment(first.pk, WHY)
    lift_hold(first.pk, WHY)

    assert times(first) == (None, None)
    assert [pick.is_put_back for pick in pick_list.picks.order_by("pk")] == [True]


def test_a_shipment_is_picked_when_nothing_of_it_is_missing(shipments: list[Shipment]) -> None:
    first, second, third = shipments
    pick_list = listed([first, second])
    scan(pick_list.pk, "A", Act(NOW), key="1")
    assert times(first) == (None, None)

    scan(pick_list.pk, "A", Act(LATER), key="2")
    assert [times(one) for one in shipments] == [(LATER, None), (None, None), (None, None)]

    [pick] = pick_list.picks.filter(shipment=first)
    set_picked(pick_list.pk, {pick.pk: Count(Decimal(1))}, now=LATER)
    assert times(first) == (None, None)

    # One of two units is picked, and the other is canceled.
    [line] = first.order.lines.order_by("pk")
    cancel(first.order_id, WHY, quantities={line.pk: Decimal(1)})
    assert times(first) == (LATER, None)

    take_off(pick_list.pk, [first.pk])
    assert times(first) == (None, None)
    again = listed([first, third])
    assert times(first) == (None, None)
    scan(again.pk, "A", Act(LATER), key="3")
    assert times(first) == (LATER, None)


def test_what_a_list_misses_of_a_packed_shipment_counts_as_picked(
    shipments: list[Shipment],
) -> None:
    first, second, _third = shipments
    pick_list = listed([first, second])

    pack(first.pk, Act(LATER))

    assert times(first) == (LATER, LATER)
    picks = pick_list.picks.order_by("pk")
    assert [pick.picked_quantity for pick in picks] == [2, 0]
    with pytest.raises(PackedPickError):
        set_picked(pick_list.pk, {picks[0].pk: Count(Decimal(1))}, now=LATER)
    with pytest.raises(PackedShipmentError):
        take_off(pick_list.pk, [first.pk, second.pk])
    assert [pick.is_open for pick in picks.all()] == [True, True]
    close(pick_list.pk)
    with pytest.raises(NothingToPickError):
        listed([first])


def test_what_is_picked_on_a_list_is_packed_together(shipments: list[Shipment]) -> None:
    first, second, third = shipments
    pick_list = listed(shipments)
    for key in "123":
        scan(pick_list.pk, "A", Act(NOW), key=key)
    pack(second.pk, Act(NOW))

    packed = pack_picked(pick_list.pk, Act(LATER))

    assert [one.number for one in packed] == ["W-0-1"]
    assert [times(one)[1] for one in (first, second, third)] == [LATER, NOW, None]
    assert pack_picked(pick_list.pk, Act(LATER)) == []


def test_a_count_leaves_what_is_packed(shipments: list[Shipment]) -> None:
    first, second, third = shipments
    pack(third.pk, Act(NOW))

    # One unit too few: the last in the queue is packed, so the one before it waits.
    assert count(3).fallen_back == ("W-1-1",)

    pack(first.pk, Act(NOW))
    with pytest.raises(PackedUnitsError) as refused:
        count(2)
    assert str(refused.value) == (
        "These shipments are packed and keep their units: W-0-1, W-2-1. Unpack them first, or "
        "enter a higher quantity."
    )
    second.refresh_from_db()
    assert (second.state, times(first)[1], times(third)[1]) == ("BACKORDER", NOW, NOW)
    assert_invariants()


def test_a_count_takes_from_what_is_set_aside_last(shipments: list[Shipment]) -> None:
    first, second, third = shipments
    Shipment.objects.filter(pk=third.pk).update(pickup_source=east())
    set_aside(third.pk, Act(NOW))
    make_pick_list(east(), [second.pk], Act(NOW))

    # The last in the queue is kept for its customer, and the one before it is on a pick list.
    assert count(3).fallen_back == (first.number,)
    assert count(1).fallen_back == (second.number,)
    assert count(0).fallen_back == (third.number,)


def test_a_file_with_fewer_units_names_what_is_packed(shipments: list[Shipment]) -> None:
    for one in shipments:
        pack(one.pk, Act(NOW))

    file = checked("source_code,sku,quantity\neast,A,3\n")

    assert sentences(file) == [
        (
            2,
            "quantity",
            "Shipments that are packed hold 4: W-0-1, W-1-1, W-2-1. Unpack them first.",
        )
    ]


@pytest.mark.django_db(transaction=True)
def test_what_is_being_packed_is_not_taken_by_a_count(shipments: list[Shipment]) -> None:
    """Without the lock of the shipment the count would send it back to wait."""
    with ExitStack() as others, transaction.atomic():
        pack(shipments[2].pk, Act(NOW))
        others.enter_context(beside(lambda: count(3)))

    states = dict(Shipment.objects.order_by("pk").values_list("number", "state"))
    assert states == {"W-0-1": "READY", "W-1-1": "BACKORDER", "W-2-1": "READY"}
    assert times(shipments[2]) == (None, NOW)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "leave",
    [
        lambda _one: count(3),
        lambda one: cancel.within(one.order_id, WHY),
        lambda one: hold(one.pk, WHY),
        lambda one: fulfill(one.pk, Act(NOW)),
    ],
    ids=["count", "cancel", "hold", "ship"],
)
def test_what_leaves_meanwhile_is_not_packed(
    shipments: list[Shipment], leave: Callable[[Shipment], object]
) -> None:
    """Without the lock it would be noted as packed."""
    last = shipments[2]

    def refused() -> None:
        with pytest.raises(WrongStateError):
            pack(last.pk, Act(LATER))

    with ExitStack() as others, transaction.atomic():
        leave(last)
        others.enter_context(beside(refused))

    assert (times(last), events(last)) == ((None, None), [])


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("leave", "state", "is_packed", "kinds"),
    [
        (lambda one: cancel(one.order_id, WHY), "CANCELED", False, ["PACKED"]),
        (lambda one: hold(one.pk, WHY), "READY", False, ["PACKED", "UNPACKED"]),
        (lambda one: fulfill(one.pk, Act(LATER)), "FULFILLED", True, ["PACKED"]),
    ],
    ids=["cancel", "hold", "ship"],
)
def test_what_is_being_packed_leaves_after_it(
    shipments: list[Shipment],
    leave: Callable[[Shipment], object],
    state: str,
    *,
    is_packed: bool,
    kinds: list[str],
) -> None:
    """Whoever comes second waits, and sees the box."""
    last = shipments[2]

    with ExitStack() as others, transaction.atomic():
        pack(last.pk, Act(NOW))
        others.enter_context(beside(lambda: leave(last)))

    last.refresh_from_db()
    assert (last.state, last.packed_at is not None) == (state, is_packed)
    assert [kind for kind, _reason in events(last)] == kinds
    assert_invariants()


@pytest.mark.django_db(transaction=True)
def test_a_unit_of_what_is_being_packed_is_not_counted_again(shipments: list[Shipment]) -> None:
    """Without the lock of the list a scan would write less than was packed."""
    pick_list = listed(shipments[:1])

    def refused() -> None:
        with pytest.raises(PickedAlreadyError):
            scan(pick_list.pk, "A", Act(LATER), key="1")

    with ExitStack() as others, transaction.atomic():
        pack(shipments[0].pk, Act(NOW))
        others.enter_context(beside(refused))

    [pick] = pick_list.picks.order_by("pk")
    assert (pick.picked_quantity, pick.quantity) == (Decimal(2), Decimal(2))


@pytest.mark.django_db(transaction=True)
def test_a_unit_counted_off_meanwhile_is_not_packed_with_the_list(
    shipments: list[Shipment],
) -> None:
    """Without the lock of the list what misses a unit again would be packed."""
    pick_list = listed(shipments[1:2])
    scan(pick_list.pk, "A", Act(NOW), key="1")
    [pick] = pick_list.picks.order_by("pk")

    def nothing() -> None:
        assert pack_picked(pick_list.pk, Act(LATER)) == []

    with ExitStack() as others, transaction.atomic():
        set_picked(pick_list.pk, {pick.pk: Count(ZERO)}, now=LATER)
        others.enter_context(beside(nothing))

    assert times(shipments[1]) == (None, None)


def test_a_part_that_leaves_or_is_canceled_opens_the_box(shipments: list[Shipment]) -> None:
    first = shipments[0]
    [line] = first.order.lines.order_by("pk")
    print_slips([first.pk], Act(NOW))
    pack(first.pk, Act(NOW))

    cancel(first.order_id, WHY, quantities={line.pk: Decimal(1)})

    first.refresh_from_db()
    assert (first.packed_at, first.is_slip_out_of_date) == (None, True)
    assert events(first) == [("PACKED", ""), ("UNPACKED", "CHANGED")]


def test_the_rest_of_a_part_that_left_is_packed_anew(shipments: list[Shipment]) -> None:
    first = shipments[0]
    [line] = first.order.lines.order_by("pk")
    pack(first.pk, Act(NOW))

    left = fulfill(first.pk, Act(LATER), quantities={line.pk: Decimal(1)})

    assert (times(first), times(left)) == ((None, None), (None, None))
    assert events(first) == [("PACKED", ""), ("UNPACKED", "CHANGED")]


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        (ChangeRequest(address=replace(HOME, street="2 High Street")), None),
        (ChangeRequest(NewContact(name="Grace Hopper")), None),
        (ChangeRequest(NewContact(email="new@example.com")), NOW),
    ],
)
def test_another_name_or_address_opens_the_box(
    shipments: list[Shipment], asked: ChangeRequest, expected: Any
) -> None:
    pack(shipments[0].pk, Act(NOW))
    pack(shipments[1].pk, Act(NOW))

    change_order(shipments[0].order_id, WHY, request=asked)

    assert times(shipments[0])[1] == expected
    assert times(shipments[1])[1] == NOW


def test_the_preview_of_a_change_names_what_is_packed(
    admin_client: Client,
    api: Api,
    shipments: list[Shipment],
) -> None:
    pack(shipments[0].pk, Act(NOW))
    url = reverse("admin:orders_order_task", args=[shipments[0].order_id, "change"])
    typed = {**admin_client.get(url).context["form"].initial, "street": "2 High Street"}

    shown = admin_client.post(url, {**typed, "reason": "A typing error", "step": "preview"})

    assert "No longer packed: open the box, then pack it again" in shown.content.decode()
    body = {"reason": "Asked to", "set": {"customer": {"name": "Grace Hopper"}}}
    [row] = api.post("orders/W-0/changes/?dry_run=1", body)[1]["shipments"]
    assert (row["number"], row["is_unpacked"]) == ("W-0-1", True)
    assert times(shipments[0])[1] == NOW


def test_programs_pack_and_unpack(api: Api, shipments: list[Shipment]) -> None:
    status, packed = api.post("shipments/W-0-1/pack/")
    assert (status, packed["packed_at"] is not None, packed["picked_at"]) == (200, True, None)
    status, problem = api.post("shipments/W-0-1/pack/")
    assert (status, codes(problem)[0]) == (409, "wrong-state")

    found = api.get("shipments/?packed=true")[1]["results"]
    assert [one["number"] for one in found] == ["W-0-1"]
    found = api.get("shipments/?packed=false&picked=false")[1]["results"]
    assert [one["number"] for one in found] == ["W-2-1", "W-1-1"]
    assert api.get("shipments/?picked=true")[1]["results"] == []

    rows = [{"sku": "A", "source": "east", "quantity": "1"}]
    status, problem = api.post("source-items/set/", rows)
    assert (status, codes(problem)[0]) == (409, "packed")
    assert api.post("shipments/W-0-1/unpack/")[1]["packed_at"] is None


def test_programs_count_no_fewer_units_of_what_is_packed(
    api: Api, shipments: list[Shipment]
) -> None:
    pick_list = listed(shipments[:1])
    api.post("shipments/W-0-1/pack/")

    fewer = [{"shipment": "W-0-1", "line": 1, "picked_quantity": "1"}]
    status, problem = api.post(f"pick-lists/{pick_list.pk}/picks/", fewer)
    assert (status, codes(problem)[0], problem["errors"][0]["pointer"]) == (409, "packed", "/0")
    off = {"shipments": ["W-0-1"]}
    status, problem = api.post(f"pick-lists/{pick_list.pk}/take-off/", off)
    assert (status, problem["detail"]) == (
        409,
        "W-0-1 is packed. Unpack it before you take it off.",
    )


def test_it_is_one_click_on_the_page(admin_client: Client, shipments: list[Shipment]) -> None:
    first = shipments[0]
    url = reverse("admin:fulfillment_shipment_change", args=[first.pk])
    page = admin_client.get(url)
    assert page.context["packing"]["code"] == "pack"

    address = reverse("admin:fulfillment_shipment_act", args=[first.pk, "pack"])
    packed = admin_client.post(address, {"version": page.context["version"]}, follow=True)

    [message] = packed.context["messages"]
    assert strip_tags(str(message)) == "Packed W-0-1."
    assert packed.context["packing"] is None
    assert [offer["code"] for offer in packed.context["others"]].count("unpack") == 1
    assert '<span class="list-badge is-packed">Packed</span>' in packed.content.decode()
    # It still ships by one click.
    assert packed.context["primary"]["code"] == "fulfill"


def test_a_list_page_packs_what_is_picked(admin_client: Client, shipments: list[Shipment]) -> None:
    pick_list = listed(shipments)
    url = reverse("admin:fulfillment_picklist_change", args=[pick_list.pk])
    assert admin_client.get(url).context["to_pack"] == ""
    for key in "12":
        scan(pick_list.pk, "A", Act(NOW), key=key)
    assert admin_client.get(url).context["to_pack"] == "1 shipment is picked and not packed yet."

    address = reverse("admin:fulfillment_picklist_pack", args=[pick_list.pk])
    packed = admin_client.post(address, follow=True)

    assert [str(one) for one in packed.context["messages"]] == ["Packed W-0-1."]
    assert packed.context["shipments"] == {shipments[1].pk: "W-1-1", shipments[2].pk: "W-2-1"}
    again = admin_client.post(address, follow=True)
    assert [str(one) for one in again.context["messages"]] == [
        "Nothing was packed: the list has changed."
    ]


def test_what_is_picked_and_set_aside_is_not_offered_to_be_packed(
    admin_client: Client, shipments: list[Shipment]
) -> None:
    first = shipments[0]
    pick_list = listed(shipments)
    for key in "12":
        scan(pick_list.pk, "A", Act(NOW), key=key)
    Shipment.objects.filter(pk=first.pk).update(pickup_source=east())
    set_aside(first.pk, Act(NOW))

    url = reverse("admin:fulfillment_picklist_change", args=[pick_list.pk])

    assert admin_client.get(url).context["to_pack"] == ""
    assert pack_picked(pick_list.pk, Act(LATER)) == []


def test_many_are_packed_at_once(shipments: list[Shipment]) -> None:
    _first, second, third = shipments
    hold(third.pk, WHY)
    pack(second.pk, Act(NOW))
    change = ShipmentBulkChange(BulkAction.PACK)
    sentences = [
        (True, "Packed. A later count leaves its units in the box."),
        (False, "Packed already."),
        (False, "Held: lift the hold first."),
    ]
    assert effects(shipments, change) == sentences

    made = make_together([one.pk for one in shipments], change)

    assert [(row.is_change, said(row)) for row in made] == sentences
    undone = make_together([one.pk for one in shipments], ShipmentBulkChange(BulkAction.UNPACK))
    assert [said(row) for row in undone] == [
        "No longer packed.",
        "No longer packed.",
        "Not packed.",
    ]
    assert not Shipment.objects.exclude(packed_at=None).exists()


def test_the_list_is_narrowed_to_what_is_picked_or_packed(
    admin_client: Client, shipments: list[Shipment]
) -> None:
    first, second, _third = shipments
    pick_list = listed([first])
    for key in "12":
        scan(pick_list.pk, "A", Act(NOW), key=key)
    pack(second.pk, Act(NOW))
    url = reverse("admin:fulfillment_shipment_changelist")

    def found(prepared: str) -> list[str]:
        rows = admin_client.get(url, {"prepared": prepared}).context["cl"].result_list
        return [one.number for one in rows]

    assert found("picked") == ["W-0-1"]
    assert found("packed") == ["W-1-1"]
    assert found("no") == ["W-2-1"]


def test_a_packed_shipment_that_moves_is_packed_no_longer(shipments: list[Shipment]) -> None:
    west = SourceItem.objects.get(product__sku="A", source__code="west")
    first = shipments[0]
    set_items([ItemChange(west.product_id, west.source_id, {"quantity": Decimal(2)})], Act(NOW))
    pack(first.pk, Act(NOW))

    reroute(first.pk, WHY)

    assert times(first) == (None, None)


def test_a_hold_says_in_the_timeline_that_it_unpacked(shipments: list[Shipment]) -> None:
    first, second, third = shipments
    staff = User.objects.create_user("anna")
    for one in shipments:
        pack(one.pk, Act(NOW))

    hold(first.pk, Act(LATER, staff.pk, "Call first"))
    with transaction.atomic():
        lines = list(second.lines.values_list("order_line", flat=True))
        hold_for_change(second.order_id, lines, now=LATER)
    Payment.objects.filter(order=third.order_id).update(
        state=Payment.State.AUTHORIZED, expires_at=NOW
    )
    third.order.lines.update(invoiced_quantity=0)
    with transaction.atomic():
        Order.objects.select_for_update().get(pk=third.order_id)
        hold_for_payment([third.pk], now=LATER)

    for shipment, reason in zip(shipments, ("STAFF", "CHANGE", "PAYMENT"), strict=True):
        assert events(shipment) == [("PACKED", ""), ("UNPACKED", reason)]
        assert times(shipment)[1] is None
    said = first.events.get(kind="UNPACKED")
    assert (said.actor, said.created_at) == (staff, LATER)
    assert said.reason_in_words == "It was put on hold by staff."

    # It is said once, whatever else happens while it is held.
    lift_hold(first.pk, Act(LATER))
    hold(first.pk, Act(LATER))
    assert events(first) == [("PACKED", ""), ("UNPACKED", "STAFF")]


def test_shipping_that_is_undone_says_that_it_is_packed_no_longer(
    shipments: list[Shipment],
) -> None:
    first = shipments[0]
    pack(first.pk, Act(NOW))
    fulfill(first.pk, Act(NOW))

    undo_fulfillment(first.pk, WHY)

    assert events(first) == [("PACKED", ""), ("UNPACKED", "STAFF")]


def test_what_waits_for_the_rest_of_its_order_says_that_it_is_packed_no_longer(
    shipments: list[Shipment],
) -> None:
    first, second = shipments[:2]
    Shipment.objects.filter(pk=second.pk).update(order=first.order_id)
    pack(first.pk, Act(NOW))
    Order.objects.filter(pk=first.order_id).update(ship_complete=True)

    hold(second.pk, WHY)

    assert events(first) == [("PACKED", ""), ("UNPACKED", "REST")]
    assert events(second) == []
