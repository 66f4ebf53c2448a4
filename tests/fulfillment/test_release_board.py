"""The release board: what it says, who may do what there, and what comes of it."""

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.contrib.auth.models import Group, User
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django_celery_beat.models import PeriodicTask

from fulfillment import workers
from fulfillment.admin.board.wording import span
from fulfillment.models import DailyFigures, ReleaseRun
from fulfillment.operations.schedule import pause, set_interval
from fulfillment.queries.schedule import RELEASE_TASK, read_schedule
from inventory.models import InventoryConfiguration

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 4, 15, 14, 20, tzinfo=UTC)
BOARD = "admin:fulfillment_release_board"
ACTIONS = {f"{BOARD}_schedule", f"{BOARD}_pause", f"{BOARD}_resume"}


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False):
        set_interval(every=15, period="minutes")
        yield


@pytest.fixture(autouse=True)
def broker():
    """A broker that knows one worker and a beat of twenty seconds ago."""
    with workers._broker() as broker:
        broker.delete(workers.WORKERS, workers.BEAT, workers.QUEUE)
        workers.note_worker("celery@one", now=NOW)
        workers.note_beat(now=NOW - timedelta(seconds=20))
        yield broker
        broker.delete(workers.WORKERS, workers.BEAT, workers.QUEUE)


def run(**values) -> ReleaseRun:
    return ReleaseRun.objects.create(
        **{
            "trigger": "SCHEDULE",
            "state": "COMPLETED",
            "created_at": NOW - timedelta(minutes=3),
            "started_at": NOW - timedelta(minutes=3),
            "finished_at": NOW - timedelta(minutes=2),
            "heartbeat_at": NOW - timedelta(minutes=2),
            **values,
        }
    )


def board(client):
    response = client.get(reverse(BOARD))
    assert response.status_code == 200
    return response


def problems(client) -> list[str]:
    return [problem.title for problem in board(client).context["problems"]]


def member(client, role: str) -> User:
    user = User.objects.create(username=role, is_staff=True)
    user.groups.add(Group.objects.get(name=role))
    client.force_login(user)
    return user


def test_it_says_when_runs_start_and_who_works(admin_client):
    done = run(released_count=1234, message="")

    response = board(admin_client)

    assert response.context["rhythm"] == "Every 15 minutes, next at 14:35"
    assert response.context["beat"] == "20 s ago"
    assert [worker.name for worker in response.context["pulse"].workers] == ["celery@one"]
    assert problems(admin_client) == []
    entry = response.context["last"][0]
    assert (entry["run"], entry["ago"], entry["duration"]) == (done, "2 min 0 s ago", "1 min 0 s")
    assert "1,234" in response.text


def test_a_run_that_goes_on_shows_how_far_it_is_and_is_asked_for_often(admin_client):
    going = run(state="RUNNING", finished_at=None, total_count=200, done_count=50)

    response = admin_client.get(reverse(f"{BOARD}_live"))

    assert response.context["current"][0]["percent"] == 25
    assert 'hx-trigger="every 2s"' in response.text
    assert '<progress class="board-progress" aria-labelledby="board-run-' in response.text
    assert 'value="25" max="100"' in response.text
    assert "<html" not in response.text
    ReleaseRun.objects.filter(pk=going.pk).update(state="COMPLETED", finished_at=NOW)
    assert 'hx-trigger="every 10s"' in admin_client.get(reverse(f"{BOARD}_live")).text


def test_without_a_total_the_bar_promises_nothing(admin_client):
    run(state="RUNNING", finished_at=None, total_count=0, done_count=50)

    response = board(admin_client)

    assert response.context["current"][0]["percent"] is None
    assert "50 considered" in response.text


def test_cancel_asks_the_run_to_stop(admin_client):
    going, ended = run(state="RUNNING", finished_at=None), run()

    for found, sentence in ((going, "stops before its next batch"), (ended, "has ended already")):
        url = reverse("admin:fulfillment_releaserun_cancel", args=[found.pk])
        assert sentence in admin_client.post(url, follow=True).text

    going.refresh_from_db()
    ended.refresh_from_db()
    assert (going.is_cancel_requested, ended.is_cancel_requested) == (True, False)
    assert "It stops before its next batch." in board(admin_client).text


