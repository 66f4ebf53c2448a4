"""Shipping is undone for a parcel that never left: units, ledger, money and e-mails."""

from contextlib import ExitStack
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.utils import timezone
from django.utils.html import strip_tags

from core.acts import Act
from fulfillment.models import Allocation, Shipment
from fulfillment.operations.moves.fulfill import fulfill
from fulfillment.operations.moves.holds import lift_hold
from fulfillment.operations.moves.undo_fulfillment import (
    CaptureUnansweredError,
    UndoTooLateError,
    UnitsSettledError,
    undo_fulfillment,
)
from fulfillment.operations.shipments.locking import WrongStateError
from fulfillment.operations.shipments.parcel_facts import ParcelFacts
from inventory.models import InventoryConfiguration, Reservation, SourceItem
from orders.changes.refund import RefundRequest, refund
from orders.models import OrderEmail, PaymentOperation
from orders.notices.send import send_queued
from tests.beside import beside
from tests.fulfillment.operations.test_set_aside import LATER, NOW, placed, shop
from tests.inbox import text_of
from tests.invariants import assert_invariants
from tests.orders.addresses import HOME

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("sends_at_once")]
BACK = Act(LATER, reason="Found on the shelf")


def shipped() -> Shipment:
    """All 4 kettles have left; their money was captured with it."""
    shop()
    InventoryConfiguration.objects.update(payment_action="AUTHORIZE")
    return fulfill(placed(address=HOME).pk, Act(NOW), parcels=[ParcelFacts("ups", "1Z9")])


def kinds() -> list[tuple[str, str]]:
    return list(OrderEmail.objects.order_by("pk").values_list("kind", "state"))


def test_its_units_are_set_aside_again_and_the_books_are_as_before() -> None:
    gone = shipped()
    order, item = gone.order, SourceItem.objects.get()
    assert (int(item.quantity), order.status) == (0, "COMPLETE")
    SourceItem.objects.update(status="OUT_OF_STOCK")

    undo_fulfillment(gone.pk, BACK)

    gone.refresh_from_db()
    order.refresh_from_db()
    item.refresh_from_db()
    assert (gone.state, gone.is_held, gone.hold_note) == ("READY", True, "Found on the shelf")
    assert (gone.fulfilled_at, gone.parcels.count()) == (None, 0)
    assert (int(item.quantity), int(item.allocated), item.status) == (4, 4, "OUT_OF_STOCK")
    assert Allocation.objects.get().shipment_line == gone.lines.get()
    assert (order.status, int(order.lines.get().shipped_quantity)) == ("PROCESSING", 0)
    entries = Reservation.objects.order_by("pk").values_list("event", "quantity")
    assert [(event, int(units)) for event, units in entries] == [
        ("PLACED", -4),
        ("FULFILLED", 4),
        ("UNDONE", -4),
    ]
    assert_invariants()


def test_it_is_shipped_again_and_its_money_is_captured_once() -> None:
    gone = shipped()
    for _time in range(2):
        undo_fulfillment(gone.pk, BACK)
        lift_hold(gone.pk, Act(LATER))
        fulfill(gone.pk, Act(LATER))

    captures = PaymentOperation.objects.filter(kind="CAPTURE")
    assert [(one.amount, one.state) for one in captures] == [(Decimal(10), "SUCCEEDED")]
    assert sum(Reservation.objects.values_list("quantity", flat=True)) == 0
    assert_invariants()


def test_a_part_that_left_is_undone_alone() -> None:
    shop()
    whole = placed(address=HOME)
    line = whole.lines.get().order_line_id
    part = fulfill(whole.pk, Act(NOW), quantities={line: Decimal(1)})

    undo_fulfillment(part.pk, BACK)

    states = Shipment.objects.order_by("pk").values_list("state", "is_held")
    assert list(states) == [("READY", False), ("READY", True)]
    assert int(SourceItem.objects.get().allocated) == 4
    assert_invariants()


