"""The schedule on the release board: shown, paused, resumed, and changed on its own page."""

import pytest
from django.test import Client
from django.urls import reverse
from django_celery_beat.models import PeriodicTask

from fulfillment.queries.product_jobs import RELEASE_TASK
from fulfillment.queries.schedule import read_schedule
from tests.fulfillment.release_board import NOW, board
from tests.fulfillment.scheduling.schedules import pause, release_row
from tests.present import present

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock", "broker")]
WORK = "admin:fulfillment_scheduledwork"


def test_it_is_said_with_its_next_five_runs_and_the_way_to_change_it(admin_client: Client) -> None:
    response = board(admin_client)

    assert response.context["rhythm"] == "Every 15 minutes, next at 14:35"
    assert [f"{at:%H:%M}" for at in response.context["times"]] == [
        "14:35", "14:50", "15:05", "15:20", "15:35",
    ]  # fmt: skip
    assert reverse(f"{WORK}_change", args=[release_row()]) in response.text


def test_pause_and_resume(admin_client: Client) -> None:
    paused = admin_client.post(
        reverse(f"{WORK}_pause", args=[release_row()]), {"back": "board"}, follow=True
    )
    assert paused.context["rhythm"] == "Every 15 minutes, paused"
    assert "Resume" in paused.text

    resumed = admin_client.post(
        reverse(f"{WORK}_resume", args=[release_row()]), {"back": "board"}, follow=True
    )
    assert resumed.context["rhythm"] == "Every 15 minutes, next at 14:35"


def test_paused_is_said_with_the_way_back(admin_client: Client) -> None:
    pause()

    response = board(admin_client)

    assert response.context["rhythm"] == "Every 15 minutes, paused"
    assert reverse(f"{WORK}_resume", args=[release_row()]) in response.text


def test_a_schedule_that_was_deleted_is_made_again_from_here(admin_client: Client) -> None:
    PeriodicTask.objects.filter(task=RELEASE_TASK).delete()
    assert reverse(f"{WORK}_restore") in board(admin_client).text

    made = admin_client.post(
        reverse(f"{WORK}_restore"), {"task": RELEASE_TASK, "back": "board"}, follow=True
    )

    assert made.context["rhythm"] == "Every 15 minutes, next at 14:35"
    assert present(read_schedule(now=NOW)).interval == (15, "minutes")
