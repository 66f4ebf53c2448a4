"""A worker of rules killed at any point leaves whole batches; the next acts on nothing twice."""

import time
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
import time_machine

from core.operations import jobs
from fulfillment.models import RuleEmail, RuleStep, Shipment, ShipmentEvent
from fulfillment.waiting_rules import rule_runs
from orders.models import OrderEmail, PaymentOperation, Refund
from orders.payments.outcome_inquiry import ask_due
from tests.faults.process_kills import in_a_process_killed_at
from tests.fulfillment.delays.consent import AGREED, configure, open_shop, waiting
from tests.fulfillment.waiting_rules.rules import make, moment, queued
from tests.invariants import assert_invariants

pytestmark = [pytest.mark.long, pytest.mark.django_db(transaction=True)]

DAY = AGREED + timedelta(days=1)
NOW = moment(DAY).now
WAITING = 3
STRIDE = 7


@pytest.fixture(autouse=True)
def small_batches(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Two shipments a batch, on the day after the agreed date."""
    monkeypatch.setattr(rule_runs, "BATCH", 2)
    monkeypatch.setattr(rule_runs, "CANCELS", 2)
    with time_machine.travel(NOW, tick=True):
        yield


def go_on(job: Any) -> None:
    """Do what the next worker does, as soon as the server knows that the other is gone."""
    until = time.monotonic() + 120
    while time.monotonic() < until:
        job.refresh_from_db()
        if job.is_finished or jobs.run(job_id=job.pk, now=NOW) is not None:
            return
        time.sleep(0.05)
    raise AssertionError("The lock of the killed worker was not given back.")


def killed_everywhere(begin: Any) -> Iterator[Any]:
    """Yield each job that a worker was killed at, and the next one ended; the last had no end."""
    point, is_killed = 1, True
    while is_killed:
        job = begin()
        is_killed = in_a_process_killed_at(point, partial(jobs.run, job_id=job.pk, now=NOW))
        yield job
        point += STRIDE


def counts() -> dict[str, int]:
    events = ShipmentEvent.objects.filter(kind="RULE")
    return Counter(event.detail["action"] for event in events)


def test_priorities_e_mails_and_digests_are_written_once_wherever_the_worker_is_killed() -> None:
    open_shop("NOTIFY")
    shipments = [waiting() for _ in range(WAITING)]
    make("RAISE_PRIORITY", raise_by=1, raise_up_to=50)
    make("TELL_CUSTOMER")
    make("EMAIL", recipients="desk@shop.example, boss@shop.example")
    left = set()

    def begin() -> Any:
        ShipmentEvent.objects.all().delete()
        OrderEmail.objects.all().delete()
        RuleStep.objects.all().delete()
        Shipment.objects.update(priority=0, spell={})
        return queued(DAY)

    for job in killed_everywhere(begin):
        raised = Shipment.objects.filter(priority=1).count()
        assert raised == counts().get("RAISE_PRIORITY", 0)
        left.add(raised)
        go_on(job)

        priorities = Shipment.objects.order_by("pk").values_list("priority", flat=True)
        assert list(priorities) == [1] * WAITING
        assert counts() == {"RAISE_PRIORITY": 3, "TELL_CUSTOMER": 3, "EMAIL": 3}
        assert OrderEmail.objects.count() == WAITING
        assert sorted(RuleEmail.objects.values_list("recipient", flat=True)) == [
            "boss@shop.example",
            "desk@shop.example",
        ]
        steps = RuleStep.objects.order_by("pk").values_list("state", "acted_count", "found_count")
        assert list(steps) == [("DONE", 3, 3)] * 3
    # Whole batches, and all.
    assert left == {0, 2, 3}
    assert {shipment.pk for shipment in shipments} == set(
        Shipment.objects.values_list("pk", flat=True)
    )


def test_units_are_canceled_and_refunded_once_wherever_the_worker_is_killed() -> None:
    open_shop("NOTIFY")
    configure(rule_limit=10_000)
    make("CANCEL")
    left = set()

    def begin() -> Any:
        # Those before are over.
        for _ in range(WAITING):
            waiting()
        return queued(DAY)

    for turn, job in enumerate(killed_everywhere(begin), start=1):
        left.add(Shipment.objects.filter(state="CANCELED").count() - WAITING * (turn - 1))
        go_on(job)
        # What a worker did not come to send, the job of the payments sends.
        ask_due(now=NOW + timedelta(hours=1))

        assert not Shipment.objects.exclude(state="CANCELED").exists()
        assert Refund.objects.count() == refunds() == WAITING * turn
        assert counts() == {"CANCEL": WAITING * turn}
    assert left == {0, 1, 2, 3}
    assert_invariants()


def refunds() -> int:
    """Return how many refunds succeeded; none is asked for twice."""
    operations = PaymentOperation.objects.filter(kind="REFUND")
    assert operations.count() == operations.filter(state="SUCCEEDED").count()
    return operations.count()
