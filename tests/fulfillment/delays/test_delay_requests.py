"""Customers are asked about late units, answer or keep silent: §18a on the database."""

from contextlib import ExitStack
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from django.db import transaction

from core.acts import Act
from fulfillment.delays.terms import DelayAnswer
from fulfillment.models import DelayDecision, DelayRequest, Shipment, ShipmentEvent
from fulfillment.operations.delays import requests, silence
from fulfillment.operations.delays.answers import (
    DelayAnswerError,
    DelayDateChangedError,
    DelayOverError,
    answer,
)
from fulfillment.operations.delays.late_units import DelayRules, orders_to_ask
from fulfillment.operations.delays.notice import write_delays
from fulfillment.operations.moves.fulfill import fulfill
from fulfillment.operations.moves.set_aside import set_aside
from fulfillment.operations.picking.pick_lists import make_pick_list
from inventory.models import SalesChannel, SourceItem
from orders.changes.cancel import cancel
from orders.models import (
    Cancellation,
    Order,
    OrderChange,
    OrderEmail,
    Payment,
    PaymentOperation,
    Refund,
)
from orders.notices.send import send_queued
from tests.beside import beside
from tests.fulfillment.delays.consent import (
    AGREED,
    LONG,
    NOW,
    SOON,
    TODAY,
    agreed_dates,
    asked,
    at,
    configure,
    decisions,
    expect,
    open_shop,
    run_job,
    send,
    terms_of,
    waiting,
)
from tests.fulfillment.operations.paid_orders import arrive, release
from tests.inbox import text_of
from tests.present import present

WAIT_UNTIL, WAIT, CANCEL = DelayAnswer.WAIT_UNTIL, DelayAnswer.WAIT, DelayAnswer.CANCEL
DAY_AFTER = AGREED + timedelta(days=1)
MONTH_AFTER = AGREED + timedelta(days=31)
# Two workers need two sessions.
two_sessions = pytest.mark.django_db(transaction=True)
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("sends_at_once")]


def take(request: DelayRequest, given: DelayAnswer, **values: Any) -> DelayRequest:
    by = DelayDecision.By(values.pop("by", "CUSTOMER"))
    shown = {request.pk: values.pop("shown_on", request.new_on)}
    values = {"by": by, "today": date(2026, 3, 10), **values}
    act = Act(NOW, reason=values.pop("note", ""))
    [answered] = answer(request.order_id, shown, given, act, **values)
    return answered


def test_a_customer_is_asked_once_and_promised_what_the_e_mail_says(inbox: list[Any]) -> None:
    open_shop()
    shipment = waiting()
    expect(shipment, SOON)

    counts = [run_job(date(2026, 3, 4)).asked for _ in range(2)]
    send_queued(now=at(date(2026, 3, 4)))

    assert counts == [1, 0]
    request = DelayRequest.objects.get()
    assert terms_of(request) == (1, SOON, "AGREES", AGREED, "OPEN")
    assert (request.agreed_on, request.is_asked_too_late) == (AGREED, False)
    email = present(request.email)
    assert (email.kind, email.state) == ("DELAYED", "SENT")
    line = shipment.lines.get()
    assert (line.promised_on, line.agreed_on, line.delay_request) == (SOON, AGREED, request)
    [message] = inbox
    text = text_of(message)
    assert "4 × " in text
    assert "They were due by 20 Mar 2026." in text
    assert "We now expect to send these units by 10 Apr 2026." in text
    assert "If you do not answer by 20 Mar 2026, we understand that you wait." in text
    assert ShipmentEvent.objects.filter(kind="DELAY_ASKED").count() == 1


@pytest.mark.parametrize("rule", ["OFF", "NOTIFY"])
def test_other_channels_ask_nothing(rule: str) -> None:
    open_shop(rule)
    expect(waiting(), LONG)

    assert (run_job(date(2026, 3, 4)).asked, DelayRequest.objects.count()) == (0, 0)


