"""Rules act on what waits: conditions, actions, waiting spells, limits, races: §23."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from core.acts import Act
from core.models import Job
from core.operations import jobs
from fulfillment.models import (
    DelayRequest,
    RuleAct,
    RuleEmail,
    RuleRun,
    RuleStep,
    Shipment,
    ShipmentEvent,
    WaitingRule,
)
from fulfillment.operations.moves.backorder import move_to_backorder
from fulfillment.tasks import run_rules
from fulfillment.waiting_rules import rule_runs
from fulfillment.waiting_rules.rule_runs import NotStoppedError, confirm, perform
from orders.models import Cancellation, OrderEmail, Payment
from tests.factories.inventory import ProductFactory
from tests.fulfillment.delays.consent import (
    AGREED,
    LONG,
    asked,
    at,
    configure,
    expect,
    open_shop,
    waiting,
)
from tests.fulfillment.operations import paid_orders
from tests.fulfillment.waiting_rules.rules import (
    DAY,
    acts,
    found,
    make,
    moment,
    person,
    queued,
    run,
    standing,
)

two_sessions = pytest.mark.django_db(transaction=True)
pytestmark = pytest.mark.django_db


def test_conditions_must_all_hold() -> None:
    open_shop("NOTIFY")
    shipment = waiting()
    Payment.objects.update(state="AUTHORIZED", expires_at=moment(DAY + timedelta(days=3)).now)
    Shipment.objects.update(missed_promise_count=2)
    other = ProductFactory(sku="OTHER")
    stock, source = shipment.stock, shipment.stock.sources.get()
    # Each with what it finds, and what it does not; the order is of 2 March and worth 10.
    table: dict[str, tuple[Any, Any]] = {
        "age_days_min": (10, 11),
        "overdue_days_min": (None, 0),
        "missed_promises_min": (2, 3),
        "value_min": (Decimal("10.00"), Decimal("10.01")),
        "state": ("BACKORDER", "FUTURE"),
        "channel": (shipment.order.channel, None),
        "stock": (stock, None),
        "source": (None, source),
        "product": (shipment.lines.get().product, other),
        "method": ("SHIP_TO_HOME", "PICKUP"),
        "has_unanswered_request": (None, True),
        "expires_within_days": (3, 2),
    }
    for name, (matched, missed) in table.items():
        for value, expected in [(matched, [shipment.pk]), (missed, [])]:
            if value is not None:
                rule = WaitingRule(pk=1, action="EMAIL", **{name: value})
                assert found(rule) == expected, (name, value)
    both = WaitingRule(pk=1, action="EMAIL", age_days_min=10, missed_promises_min=3)
    assert found(both) == []
    late = WaitingRule(pk=1, action="EMAIL", overdue_days_min=5)
    assert found(late, AGREED + timedelta(days=4)) == []
    assert found(late, AGREED + timedelta(days=5)) == [shipment.pk]
    shipment.lines.update(agreed_on=None)
    # Due 30 days after the order of 2 March.
    assert found(late, date(2026, 4, 5)) == []
    assert found(late, date(2026, 4, 6)) == [shipment.pk]


def test_a_rule_without_conditions_or_with_foreign_values_is_refused() -> None:
    faults: dict[tuple[str, ...], dict[str, Any]] = {
        ("__all__",): {"action": "HOLD"},
        ("raise_by", "raise_up_to"): {"action": "RAISE_PRIORITY", "age_days_min": 1},
        ("priority", "reason"): {"action": "CUSTOMER_CARE", "age_days_min": 1, "priority": 3},
        ("recipients",): {"action": "EMAIL", "age_days_min": 1, "recipients": "a@b.example, ada"},
    }
    for fields, values in faults.items():
        with pytest.raises(ValidationError) as refused:
            WaitingRule(name="Old", **values).full_clean()
        assert tuple(sorted(refused.value.message_dict)) == fields


def test_each_action_is_done_once_and_stands_in_the_timeline() -> None:
    open_shop("NOTIFY")
    shipment = waiting()
    ada = person("ada")
    make("RAISE_PRIORITY", raise_by=5, raise_up_to=8)
    make("ASSIGN", assignee=ada)
    make("TELL_CUSTOMER")
    make("EMAIL", recipients="desk@shop.example, boss@shop.example")
    make("HOLD")
    make("CUSTOMER_CARE", reason="Call the customer.")

    for _ in range(2):
        run()

    standing(shipment)
    assert acts(shipment) == [f"Rule {number}" for number in range(1, 7)]
    assert (shipment.priority, shipment.assignee, shipment.state) == (5, ada, "CUSTOMER_CARE")
    assert shipment.care_reason == "Call the customer."
    held = ShipmentEvent.objects.get(kind="HELD")
    assert held.reason == "Rule 5"
    [email] = OrderEmail.objects.filter(kind="EXPECTED_DATE_CHANGED")
    assert email.context["expected_on"] == "2026-03-20"
    first, second = RuleEmail.objects.order_by("recipient")
    assert (first.recipient, second.recipient) == ("boss@shop.example", "desk@shop.example")
    assert first.subject == "Rule 4: 1 shipment"
    assert f"{shipment.number} of order {shipment.order.number}: 4 × KTP" in first.body
    assert "Ada" not in first.body
    assert "ada@example.com" not in first.body


def test_raising_stops_at_the_limit_and_sees_what_earlier_rules_left() -> None:
    open_shop("NOTIFY")
    shipment = waiting()
    make("RAISE_PRIORITY", raise_by=5, raise_up_to=8)
    make("RAISE_PRIORITY", raise_by=5, raise_up_to=8)
    make("SET_PRIORITY", priority=8)

    run()

    assert standing(shipment).priority == 8
    assert acts(shipment) == ["Rule 1", "Rule 2"]


def test_a_rule_acts_again_after_some_days_and_in_another_waiting_spell() -> None:
    open_shop("NOTIFY", release_mode="BY_QUANTITY")
    shipment = waiting()
    make("RAISE_PRIORITY", raise_by=1, raise_up_to=100)
    make("EMAIL", recipients="desk@shop.example", repeat_days=7)

    for day in (12, 13, 18, 19):
        run(date(2026, 3, day))

    assert acts(shipment) == ["Rule 1", "Rule 2", "Rule 2"]
    # A part is released: the rest carries the spell on, and the child begins another one when
    # it waits again.
    paid_orders.arrive(1)
    paid_orders.release()
    child = Shipment.objects.get(state="READY")
    assert child.spell == standing(shipment).spell != {}
    product = shipment.lines.get().product_id
    act = Act(moment().now, reason="Not found")
    move_to_backorder(child.pk, act, counted={product: Decimal(0)})
    assert standing(child).spell == {}
    run(date(2026, 3, 20))
    assert acts(child) == ["Rule 1", "Rule 2"]
    assert acts(shipment) == ["Rule 1", "Rule 2", "Rule 2"]


def test_a_rule_that_finds_too_many_asks_and_acts_on_what_was_shown_alone() -> None:
    open_shop("NOTIFY")
    configure(rule_limit=1)
    shown = [waiting(), waiting()]
    make("HOLD")
    make("RAISE_PRIORITY", raise_by=1, raise_up_to=9)

    asking = run()
    later = waiting()

    step = asking.steps.order_by("pk").first()
    assert step is not None
    assert (step.state, step.found_count, step.acted_count) == ("STOPPED", 2, 0)
    assert [standing(one).is_held for one in shown] == [False, False]
    # The rules after it go on.
    assert [one.priority for one in shown] == [1, 1]

    [confirmed] = confirm(asking.pk, Act(moment().now), trigger=RuleRun.Trigger.STAFF)
    perform(confirmed, lambda _done: None)

    assert [standing(one).is_held for one in (*shown, later)] == [True, True, False]
    with pytest.raises(NotStoppedError):
        confirm(asking.pk, Act(moment().now), trigger=RuleRun.Trigger.STAFF)


def test_a_rule_that_was_changed_or_asks_again_is_not_confirmed() -> None:
    open_shop("NOTIFY")
    configure(rule_limit=0)
    shipment = waiting()
    rule = make("HOLD")
    first, second = run(), run()

    states = [step.state for step in RuleStep.objects.order_by("pk")]
    assert states == ["LAPSED", "STOPPED"]
    [confirmed] = confirm(second.pk, Act(moment().now), trigger=RuleRun.Trigger.STAFF)
    WaitingRule.objects.filter(pk=rule.pk).update(age_days_min=1)
    perform(confirmed, lambda _done: None)
    third = run()
    WaitingRule.objects.filter(pk=rule.pk).update(age_days_min=2)
    for asking in (first, third):
        with pytest.raises(NotStoppedError):
            confirm(asking.pk, Act(moment().now), trigger=RuleRun.Trigger.STAFF)
    assert not standing(shipment).is_held


def test_shipments_of_one_day_count_towards_the_limit() -> None:
    open_shop("NOTIFY")
    configure(rule_limit=1)
    waiting()
    make("HOLD")
    run()
    second = waiting()

    asking = run()

    assert (asking.steps.get().state, standing(second).is_held) == ("STOPPED", False)
    assert run(DAY + timedelta(days=1)).steps.get().state == "DONE"


def test_a_rule_cancels_with_the_money_back() -> None:
    open_shop("NOTIFY")
    shipment = waiting()
    rule = make("CANCEL")

    # The customer agreed to wait until 20 March.
    assert found(rule, AGREED) == []
    run(AGREED + timedelta(days=1))

    assert standing(shipment).state == "CANCELED"
    shipment.order.refresh_from_db()
    assert shipment.order.status == "CANCELED"
    email = OrderEmail.objects.get(kind="CANCELED")
    assert (email.context["cause"], email.context["refund_amount"]) == ("NOT_AVAILABLE", "10.000")
    assert acts(shipment) == ["Rule 1"]


@pytest.mark.parametrize(
    ("values", "cause"),
    [
        ({"age_days_min": 10}, "NOT_AVAILABLE"),
        ({"age_days_min": 10, "overdue_days_min": 0}, "DELAYED"),
        ({"age_days_min": 10, "cause": "CUSTOMER_ASKED"}, "CUSTOMER_ASKED"),
        ({"age_days_min": 10, "overdue_days_min": 0, "cause": "NOT_AVAILABLE"}, "NOT_AVAILABLE"),
    ],
)
def test_a_rule_cancels_for_the_cause_that_it_says_or_looks_for(
    values: dict[str, Any], cause: str
) -> None:
    open_shop("NOTIFY")
    waiting()
    make("CANCEL", **values)

    run(AGREED + timedelta(days=1))

    assert OrderEmail.objects.get(kind="CANCELED").context["cause"] == cause


def test_only_a_rule_that_cancels_has_a_cause() -> None:
    with pytest.raises(ValidationError) as refused:
        make("HOLD", cause="DELAYED")

    assert set(refused.value.error_dict) == {"cause"}


def test_a_rule_names_no_cause_that_staff_cannot_choose() -> None:
    with pytest.raises(ValidationError) as refused:
        make("CANCEL", cause="PAYMENT_DECLINED")
    assert set(refused.value.error_dict) == {"cause"}
    rule = make("CANCEL", cause="CUSTOMER_ASKED")

    assert rule.get_cause_display() == "You asked us to cancel them."
    with pytest.raises(IntegrityError), transaction.atomic():
        WaitingRule.objects.update(cause="PAYMENT_DECLINED")


def test_a_rule_cancels_nothing_that_is_not_paid_for() -> None:
    open_shop("NOTIFY")
    shipment = waiting()
    rule = make("CANCEL")
    shipment.order.status = "PAYMENT_REVIEW"
    shipment.order.save(update_fields=["status"])

    assert found(rule, AGREED + timedelta(days=1)) == []
    assert Cancellation.objects.count() == 0


def test_a_rule_cancels_after_the_deadline_of_a_request_and_ends_it() -> None:
    open_shop("CONSENT")
    request = asked(LONG)
    rule = make("CANCEL")
    deadline = request.answer_by

    assert found(rule, deadline) == []
    run(deadline + timedelta(days=1))

    request.refresh_from_db()
    assert (standing(request.shipment).state, request.state) == ("CANCELED", "LAPSED")


def test_a_rule_never_cancels_what_the_customer_waits_for_as_long_as_it_takes() -> None:
    open_shop("CONSENT")
    request = asked(None)
    rule = make("CANCEL")
    DelayRequest.objects.update(state="AGREED", answer="WAIT", closed_at=at(DAY))

    assert found(rule, LONG) == []
    DelayRequest.objects.update(state="LAPSED")
    assert found(rule, LONG) == [request.shipment_id]


def test_customers_who_did_not_answer_are_asked_again() -> None:
    open_shop("CONSENT")
    request = asked(LONG)
    rule = make("TELL_CUSTOMER", has_unanswered_request=True)
    first = request.email_id

    run()
    run()

    request.refresh_from_db()
    emails = OrderEmail.objects.filter(kind="DELAYED").order_by("pk")
    assert [email.pk for email in emails] == [first, request.email_id]
    assert (request.ordinal, request.state) == (1, "OPEN")
    DelayRequest.objects.update(is_asked_too_late=True)
    WaitingRule.objects.update(repeat_days=1)
    rule.refresh_from_db()
    assert found(rule, DAY + timedelta(days=1)) == []


@pytest.mark.parametrize("rule", ["OFF", "CONSENT"])
def test_channels_that_inform_of_no_delay_are_not_written_to(rule: str) -> None:
    open_shop(rule)
    expect(waiting(), LONG)
    make("TELL_CUSTOMER")

    run()

    assert (RuleAct.objects.count(), OrderEmail.objects.count()) == (0, 0)


def test_rules_that_are_off_and_people_who_left_do_nothing() -> None:
    open_shop("NOTIFY")
    shipment = waiting()
    ada = person("ada")
    make("HOLD", is_enabled=False)
    make("ASSIGN", assignee=ada)
    ada.is_active = False
    ada.save()

    run()

    assert acts(shipment) == []


def test_a_run_that_is_interrupted_goes_on_and_does_nothing_twice(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    open_shop("NOTIFY")
    shipments = [waiting(), waiting()]
    make("RAISE_PRIORITY", raise_by=1, raise_up_to=9)
    monkeypatch.setattr(rule_runs, "BATCH", 1)
    asked_run = queued()

    def killed(done: int) -> None:
        raise MemoryError(done)

    with pytest.raises(MemoryError):
        perform(asked_run, killed)
    assert sorted(standing(one).priority for one in shipments) == [0, 1]
    result = perform(asked_run, lambda _done: None)

    assert [standing(one).priority for one in shipments] == [1, 1]
    assert result == {"acted": 2, "stopped": 0}
    assert asked_run.steps.get().acted_count == 2


def test_a_run_that_is_stopped_says_what_it_did(monkeypatch: pytest.MonkeyPatch) -> None:
    open_shop("NOTIFY")
    waiting()
    make("EMAIL", recipients="desk@shop.example")
    asked_run = queued()

    def canceled(_done: int) -> None:
        raise jobs.JobCanceledError

    with pytest.raises(jobs.JobCanceledError):
        perform(asked_run, canceled)

    assert asked_run.steps.get().state == "DONE"
    assert RuleEmail.objects.count() == 1


@two_sessions
def test_the_daily_run_replaces_passed_dates_first_and_waits_for_a_release(
    other: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_shop("NOTIFY")
    shipment = waiting()
    Shipment.objects.update(expected_on=date(2026, 3, 11))
    make("RAISE_PRIORITY", raise_by=1, raise_up_to=9, missed_promises_min=1, age_days_min=1)
    monkeypatch.setattr(rule_runs, "PATIENCE_SECONDS", 0.0)
    run_rules()
    daily = RuleRun.objects.get()
    RuleRun.objects.update(created_at=moment().now)
    other.execute("SELECT pg_advisory_lock(7305116001)")
    seen: list[int] = []

    def progress(done: int) -> None:
        seen.append(standing(shipment).priority)
        other.execute("SELECT pg_advisory_unlock_all()")

    daily.refresh_from_db()
    perform(daily, progress)

    assert seen[0] == 0
    assert (standing(shipment).priority, shipment.missed_promise_count) == (1, 1)
    assert Job.objects.get(pk=daily.pk).total_count == 1
