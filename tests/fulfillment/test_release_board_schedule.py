"""The schedule on the release board: changed, refused, paused and resumed."""

import pytest
from django.urls import reverse

from fulfillment.operations.schedule import pause
from fulfillment.queries.schedule import read_schedule
from tests.fulfillment.release_board import BOARD, NOW, board

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock", "broker")]


def test_the_interval_is_changed(admin_client):
    response = admin_client.post(
        reverse(f"{BOARD}_schedule"),
        {"kind": "INTERVAL", "every": "2", "period": "hours", "crontab": ""},
        follow=True,
    )

    assert "The schedule is changed." in response.text
    assert response.context["rhythm"] == "Every 2 hours, next at 16:20"


def test_a_crontab_is_shown_before_it_is_kept(admin_client):
    given = {"kind": "CRONTAB", "every": "", "period": "minutes", "crontab": "0 6 * * *"}

    preview = admin_client.post(reverse(f"{BOARD}_schedule"), {**given, "_preview": "1"})

    assert [f"{at:%d %H:%M}" for at in preview.context["times"]] == [
        "16 06:00", "17 06:00", "18 06:00", "19 06:00", "20 06:00",
    ]  # fmt: skip
    assert read_schedule(now=NOW).crontab is None

    kept = admin_client.post(reverse(f"{BOARD}_schedule"), given, follow=True)

    assert kept.context["rhythm"] == "At 06:00, next on April 16, 2026 at 06:00"
    assert len(kept.context["times"]) == 5


@pytest.mark.parametrize(
    ("given", "field", "sentence"),
    [
        ({"kind": "INTERVAL", "every": ""}, "every", "Say how often."),
        (
            {"kind": "INTERVAL", "every": "0"},
            "every",
            "Ensure this value is greater than or equal to 1.",
        ),
        ({"kind": "INTERVAL", "every": "x"}, "every", "Enter a whole number."),
        (
            {"kind": "CRONTAB", "crontab": "0 6"},
            "crontab",
            "A crontab has five fields: minute, hour, day of month, month, day of week.",
        ),
    ],
)
def test_a_schedule_that_cannot_be_is_refused_beside_what_was_typed(
    admin_client, given, field, sentence
):
    response = admin_client.post(
        reverse(f"{BOARD}_schedule"), {"period": "minutes", "crontab": "", **given}
    )

    assert response.context["form"].errors[field] == [sentence]
    assert response.context["form"].data["kind"] == given["kind"]
    assert read_schedule(now=NOW).interval.every == 15


def test_pause_and_resume(admin_client):
    paused = admin_client.post(reverse(f"{BOARD}_pause"), follow=True)
    assert paused.context["rhythm"] == "Every 15 minutes, paused"
    assert "Resume" in paused.text

    resumed = admin_client.post(reverse(f"{BOARD}_resume"), follow=True)
    assert resumed.context["rhythm"] == "Every 15 minutes, next at 14:35"


def test_paused_is_said_with_the_way_back(admin_client):
    pause()

    response = board(admin_client)

    assert response.context["rhythm"] == "Every 15 minutes, paused"
    assert reverse(f"{BOARD}_resume") in response.text