def test_units_that_come_in_time_and_dates_that_may_still_change_ask_nothing() -> None:
    open_shop()
    shipment = waiting()

    assert run_job(date(2026, 3, 4)).asked == 0
    expect(shipment, SOON)
    ShipmentEvent.objects.create(
        shipment=shipment, kind="EXPECTED_DATE_SET", detail={"to": "x"}, created_at=at(TODAY, 13)
    )
    assert run_job(date(2026, 3, 3)).asked == 0
    assert run_job(date(2026, 3, 4)).asked == 1


@pytest.mark.parametrize(("day", "expected"), [(date(2026, 3, 12), 0), (date(2026, 3, 13), 1)])
def test_units_without_known_supply_are_asked_about_a_week_before(day: date, expected: int) -> None:
    open_shop()
    expect(waiting(), None)

    assert run_job(day).asked == expected


def test_only_orders_that_have_something_to_ask_are_locked() -> None:
    open_shop()
    shipment = asked(SOON).shipment
    rules, now = DelayRules.in_force(), at(date(2026, 3, 5))

    assert orders_to_ask(rules, now=now) == []
    expect(shipment, LONG)
    assert orders_to_ask(rules, now=now) == [shipment.order_id]


def test_silence_agrees_to_a_first_short_delay_at_the_agreed_date() -> None:
    open_shop()
    request = asked(SOON)

    assert run_job(AGREED).acted_on == 0
    assert run_job(DAY_AFTER).acted_on == 1
    assert run_job(DAY_AFTER).acted_on == 0

    assert terms_of(request)[-1] == "AGREED_BY_SILENCE"
    assert agreed_dates() == [SOON]
    assert decisions(request) == [("WAIT_UNTIL", "SILENCE", SOON, "Please answer.", "")]
    assert Order.objects.get().status == "PROCESSING"


def test_silence_cancels_a_long_delay_and_pays_back() -> None:
    open_shop()
    request = asked(LONG)

    assert run_job(MONTH_AFTER - timedelta(days=1)).acted_on == 0
    assert run_job(MONTH_AFTER).acted_on == 1
    assert run_job(MONTH_AFTER).acted_on == 0

    assert terms_of(request)[-1] == "CANCELED_BY_SILENCE"
    assert Order.objects.get().status == "CANCELED"
    assert [refund.amount for refund in Refund.objects.all()] == [Decimal("10.00")]
    assert OrderEmail.objects.filter(kind="CANCELED").count() == 1
    assert decisions(request) == [("CANCEL", "SILENCE", None, "Please answer.", "")]


@pytest.mark.parametrize("by", ["answer", "silence"])
def test_what_is_authorized_only_is_voided_and_never_captured(by: str) -> None:
    open_shop()
    configure(payment_action="AUTHORIZE")
    request = asked(LONG)
    assert Payment.objects.get().state == "AUTHORIZED"

    if by == "answer":
        take(request, CANCEL)
    else:
        run_job(MONTH_AFTER)

    assert Order.objects.get().status == "CANCELED"
    payment = Payment.objects.get()
    assert (payment.state, payment.captured_amount) == ("VOIDED", Decimal(0))
    operations = PaymentOperation.objects.exclude(kind="AUTHORIZE").order_by("pk")
    assert [one.kind for one in operations] == ["VOID"]
    assert not Refund.objects.exists()


def test_a_second_delay_cancels_at_its_agreed_date() -> None:
    open_shop()
    first = asked(SOON)
    run_job(DAY_AFTER)
    expect(first.shipment, date(2026, 4, 20))

    run_job(date(2026, 3, 25))
    send()
    second = DelayRequest.objects.latest("pk")
    assert terms_of(second) == (2, date(2026, 4, 20), "CANCELS", SOON, "OPEN")
    with pytest.raises(DelayOverError):
        take(first, CANCEL)

    run_job(SOON + timedelta(days=1))
    assert terms_of(second)[-1] == "CANCELED_BY_SILENCE"


