"""A release run has a job: listed among jobs, performed and taken up by the engine alone."""

from datetime import timedelta
from typing import Any

import pytest
from django.db.models.functions import Now
from django.test import Client
from django.urls import reverse

from core.acts import Act
from core.models import Job
from core.operations import job_records, jobs
from fulfillment.models import ReleaseRun
from fulfillment.release.runs import record
from fulfillment.release.runs.scope import RunScope
from inventory.models import Product
from tests.fulfillment.release.waiting_orders import NOW, World, release

pytestmark = pytest.mark.django_db


def test_a_run_is_listed_among_the_jobs_with_a_link_to_its_page(
    world: World, admin_client: Client
) -> None:
    run = release(scope=RunScope(filter="age_days_min=old"))
    other = Job.objects.create(kind="inventory.bulk_change", created_at=NOW)

    listed = admin_client.get(reverse("admin:core_job_changelist"), {"kind": record.KIND})
    page = admin_client.get(reverse("admin:core_job_progress", args=[run.pk])).text

    assert [job.pk for job in listed.context["cl"].result_list] == [run.pk] != [other.pk]
    assert "<h1>Release run</h1>" in page
    assert "is not understood, in: age_days_min" in page
    assert f'href="{reverse("admin:fulfillment_releaserun_change", args=[run.pk])}"' in page


def test_a_job_without_a_run_cannot_be_canceled_as_one(admin_client: Client) -> None:
    job = Job.objects.create(kind="inventory.bulk_change", created_at=NOW)

    answer = admin_client.post(reverse("admin:fulfillment_releaserun_cancel", args=[job.pk]))

    job.refresh_from_db()
    assert (answer.status_code, job.is_cancel_requested) == (404, False)


def test_a_run_whose_worker_died_is_not_taken_up_as_a_job(world: World) -> None:
    run = record.queue_run(trigger="STAFF", act=Act(NOW))
    record.claim(run, now=NOW, settings={})
    Job.objects.update(heartbeat_at=Now() - timedelta(days=1))

    assert jobs.resume_stale() == []
    Job.objects.update(kind="inventory.bulk_change")
    assert jobs.resume_stale() == [run.pk]


def test_a_run_that_is_claimed_already_is_neither_begun_again_nor_skipped(world: World) -> None:
    run = record.queue_run(trigger="STAFF", act=Act(NOW))
    record.claim(run, now=NOW, settings={"release_mode": "FULL"})

    record.claim(run, now=NOW, settings={"release_mode": "BY_LINE"})
    record.skip(run, ReleaseRun.Message.ANOTHER_RUN, settings={})

    run.refresh_from_db()
    assert (run.state, run.attempt_count, run.message_code) == ("RUNNING", 1, "")
    assert run.settings_in_force == {"release_mode": "FULL"}


def test_a_step_with_fewer_shipments_than_the_one_before_is_counted_from_none(world: World) -> None:
    run = record.queue_run(trigger="STAFF", act=Act(NOW))
    job_records.advance(job_id=run.pk, done=5)

    job_records.expect(job_id=run.pk, total=2)

    run.refresh_from_db()
    assert (run.done_count, run.total_count) == (0, 2)


def test_more_than_expected_is_counted_whole(
    world: World, kettle: Product, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.item(world.a, kettle, 9)
    world.backorder({kettle: 3}, number="1001")
    progress = []

    def arrive(done: Any) -> None:
        job = Job.objects.get()
        progress.append((job.done_count, job.total_count))

    monkeypatch.setattr("fulfillment.release.runs.scope._expect", lambda run, count: None)
    run = release(progress=arrive)

    assert progress == [(1, 1)]
    assert (run.state, run.done_count, run.total_count) == ("COMPLETED", 1, 1)
