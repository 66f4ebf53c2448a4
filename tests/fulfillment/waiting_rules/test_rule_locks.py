"""Rules at work at once: two workers, two runs, a release run, and a person who confirms."""

from collections.abc import Sequence
from contextlib import ExitStack
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.db import transaction

from core.acts import Act
from fulfillment.models import RuleAct, RuleRun, RuleStep
from fulfillment.operations.moves.customer_care import move_to_care
from fulfillment.waiting_rules import rule_runs
from fulfillment.waiting_rules.rule_actions import RuleWork, act_on
from fulfillment.waiting_rules.rule_runs import NotStoppedError, confirm, perform
from orders.models import PaymentOperation, Refund
from tests.beside import beside
from tests.fulfillment.delays.consent import AGREED, configure, open_shop, waiting
from tests.fulfillment.waiting_rules.rules import (
    acts,
    make,
    moment,
    queued,
    run,
    standing,
    work,
)

pytestmark = pytest.mark.django_db(transaction=True)
TAKE, TRY = "SELECT pg_advisory_lock(7305116001)", "SELECT pg_try_advisory_lock(7305116001)"
LATE = AGREED + timedelta(days=1)


def nothing(_done: int) -> None:
    pass


def test_two_workers_act_once() -> None:
    open_shop("NOTIFY")
    shipment = waiting()
    rule = make("RAISE_PRIORITY", raise_by=1, raise_up_to=9)
    one, other = work(rule, queued()), work(rule, queued())

    with ExitStack() as stack, transaction.atomic():
        act_on(one, [shipment.pk])
        stack.enter_context(beside(partial(act_on, other, [shipment.pk])))

    assert (standing(shipment).priority, acts(shipment)) == (1, ["Rule 1"])


def test_two_workers_cancel_and_refund_once() -> None:
    """The lock of the order by who cancels does this; that of the rule is in the next test."""
    open_shop("NOTIFY")
    shipment = waiting()
    rule = make("CANCEL")
    one, other = work(rule, queued(LATE), LATE), work(rule, queued(LATE), LATE)

    with ExitStack() as stack, transaction.atomic():
        act_on(one, [shipment.pk])
        stack.enter_context(beside(partial(act_on, other, [shipment.pk])))

    assert (standing(shipment).state, acts(shipment)) == ("CANCELED", ["Rule 1"])
    assert Refund.objects.count() == 1
    assert PaymentOperation.objects.filter(kind="REFUND").count() == 1
    assert RuleAct.objects.count() == 1


def test_a_rule_cancels_nothing_that_changed_while_it_waited() -> None:
    open_shop("NOTIFY")
    shipment = waiting()
    rule = make("CANCEL", state="BACKORDER")
    worker = work(rule, queued(LATE), LATE)

    with ExitStack() as stack, transaction.atomic():
        move_to_care(shipment.pk, Act(moment(LATE).now, reason="The customer calls back"))
        stack.enter_context(beside(partial(act_on, worker, [shipment.pk])))

    assert (standing(shipment).state, acts(shipment)) == ("CUSTOMER_CARE", [])
    assert not Refund.objects.exists()


def test_a_run_looks_again_at_what_a_second_run_changed_meanwhile(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    open_shop("NOTIFY")
    shipment = waiting()
    make("RAISE_PRIORITY", raise_by=1, raise_up_to=9)
    first, second = queued(), queued()
    real, waits = act_on, [second]

    def acting(at_work: RuleWork, batch: Sequence[int]) -> list[int]:
        while waits:
            perform(waits.pop(), nothing)
        return real(at_work, batch)

    monkeypatch.setattr(rule_runs, "act_on", acting)
    perform(first, nothing)

    assert (standing(shipment).priority, acts(shipment)) == (1, ["Rule 1"])
    counts = {one.run_id: (one.found_count, one.acted_count) for one in RuleStep.objects.all()}
    assert counts == {first.pk: (1, 0), second.pk: (1, 1)}


def test_a_batch_waits_for_the_end_of_a_release_run(
    other: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_shop("NOTIFY")
    shipment = waiting()
    make("RAISE_PRIORITY", raise_by=1, raise_up_to=9)
    monkeypatch.setattr(rule_runs, "PATIENCE_SECONDS", 0.0)
    asked = queued()
    other.execute(TAKE)
    seen: list[tuple[int, int]] = []

    def progress(done: int) -> None:
        seen.append((done, standing(shipment).priority))
        other.execute("SELECT pg_advisory_unlock_all()")

    perform(asked, progress)

    assert seen == [(0, 0), (1, 1)]


def test_a_release_run_waits_for_the_end_of_a_batch_and_has_its_turn_between_two(
    other: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_shop("NOTIFY")
    for _ in range(2):
        waiting()
    make("RAISE_PRIORITY", raise_by=1, raise_up_to=9)
    monkeypatch.setattr(rule_runs, "BATCH", 1)
    real = act_on
    taken: list[tuple[str, bool]] = []

    def attempt(when: str) -> None:
        [is_taken] = other.execute(TRY).fetchone()
        taken.append((when, is_taken))
        other.execute("SELECT pg_advisory_unlock_all()")

    def acting(at_work: RuleWork, batch: Sequence[int]) -> list[int]:
        attempt("within")
        return real(at_work, batch)

    monkeypatch.setattr(rule_runs, "act_on", acting)
    perform(queued(), lambda done: attempt(f"after {done}"))

    assert taken == [("within", False), ("after 1", True), ("within", False), ("after 2", True)]


def asking_run() -> RuleRun:
    """Return a run whose rule holds shipments, and asks about the one that waits."""
    open_shop("NOTIFY")
    configure(rule_limit=0)
    waiting()
    make("HOLD")
    return run()


def refusals(asking: RuleRun, refused: list[Exception]) -> None:
    try:
        confirm(asking.pk, Act(moment().now), trigger=RuleRun.Trigger.STAFF)
    except NotStoppedError as error:
        refused.append(error)


def test_a_second_confirmation_of_the_same_moment_starts_no_second_run() -> None:
    asking = asking_run()
    refused: list[Exception] = []

    with ExitStack() as stack, transaction.atomic():
        confirm(asking.pk, Act(moment().now), trigger=RuleRun.Trigger.STAFF)
        stack.enter_context(beside(partial(refusals, asking, refused)))

    assert len(refused) == 1
    assert RuleRun.objects.filter(confirms__isnull=False).count() == 1


def test_a_question_that_another_run_replaces_at_that_moment_is_not_confirmed() -> None:
    asking = asking_run()
    refused: list[Exception] = []

    with ExitStack() as stack, transaction.atomic():
        run()
        stack.enter_context(beside(partial(refusals, asking, refused)))

    assert len(refused) == 1
    states = [step.state for step in RuleStep.objects.order_by("pk")]
    assert states == ["LAPSED", "STOPPED"]
    assert not RuleRun.objects.filter(confirms__isnull=False).exists()
