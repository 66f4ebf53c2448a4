"""A worker killed at any point of a change for many leaves whole sets; the next doubles nothing."""

import time
from datetime import UTC, date, datetime
from functools import partial
from zoneinfo import ZoneInfo

import pytest

from core.models import Job
from core.operations import jobs
from fulfillment.models import Shipment, ShipmentEvent
from fulfillment.review import bulk, bulk_job
from fulfillment.review.change import BulkAction, ShipmentBulkChange
from fulfillment.review.selection import ShipmentSelection, last_shipment, row_values
from core.operations.preview_snapshots import keep
from orders.models import OrderEmail
from tests.factories.fulfillment import BackorderFactory
from tests.faults.killing import in_a_process_killed_at

NOW = datetime(2026, 3, 31, 12, tzinfo=UTC)
CHANGE = ShipmentBulkChange(
    BulkAction.SET_EXPECTED_DATE, reason="Late", expected_on=date(2026, 4, 9)
)
WAITING = 5
STRIDE = 3


@pytest.fixture
def shipments(monkeypatch):
    """Five that wait, two a set."""
    monkeypatch.setattr(bulk, "CHUNK", 2)
    monkeypatch.setattr(bulk_job, "REPORTED_EVERY", 1)
    for number in range(WAITING):
        BackorderFactory(number=f"S{number}")


def job_of_all():
    """Return the job to change all of them, none of which is changed yet."""
    ShipmentEvent.objects.all().delete()
    OrderEmail.objects.all().delete()
    Shipment.objects.update(expected_on=None, is_expected_on_fixed=False)
    chosen = ShipmentSelection((), "", NOW.date(), ZoneInfo("UTC"), last_shipment())
    return Job.objects.create(
        kind=bulk_job.KIND,
        parameters={
            "change": CHANGE.as_json(),
            "selection": chosen.as_json(),
            "back": "",
            "snapshot": keep(row_values(chosen.shipments(), CHANGE.action), now=NOW),
        },
        total_count=WAITING,
        created_at=NOW,
    )


def changed_counted_noted_told(job):
    job.refresh_from_db()
    return (
        Shipment.objects.filter(is_expected_on_fixed=True).count(),
        job.result.get("changed", 0),
        ShipmentEvent.objects.count(),
        OrderEmail.objects.count(),
    )


def taken_up(job):
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
def test_each_is_changed_and_counted_once_wherever_the_worker_is_killed(shipments):
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
        assert (job.result["last"], job.result["unchanged"]) == (last_shipment(), [])
        point += STRIDE

    assert left == {0, 2, 4, 5}