def test_a_further_slip_changes_the_date_and_what_silence_means_never_back() -> None:
    open_shop()
    request = asked(SOON)
    expect(request.shipment, LONG)

    assert run_job(date(2026, 3, 6)).asked == 1
    assert terms_of(request) == (1, LONG, "CANCELS", MONTH_AFTER - timedelta(days=1), "OPEN")
    expect(request.shipment, date(2026, 3, 25))
    assert run_job(date(2026, 3, 8)).asked == 1

    assert terms_of(request)[1:3] == (date(2026, 3, 25), "CANCELS")
    # The e-mail of the second date was not sent yet: the third takes its place.
    states = OrderEmail.objects.order_by("pk").values_list("state", flat=True)
    assert list(states) == ["SENT", "QUEUED"]


def test_units_that_come_in_time_after_all_close_the_request() -> None:
    open_shop()
    request = asked(SOON, is_sent=False)
    expect(request.shipment, AGREED)

    run_job(date(2026, 3, 6))

    assert terms_of(request)[-1] == "LAPSED"
    assert not OrderEmail.objects.exists()


@pytest.mark.parametrize("day", [SOON, LONG])
def test_silence_means_nothing_where_the_e_mail_was_not_sent(day: date) -> None:
    open_shop()
    request = asked(day, is_sent=False)
    OrderEmail.objects.update(state="FAILED")

    run_job(DAY_AFTER if day == SOON else MONTH_AFTER)

    request.refresh_from_db()
    assert (request.state, request.shipment.state) == ("OPEN", "CUSTOMER_CARE")
    assert not Cancellation.objects.exists()
    assert agreed_dates() == [AGREED]


def test_without_automatic_cancels_a_person_decides_and_a_late_answer_puts_it_back() -> None:
    open_shop()
    configure(delay_auto_cancel=False)
    request = asked(LONG)

    # The deadline is Sunday 19 April.
    assert [run_job(MONTH_AFTER).acted_on for _ in range(2)] == [1, 0]
    request.refresh_from_db()
    assert (request.state, request.money_back_by) == ("OPEN", date(2026, 4, 28))
    shipment = request.shipment
    assert shipment.state == "CUSTOMER_CARE"
    assert "28 Apr 2026" in shipment.care_reason

    take(request, WAIT_UNTIL, today=MONTH_AFTER)

    shipment.refresh_from_db()
    request.refresh_from_db()
    assert (shipment.state, shipment.care_reason) == ("BACKORDER", "")
    assert (request.state, request.money_back_by) == ("AGREED", None)
    assert agreed_dates() == [LONG]


def test_ready_units_are_held_until_a_person_decides() -> None:
    open_shop()
    configure(delay_auto_cancel=False)
    request = asked(LONG)
    arrive(4)
    release()

    run_job(MONTH_AFTER)

    ready = Shipment.objects.get(state="READY")
    assert (ready.is_held, ready.hold_reason) == (True, "STAFF")
    take(request, WAIT_UNTIL, today=MONTH_AFTER)
    ready.refresh_from_db()
    assert (ready.is_held, ready.hold_note) == (False, "")


def test_ready_units_that_wait_for_the_rest_are_asked_about_with_it() -> None:
    open_shop()
    rest = waiting()
    expect(rest, LONG)
    ready = waiting()
    # Of one order that ships complete, two shipments.
    Order.objects.filter(pk=rest.order_id).update(ship_complete=True)
    Shipment.objects.filter(pk=ready.pk).update(
        order=rest.order_id,
        state="READY",
        is_held=True,
        hold_reason="REST",
        number="X-2",
        source=SourceItem.objects.get().source,
    )

    assert run_job(date(2026, 3, 4)).asked == 2

    about = DelayRequest.objects.filter(shipment=ready).get()
    assert (about.new_on, about.is_asked_too_late) == (LONG, False)


def test_while_a_change_waits_for_its_payment_a_person_decides() -> None:
    open_shop()
    request = asked(LONG)
    payment = request.order.payments.get()
    OrderChange.objects.create(
        order=request.order, payment=payment, state="PENDING", reason="More", created_at=NOW
    )

    run_job(MONTH_AFTER)

    request.refresh_from_db()
    assert (request.answer, request.money_back_by is None) == ("", False)
    assert Cancellation.objects.count() == 0


