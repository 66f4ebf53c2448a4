"""Scheduled work: the list, the page of each, and what one does there; odd rows and odd input."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from celery import current_app
from django.test import Client
from django.urls import reverse
from django_celery_beat.models import IntervalSchedule, PeriodicTask

from fulfillment.models import ReleaseRun, ScheduledWork
from fulfillment.queries.product_jobs import JOBS, RELEASE_TASK
from fulfillment.queries.schedule import read_all, read_schedule
from tests.form_values import carried
from tests.fulfillment.release_board import BOARD, member
from tests.fulfillment.scheduling.schedules import (
    insert_odd_rows,
    insert_task,
    release_row,
    set_interval,
)
from tests.opened_form import opened_form
from tests.present import present

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 4, 15, 14, 20, tzinfo=UTC)
WORK = "admin:fulfillment_scheduledwork"
LIST = f"{WORK}_changelist"
INTERVAL = {"kind": "INTERVAL", "every": "20", "period": "minutes"}
NO_LIMITS = {"start_0": "", "start_1": "", "end_0": "", "end_1": ""}
CRONTAB = {"kind": "CRONTAB", "line": "0 6 * * 7", "zone": "Asia/Tokyo"}
# What no schedule can be, and where that is said.
ODD_INPUT = [
    ({"kind": "x"}, "kind"),
    ({**INTERVAL, "every": ""}, "every"),
    ({**INTERVAL, "every": "0"}, "every"),
    ({**INTERVAL, "every": "1e400"}, "every"),
    ({**INTERVAL, "every": "9" * 400}, "every"),
    ({**INTERVAL, "every": "3000000", "period": "days"}, "every"),
    ({**INTERVAL, "period": "weeks"}, "period"),
    ({**INTERVAL, "period": "min\0utes"}, "period"),
    ({**CRONTAB, "line": "0 6 31 2 *"}, "line"),
    ({**CRONTAB, "line": "* " * 400}, "line"),
    ({**CRONTAB, "line": "\0 * * * *"}, "line"),
    ({**CRONTAB, "line": "*/²0 * * * *"}, "line"),
    ({**CRONTAB, "zone": "Mars/Olympus"}, "zone"),
    ({**CRONTAB, "zone": ""}, "zone"),
    ({**INTERVAL, "start_0": "2026-04-31", "start_1": "x"}, "start"),
    ({**INTERVAL, "start_0": "9999-12-31", "start_1": "23:59"}, "start"),
    ({**INTERVAL, "end_0": "0001-01-01", "end_1": "00:00"}, "end"),
    ({**INTERVAL, "end_0": "2020-01-01", "end_1": "00:00"}, "end"),
]  # fmt: skip
ODD_CALLS = [
    ({"task": "no.such.task"}, "task"),
    ({"name": ""}, "name"),
    ({"name": "x" * 201}, "name"),
    ({"name": "Release backorders"}, "name"),
    ({"args": "[1"}, "kwargs"),
    ({"args": "[" * 100_000}, "kwargs"),
    ({"kwargs": "[]"}, "kwargs"),
    ({"kwargs": '{"speed": 3}'}, "kwargs"),
]
CALL = {"name": "My own", "task": "fulfillment.perform_run", "kwargs": '{"run_id": 7}'}


@pytest.fixture(autouse=True)
def clock() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        PeriodicTask.objects.update(date_changed=NOW)
        set_interval(every=15, period="minutes")
        yield


def page_of(pk: int) -> str:
    return reverse(f"{WORK}_change", args=[pk])


def save(client: Client, pk: int, typed: dict[str, str]) -> Any:
    """Open the page, type, and post what it showed with what was typed."""
    return client.post(page_of(pk), {**opened_form(client.get(page_of(pk)).text), **typed})


def entries(client: Client) -> dict[str, dict[str, Any]]:
    return {entry["label"]: entry for entry in client.get(reverse(LIST)).context["entries"]}


def test_the_list_says_what_each_job_does_when_and_how_it_stands(admin_client: Client) -> None:
    PeriodicTask.objects.filter(task=RELEASE_TASK).update(last_run_at=NOW - timedelta(minutes=1))

    found = entries(admin_client)

    assert list(found) == sorted(str(job.label) for job in JOBS)
    release = found["Release backorders"]
    assert release["rhythm"] == "Every 15 minutes"
    assert release["last_run_at"] == NOW - timedelta(minutes=1)
    assert release["next_at"] == NOW + timedelta(minutes=15)
    assert {str(entry["state"]) for entry in found.values()} == {"On"}
    assert all(entry["does"] for entry in found.values())


def test_no_page_fails_with_damaged_rows(admin_client: Client) -> None:
    faults = insert_odd_rows()
    insert_task("release, too", task=RELEASE_TASK)

    listed = admin_client.get(reverse(LIST))
    board = admin_client.get(reverse(BOARD))

    listed_faults = [entry["row"].name for entry in listed.context["entries"] if entry["fault"]]
    assert sorted(listed_faults) == sorted(name for name, fault in faults.items() if fault)
    assert len(board.context["problems"]) >= sum(fault is not None for fault in faults.values())
    for row in ScheduledWork.objects.only("pk", "name"):
        for way in ("pause", "resume", "run"):
            answer = admin_client.post(reverse(f"{WORK}_{way}", args=[row.pk]))
            assert answer.status_code == 302, (way, row.name)
        assert admin_client.get(reverse(f"{WORK}_history", args=[row.pk])).status_code == 200
    for task in read_all(now=NOW):
        call = {} if task.is_own else {**CALL, "name": task.name}
        saved = save(admin_client, present(task.pk), {**INTERVAL, **NO_LIMITS, **call})
        assert saved.status_code == 302, task.name
    assert [row.name for row in read_all(now=NOW) if row.fault] == []


def test_a_superuser_deletes_work_with_a_damaged_row(admin_client: Client) -> None:
    faults = insert_odd_rows()
    PeriodicTask.objects.filter(name__in=faults).update(task="fulfillment.perform_run")

    for row in ScheduledWork.objects.filter(name__in=faults).only("pk", "name"):
        url = reverse(f"{WORK}_delete", args=[row.pk])
        deleted = admin_client.post(url, {"post": "yes", **carried(admin_client, url)})
        assert deleted.status_code == 302, row.name

    assert PeriodicTask.objects.count() == len(JOBS)


@pytest.mark.parametrize(("given", "field"), ODD_INPUT)
def test_a_schedule_that_cannot_be_is_refused_beside_what_was_typed(
    admin_client: Client, given: dict[Any, Any], field: str
) -> None:
    for extra in ({}, {"_preview": "1"}):
        response = save(admin_client, release_row(), {**given, **extra})

        assert response.status_code == 200
        assert list(response.context["adminform"].form.errors) == [field]
    assert present(read_schedule(now=NOW)).interval == (15, "minutes")
    assert IntervalSchedule.objects.filter(every__gt=1000).count() == 0


def test_a_schedule_is_shown_before_it_is_saved(admin_client: Client) -> None:
    url = page_of(release_row())

    preview = save(admin_client, release_row(), {**CRONTAB, "_preview": "1"})

    form = preview.context["adminform"].form
    assert [f"{at:%d %H:%M}" for at in form.next_times] == [
        "18 21:00", "25 21:00", "02 21:00", "09 21:00", "16 21:00",
    ]  # fmt: skip
    assert 'value="0 6 * * 7"' in preview.text
    assert entries(admin_client)["Release backorders"]["rhythm"] == "Every 15 minutes"

    assert save(admin_client, release_row(), CRONTAB).status_code == 302

    saved = entries(admin_client)["Release backorders"]
    assert saved["rhythm"] == "At 06:00, only on Sunday (Asia/Tokyo)"
    again = admin_client.get(url).context["adminform"].form
    assert (again.initial["line"], again.initial["zone"]) == ("0 6 * * 0", "Asia/Tokyo")


def test_only_when_it_runs_is_written(admin_client: Client) -> None:
    pk = release_row()
    PeriodicTask.objects.filter(pk=pk).update(
        queue="other", priority=3, last_run_at=NOW, total_run_count=9
    )

    save(admin_client, pk, {**INTERVAL, "name": "Mine", "args": "[1]", "queue": "x"})

    row = PeriodicTask.objects.get(pk=pk)
    assert (row.name, row.args, row.queue, row.priority) == (
        "Release backorders", "[]", "other", 3,
    )  # fmt: skip
    assert (row.last_run_at, row.total_run_count) == (NOW, 9)
    assert present(row.interval).every == 20


def test_what_has_ended_asks_for_a_new_end(admin_client: Client) -> None:
    pk = release_row()
    ended = NOW - timedelta(days=1)
    PeriodicTask.objects.filter(pk=pk).update(expires=ended, enabled=False)
    assert str(entries(admin_client)["Release backorders"]["state"]) == "Ended"

    response = admin_client.post(reverse(f"{WORK}_resume", args=[pk]), follow=True)

    assert response.redirect_chain[-1][0] == page_of(pk)
    assert "Its end has come. Choose a new end, or none." in response.text
    assert not PeriodicTask.objects.get(pk=pk).enabled

    save(admin_client, pk, {**INTERVAL, **NO_LIMITS})
    admin_client.post(reverse(f"{WORK}_resume", args=[pk]))

    assert entries(admin_client)["Release backorders"]["next_at"] == NOW + timedelta(minutes=20)


def test_run_now_starts_it_on_or_off_and_releases_by_hand(
    admin_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = []
    monkeypatch.setattr(
        current_app, "send_task", lambda *task, **values: sent.append((task, values))
    )
    heartbeat = PeriodicTask.objects.get(task="fulfillment.heartbeat")
    PeriodicTask.objects.update(enabled=False)

    admin_client.post(reverse(f"{WORK}_run", args=[heartbeat.pk]))
    admin_client.post(reverse(f"{WORK}_run", args=[release_row()]))

    assert sent[0] == (("fulfillment.heartbeat",), {"args": [], "kwargs": {}})
    assert ReleaseRun.objects.get().trigger == "STAFF"


def test_a_broker_that_does_not_answer_is_said(
    admin_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_task: Any, **_values: Any) -> None:
        raise ConnectionError

    monkeypatch.setattr(current_app, "send_task", refuse)
    heartbeat = PeriodicTask.objects.get(task="fulfillment.heartbeat")

    response = admin_client.post(reverse(f"{WORK}_run", args=[heartbeat.pk]), follow=True)

    assert "The broker does not answer. Nothing was started. Try again." in response.text


def test_a_job_that_somebody_deleted_is_listed_and_scheduled_again(admin_client: Client) -> None:
    PeriodicTask.objects.filter(task="orders.send_emails").delete()
    PeriodicTask.objects.filter(task=RELEASE_TASK).update(name="Send customer e-mails")
    fault = entries(admin_client)["Send customer e-mails"]["fault"]
    assert fault == "It has no schedule: somebody deleted it."

    for _twice in range(2):
        admin_client.post(reverse(f"{WORK}_restore"), {"task": "orders.send_emails"})

    row = PeriodicTask.objects.get(task="orders.send_emails")
    assert (row.name, present(row.interval).every, present(row.interval).period) == (
        "Send customer e-mails (2)", 1, "minutes",
    )  # fmt: skip
    for task in ("", "no.such.task", "\0"):
        assert admin_client.post(reverse(f"{WORK}_restore"), {"task": task}).status_code == 404


@pytest.mark.parametrize(("given", "field"), ODD_CALLS)
def test_a_call_that_the_scheduler_could_not_read_is_refused(
    admin_client: Client, given: dict[str, str], field: str
) -> None:
    response = admin_client.post(reverse(f"{WORK}_add"), {**CALL, **INTERVAL, **given})

    assert list(response.context["adminform"].form.errors) == [field]
    assert PeriodicTask.objects.count() == len(JOBS)


def test_a_superuser_adds_changes_and_deletes_work_of_their_own(admin_client: Client) -> None:
    added = admin_client.post(reverse(f"{WORK}_add"), {**CALL, **INTERVAL})
    assert added.status_code == 302
    row = PeriodicTask.objects.get(name="My own")
    assert (row.task, row.args, row.kwargs, row.queue, present(row.interval).every) == (
        "fulfillment.perform_run", "[]", '{"run_id": 7}', None, 20,
    )  # fmt: skip

    changed = {**CALL, **CRONTAB, "kwargs": '{"run_id": 8}', "is_one_off": "on"}
    assert save(admin_client, row.pk, changed).status_code == 302
    row.refresh_from_db()
    assert (row.kwargs, row.interval, present(row.crontab).day_of_week, row.one_off) == (
        '{"run_id": 8}', None, "0", True,
    )  # fmt: skip

    address = reverse(f"{WORK}_delete", args=[row.pk])
    admin_client.post(address, {"post": "yes", **carried(admin_client, address)})
    assert not PeriodicTask.objects.filter(name="My own").exists()
    for job in PeriodicTask.objects.all():
        url = reverse(f"{WORK}_delete", args=[job.pk])
        assert admin_client.post(url, {"post": "yes"}).status_code == 403


def test_operations_change_when_work_of_a_superuser_runs_and_not_what_it_does(
    client: Client,
) -> None:
    member(client, "Operations")
    pk = insert_task("theirs", description="as it was")
    assert {"Scheduler heartbeat", "Scheduler heartbeat (theirs)"} <= entries(client).keys()

    assert client.get(reverse(f"{WORK}_add")).status_code == 403
    assert save(client, pk, {**INTERVAL, **CALL}).status_code == 302

    row = PeriodicTask.objects.get(pk=pk)
    assert (row.name, row.task, row.kwargs, present(row.interval).every) == (
        "theirs", "fulfillment.heartbeat", "{}", 20,
    )  # fmt: skip


def test_an_address_of_no_row_is_not_found(admin_client: Client) -> None:
    for pk in (0, 2**31, 10**30):
        assert admin_client.get(page_of(pk)).status_code == 302
        assert admin_client.post(reverse(f"{WORK}_pause", args=[pk])).status_code == 404


def test_what_somebody_else_saved_is_not_undone(admin_client: Client) -> None:
    pk = release_row()
    opened = opened_form(admin_client.get(page_of(pk)).text)
    set_interval(every=40, period="minutes")

    refused = admin_client.post(page_of(pk), {**opened, "every": "20"})
    assert list(refused.context["adminform"].form.errors) == ["every"]
    assert present(read_schedule(now=NOW)).interval == (40, "minutes")

    saved = admin_client.post(page_of(pk), {**opened, "is_one_off": "on"})
    assert saved.status_code == 302
    row = present(read_schedule(now=NOW))
    assert (row.interval, present(row.timing).is_one_off) == ((40, "minutes"), True)
