"""Notices of one order within minutes are one e-mail, of what is so when it is written."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection

from core.acts import Act
from core.operations import mail
from fulfillment.models import Shipment, ShipmentLine
from fulfillment.operations.moves.backorder import move_to_backorder
from fulfillment.operations.moves.expected_date import set_expected_date
from fulfillment.operations.moves.fulfill import fulfill
from fulfillment.operations.moves.holds import hold, lift_hold
from inventory.models import SalesChannel, SourceItem
from inventory.operations import units
from orders.changes.cancel import cancel
from orders.models import Order, OrderEmail
from orders.notices.email_queue import Notice, queue_emails
from orders.notices.notice_content import IS_TRUE, SWITCHES
from orders.notices.render import KINDS
from orders.notices.send import send_queued
from tests.beside import waiting_count
from tests.factories.orders import OrderFactory
from tests.inbox import text_of
from tests.orders.kettles import NOW, configure, open_shop, place, release

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def shop() -> None:
    """Notices are collected for the five minutes of the system."""
    open_shop()


def sent(inbox: list[Any], *, minutes: float) -> list[str]:
    """Return the subjects of the e-mails that leave this long after the order was placed."""
    inbox.clear()
    send_queued(now=NOW + minutes * MINUTE)
    return [message["Subject"] for message in inbox]


def states() -> list[tuple[str, str, str]]:
    rows = OrderEmail.objects.order_by("pk")
    return list(rows.values_list("kind", "state", "left_out_reason"))


def test_every_kind_has_a_rank_and_a_truth() -> None:
    kinds = set(OrderEmail.Kind)

    assert set(KINDS) == set(IS_TRUE) == kinds
    # Delays are not switched off; new dates are left out when they are queued.
    assert kinds - set(SWITCHES) == {"DELAYED", "EXPECTED_DATE_CHANGED"}


def test_notices_within_five_minutes_of_the_first_are_one_email(inbox: list[Any]) -> None:
    order_id = place(quantity=4)
    cancel(order_id, Act(NOW + 4 * MINUTE), quantities={line_id(): Decimal(1)})

    assert sent(inbox, minutes=4.9) == []
    assert sent(inbox, minutes=5) == ["Your order 1001"]

    # One greeting: first the order, then what was canceled of it.
    assert text_of(inbox[0]) == (
        "Hello Ada Example,\n\nThank you for your order 1001.\n\n- 4 × Kettle (KTP)\n\n"
        "Delivery address:\nAda Example\n1 High Street\nLondon\nSW1A 1AA\nUnited Kingdom\n\n"
        "Total: 10.00 USD\n\n"
        "These units of your order 1001 were canceled:\n\n- 1 × Kettle (KTP)\n\n"
        "We have paid back 2.50 USD for these units of your order 1001:\n\n- 1 × Kettle (KTP)\n"
    )
    confirmation, *others = OrderEmail.objects.order_by("pk")
    assert {email.state for email in (confirmation, *others)} == {"SENT"}
    assert {email.body for email in others} == {confirmation.body}
    assert [email.collected_in for email in others] == [confirmation, confirmation]
    # What comes after it is a new e-mail, five minutes after its own cause.
    cancel(order_id, Act(NOW + 6 * MINUTE), quantities={line_id(): Decimal(1)})
    assert sent(inbox, minutes=10) == []
    assert sent(inbox, minutes=11) == ["Canceled units of your order 1001"]


def line_id() -> int:
    return Order.objects.get().lines.get().pk


def test_nothing_is_collected_over_orders_addresses_or_with_no_minutes(inbox: list[Any]) -> None:
    first, second = OrderFactory(), OrderFactory()
    moved = Order.objects.get(pk=second.pk)
    moved.customer_email = "grace@example.com"
    for order in (first, second, moved):
        queue(order, key=order.customer_email)

    assert len(sent(inbox, minutes=5)) == 3

    configure(notice_delay=0)
    for key in ("a", "b"):
        queue(first, key=key)
    assert len(sent(inbox, minutes=0)) == 2


def queue(order: Order, key: str, kind: Any = OrderEmail.Kind.REFUNDED) -> None:
    context = {"lines": [{"sku": "KTP", "name": "Kettle", "quantity": "1"}], "amount": "2.50"}
    queue_emails([Notice(order, key, context)], kind=kind, now=NOW)


def test_what_is_sent_again_or_was_tried_before_waits_for_nothing(inbox: list[Any]) -> None:
    queue(OrderFactory(), "event")
    sent(inbox, minutes=5)
    OrderEmail.objects.update(state="UNKNOWN", created_at=NOW + 9 * MINUTE)
    pks = list(OrderEmail.objects.values_list("pk", flat=True))

    mail.send_again(OrderEmail, keys=pks, now=NOW + 10 * MINUTE)

    assert len(sent(inbox, minutes=10)) == 1


def test_an_email_that_is_sent_again_says_what_it_said_before(inbox: list[Any]) -> None:
    order = OrderFactory(number="1001")
    for key in ("a", "b"):
        queue(order, key)
    sent(inbox, minutes=5)
    OrderEmail.objects.update(state="UNKNOWN")
    first = OrderEmail.objects.order_by("pk")[0]

    assert mail.send_again(OrderEmail, keys=[first.pk], now=NOW) == 2

    text = text_of(inbox[0])
    assert len(sent(inbox, minutes=6)) == 1
    assert text_of(inbox[0]) == text


def test_an_order_canceled_whole_has_the_cancellation_alone(inbox: list[Any]) -> None:
    order_id = place(gateway="manual")
    cancel(order_id, Act(NOW))

    assert sent(inbox, minutes=5) == ["Canceled units of your order 1001"]

    assert states() == [("CONFIRMATION", "LEFT_OUT", "OVER"), ("CANCELED", "SENT", "")]
    assert "Thank you" not in text_of(inbox[0])


def test_money_that_was_paid_back_is_said_once(inbox: list[Any]) -> None:
    order_id = place()
    sent(inbox, minutes=5)
    OrderEmail.objects.all().delete()

    cancel(order_id, Act(NOW))

    assert sent(inbox, minutes=5) == ["Canceled units of your order 1001"]
    text = text_of(inbox[0])
    assert "We have paid back 15.00 USD for these units" in text
    assert "You will get" not in text
    assert "not charged" not in text


def test_money_is_promised_where_no_e_mail_says_that_it_was_paid_back(inbox: list[Any]) -> None:
    order_id = place()
    configure(send_refunded=False)
    sent(inbox, minutes=5)

    cancel(order_id, Act(NOW))

    sent(inbox, minutes=5)
    assert "You will get 15.00 USD back." in text_of(inbox[0])


def confirmed(inbox: list[Any]) -> Shipment:
    """Return the shipment that waits of a confirmed order."""
    place()
    sent(inbox, minutes=5)
    OrderEmail.objects.all().delete()
    return Shipment.objects.get(state="BACKORDER")


def set_date(shipment: Shipment, day: int, *, minutes: int) -> None:
    act = Act(NOW + minutes * MINUTE)
    set_expected_date(shipment.pk, act, expected_on=date(2026, 4, day), today=NOW.date())


def test_of_dates_within_minutes_the_last_is_sent_unless_it_is_known(inbox: list[Any]) -> None:
    waiting = confirmed(inbox)
    set_date(waiting, 1, minutes=6)
    set_date(waiting, 9, minutes=7)

    assert sent(inbox, minutes=11) == ["A new date for your order 1001"]
    assert "by 9 Apr 2026." in text_of(inbox[0])
    assert OrderEmail.objects.order_by("-pk")[0].context["former_expected_on"] is None

    # Moved away and back: the customer knows this date.
    set_date(waiting, 5, minutes=12)
    set_date(waiting, 9, minutes=13)
    assert sent(inbox, minutes=20) == []
    assert [state for _kind, state, _reason in states()] == [
        "LEFT_OUT",
        "SENT",
        "LEFT_OUT",
        "LEFT_OUT",
    ]


def test_a_date_is_left_out_where_the_units_do_not_wait_any_more(inbox: list[Any]) -> None:
    set_date(confirmed(inbox), 1, minutes=6)
    units.add({SourceItem.objects.get().pk: Decimal(2)})
    release()

    assert sent(inbox, minutes=11) == ["Your order 1001 is being prepared"]


def prepared(inbox: list[Any]) -> Shipment:
    """Return a shipment that was released a moment ago, its customer not informed yet."""
    waiting = confirmed(inbox)
    units.add({SourceItem.objects.get().pk: Decimal(2)})
    release()
    waiting.refresh_from_db()
    assert states() == [("BEING_PREPARED", "QUEUED", "")]
    return waiting


def ship_half(shipment: Shipment) -> None:
    half = {ShipmentLine.objects.get(shipment=shipment).order_line_id: Decimal(1)}
    fulfill(shipment.pk, Act(NOW), quantities=half)


@pytest.mark.parametrize(
    ("then", "subject", "says"),
    [
        (lambda one: None, "Your order 1001 is being prepared", "- 2 × Kettle"),
        (ship_half, "Your order 1001 is on its way to you", "preparing these units"),
        (lambda one: fulfill(one.pk, Act(NOW)), "Your order 1001 is on its way to you", None),
        (
            lambda one: cancel(one.order_id, Act(NOW), shipment_number=one.number),
            "Canceled units of your order 1001",
            None,
        ),
        (lambda one: move_to_backorder(one.pk, Act(NOW, reason="Broken")), None, None),
    ],
    ids=["stays", "ships in part", "ships", "is canceled", "falls back"],
)
def test_units_are_said_to_be_prepared_only_while_they_are(
    inbox: list[Any], then: Callable[[Shipment], Any], subject: str | None, says: str | None
) -> None:
    then(prepared(inbox))

    assert sent(inbox, minutes=5) == ([] if subject is None else [subject])

    if inbox:
        text = text_of(inbox[0])
        assert ("prepar" in text) is (says is not None)
        assert says is None or says in text


def test_units_held_within_the_minutes_are_announced_when_the_hold_is_lifted(
    inbox: list[Any],
) -> None:
    shipment = prepared(inbox)
    hold(shipment.pk, Act(NOW + MINUTE, reason="Check"))
    assert sent(inbox, minutes=5) == []

    lift_hold(shipment.pk, Act(NOW + 9 * MINUTE, reason="Checked"))

    assert sent(inbox, minutes=14) == ["Your order 1001 is being prepared"]


def test_a_kind_that_is_switched_off_is_kept_as_left_out(inbox: list[Any]) -> None:
    configure(send_confirmation=False, send_refunded=False)
    cancel(place(), Act(NOW), quantities=None)
    line = {"sku": "KTP", "name": "Kettle", "quantity": "6.0000"}

    assert sent(inbox, minutes=5) == ["Canceled units of your order 1001"]

    assert states() == [
        ("CONFIRMATION", "LEFT_OUT", "SWITCHED_OFF"),
        ("CANCELED", "SENT", ""),
        ("REFUNDED", "LEFT_OUT", "SWITCHED_OFF"),
    ]
    assert OrderEmail.objects.get(kind="CANCELED").context["lines"] == [line]


@pytest.mark.parametrize(("rule", "is_sent"), [("OFF", False), ("NOTIFY", True)])
def test_new_dates_are_switched_off_only_where_no_delay_rule_asks_for_them(
    inbox: list[Any], rule: str, is_sent: bool
) -> None:
    waiting = confirmed(inbox)
    configure(send_expected_date_changed=False)
    SalesChannel.objects.filter(code="web").update(delay_rule=rule)

    # No delay: earlier than the customer counts on.
    soon = date(2026, 3, 20)
    set_expected_date(waiting.pk, Act(NOW + 6 * MINUTE), expected_on=soon, today=NOW.date())

    reason = "" if is_sent else "SWITCHED_OFF"
    state = "QUEUED" if is_sent else "LEFT_OUT"
    assert states() == [("EXPECTED_DATE_CHANGED", state, reason)]
    # The promise is what the customer was told.
    assert waiting.lines.get().promised_on == (soon if is_sent else None)
    assert len(sent(inbox, minutes=11)) == is_sent


def test_a_delay_without_a_confirmation_is_told_of_units_promised_by_the_usual_days(
    inbox: list[Any],
) -> None:
    configure(send_confirmation=False, promise_days=6)
    place()
    assert sent(inbox, minutes=5) == []

    set_date(Shipment.objects.get(state="BACKORDER"), 1, minutes=6)

    assert sent(inbox, minutes=11) == ["A new date for your order 1001"]


@pytest.mark.django_db(transaction=True)
def test_two_workers_send_one_collected_email(
    inbox: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    order = OrderFactory()
    for key in ("a", "b"):
        queue(order, key)
    find = mail._going_with

    def send(now: datetime = NOW + 5 * MINUTE) -> int:
        try:
            return send_queued(now=now, connections=1)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        seconds: list[Any] = []

        def find_beside_another(*found: Any) -> Any:
            """Let a second sender look before the first has all that belongs to its e-mail."""
            if not seconds:
                seconds.append(pool.submit(send))
                while not seconds[0].done() and not waiting_count():
                    pass
            return find(*found)

        monkeypatch.setattr(mail, "_going_with", find_beside_another)
        first = pool.submit(send).result(timeout=120)
        assert (first, seconds[0].result(timeout=120)) == (1, 0)

    assert len(inbox) == 1
    assert set(OrderEmail.objects.values_list("state", flat=True)) == {"SENT"}