@pytest.mark.parametrize(("days", "is_possible"), [(7, True), (8, False)])
def test_it_is_possible_for_a_week(days: int, is_possible: bool) -> None:
    gone = shipped()
    late = Act(NOW + timedelta(days=days), reason="Found")

    if is_possible:
        undo_fulfillment(gone.pk, late)
    else:
        with pytest.raises(UndoTooLateError):
            undo_fulfillment(gone.pk, late)
    with pytest.raises(WrongStateError if is_possible else UndoTooLateError):
        undo_fulfillment(gone.pk, late)


def test_units_that_were_refunded_stay_shipped() -> None:
    gone = shipped()
    line = gone.lines.get().order_line_id
    refund(
        gone.order_id, Act(NOW), lines={line: RefundRequest(Decimal(1))}, is_returned_to_stock=False
    )

    with pytest.raises(UnitsSettledError):
        undo_fulfillment(gone.pk, BACK)

    gone.refresh_from_db()
    assert gone.state == "FULFILLED"


def test_it_waits_for_the_answer_of_the_gateway() -> None:
    gone = shipped()
    PaymentOperation.objects.filter(kind="CAPTURE").update(state="PENDING")

    with pytest.raises(CaptureUnansweredError):
        undo_fulfillment(gone.pk, BACK)


def test_a_customer_who_read_that_it_left_is_informed(inbox: list[Any]) -> None:
    gone = shipped()
    send_queued(now=NOW)
    inbox.clear()

    undo_fulfillment(gone.pk, BACK)
    send_queued(now=LATER)

    [email] = inbox
    assert email["Subject"] == "Your order 1001 has not left yet"
    assert text_of(email) == (
        "Hello Ada,\n\nWe wrote to you that these units of your order 1001 had been sent. They "
        "have not left yet. We are sorry. We will write again when they do:\n\n"
        "- 4 × Kettle (KTP)\n"
    )


def test_a_customer_who_has_not_read_it_hears_nothing() -> None:
    gone = shipped()

    undo_fulfillment(gone.pk, BACK)
    send_queued(now=LATER)

    assert kinds() == [
        ("CONFIRMATION", "SENT"),
        ("DISPATCHED", "LEFT_OUT"),
        ("SHIPPING_UNDONE", "LEFT_OUT"),
    ]


@pytest.mark.django_db(transaction=True)
def test_two_people_at_once_undo_it_once() -> None:
    gone = shipped()

    def refused() -> None:
        with pytest.raises(WrongStateError):
            undo_fulfillment(gone.pk, BACK)

    with ExitStack() as stack, transaction.atomic():
        undo_fulfillment(gone.pk, BACK)
        stack.enter_context(beside(refused))

    assert int(SourceItem.objects.get().quantity) == 4
    assert_invariants()


def test_it_is_done_on_the_page(admin_client: Client) -> None:
    gone = shipped()
    Shipment.objects.update(fulfilled_at=timezone.now())
    address = f"/admin/fulfillment/shipment/{gone.pk}"
    page = admin_client.get(f"{address}/change/")
    assert [offer["code"] for offer in page.context["actions"]] == ["undo-fulfillment"]

    answer = admin_client.post(
        f"{address}/act/undo-fulfillment/",
        {"version": page.context["version"], "undo-fulfillment-reason": "Found"},
        follow=True,
    )

    [message] = answer.context["messages"]
    assert strip_tags(str(message)) == (
        f"Shipping of {gone.number} is undone. It is ready and on hold."
    )
    InventoryConfiguration.objects.update(undo_shipping_days=0)
    Shipment.objects.update(
        state="FULFILLED", is_held=False, hold_reason="", fulfilled_at=timezone.now()
    )
    assert admin_client.get(f"{address}/change/").context["actions"]
    Shipment.objects.update(fulfilled_at=timezone.now() - timedelta(days=1))
    assert not admin_client.get(f"{address}/change/").context["actions"]
