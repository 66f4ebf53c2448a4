"""The schedule of release runs as tests set it, and rows that are written past every form."""

from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection
from django.utils import timezone
from django_celery_beat.models import PeriodicTask, PeriodicTasks

from fulfillment.operations.upkeep import schedule
from fulfillment.queries.product_jobs import RELEASE_TASK


def release_row() -> int:
    key, _is_new = schedule.restore(RELEASE_TASK, now=timezone.now())
    return key


def set_interval(*, every: int, period: str) -> None:
    plan = schedule.SchedulePlan(schedule.Interval(every, period))
    schedule.change_schedule(release_row(), plan, now=timezone.now())


def set_crontab(text: str, *, zone: ZoneInfo) -> None:
    plan = schedule.SchedulePlan(schedule.CrontabLine(text, zone))
    schedule.change_schedule(release_row(), plan, now=timezone.now())


def pause() -> None:
    schedule.pause(release_row(), now=timezone.now())


def resume() -> None:
    schedule.resume(release_row(), now=timezone.now())


def insert(table: str, **values: Any) -> int:
    """Write a row straight into a table of the scheduler; return its key."""
    columns = ", ".join(f'"{name}"' for name in values)
    markers = ", ".join(["%s"] * len(values))
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO django_celery_beat_{table} ({columns}) VALUES ({markers}) RETURNING id",  # noqa: S608
            list(values.values()),
        )
        return int(cursor.fetchone()[0])


def insert_interval(every: int = 7, period: str = "minutes") -> int:
    return insert("intervalschedule", every=every, period=period)


def insert_crontab(**columns: str) -> int:
    usual = dict.fromkeys(("minute", "hour", "day_of_month", "month_of_year", "day_of_week"), "*")
    return insert("crontabschedule", **{**usual, "timezone": "UTC", **columns})


def insert_task(name: str, **values: Any) -> int:
    """Write a row that is on; of the heartbeat every seven minutes unless ``values`` say more."""
    row = {
        "name": name,
        "task": "fulfillment.heartbeat",
        "args": "[]",
        "kwargs": "{}",
        "headers": "{}",
        "enabled": True,
        "one_off": False,
        "total_run_count": 0,
        "date_changed": timezone.now(),
        "description": "",
        **values,
    }
    if not any(name.endswith("_id") for name in values):
        row["interval_id"] = insert_interval()
    return insert("periodictask", **row)


def insert_odd_rows() -> dict[str, str | None]:
    """Write every odd row; return the kind of fault of each by name, ``None`` where it runs."""
    for _twice in range(2):
        insert_interval()
    solar = insert("solarschedule", event="sunset", latitude=0, longitude=0)
    past = insert("clockedschedule", clocked_time="2020-02-02T02:02Z")
    several: dict[str, object] = {"interval_id": insert_interval(), "crontab_id": insert_crontab()}
    rows: dict[str, tuple[dict[str, object], str | None]] = {
        "interval twice": ({"interval_id": insert_interval()}, None),
        "full month names": (
            {"crontab_id": insert_crontab(month_of_year="january,february,september,december")},
            None,
        ),
        "Sunday is 7": (
            {"crontab_id": insert_crontab(minute="0", hour="6", day_of_week="7")}, None,
        ),
        "sunset": ({"solar_id": solar}, "SOLAR"),
        "headers in a list": ({"headers": "[1]"}, "HEADERS"),
        "headers cut off": ({"headers": "{"}, "HEADERS"),
        "three million days": ({"interval_id": insert_interval(3_000_000, "days")}, "INTERVAL"),
        "never again": ({"interval_id": insert_interval(2_000_000_000, "days")}, "INTERVAL"),
        "every nothing": ({"interval_id": insert_interval(0, "seconds")}, "INTERVAL"),
        "backwards": ({"interval_id": insert_interval(-5, "minutes")}, "INTERVAL"),
        "a million times a second": (
            {"interval_id": insert_interval(1, "microseconds")}, "INTERVAL",
        ),
        "fortnights": ({"interval_id": insert_interval(1, "fortnights")}, "INTERVAL"),
        "args cut off": ({"args": "[1"}, "ARGUMENTS"),
        "args in an object": ({"args": "{}"}, "ARGUMENTS"),
        "args far too deep": ({"args": "[" * 100_000}, "ARGUMENTS"),
        "args beyond any number": ({"args": f"[{'9' * 5000}]"}, "ARGUMENTS"),
        "kwargs in a list": ({"kwargs": "[]"}, "ARGUMENTS"),
        "kwargs that it does not take": ({"kwargs": '{"speed": 3}'}, "ARGUMENTS"),
        "unknown task": ({"task": "no.such.task"}, "UNKNOWN_TASK"),
        "minute 61": ({"crontab_id": insert_crontab(minute="61")}, "CRONTAB"),
        "empty column": ({"crontab_id": insert_crontab(hour="")}, "CRONTAB"),
        "words": ({"crontab_id": insert_crontab(day_of_week="noonday")}, "CRONTAB"),
        "February 31": (
            {"crontab_id": insert_crontab(day_of_month="31", month_of_year="2")}, "NEVER_COMES",
        ),
        "unknown zone": ({"crontab_id": insert_crontab(timezone="Mars/Olympus")}, "TIME_ZONE"),
        "zone out of the way": ({"crontab_id": insert_crontab(timezone="../../etc")}, "TIME_ZONE"),
        "zone of a folder": ({"crontab_id": insert_crontab(timezone="Europe")}, "TIME_ZONE"),
        "no zone": ({"crontab_id": insert_crontab(timezone="")}, "TIME_ZONE"),
        "clocked in the past": ({"clocked_id": past, "one_off": True}, None),
        "clocked, and not once": ({"clocked_id": past}, None),
        "no schedule": ({"interval_id": None}, "NO_RHYTHM"),
        "two schedules": (several, "SEVERAL_RHYTHMS"),
        "ends before it starts": (
            {"start_time": "2090-01-01T00:00Z", "expires": "2089-01-01T00:00Z",
             "interval_id": insert_interval()},
            "NEVER_COMES",
        ),
        "starts never": (
            {"start_time": "infinity", "interval_id": insert_interval()}, "UNREADABLE",
        ),
        "starts in the year 9999": (
            {"start_time": "9999-12-31T23:59Z", "interval_id": insert_interval()}, "UNREADABLE",
        ),
        "ran before Christ": (
            {"last_run_at": "4000-01-01T00:00Z BC", "interval_id": insert_interval()},
            "UNREADABLE",
        ),
        "both ends": (
            {"expires": "2090-01-01T00:00Z", "expire_seconds": 5,
             "interval_id": insert_interval()},
            None,
        ),
        "priority": ({"priority": 99_999}, None),
        "x" * 200: ({}, None),
    }  # fmt: skip
    for name, (values, _fault) in rows.items():
        insert_task(name, **values)
    PeriodicTasks.update_changed()
    return {name: fault for name, (_values, fault) in rows.items()}


def release_task() -> PeriodicTask:
    return PeriodicTask.objects.get(task=RELEASE_TASK)
