"""What customers are told, by a real SMTP server: when, how often, and in which language."""

from contextlib import ExitStack
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from django.db import transaction
from pytest_django import Settings

from core.acts import Act
from fulfillment.models import Shipment, ShipmentLine
from fulfillment.operations.moves.expected_date import set_expected_date
from fulfillment.operations.moves.fulfill import fulfill
from fulfillment.operations.shipments.parcel_facts import ParcelFacts
from inventory.models import SourceItem
from inventory.operations import units
from inventory.operations.future_supply import NewSupply, change_supply
from orders.changes.cancel import cancel
from orders.models import Order, OrderEmail, Payment, PaymentOperation
from orders.notices.send import send_queued
from orders.payments.outcome_inquiry import ask_due
from orders.payments.staff_decisions import settle
from orders.refusals import NotInReviewError
from tests.beside import beside
from tests.inbox import text_of
from tests.orders.kettles import NOW, configure, open_shop, place, release, supply_comes

LATER = NOW + timedelta(minutes=1)
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def shop(sends_at_once: None) -> None:
    open_shop()


def subjects(inbox: list[Any]) -> list[Any]:
    send_queued(now=LATER)
    told = [message["Subject"] for message in inbox]
    inbox.clear()
    return told


def promises(shipment: Shipment) -> list[Any]:
    return list(shipment.lines.values_list("promised_on", "promise_told_at", "agreed_on"))


CONFIRMED = "Your order 1001"
CANCELED = "Canceled units of your order 1001"
REFUNDED = "Refund for your order 1001"
NEW_DATE = "A new date for your order 1001"
PREPARED = "Your order 1001 is being prepared"
DISPATCHED = "Your order 1001 is on its way to you"


def test_a_paid_order_is_confirmed_with_what_is_backordered_and_until_when(
    inbox: list[Any],
) -> None:
    place()

    send_queued(now=NOW)

    text = text_of(inbox[0])
    assert "6 × Kettle (KTP)" in text
    assert "On backorder: 2. We do not know yet when we can send this." in text
    assert "Total: 15.00 USD" in text
    email = OrderEmail.objects.get()
    assert (email.kind, email.state) == ("CONFIRMATION", "SENT")
    assert email.body.splitlines() == text.splitlines()
    # The date of the estimate is for staff; the customer is promised what the e-mail says.
    waiting = Shipment.objects.get(state="BACKORDER")
    assert waiting.expected_on == date(2026, 3, 15)
    assert promises(waiting) == [(None, email.claimed_at, None)]


def test_a_confirmation_states_the_date_of_known_supply(inbox: list[Any]) -> None:
    configure(future_inventory=True)
    place()
    supply_comes(date(2026, 3, 9))
    release()

    send_queued(now=NOW)

    assert "On backorder: 2. We expect to send this by 9 Mar 2026." in text_of(inbox[0])
    told_at = OrderEmail.objects.get().claimed_at
    # One e-mail: the date that the run found was in no e-mail before.
    assert [message["Subject"] for message in inbox] == [CONFIRMED]
    assert promises(Shipment.objects.get(state="FUTURE")) == [
        (date(2026, 3, 9), told_at, date(2026, 3, 9))
    ]
    assert promises(Shipment.objects.get(state="READY")) == [(None, None, None)]


def test_plain_backorders_are_in_no_confirmation_and_only_a_delay_is_told(
    inbox: list[Any],
) -> None:
    configure(backorders="ALLOW_QTY_BELOW_0", promise_days=20, delay_ask_days=21)
    place()
    supply = supply_comes(date(2026, 3, 9))
    release()

    assert "backorder" not in _sent(inbox)
    waiting = Shipment.objects.get(state="BACKORDER")
    assert promises(waiting) == [(None, None, None)]

    # The customer counts on 20 days after the order.
    for day in (21, 22):
        assert subjects(inbox) == []
        new = NewSupply(supply.quantity, date(2026, 3, day))
        change_supply(supply.pk, new, Act(NOW), today=NOW.date())
        release()

    assert subjects(inbox) == [NEW_DATE]
    assert promises(waiting) == [(date(2026, 3, 22), NOW, date(2026, 3, 21))]


