"""Units for pickup where no staff set them aside, and units that nobody collects."""

from contextlib import ExitStack
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction

from core.acts import Act
from fulfillment.models import Shipment
from fulfillment.operations.moves.fulfill import fulfill
from fulfillment.operations.moves.holds import hold, lift_hold
from fulfillment.operations.moves.set_aside import set_aside
from fulfillment.operations.upkeep.pickups import (
    follow_pickups,
    remind_to_collect,
    set_pickups_aside,
)
from fulfillment.release.runs.engine import run_release
from fulfillment.tasks import follow
from inventory.models import InventoryConfiguration, SourceItem
from inventory.operations.source_items import ItemChange, set_items
from orders.models import Order, OrderEmail
from orders.notices.send import send_queued
from tests.beside import beside
from tests.fulfillment.operations.test_set_aside import placed, shop, told
from tests.inbox import text_of
from tests.invariants import assert_invariants
from tests.orders.addresses import HOME

NOW = datetime(2026, 3, 1, 9, tzinfo=UTC)
LATER = NOW + timedelta(minutes=1)
# Units that are set aside now are kept until the 15th.
ON_THE_15TH = NOW + timedelta(days=14)
ON_THE_16TH = NOW + timedelta(days=15)
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("sends_at_once")]


def set_nothing_aside() -> None:
    InventoryConfiguration.objects.update(pickup_without_setting_aside=True)


def test_what_is_ready_can_be_collected_at_once_where_nothing_is_set_aside() -> None:
    shop()
    ready = placed()
    sent = placed(1, number="1002", address=HOME)
    Shipment.objects.filter(pk=sent.pk).update(state="READY", source=ready.source)

    assert set_pickups_aside(now=LATER) == 0
    set_nothing_aside()
    assert set_pickups_aside(now=LATER) == 1
    assert set_pickups_aside(now=LATER) == 0

    ready.refresh_from_db()
    assert (ready.state, ready.set_aside_at, ready.collect_by) == (
        "READY",
        LATER,
        date(2026, 3, 15),
    )
    event = ready.events.get(kind="SET_ASIDE")
    assert (event.actor, event.created_at) == (None, LATER)
    assert told() == ["READY_TO_COLLECT"]
    email = OrderEmail.objects.get(kind="READY_TO_COLLECT")
    assert (email.context["stores"][0]["name"], email.context["until"]) == ("Lund", "2026-03-15")
    sent.refresh_from_db()
    assert sent.set_aside_at is None


def test_what_is_held_or_not_paid_for_is_not_set_aside() -> None:
    shop()
    set_nothing_aside()
    held = placed(2)
    unpaid = placed(2, number="1002")
    hold(held.pk, Act(NOW, reason="Call first"))
    Order.objects.filter(pk=unpaid.order_id).update(status="PENDING_PAYMENT")

    assert set_pickups_aside(now=NOW) == 0
    lift_hold(held.pk, Act(LATER))
    assert set_pickups_aside(now=LATER) == 1
    Order.objects.filter(pk=unpaid.order_id).update(status="PROCESSING")
    assert set_pickups_aside(now=LATER) == 1

    assert told() == ["READY_TO_COLLECT", "READY_TO_COLLECT"]


def test_units_that_arrive_are_ready_to_collect_and_not_said_to_be_prepared(
    inbox: list[Any],
) -> None:
    shop()
    set_nothing_aside()
    InventoryConfiguration.objects.update(backorders="ALLOW_QTY_BELOW_0_AND_NOTIFY_CUSTOMER")
    placed(6)
    send_queued(now=NOW)
    assert set_pickups_aside(now=NOW) == 1
    send_queued(now=LATER)
    inbox.clear()
    item = SourceItem.objects.get()
    more = ItemChange(item.product_id, item.source_id, {"quantity": item.quantity + 2})

    set_items([more], Act(LATER))
    run_release(act=Act(LATER), zone=ZoneInfo("UTC"), trigger="SCHEDULE")
    send_queued(now=LATER)
    follow_pickups(now=LATER)
    send_queued(now=LATER + timedelta(minutes=1))

    [email] = inbox
    assert email["Subject"] == "Your order 1001 is ready to collect"
    assert "- 2 × Kettle (KTP)" in text_of(email)
    prepared = OrderEmail.objects.get(kind="BEING_PREPARED")
    assert (prepared.state, prepared.left_out_reason) == ("LEFT_OUT", "OVER")
    assert_invariants()


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_set_it_aside_once() -> None:
    shop()
    set_nothing_aside()
    ready = placed()

    with ExitStack() as stack, transaction.atomic():
        assert set_pickups_aside(now=NOW) == 1
        stack.enter_context(beside(lambda: set_pickups_aside(now=LATER)))

    assert ready.events.filter(kind="SET_ASIDE").count() == 1
    assert told() == ["READY_TO_COLLECT"]


