"""The scheduler: no row stops it, and it starts what the pages say, when they say."""

import logging
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from logging.handlers import BufferingHandler
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from celery.beat import SchedulingError
from django.utils import timezone
from django_celery_beat import schedulers
from django_celery_beat.models import PeriodicTask, PeriodicTasks
from time_machine import Traveller

from config.celery import app
from fulfillment.beat import Scheduler
from fulfillment.queries.product_jobs import JOBS, RELEASE_TASK
from fulfillment.queries.schedule import read_all, read_schedule
from tests.fulfillment.scheduling.schedules import (
    insert_crontab,
    insert_interval,
    insert_odd_rows,
    insert_task,
    release_task,
    set_interval,
)

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 4, 15, 14, 20, tzinfo=UTC)
STOCKHOLM = ZoneInfo("Europe/Stockholm")


class RecordingScheduler(Scheduler):
    """A scheduler that notes what it would send."""

    sent: list[Any]
    refused: set[str]

    def apply_async(self, entry: Any, *args: Any, **kwargs: Any) -> None:
        self.sent.append(entry)
        if entry.name in self.refused:
            raise SchedulingError("no broker")
        self._do_sync()

    @property
    def producer(self) -> None:
        return None


def scheduler() -> RecordingScheduler:
    RecordingScheduler.sent, RecordingScheduler.refused = [], set()
    return RecordingScheduler(app=app)


def tick(running: RecordingScheduler, moved: time_machine.Traveller, seconds: float) -> list[str]:
    """Let the scheduler work for so many seconds of the clock; return the names it sent."""
    running.sent.clear()
    end = timezone.now() + timedelta(seconds=seconds)
    while timezone.now() < end:
        wait = running.tick()
        moved.shift(timedelta(seconds=max(wait, 0.001)))
    return [entry.name for entry in running.sent]


@pytest.fixture(autouse=True)
def _kept_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    """Between two looks the scheduler lets go of its connection: here it is the test's."""
    monkeypatch.setattr(schedulers, "close_old_connections", lambda: None)


@pytest.fixture
def moved(db: None) -> Iterator[Traveller]:
    with time_machine.travel(NOW, tick=False) as traveller:
        # Migrations made the rows today.
        PeriodicTask.objects.update(date_changed=NOW)
        yield traveller


def test_no_odd_row_stops_it_and_each_is_logged_once(moved: Traveller) -> None:
    set_interval(every=30, period="seconds")
    faults = insert_odd_rows()
    assert {row.name: row.fault and row.fault.kind for row in read_all(now=NOW) if not row.is_own
            or row.name in faults} == faults  # fmt: skip

    # A handler of its own: whether this logger's records reach others depends on Celery's set-up.
    logger, log = logging.getLogger("fulfillment.beat"), BufferingHandler(10_000)
    log.setLevel(logging.ERROR)
    logger.addHandler(log)
    try:
        running = scheduler()
        sent = tick(running, moved, 62)
        PeriodicTasks.update_changed()
        tick(running, moved, 5)
    finally:
        logger.removeHandler(log)

    every_minute = {"Send customer e-mails", "Secure payments", "Take up lost work"}
    assert sent.count("Release backorders") == 2
    assert sent.count("Heartbeat of the scheduler") == 2
    assert every_minute < set(sent)
    assert {"clocked in the past", "clocked, and not once"} < set(sent)
    assert {name for name in sent if faults.get(name)} == set()
    logged = [record.getMessage().split(": ")[1] for record in log.buffer]
    assert sorted(logged) == sorted(name for name, fault in faults.items() if fault)
    assert set(running.schedule) >= {job.name for job in JOBS}


@pytest.mark.parametrize(
    ("zone", "night"),
    [
        ("Europe/Stockholm", "2026-10-25T00:20+00:00"),
        ("Europe/Stockholm", "2026-03-29T00:20+00:00"),
        ("America/New_York", "2026-11-01T05:10+00:00"),
        ("Australia/Lord_Howe", "2026-04-04T14:10+00:00"),
        ("UTC", "2026-06-01T00:10+00:00"),
    ],
)
@pytest.mark.parametrize("line", ["*/20 * * * *", "30 2 * * *", "30 2,3 * * *"])
def test_it_starts_at_the_times_that_the_page_shows(zone: str, night: str, line: str) -> None:
    minute, hour, *_days = line.split()
    at = datetime.fromisoformat(night)
    with time_machine.travel(at, tick=False) as moved:
        PeriodicTask.objects.all().delete()
        crontab = insert_crontab(minute=minute, hour=hour, timezone=zone)
        insert_task("the one", crontab_id=crontab)
        shown = read_all(now=at)[-1].next_times(now=at, count=5)
        running = scheduler()
        running.max_interval = 24 * 60 * 60

        started: list[datetime] = []
        while len(started) < 5 and timezone.now() < shown[-1] + timedelta(hours=1):
            moved.shift(timedelta(seconds=max(running.tick(), 0.001)))
            while running.sent:
                running.sent.pop()
                started.append(timezone.now())

    assert [f"{at:%d %H:%M}" for at in started] == [f"{at:%d %H:%M}" for at in shown]


def test_only_what_it_counts_is_written(moved: Traveller) -> None:
    set_interval(every=30, period="seconds")
    running = scheduler()
    PeriodicTask.objects.filter(task=RELEASE_TASK).update(description="meanwhile", expires=None)

    tick(running, moved, 31)

    row = release_task()
    assert (row.description, row.total_run_count) == ("meanwhile", 1)
    # Of two that are due at once, the second is sent a moment later.
    assert row.last_run_at
    assert timedelta(seconds=30) <= row.last_run_at - NOW < timedelta(seconds=31)
    assert row.date_changed == NOW


def test_what_runs_once_runs_once_and_is_tried_again_if_it_could_not(moved: Traveller) -> None:
    PeriodicTask.objects.all().delete()
    insert_task("once", one_off=True, interval_id=insert_interval(10, "seconds"))
    running = scheduler()
    running.refused.add("once")
    assert tick(running, moved, 60) == ["once"]
    assert PeriodicTask.objects.get().total_run_count == 0
    running.refused.clear()

    assert tick(running, moved, 400) == ["once"]

    assert PeriodicTask.objects.get().total_run_count == 1
    assert tick(running, moved, 400) == []
    assert scheduler().schedule.keys() == set()


def test_what_has_ended_starts_no_more(moved: Traveller) -> None:
    set_interval(every=30, period="seconds")
    PeriodicTask.objects.exclude(task=RELEASE_TASK).delete()
    PeriodicTask.objects.update(expires=NOW + timedelta(seconds=65))

    assert tick(scheduler(), moved, 300) == ["Release backorders"] * 2
    assert release_task().enabled


def test_a_change_that_was_committed_late_is_seen(moved: Traveller) -> None:
    running = scheduler()
    tick(running, moved, 10)
    set_interval(every=5, period="seconds")
    PeriodicTasks.objects.update(last_update=NOW - timedelta(hours=1))

    assert "Release backorders" in tick(running, moved, 15)


def test_a_job_that_was_missed_is_started_and_what_was_paused_is_not(moved: Traveller) -> None:
    crontab = insert_crontab(minute="0", hour="7")
    missed = {"crontab_id": crontab, "last_run_at": NOW - timedelta(days=1),
              "date_changed": NOW - timedelta(days=9)}  # fmt: skip
    PeriodicTask.objects.all().delete()
    insert_task("missed", **missed)
    insert_task("paused", **missed, enabled=False)

    assert tick(scheduler(), moved, 10) == ["missed"]
    assert read_schedule(now=NOW) is None
