"""The release board when something is wrong: what it says, and whom it tells what to do."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db.models.functions import Now
from django.test import Client
from django.urls import reverse
from django_celery_beat.models import PeriodicTask
from pytest_django import Settings
from redis import Redis

from core import workers
from fulfillment.queries.product_jobs import RELEASE_TASK
from inventory.models import InventoryConfiguration
from tests.fulfillment.release_board import NOW, board, member, problems, run
from tests.signs_of_life import beat_noted

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock", "broker")]


@pytest.mark.parametrize(
    ("arrange", "title"),
    [
        (
            lambda broker: broker.delete(workers.WORKERS),
            "No worker has reported for a minute. Nothing is released.",
        ),
        (
            lambda broker: beat_noted(seconds_ago=121),
            "Last scheduler heartbeat: 2 min ago.",
        ),
        (
            lambda broker: broker.delete(workers.BEAT),
            "Last scheduler heartbeat: never.",
        ),
        (
            lambda broker: broker.rpush(workers.QUEUE, *range(101)),
            "101 tasks wait for a worker.",
        ),
        (
            lambda broker: run(state="FAILED", message="The worker stopped."),
            "The last run failed: The worker stopped.",
        ),
        (
            lambda broker: InventoryConfiguration.objects.update_or_create(
                defaults={"release_enabled": False}
            ),
            "Release Backorders is set to No: no run starts by schedule or on arrival.",
        ),
        (
            lambda broker: PeriodicTask.objects.filter(task=RELEASE_TASK).delete(),
            "There is no schedule: runs start by hand and on arrival only.",
        ),
    ],
)
def test_what_is_wrong_is_said_with_what_to_do(
    admin_client: Client, broker: Redis, arrange: Callable[..., Any], title: str
) -> None:
    arrange(broker)

    found = board(admin_client).context["problems"]

    assert [problem.title for problem in found] == [title]
    assert all(problem.remedy for problem in found)


def test_a_run_without_a_sign_of_life_is_said_to_be_dead(admin_client: Client) -> None:
    going = run(
        state="RUNNING",
        started_at=NOW - timedelta(minutes=20),
        finished_at=None,
        heartbeat_at=Now() - timedelta(minutes=6),
    )

    [problem] = problems(admin_client)
    assert problem.startswith(f"Run #{going.pk} has not reported progress for 6 min ")


def test_a_broker_that_is_down_is_said_and_the_page_opens(
    admin_client: Client, settings: Settings
) -> None:
    settings.CELERY_BROKER_URL = "redis://127.0.0.1:1/0"

    assert problems(admin_client) == ["The broker does not answer."]


def test_what_to_do_about_runs_that_did_not_complete(admin_client: Client) -> None:
    run(state="SKIPPED", settings_in_force={"release_enabled": False})
    run(state="SKIPPED", settings_in_force={"release_enabled": True})
    run(state="CANCELED")
    run(failed_count=2)
    run()

    remedies = [entry["remedy"] for entry in board(admin_client).context["last"]]

    assert remedies == [
        "",
        "Open its decisions and select Failed. Each shipment shows the reason.",
        "Start another run when the rest should be released.",
        "Nothing. The run in progress or the next run does the same work.",
        "Set Release Backorders to Yes in the configuration.",
    ]


@pytest.mark.parametrize(
    ("role", "advice", "is_led"),
    [
        (
            "Fulfillment",
            "Ask a merchant to set Release Backorders to Yes in the configuration.",
            False,
        ),
        (
            "Operations",
            "Ask a merchant to set Release Backorders to Yes in the configuration.",
            True,
        ),
        ("Viewer", "Ask a merchant to set Release Backorders to Yes in the configuration.", True),
    ],
)
def test_nobody_is_advised_to_do_what_they_may_not(
    client: Client, role: str, advice: str, is_led: bool
) -> None:
    InventoryConfiguration.objects.update_or_create(defaults={"release_enabled": False})
    run(state="SKIPPED", message_code="RELEASE_OFF", settings_in_force={"release_enabled": False})
    member(client, role)

    context = board(client).context

    [problem] = context["problems"]
    assert problem.remedy == f"{advice} Runs by hand are not affected."
    assert context["last"][0]["remedy"] == advice
    assert bool(problem.link) is is_led
    assert not problem.link or client.get(problem.link, follow=True).status_code == 200


def test_who_may_change_the_configuration_is_led_there(admin_client: Client) -> None:
    InventoryConfiguration.objects.update_or_create(defaults={"release_enabled": False})

    [problem] = board(admin_client).context["problems"]

    assert problem.remedy == (
        "Set Release Backorders to Yes in the configuration. Runs by hand are not affected."
    )
    assert problem.link == reverse("admin:inventory_inventoryconfiguration_changelist")


@pytest.mark.parametrize(
    ("role", "advice"),
    [
        ("Fulfillment", "Ask somebody of Operations to choose an interval or a crontab."),
        (
            "Operations",
            "Choose an interval or a crontab that can run. Everything else runs as scheduled.",
        ),
    ],
)
def test_without_the_permission_to_schedule_the_page_names_who_has_it(
    client: Client, role: str, advice: str
) -> None:
    PeriodicTask.objects.filter(task=RELEASE_TASK).delete()
    member(client, role)

    assert [problem.remedy for problem in board(client).context["problems"]] == [advice]


@pytest.mark.parametrize(
    ("values", "title", "advice"),
    [
        (
            {"message_code": "GIVEN_UP", "message_values": {"attempts": 3}},
            ("was given up: It was interrupted at each of 3 attempts. It is not started again."),
            "Read the worker log at the time of this run: docker compose logs worker",
        ),
        (
            {"message_code": "ERROR", "message_values": {"error": "KeyError: 7"}},
            "The last run failed: An error ended it: KeyError: 7",
            "the worker log has the error beside the number of this run",
        ),
        (
            {
                "message_code": "INVALID_FILTER",
                "message_values": {"filter": "color=red", "names": "color"},
            },
            "The last run failed: The filter “color=red” is not understood, in: color",
            "Choose the shipments again in the backorder review",
        ),
    ],
)
def test_each_failure_says_its_own_cause_and_cure(
    admin_client: Client, values: dict[str, Any], title: str, advice: str
) -> None:
    run(state="FAILED", **values)

    response = board(admin_client)

    [problem] = response.context["problems"]
    assert title in problem.title
    assert advice in problem.remedy
    assert response.context["last"][0]["remedy"] == problem.remedy


def test_a_run_that_was_given_up_stays_a_problem_when_others_complete(admin_client: Client) -> None:
    given_up = run(state="FAILED", message_code="GIVEN_UP", message_values={"attempts": 3})
    run()

    [title] = problems(admin_client)

    assert title.startswith(f"Run #{given_up.pk} was given up")