def _sent(inbox: list[Any]) -> str:
    send_queued(now=NOW)
    [text] = [text_of(message) for message in inbox]
    inbox.clear()
    return str(text)


def test_nothing_is_on_backorder_where_all_is_there(inbox: list[Any]) -> None:
    place(quantity=4)

    send_queued(now=NOW)

    assert "backorder" not in text_of(inbox[0])


@pytest.mark.parametrize(
    ("token", "at_once", "at_last"),
    [
        ("twice", [CONFIRMED], []),
        ("late", [], [CONFIRMED]),
        ("timeout", [], []),
        ("decline", [CANCELED], []),
    ],
)
def test_it_is_confirmed_once_and_only_when_it_is_paid(
    inbox: list[Any], token: str, at_once: list[str], at_last: list[str]
) -> None:
    place(token=token)
    assert subjects(inbox) == at_once

    ask_due(now=LATER)

    assert subjects(inbox) == at_last


@pytest.mark.parametrize("token", ["", "decline"])
def test_orders_of_the_past_get_no_notice(inbox: list[Any], token: str) -> None:
    place(token=token, tells_customer=False)

    assert subjects(inbox) == []


@pytest.mark.parametrize("language", ["nl", "no-such-language", ""])
def test_a_language_that_is_not_offered_is_answered_in_english(
    inbox: list[Any], language: str
) -> None:
    place_with_supply(language)

    send_queued(now=NOW)

    assert "15 Mar 2026" in text_of(inbox[0])
    assert inbox[0]["Content-Language"] == "en"


@pytest.mark.parametrize(
    ("language", "greeting", "total"),
    [("fr", "Bonjour Ada Example,", "15,00 USD"), ("sv", "Hej Ada Example,", "15,00 USD")],
)
def test_a_customer_reads_the_language_of_the_order(
    inbox: list[Any], language: str, greeting: str, total: str
) -> None:
    place_with_supply(language)

    send_queued(now=NOW)

    text = text_of(inbox[0])
    assert text.startswith(greeting)
    assert "15 mars 2026" in text
    assert total in text
    assert inbox[0]["Content-Language"] == language


def test_the_confirmation_names_units_canceled_at_placement(inbox: list[Any]) -> None:
    configure(partial_match_action="CANCEL")
    place()

    send_queued(now=LATER)

    [confirmation] = inbox
    assert confirmation["Subject"] == CONFIRMED
    assert "- 6 × Kettle (KTP)\n    Canceled: 2.\n" in text_of(confirmation)
    assert "Total: 10.00 USD" in text_of(confirmation)


def test_an_order_canceled_whole_at_placement_has_the_cancellation_alone(inbox: list[Any]) -> None:
    configure(partial_match_action="CANCEL", partial_match_scope="ALL")
    place()

    send_queued(now=LATER)

    [cancellation] = inbox
    assert cancellation["Subject"] == CANCELED
    assert "- 6 × Kettle (KTP)\n\nThey are not available.\n" in text_of(cancellation)


def test_a_cancel_has_one_notice_with_all_its_units_and_the_refund_its_own(
    inbox: list[Any],
) -> None:
    order_id = place()
    subjects(inbox)

    cancel(order_id, Act(NOW, key="click", reason="Rude on the phone"))
    cancel(order_id, Act(NOW, key="click"))

    send_queued(now=LATER)
    canceled, refunded = inbox
    assert (canceled["Subject"], refunded["Subject"]) == (CANCELED, REFUNDED)
    # All of it was paid for. What staff typed is not sent.
    assert text_of(canceled) == (
        "Hello Ada Example,\n\nThese units of your order 1001 were canceled:\n\n"
        "- 6 × Kettle (KTP)\n\nYou will get 15.00 USD back.\n"
    )
    assert text_of(refunded) == (
        "Hello Ada Example,\n\nWe have paid back 15.00 USD for these units of your order 1001:\n\n"
        "- 6 × Kettle (KTP)\n"
    )


