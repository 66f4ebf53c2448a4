"""The page on which people watch a job, and stop it."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client
from django.urls import reverse

from core.models import Job

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 3, 1, 9, tzinfo=UTC)


def running(**values: Any) -> Job:
    return Job.objects.create(
        **{
            "kind": "inventory.bulk_change",
            "parameters": {"bulk_change": 7},
            "state": "RUNNING",
            "total_count": 100_000,
            "done_count": 25_000,
            "created_at": NOW,
            "started_at": NOW,
            "heartbeat_at": NOW + timedelta(seconds=20),
            **values,
        }
    )


def staff(role: str) -> User:
    user = User.objects.create(username=role, is_staff=True)
    user.groups.add(Group.objects.get(name=role))
    return user


def test_the_page_says_how_far_it_is_how_fast_and_how_long(admin_client: Client) -> None:
    job = running()

    page = admin_client.get(reverse("admin:core_job_progress", args=[job.pk]))

    html = page.content.decode()
    assert 'role="progressbar"' in html
    assert 'aria-valuenow="25"' in html
    assert "25,000 of 100,000 rows are done." in html
    assert "1,250 rows per second. About 1 minute left." in html
    assert "Bulk change" in html


def test_the_figures_are_for_the_script(admin_client: Client) -> None:
    job = running()

    answer = admin_client.get(reverse("admin:core_job_figures", args=[job.pk]))

    assert "no-store" in answer["Cache-Control"]
    assert answer.json() == {
        "percentage": 25,
        "sentence": "25,000 of 100,000 rows are done.",
        "pace": "1,250 rows per second. About 1 minute left.",
        "state": "RUNNING",
        "state_label": "Running",
        "is_finished": False,
    }


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"state": "QUEUED", "done_count": 0}, "A worker starts it soon."),
        ({"is_cancel_requested": True}, "It stops soon. 25,000 of 100,000 rows are done."),
        ({"state": "COMPLETED", "finished_at": NOW}, "All 100,000 rows are done."),
        ({"state": "CANCELED", "finished_at": NOW}, "It was stopped after 25,000 of 100,000 rows."),
        ({"state": "SKIPPED", "finished_at": NOW}, "It was skipped."),
        ({"state": "FAILED", "finished_at": NOW}, "It failed after 25,000 of 100,000 rows."),
    ],
)
def test_each_state_has_a_sentence(
    admin_client: Client, values: dict[Any, Any], sentence: str
) -> None:
    job = running(**values)

    figures = admin_client.get(reverse("admin:core_job_figures", args=[job.pk])).json()

    assert figures["sentence"] == sentence


@pytest.mark.parametrize(
    ("role", "is_own", "may_stop"),
    [
        ("Merchant", True, True),
        ("Merchant", False, False),
        ("Operations", False, True),
        ("Viewer", False, False),
    ],
)
def test_whoever_started_a_job_or_runs_the_back_office_may_stop_it(
    client: Client, role: str, is_own: bool, may_stop: bool
) -> None:
    user = staff(role)
    job = running(started_by=user if is_own else None)
    client.force_login(user)
    page = client.get(reverse("admin:core_job_progress", args=[job.pk]))

    answer = client.post(reverse("admin:core_job_cancel", args=[job.pk]))

    assert ("Stop it" in page.content.decode()) is may_stop
    assert answer.status_code == (302 if may_stop else 403)
    job.refresh_from_db()
    assert job.is_cancel_requested is may_stop


def test_a_job_is_stopped_by_its_button_alone(admin_client: Client) -> None:
    job = running()

    assert admin_client.get(reverse("admin:core_job_cancel", args=[job.pk])).status_code == 405

    job.refresh_from_db()
    assert not job.is_cancel_requested


def test_a_job_that_is_not_there_is_not_found(admin_client: Client) -> None:
    for name in ("progress", "figures"):
        url = reverse(f"admin:core_job_{name}", args=[77])
        assert admin_client.get(url).status_code == 404
