"""The release board: what it says, who may do what there, and what comes of it."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from core.formats import span
from fulfillment.models import DailyFigures, ReleaseRun
from fulfillment.queries.schedule import read_schedule
from inventory.models import InventoryConfiguration
from tests.fulfillment.release_board import BOARD, NOW, board, member, problems, run
from tests.fulfillment.scheduling.schedules import release_row
from tests.present import present

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock", "broker")]

WORK = "admin:fulfillment_scheduledwork"
ACTIONS = (f"{WORK}_change", f"{WORK}_pause", f"{WORK}_resume")


def test_it_says_when_runs_start_and_who_works(admin_client: Client) -> None:
    done = run(released_count=1234, message="")

    response = board(admin_client)

    assert response.context["rhythm"] == "Every 15 minutes, next at 14:35"
    assert response.context["beat"] == "20 s ago"
    assert [worker.name for worker in response.context["pulse"].workers] == ["celery@one"]
    assert problems(admin_client) == []
    entry = response.context["last"][0]
    assert (entry["run"], entry["ago"], entry["duration"]) == (done, "2 min ago", "1 min 0 s")
    assert "1,234" in response.text


def test_a_run_that_goes_on_shows_how_far_it_is_and_is_asked_for_often(
    admin_client: Client,
) -> None:
    going = run(state="RUNNING", finished_at=None, total_count=200, done_count=50)

    response = admin_client.get(reverse(f"{BOARD}_live"))

    assert response.context["current"][0]["run"].percentage == 25
    assert 'hx-trigger="every 2s"' in response.text
    assert '<progress class="board-progress" aria-labelledby="board-run-' in response.text
    assert 'value="25" max="100"' in response.text
    assert "<html" not in response.text
    ReleaseRun.objects.filter(pk=going.pk).update(state="COMPLETED", finished_at=NOW)
    assert 'hx-trigger="every 10s"' in admin_client.get(reverse(f"{BOARD}_live")).text


def test_without_a_total_the_bar_promises_nothing(admin_client: Client) -> None:
    run(state="RUNNING", finished_at=None, total_count=0)

    response = board(admin_client)

    assert 'max="100"' not in response.text
    assert "0 considered" in response.text


def test_cancel_asks_the_run_to_stop(admin_client: Client) -> None:
    going, ended = run(state="RUNNING", finished_at=None), run()

    for found, sentence in ((going, "stops before its next batch"), (ended, "has ended already")):
        url = reverse("admin:fulfillment_releaserun_cancel", args=[found.pk])
        assert sentence in admin_client.post(url, follow=True).text

    going.refresh_from_db()
    ended.refresh_from_db()
    assert (going.is_cancel_requested, ended.is_cancel_requested) == (True, False)
    assert "It stops before its next batch." in board(admin_client).text


@pytest.mark.parametrize(
    ("role", "sees", "schedules", "runs"),
    [
        ("Merchant", False, False, False),
        ("Fulfillment", True, False, True),
        ("Operations", True, True, True),
        ("Viewer", True, False, False),
    ],
)
def test_each_role_sees_and_does_what_it_may(
    client: Client, role: str, sees: bool, schedules: bool, runs: bool
) -> None:
    going = run(state="RUNNING", finished_at=None)
    member(client, role)
    cancel = reverse("admin:fulfillment_releaserun_cancel", args=[going.pk])

    page = client.get(reverse(BOARD))

    assert page.status_code == (200 if sees else 403)
    assert client.get(reverse(f"{BOARD}_live")).status_code == (200 if sees else 403)
    for name in ACTIONS:
        url = reverse(name, args=[release_row()])
        opened = 200 if name.endswith("_change") else 405
        assert client.get(url).status_code == (opened if schedules else 403), name
        assert (url in page.text) is (schedules and not name.endswith("_resume")), name
        if not schedules:
            assert client.post(url).status_code == 403, name
    assert (cancel in page.text) is runs
    assert client.post(cancel).status_code == (302 if runs else 403)
    going.refresh_from_db()
    assert going.is_cancel_requested is runs
    assert present(read_schedule(now=NOW)).is_enabled


def test_queries_are_as_many_for_many_runs_as_for_one(
    admin_client: Client, django_user_model: type[User]
) -> None:
    run(started_by=django_user_model.objects.create(username="a"))
    with CaptureQueriesContext(connection) as few:
        board(admin_client)
    for number in range(12):
        run(started_by=django_user_model.objects.create(username=f"{number}"))

    with CaptureQueriesContext(connection) as many:
        response = board(admin_client)

    assert len(response.context["last"]) == 10
    assert len(many) == len(few) <= 12


@pytest.mark.parametrize(
    ("length", "words"),
    [
        (timedelta(seconds=-1), "0 ms"),
        (timedelta(milliseconds=449), "449 ms"),
        (timedelta(seconds=59), "59 s"),
        (timedelta(seconds=60), "1 min 0 s"),
        (timedelta(hours=1, minutes=5), "1 h 5 min"),
        (timedelta(hours=48), "2 days"),
    ],
)
def test_lengths_of_time_in_words(length: Any, words: str) -> None:
    assert span(length) == words


def test_it_says_when_old_shipments_are_overtaken_and_what_would_help(admin_client: Client) -> None:
    DailyFigures.objects.create(on=date(2026, 4, 28), overtaken_count=3, refreshed_at=NOW)

    page = board(admin_client)

    assert page.context["overtaken"]["count"] == 3
    assert "3 shipments</a> have waited for 14 days or more" in page.text
    assert admin_client.get(page.context["overtaken"]["address"]).status_code == 200


def test_where_ageing_is_in_force_nobody_is_said_to_starve(admin_client: Client) -> None:
    DailyFigures.objects.create(on=date(2026, 4, 28), overtaken_count=3, refreshed_at=NOW)
    InventoryConfiguration.load()
    InventoryConfiguration.objects.update(release_policy="AGEING")

    assert board(admin_client).context["overtaken"] is None