def test_a_customer_waits_and_cancels_before_the_deadline() -> None:
    open_shop()
    request = asked(LONG)

    take(request, WAIT_UNTIL)
    take(request, WAIT_UNTIL)
    assert (terms_of(request)[-1], agreed_dates()) == ("AGREED", [LONG])
    with pytest.raises(DelayAnswerError):
        take(request, CANCEL, today=MONTH_AFTER)
    take(request, CANCEL)
    take(request, CANCEL)

    assert terms_of(request)[-1] == "CANCELED"
    assert [one[0] for one in decisions(request)] == ["WAIT_UNTIL", "CANCEL"]
    assert Cancellation.objects.count() == 1
    with pytest.raises(DelayOverError):
        take(request, WAIT_UNTIL)


def test_an_answer_agrees_to_no_other_date_than_was_shown() -> None:
    open_shop()
    request = asked(SOON)
    expect(request.shipment, LONG)
    run_job(date(2026, 3, 6))

    with pytest.raises(DelayDateChangedError):
        take(request, WAIT_UNTIL, shown_on=SOON)
    assert (agreed_dates(), decisions(request)) == ([AGREED], [])
    take(request, WAIT_UNTIL, shown_on=LONG)
    # The same answer again, but to the date from before.
    with pytest.raises(DelayDateChangedError):
        take(request, WAIT_UNTIL, shown_on=SOON)

    assert agreed_dates() == [LONG]


def test_who_waits_as_long_as_it_takes_is_not_asked_again_and_may_still_cancel() -> None:
    open_shop()
    request = asked(None)
    with pytest.raises(DelayAnswerError):
        take(request, WAIT_UNTIL)

    take(request, WAIT, by="STAFF", note="By phone")
    assert decisions(request) == [("WAIT", "STAFF", None, "Please answer.", "By phone")]
    assert run_job(LONG).asked == 0
    take(request, CANCEL, today=LONG)

    assert Order.objects.get().status == "CANCELED"


@pytest.mark.parametrize("rule", ["OFF", "NOTIFY"])
def test_a_change_of_the_rule_leaves_open_requests_as_they_are(rule: str) -> None:
    open_shop()
    request = asked(SOON)
    SalesChannel.objects.update(delay_rule=rule)
    expect(request.shipment, LONG)

    assert run_job(date(2026, 3, 6)).asked == 1
    assert terms_of(request) == (1, LONG, "CANCELS", date(2026, 4, 19), "OPEN")
    send()
    assert run_job(date(2026, 4, 20)).acted_on == 1

    assert terms_of(request)[-1] == "CANCELED_BY_SILENCE"
    assert not OrderEmail.objects.filter(kind="EXPECTED_DATE_CHANGED").exists()


def test_units_that_an_answer_cancels_are_struck_off_their_pick_list() -> None:
    open_shop()
    request = asked(LONG)
    arrive(4)
    release()
    [shipment] = Shipment.objects.filter(state="READY")
    assert shipment.source_id is not None
    pick_list = make_pick_list(shipment.source_id, [shipment.pk], Act(NOW)).pick_list

    take(request, CANCEL)

    pick_list.refresh_from_db()
    assert pick_list.state == "CLOSED"
    assert list(pick_list.picks.values_list("is_open", "quantity")) == [(False, Decimal(0))]
    assert Order.objects.get().status == "CANCELED"


def test_what_is_split_off_carries_its_request_and_only_its_units_are_canceled() -> None:
    open_shop()
    configure(release_mode="BY_QUANTITY")
    request = asked(LONG)
    arrive(1)
    release()
    ready = Shipment.objects.get(state="READY")

    fulfill(ready.pk, Act(NOW))
    assert terms_of(request)[-1] == "OPEN"
    take(request, CANCEL)

    line = Order.objects.get().lines.get()
    assert (line.shipped_quantity, line.refunded_quantity) == (Decimal(1), Decimal(3))
    assert terms_of(request)[-1] == "CANCELED"