@pytest.mark.parametrize(
    ("arrange", "title"),
    [
        (
            lambda broker: broker.delete(workers.WORKERS),
            "No worker has been seen for a minute: nothing is released.",
        ),
        (
            lambda broker: workers.note_beat(now=NOW - timedelta(seconds=121)),
            "The scheduler was last felt: 2 min 1 s ago.",
        ),
        (
            lambda broker: broker.delete(workers.BEAT),
            "The scheduler was last felt: never.",
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
def test_what_is_wrong_is_said_with_what_to_do(admin_client, broker, arrange, title):
    arrange(broker)

    found = board(admin_client).context["problems"]

    assert [problem.title for problem in found] == [title]
    assert all(problem.remedy for problem in found)


def test_a_run_without_a_sign_of_life_is_said_to_be_dead(admin_client):
    going = run(
        state="RUNNING",
        started_at=NOW - timedelta(minutes=20),
        finished_at=None,
        heartbeat_at=NOW - timedelta(minutes=6),
    )

    assert problems(admin_client) == [f"Run #{going.pk} has shown no sign of life for 6 min 0 s."]


def test_a_broker_that_is_down_is_said_and_the_page_opens(admin_client, settings):
    settings.CELERY_BROKER_URL = "redis://127.0.0.1:1/0"

    assert problems(admin_client) == ["The broker does not answer."]


def test_what_to_do_about_runs_that_did_not_complete(admin_client):
    run(state="SKIPPED", settings_in_force={"release_enabled": False})
    run(state="SKIPPED", settings_in_force={"release_enabled": True})
    run(state="CANCELED")
    run(failed_count=2)
    run()

    remedies = [entry["remedy"] for entry in board(admin_client).context["last"]]

    assert remedies == [
        "",
        "Open its decisions and choose Failed: each shipment tells why.",
        "Start another run when the rest should be released.",
        "Nothing: the run that was going on, or the next one, does its work.",
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
def test_nobody_is_advised_to_do_what_they_may_not(client, role, advice, is_led):
    InventoryConfiguration.objects.update_or_create(defaults={"release_enabled": False})
    run(state="SKIPPED", message_code="RELEASE_OFF", settings_in_force={"release_enabled": False})
    member(client, role)

    context = board(client).context

    [problem] = context["problems"]
    assert problem.remedy == f"{advice} Runs by hand are not affected."
    assert context["last"][0]["remedy"] == advice
    assert bool(problem.link) is is_led
    assert not problem.link or client.get(problem.link, follow=True).status_code == 200


def test_who_may_change_the_configuration_is_led_there(admin_client):
    InventoryConfiguration.objects.update_or_create(defaults={"release_enabled": False})

    [problem] = board(admin_client).context["problems"]

    assert problem.remedy == (
        "Set Release Backorders to Yes in the configuration. Runs by hand are not affected."
    )
    assert problem.link == reverse("admin:inventory_inventoryconfiguration_changelist")


@pytest.mark.parametrize(
    ("role", "advice"),
    [
        ("Fulfillment", "Ask somebody of Operations to choose an interval or a crontab here."),
        ("Operations", "Choose an interval or a crontab below."),
    ],
)
def test_who_may_not_schedule_is_told_whom_to_ask(client, role, advice):
    PeriodicTask.objects.filter(task=RELEASE_TASK).delete()
    member(client, role)

    assert [problem.remedy for problem in board(client).context["problems"]] == [advice]


@pytest.mark.parametrize(
    ("values", "title", "advice"),
    [
        (
            {"message_code": "GIVEN_UP", "message_values": {"attempts": 3}},
            "was given up: The worker stopped at each of 3 attempts; it is not tried again.",
            "Find out why workers stop: docker compose logs worker",
        ),
        (
            {"message_code": "ERROR", "message_values": {"error": "KeyError: 7"}},
            "The last run failed: An error ended it: KeyError: 7",
            "the worker's log has the whole error beside this run's number",
        ),
        (
            {
                "message_code": "INVALID_FILTER",
                "message_values": {"filter": "color=red", "names": "color"},
            },
            "The last run failed: The filter “color=red” is not understood, in: color",
            "Choose the shipments anew in the backorder review",
        ),
    ],
)
def test_each_failure_says_its_own_cause_and_cure(admin_client, values, title, advice):
    run(state="FAILED", **values)

    response = board(admin_client)

    [problem] = response.context["problems"]
    assert title in problem.title
    assert advice in problem.remedy
    assert response.context["last"][0]["remedy"] == problem.remedy


def test_a_run_that_was_given_up_stays_a_problem_when_others_complete(admin_client):
    given_up = run(state="FAILED", message_code="GIVEN_UP", message_values={"attempts": 3})
    run()

    [title] = problems(admin_client)

    assert title.startswith(f"Run #{given_up.pk} was given up")


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


@pytest.mark.parametrize(
    ("role", "sees", "schedules", "runs"),
    [
        ("Merchant", False, False, False),
        ("Fulfillment", True, False, True),
        ("Operations", True, True, True),
        ("Viewer", True, False, False),
    ],
)
def test_each_role_sees_and_does_what_it_may(client, role, sees, schedules, runs):
    going = run(state="RUNNING", finished_at=None)
    member(client, role)
    cancel = reverse("admin:fulfillment_releaserun_cancel", args=[going.pk])

    page = client.get(reverse(BOARD))

    assert page.status_code == (200 if sees else 403)
    assert client.get(reverse(f"{BOARD}_live")).status_code == (200 if sees else 403)
    for name in ACTIONS:
        url = reverse(name)
        assert client.get(url).status_code == (405 if schedules else 403), name
        assert (url in page.text) is (schedules and name != f"{BOARD}_resume"), name
        if not schedules:
            assert client.post(url).status_code == 403, name
    assert (cancel in page.text) is runs
    assert client.post(cancel).status_code == (302 if runs else 403)
    going.refresh_from_db()
    assert going.is_cancel_requested is runs
    assert not read_schedule(now=NOW).is_paused


def test_queries_are_as_many_for_many_runs_as_for_one(admin_client, django_user_model):
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
def test_lengths_of_time_in_words(length, words):
    assert span(length) == words


def test_paused_is_said_with_the_way_back(admin_client):
    pause()

    response = board(admin_client)

    assert response.context["rhythm"] == "Every 15 minutes, paused"
    assert reverse(f"{BOARD}_resume") in response.text


def test_it_says_when_old_shipments_are_overtaken_and_what_would_help(admin_client):
    DailyFigures.objects.create(on=date(2026, 4, 28), overtaken_count=3, refreshed_at=NOW)

    page = board(admin_client)

    assert page.context["overtaken"]["count"] == 3
    assert "3 shipments</a> have waited for 14 days or more" in page.text
    assert admin_client.get(page.context["overtaken"]["address"]).status_code == 200


def test_where_ageing_is_in_force_nobody_is_said_to_starve(admin_client):
    DailyFigures.objects.create(on=date(2026, 4, 28), overtaken_count=3, refreshed_at=NOW)
    InventoryConfiguration.load()
    InventoryConfiguration.objects.update(release_policy="AGEING")

    assert board(admin_client).context["overtaken"] is None