def test_an_order_canceled_whole_before_its_confirmation_is_sent_has_none(
    inbox: list[Any],
) -> None:
    order_id = place()
    line_id = Order.objects.get(pk=order_id).lines.get().pk

    cancel(order_id, Act(NOW), quantities={line_id: Decimal(5)})
    assert OrderEmail.objects.filter(kind="CONFIRMATION").exists()
    cancel(order_id, Act(NOW))

    assert subjects(inbox) == [CANCELED, REFUNDED, CANCELED, REFUNDED]


@pytest.mark.parametrize("token", ["refund:decline", "refund:timeout"])
def test_a_refund_is_told_only_once_it_succeeded(inbox: list[Any], token: str) -> None:
    order_id = place(token=token)
    subjects(inbox)

    cancel(order_id, Act(NOW))

    assert subjects(inbox) == [CANCELED]


def test_a_refund_that_staff_pay_by_hand_is_said_to_be_paid_once_it_is(inbox: list[Any]) -> None:
    order_id = place(gateway="manual")
    subjects(inbox)

    cancel(order_id, Act(NOW))

    assert subjects(inbox) == [CANCELED]
    refund = PaymentOperation.objects.get(kind="REFUND")
    assert (refund.state, Payment.objects.get().refunded_amount) == ("DUE", Decimal(0))
    settle(refund.pk, Act(LATER, reason="Bank transfer"), has_happened=True)
    assert subjects(inbox) == [REFUNDED]
    refund.refresh_from_db()
    assert (refund.state, refund.reviewed_at, refund.review_note) == (
        "SUCCEEDED",
        LATER,
        "Bank transfer",
    )
    payment = Payment.objects.get()
    assert (payment.state, payment.refunded_amount) == ("REFUNDED", payment.captured_amount)
    with pytest.raises(NotInReviewError):
        settle(refund.pk, Act(LATER), has_happened=True)
    assert subjects(inbox) == []


def test_a_refund_that_is_settled_otherwise_is_not_said_to_be_paid(inbox: list[Any]) -> None:
    order_id = place(gateway="manual")
    subjects(inbox)
    cancel(order_id, Act(NOW))
    refund = PaymentOperation.objects.get(kind="REFUND")

    settle(refund.pk, Act(LATER, reason="Store credit"), has_happened=False)

    assert subjects(inbox) == [CANCELED]
    assert not PaymentOperation.objects.to_decide().exists()
    assert Payment.objects.get().refunded_amount == 0


def test_units_that_were_not_charged_are_said_to_be_free(inbox: list[Any]) -> None:
    configure(payment_action="AUTHORIZE")
    order_id = place()
    subjects(inbox)

    cancel(order_id, Act(NOW))

    send_queued(now=LATER)
    [canceled] = inbox
    assert "You are not charged for them." in text_of(canceled)


def test_a_shipment_that_leaves_for_an_address_has_one_notice(inbox: list[Any]) -> None:
    place(quantity=4)
    subjects(inbox)
    line = ShipmentLine.objects.get()

    box = ParcelFacts("ups", "1Z 7")
    one = {line.order_line_id: Decimal(1)}
    fulfill(line.shipment_id, Act(NOW), quantities=one, parcels=[box])
    fulfill(line.shipment_id, Act(NOW))

    send_queued(now=LATER)
    part, rest = inbox
    assert (part["Subject"], rest["Subject"]) == (DISPATCHED, DISPATCHED)
    assert (
        "sent to you:\n\n- 1 × Kettle (KTP)\n\nFollow what was sent:\n"
        "UPS 1Z7 https://www.ups.com/track?tracknum=1Z7\n"
    ) in text_of(part)
    assert text_of(rest).endswith("sent to you:\n\n- 3 × Kettle (KTP)\n")