def test_what_ships_or_is_canceled_whole_closes_the_request() -> None:
    open_shop()
    shipped = asked(LONG)
    arrive(4)
    release()
    fulfill(Shipment.objects.get(state="READY").pk, Act(NOW))

    assert terms_of(shipped)[-1] == "SHIPPED"
    with pytest.raises(DelayOverError):
        take(shipped, CANCEL)
    assert run_job(MONTH_AFTER).acted_on == 0


def test_a_request_of_units_that_staff_cancel_lapses() -> None:
    open_shop()
    request = asked(LONG, is_sent=False)

    cancel(request.order_id, Act(NOW))

    assert terms_of(request)[-1] == "LAPSED"
    assert not OrderEmail.objects.filter(kind="DELAYED").exists()


def test_who_was_asked_too_late_has_a_week_from_the_notice(inbox: list[Any]) -> None:
    open_shop()
    shipment = waiting()
    expect(shipment, LONG)
    late = MONTH_AFTER + timedelta(days=5)

    run_job(late)
    request = DelayRequest.objects.get()
    assert (request.is_asked_too_late, request.answer_by) == (True, late + timedelta(days=7))
    # The mail server was away for two days.
    send_queued(now=at(late + timedelta(days=2)))

    request.refresh_from_db()
    assert (request.silence, request.answer_by) == ("CANCELS", late + timedelta(days=9))
    assert run_job(late + timedelta(days=9)).acted_on == 0
    assert run_job(late + timedelta(days=10)).acted_on == 1


def test_who_is_asked_after_the_agreed_date_has_the_thirty_days_and_a_mark() -> None:
    open_shop()
    expect(waiting(), LONG)

    run_job(DAY_AFTER)
    send_queued(now=at(DAY_AFTER))

    request = DelayRequest.objects.get()
    assert terms_of(request) == (1, LONG, "CANCELS", MONTH_AFTER - timedelta(days=1), "OPEN")
    assert request.is_asked_too_late


def test_an_e_mail_written_after_the_agreed_date_asks_too_late() -> None:
    open_shop()
    expect(waiting(), SOON)
    run_job(AGREED)
    request = DelayRequest.objects.get()
    assert (request.silence, request.is_asked_too_late) == ("AGREES", False)

    send_queued(now=at(DAY_AFTER, 0))

    assert terms_of(request) == (1, SOON, "CANCELS", DAY_AFTER + timedelta(days=7), "OPEN")
    assert request.is_asked_too_late
    # Another e-mail of the same request is no first one: the days run on.
    OrderEmail.objects.update(state="QUEUED")
    send_queued(now=at(DAY_AFTER + timedelta(days=3)))
    assert terms_of(request)[3] == DAY_AFTER + timedelta(days=7)


def test_what_a_person_decides_is_not_asked() -> None:
    open_shop()
    request = asked(SOON, is_sent=False)
    email = present(request.email)
    assert write_delays(request.order_id, email.pk, now=at(AGREED)) is not None

    run_job(DAY_AFTER)

    assert write_delays(request.order_id, email.pk, now=at(DAY_AFTER)) is None


def test_units_set_aside_for_pickup_are_asked_about_no_more() -> None:
    open_shop()
    request = asked(LONG)
    arrive(4)
    release()
    ready = Shipment.objects.get(state="READY")
    Shipment.objects.filter(pk=ready.pk).update(pickup_source=ready.source)

    set_aside(ready.pk, Act(NOW))

    assert terms_of(request)[-1] == "SHIPPED"
    with pytest.raises(DelayOverError):
        take(request, CANCEL)
    Shipment.objects.update(expected_on=LONG)
    assert (run_job(MONTH_AFTER).acted_on, run_job(MONTH_AFTER).asked) == (0, 0)