def test_who_does_not_collect_in_time_is_reminded_once(inbox: list[Any]) -> None:
    shop()
    kept = placed()
    set_aside(kept.pk, Act(NOW))
    send_queued(now=LATER)
    inbox.clear()

    assert remind_to_collect(now=ON_THE_15TH) == 0
    assert remind_to_collect(now=ON_THE_16TH) == 1
    assert remind_to_collect(now=ON_THE_16TH) == 0
    assert remind_to_collect(now=ON_THE_16TH + timedelta(days=30)) == 0

    send_queued(now=ON_THE_16TH)
    [email] = inbox
    assert email["Subject"] == "Please collect your order 1001"
    assert text_of(email) == (
        "Hello Ada,\n\nYou have not collected these units of your order 1001 yet. We said that we "
        "would keep them for you until 15 Mar 2026:\n\n- 4 × Kettle (KTP)\n\n"
        "Lund\nKungsgatan 1\n222 22 Lund\nPhone: 046 12\nOpen: 10–18\n\n"
        "Please collect them soon, or contact us if you cannot.\n"
    )


def test_the_day_that_the_customer_was_given_counts_whatever_the_option_says_later() -> None:
    shop()
    kept = placed()
    set_aside(kept.pk, Act(NOW))

    InventoryConfiguration.objects.update(collect_days=1)

    assert remind_to_collect(now=ON_THE_15TH) == 0
    assert remind_to_collect(now=ON_THE_16TH) == 1


def test_nobody_is_reminded_of_units_that_are_collected_or_held() -> None:
    shop()
    collected, held = placed(2), placed(2, number="1002")
    set_aside(collected.pk, Act(NOW))
    set_aside(held.pk, Act(NOW))
    fulfill(collected.pk, Act(LATER))
    hold(held.pk, Act(LATER, reason="Call first"))

    assert remind_to_collect(now=ON_THE_16TH) == 0


def test_a_reminder_is_left_out_when_the_units_are_collected_before_it_is_written() -> None:
    shop()
    kept = placed()
    set_aside(kept.pk, Act(NOW))
    send_queued(now=LATER)
    remind_to_collect(now=ON_THE_16TH)

    fulfill(kept.pk, Act(ON_THE_16TH))
    send_queued(now=ON_THE_16TH)

    reminder = OrderEmail.objects.get(kind="COLLECT_REMINDER")
    assert (reminder.state, reminder.left_out_reason) == ("LEFT_OUT", "OVER")


def test_a_reminder_is_not_sent_where_it_is_switched_off(inbox: list[Any]) -> None:
    shop()
    kept = placed()
    set_aside(kept.pk, Act(NOW))
    InventoryConfiguration.objects.update(send_collect_reminder=False)
    send_queued(now=LATER)
    inbox.clear()

    remind_to_collect(now=ON_THE_16TH)
    send_queued(now=ON_THE_16TH)

    assert inbox == []
    reminder = OrderEmail.objects.get(kind="COLLECT_REMINDER")
    assert reminder.left_out_reason == "SWITCHED_OFF"


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_remind_once() -> None:
    shop()
    kept = placed()
    set_aside(kept.pk, Act(NOW))

    with ExitStack() as stack, transaction.atomic():
        assert remind_to_collect(now=ON_THE_16TH) == 1
        stack.enter_context(beside(lambda: remind_to_collect(now=ON_THE_16TH)))

    assert told() == ["READY_TO_COLLECT", "COLLECT_REMINDER"]


def test_the_scheduled_task_does_both(caplog: pytest.LogCaptureFixture) -> None:
    shop()
    set_nothing_aside()
    placed()

    with caplog.at_level("INFO"):
        follow()

    assert "1 shipments for pickup" in caplog.text
    assert told() == ["READY_TO_COLLECT"]