def test_units_that_the_confirmation_does_not_name_as_waiting_have_no_notice(
    inbox: list[Any],
) -> None:
    place()
    units.add({SourceItem.objects.get().pk: Decimal(2)})

    release()

    send_queued(now=LATER)
    [confirmation] = inbox
    assert "backorder" not in text_of(confirmation)


def test_a_release_has_one_notice(inbox: list[Any]) -> None:
    place()
    subjects(inbox)
    units.add({SourceItem.objects.get().pk: Decimal(2)})

    release()
    release()

    assert subjects(inbox) == [PREPARED]


def place_with_supply(language: str) -> None:
    place(language=language)
    supply_comes(date(2026, 3, 15))
    release()


def test_a_run_that_finds_another_date_tells_of_it_once(inbox: list[Any]) -> None:
    configure(future_inventory=True)
    place()
    subjects(inbox)
    supply = supply_comes(date(2026, 3, 7))

    release()
    release()

    assert subjects(inbox) == [NEW_DATE]
    context = OrderEmail.objects.get(kind="EXPECTED_DATE_CHANGED").context
    assert context.pop("undated_at").startswith("2026-03-01T09:01:00")
    assert context == {
        "former_expected_on": None,
        "expected_on": "2026-03-07",
        "shipments": [Shipment.objects.get(state="FUTURE").pk],
        "lines": [{"sku": "KTP", "name": "Kettle", "quantity": "2.0000"}],
        "is_ready": False,
        "sets_agreed_date": True,
        "no_date_reason": "SUPPLY",
        "may_cancel": False,
    }

    # when the supply moves, twice to the same day, with few days left
    moved = NewSupply(quantity=supply.quantity, expected_on=date(2026, 3, 20))
    for _ in range(2):
        change_supply(supply.pk, moved, Act(NOW), today=date(2026, 3, 1))

    assert subjects(inbox) == [NEW_DATE]


def test_a_run_that_finds_a_date_for_what_goes_on_waiting_tells_of_it_once(
    inbox: list[Any],
) -> None:
    configure(future_inventory=False)
    place()
    subjects(inbox)
    supply_comes(date(2026, 3, 9))

    release()
    release()

    assert Shipment.objects.get(state="BACKORDER").expected_on == date(2026, 3, 9)
    assert subjects(inbox) == [NEW_DATE]


def test_a_date_set_by_hand_has_a_notice(inbox: list[Any]) -> None:
    place()
    subjects(inbox)
    waiting = Shipment.objects.get(state="BACKORDER")

    for _ in range(2):
        set_expected_date(waiting.pk, Act(NOW), expected_on=date(2026, 4, 1), today=NOW.date())

    assert subjects(inbox) == [NEW_DATE]


def test_a_server_that_is_down_costs_one_attempt_of_one_email(settings: Settings) -> None:
    settings.EMAIL_BACKEND = "core.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    order_id = place()
    cancel(order_id, Act(NOW))

    assert send_queued(now=NOW) == 0

    queued = OrderEmail.objects.filter(state="QUEUED").order_by("pk")
    assert list(queued.values_list("attempt_count", flat=True)) == [1, 0]


@pytest.mark.django_db(transaction=True)
def test_a_confirmation_waits_for_a_date_that_is_being_set(inbox: list[Any]) -> None:
    place()
    waiting = Shipment.objects.get(state="BACKORDER")

    with ExitStack() as stack, transaction.atomic():
        set_expected_date(waiting.pk, Act(NOW), expected_on=date(2026, 4, 1), today=NOW.date())
        stack.enter_context(beside(partial(send_queued, now=LATER)))

    # One e-mail states the date, and it is what the customer is promised.
    assert [message["Subject"] for message in inbox] == [CONFIRMED]
    assert "We expect to send this by 1 Apr 2026." in text_of(inbox[0])
    assert waiting.lines.get().promised_on == date(2026, 4, 1)