def test_ready_units_for_pickup_that_nobody_set_aside_are_late() -> None:
    open_shop()
    expect(waiting(), AGREED)
    arrive(4)
    release()
    ready = Shipment.objects.filter(state="READY")
    ready.update(pickup_source=ready.get().source, expected_on=None)

    assert [run_job(day).asked for day in (AGREED, DAY_AFTER)] == [0, 1]
    assert DelayRequest.objects.get().is_asked_too_late


@two_sessions
def test_two_workers_ask_once() -> None:
    open_shop()
    shipment = waiting()
    expect(shipment, LONG)

    with ExitStack() as stack, transaction.atomic():
        run_job(date(2026, 3, 4))
        stack.enter_context(beside(partial(run_job, date(2026, 3, 4))))

    assert (DelayRequest.objects.count(), OrderEmail.objects.count()) == (1, 1)


@two_sessions
def test_two_workers_act_on_silence_once() -> None:
    open_shop()
    request = asked(LONG)

    with ExitStack() as stack, transaction.atomic():
        run_job(MONTH_AFTER)
        stack.enter_context(beside(partial(run_job, MONTH_AFTER)))

    assert (Cancellation.objects.count(), request.decisions.count()) == (1, 1)


@two_sessions
def test_of_two_answers_the_second_looks_again() -> None:
    open_shop()
    request = asked(LONG)
    refused: list[Any] = []

    def wait_too() -> None:
        with pytest.raises(DelayOverError) as error:
            take(request, WAIT_UNTIL)
        refused.append(error)

    with ExitStack() as stack, transaction.atomic():
        take(request, CANCEL)
        stack.enter_context(beside(wait_too))

    assert (terms_of(request)[-1], len(refused)) == ("CANCELED", 1)


@two_sessions
def test_an_answer_finds_shipped_what_ships_meanwhile() -> None:
    open_shop()
    request = asked(LONG)
    arrive(4)
    release()
    refused: list[Any] = []

    def cancel_too() -> None:
        with pytest.raises(DelayOverError) as error:
            take(request, CANCEL)
        refused.append(error)

    with ExitStack() as stack, transaction.atomic():
        fulfill(Shipment.objects.get(state="READY").pk, Act(NOW))
        stack.enter_context(beside(cancel_too))

    assert (terms_of(request)[-1], len(refused)) == ("SHIPPED", 1)


@two_sessions
def test_silence_finds_canceled_what_is_canceled_meanwhile() -> None:
    open_shop()
    request = asked(LONG)

    with ExitStack() as stack, transaction.atomic():
        cancel(request.order_id, Act(NOW))
        stack.enter_context(beside(partial(run_job, MONTH_AFTER)))

    assert (terms_of(request)[-1], Refund.objects.count()) == ("LAPSED", 1)


@two_sessions
def test_an_answer_takes_the_children_of_a_split_that_goes_on() -> None:
    open_shop()
    configure(release_mode="BY_QUANTITY")
    request = asked(LONG)
    arrive(1)

    # A run locks shipments, and no orders.
    with ExitStack() as stack, transaction.atomic():
        release()
        stack.enter_context(beside(partial(take, request, CANCEL)))

    assert Order.objects.get().status == "CANCELED"
    assert Order.objects.get().lines.get().refunded_quantity == 4


@two_sessions
def test_a_worker_that_dies_leaves_the_rest_for_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    open_shop()
    for _ in range(2):
        expect(waiting(), LONG)
    ask = requests.ask_about_order
    done: list[int] = []

    def die(order_id: int, *args: Any, **values: Any) -> int:
        if done:
            raise KeyboardInterrupt
        done.append(order_id)
        return ask(order_id, *args, **values)

    monkeypatch.setattr(silence, "ask_about_order", die)
    with pytest.raises(KeyboardInterrupt):
        run_job(date(2026, 3, 4))
    monkeypatch.setattr(silence, "ask_about_order", ask)

    assert run_job(date(2026, 3, 4)).asked == 1
    orders = DelayRequest.objects.order_by("pk").values_list("order", flat=True)
    assert len({*orders}) == len(orders) == 2
