"""A worker that is killed in the middle of a bulk change: another goes on, nothing twice."""

import os
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import quote

import pytest
from django.db import connection
from django.db.models.functions import Now

from core.acts import Act
from core.models import BulkChange, Job
from core.operations import jobs
from core.operations.bulk import apply
from core.operations.bulk.apply import confirm
from inventory.models import InventoryConfiguration, SourceItem
from tests.factories.inventory import SourceFactory, SourceItemFactory
from tests.inventory.bulk_changes import previewed
from tests.present import present

pytestmark = pytest.mark.django_db(transaction=True)

NOW = datetime(2026, 4, 28, 12, tzinfo=UTC)
# Makes two parts of two rows each, and stays in the transaction of the second.
WORKER = """
import sys, time
from dataclasses import replace
import django
django.setup()
from django.utils import timezone
from core.operations import jobs
from core.operations.bulk import apply
from core.operations.bulk.preview import ACTIONS

ACTIONS["TRANSFER"] = replace(ACTIONS["TRANSFER"], chunk=2)
note = apply._note

def note_and_stay(change, *others):
    note(change, *others)
    if change.position == 4:
        print("HALFWAY", flush=True)
        time.sleep(120)

apply._note = note_and_stay
jobs.run(job_id=int(sys.argv[1]), now=timezone.now())
"""


def database_url() -> str:
    settings = connection.settings_dict
    password = quote(settings["PASSWORD"], safe="")
    return (
        f"postgres://{settings['USER']}:{password}@{settings['HOST']}:{settings['PORT']}"
        f"/{settings['NAME']}"
    )


def killed_in_the_middle(job: Job) -> None:
    """Have a worker of its own begin with the job, and kill it when half is done."""
    worker = subprocess.Popen(
        [sys.executable, "-c", WORKER, str(job.pk)],
        env=os.environ
        | {"DATABASE_URL": database_url(), "DJANGO_SETTINGS_MODULE": "config.settings"},
        stdout=subprocess.PIPE,
        text=True,
    )
    with worker:
        assert "HALFWAY\n" in iter(present(worker.stdout).readline, "")
        assert jobs.run(job_id=job.pk, now=NOW) is None
        worker.send_signal(signal.SIGKILL)


def taken_up(job: Job) -> Job:
    """Do what the next worker does, as soon as the server knows that the other is gone."""
    until = time.monotonic() + 120
    while time.monotonic() < until:
        done = jobs.run(job_id=job.pk, now=NOW + timedelta(minutes=5))
        if done is not None:
            return done
        time.sleep(0.1)
    raise AssertionError("The lock of the killed worker was not given back.")


def test_what_a_killed_worker_had_committed_stays_and_the_rest_is_done_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # given
    monkeypatch.setattr(jobs, "call_worker", lambda name, *, job_id: None)
    InventoryConfiguration.objects.update_or_create(pk=1, defaults={"bulk_batch_size": 1})
    oslo = SourceFactory(code="oslo")
    items = [SourceItemFactory(quantity=Decimal(10)) for _ in range(6)]
    for item in items:
        SourceItemFactory(product=item.product, source=oslo, quantity=Decimal(0))
    keys = tuple(item.pk for item in items)
    values = {"to_source_id": oslo.pk, "quantity": "4"}
    change = confirm(previewed("TRANSFER", keys, values), Act(NOW))

    # when
    killed_in_the_middle(present(change.job))

    # then: the first part is there, the second is not, and everybody saw how far it was
    job = Job.objects.get()
    assert (job.state, job.done_count, job.attempt_count) == ("RUNNING", 2, 1)
    assert quantities(keys) == [6, 6, 10, 10, 10, 10]

    # when
    assert job.heartbeat_at
    Job.objects.update(heartbeat_at=Now() - timedelta(minutes=2))
    assert jobs.resume_stale() == [job.pk]
    job = taken_up(job)

    # then
    assert (job.state, job.done_count, job.attempt_count) == ("COMPLETED", 6, 2)
    assert job.result == {"changed": 6, "unchanged": 0, "refused": 0}
    assert quantities(keys) == [6, 6, 6, 6, 6, 6]
    assert set(oslo.items.values_list("quantity", flat=True)) == {4}
    change = BulkChange.objects.get()
    assert (change.position, change.changed_count, len(change.entry_ids)) == (6, 6, 2)
    assert apply.make_next_part(change.pk, entry_id=None, now=NOW) == 0


def quantities(keys: Any) -> list[Decimal]:
    items = SourceItem.objects.filter(pk__in=keys).order_by("pk")
    return list(items.values_list("quantity", flat=True))
