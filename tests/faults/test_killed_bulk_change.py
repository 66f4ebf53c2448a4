"""A worker killed at any point of a change for many leaves whole sets; the next doubles nothing."""

import time
from datetime import UTC, date, datetime
from functools import partial
from typing import Any

import pytest

from core.models import BulkChange
from core.operations import jobs
from fulfillment.models import Shipment, ShipmentEvent, ShipmentLine
from fulfillment.review.bulk_change import BulkAction, ShipmentBulkChange
from orders.models import OrderEmail
from tests.factories.fulfillment import BackorderFactory
from tests.factories.inventory import ProductFactory
from tests.faults.process_kills import in_a_process_killed_at
from tests.fulfillment.review.bulk_moves import by_a_worker, confirmed

NOW = datetime(2026, 3, 31, 12, tzinfo=UTC)
CHANGE = ShipmentBulkChange(
    BulkAction.SET_EXPECTED_DATE, reason="Late", expected_on=date(2026, 4, 9)
)
WAITING = 5
STRIDE = 3


@pytest.fixture
def shipments(monkeypatch: pytest.MonkeyPatch) -> None:
    """Five that wait, two a set."""
    by_a_worker(monkeypatch, chunk=2)
    product = ProductFactory()
    for number in range(WAITING):
        BackorderFactory(number=f"S{number}", lines={product: 1})


def job_of_all() -> Any:
    """Return the job to change all of them, none of which is changed yet."""
    ShipmentEvent.objects.all().delete()
    OrderEmail.objects.all().delete()
    Shipment.objects.update(expected_on=None, is_expected_on_fixed=False)
    ShipmentLine.objects.update(promised_on=None, promise_told_at=NOW, agreed_on=None)
    return confirmed(CHANGE, Shipment.objects.order_by("pk").values_list("pk", flat=True)).job


def changed_counted_noted_told(job: Any) -> tuple[int, Any, int, int]:
    job.refresh_from_db()
    return (
        Shipment.objects.filter(is_expected_on_fixed=True).count(),
        BulkChange.objects.get(job=job).changed_count,
        ShipmentEvent.objects.count(),
        OrderEmail.objects.count(),
    )


def taken_up(job: Any) -> Any:
    """Do what the next worker does, as soon as the server knows that the other is gone.

    A worker that was killed after it had noted the end left nothing to do.
    """
    job.refresh_from_db()
    if job.is_finished:
        return job
    until = time.monotonic() + 120
    while time.monotonic() < until:
        done = jobs.run(job_id=job.pk, now=NOW)
        if done is not None:
            return done
        time.sleep(0.05)
    raise AssertionError("The lock of the killed worker was not given back.")


@pytest.mark.django_db(transaction=True)
def test_each_is_changed_and_counted_once_wherever_the_worker_is_killed(shipments: None) -> None:
    point, is_killed, left = 1, True, set()

    while is_killed:
        job = job_of_all()
        is_killed = in_a_process_killed_at(point, partial(jobs.run, job_id=job.pk, now=NOW))
        done = changed_counted_noted_told(job)
        assert len(set(done)) == 1
        left.add(done[0])
        if is_killed:
            job = taken_up(job)
            assert changed_counted_noted_told(job) == (WAITING,) * 4
        assert job.result == {"changed": WAITING, "unchanged": 0, "refused": 0}
        point += STRIDE

    assert left == {0, 2, 4, 5}
