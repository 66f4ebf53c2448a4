"""What is scheduled: every row read by itself, so that one that is broken spoils no other."""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cache
from typing import Any

from celery import current_app
from django.db import DataError
from django.db.models import QuerySet, TextField
from django.db.models.functions import Cast
from django_celery_beat.models import PeriodicTask

from fulfillment.queries.product_jobs import JOB_OF, JOBS, RELEASE_TASK
from fulfillment.scheduling.crontab import COLUMNS, CrontabError, crontab_line, read_crontab
from fulfillment.scheduling.timing import (
    FIRST_YEAR,
    LAST_YEAR,
    Every,
    FaultKind,
    FaultyRowError,
    Once,
    Rhythm,
    ScheduleFault,
    Timing,
    check_comes,
    interval_length,
    read_zone,
)

SHOWN = 5
DATES = ("expires", "start_time", "last_run_at", "date_changed", "clocked__clocked_time")
READ = (
    "pk", "name", "task", "args", "kwargs", "headers", "queue", "exchange", "routing_key",
    "priority", "expires", "expire_seconds", "one_off", "start_time", "enabled", "last_run_at",
    "total_run_count", "date_changed", "description", "interval_id", "crontab_id", "solar_id",
    "clocked_id", "interval__every", "interval__period", "clocked__clocked_time",
    *(f"crontab__{column.name}" for column in COLUMNS),
)  # fmt: skip


class ScheduleState(StrEnum):
    """The state of a schedule: on, paused, at its end, or faulty."""

    ON = "ON"
    PAUSED = "PAUSED"
    ENDED = "ENDED"
    FAULTY = "FAULTY"


@dataclass(frozen=True, slots=True)
class ScheduledTask:
    """A row of the schedule. ``timing`` is ``None`` where the rhythm cannot be read.

    ``pk`` is ``None``: the product's own job has no row.
    """

    pk: int | None
    name: str
    task: str
    timing: Timing | None
    fault: ScheduleFault | None
    is_enabled: bool
    last_run_at: datetime | None
    changed_at: datetime | None
    run_count: int
    description: str
    columns: Mapping[str, str] | None
    interval: tuple[int, str] | None
    args: list[Any]
    kwargs: dict[str, Any]
    options: Mapping[str, Any]

    @property
    def since(self) -> datetime | None:
        """From when its next time is counted: its last start, or its last change if later."""
        return later(self.last_run_at, self.changed_at)

    @property
    def is_done(self) -> bool:
        """Whether it was to run once, and has."""
        return self.timing is not None and self.timing.is_one_off and self.run_count > 0

    @property
    def is_own(self) -> bool:
        """Whether it is one of the product's own jobs."""
        return self.task in JOB_OF

    def state(self, *, now: datetime) -> ScheduleState:
        """Return its state at ``now``."""
        if self.timing is not None and (self.is_done or self.timing.has_ended(now=now)):
            return ScheduleState.ENDED
        if not self.is_enabled and self.pk is not None:
            return ScheduleState.PAUSED
        return ScheduleState.ON if self.fault is None else ScheduleState.FAULTY

    def next_times(self, *, now: datetime, count: int = SHOWN) -> tuple[datetime, ...]:
        """Return its next times, soonest first; none unless it is on."""
        if self.timing is None or self.since is None or self.state(now=now) is not ScheduleState.ON:
            return ()
        return self.timing.next_times(count, since=self.since, now=now)


def read_all(*, now: datetime) -> list[ScheduledTask]:
    """Return every row, and the product's jobs that have none, the product's first, by name."""
    found = read_rows(PeriodicTask.objects.all(), now=now)
    tasks = {row.task for row in found}
    missing = [_missing(job.name, job.task) for job in JOBS if job.task not in tasks]
    return sorted([*found, *missing], key=lambda row: (not row.is_own, row.name, row.pk or 0))


def read_schedule(*, now: datetime, task: str = RELEASE_TASK) -> ScheduledTask | None:
    """Return the schedule of ``task``, of release runs usually; ``None`` if somebody deleted it."""
    rows = read_rows(PeriodicTask.objects.filter(task=task), now=now)
    return min(rows, key=lambda row: row.pk or 0, default=None)


def faulty_rows(*, now: datetime) -> list[ScheduledTask]:
    """Return what is meant to run and cannot, the product's jobs without a row among it."""
    return [row for row in read_all(now=now) if row.state(now=now) is ScheduleState.FAULTY]


def read_rows(rows: QuerySet[PeriodicTask], *, now: datetime) -> list[ScheduledTask]:
    """Return the rows as values, each with its fault if it cannot be scheduled."""
    # Read as text: the column's own reader refuses the whole query for one unknown zone.
    values = rows.order_by("pk").annotate(zone=Cast("crontab__timezone", TextField()))
    registered = registered_tasks()
    try:
        return [_read(row, registered, now=now) for row in values.values(*READ, "zone")]
    except (DataError, ValueError, OverflowError):
        # A value that no program can hold, such as the time "infinity": found row by row.
        return [
            _read_alone(rows, pk, registered, now=now) for pk in rows.values_list("pk", flat=True)
        ]


@cache
def registered_tasks() -> Collection[str]:
    """Return the names of the tasks that workers know."""
    # Once in a process: it checks all models, too.
    current_app.loader.import_default_modules()
    return current_app.tasks


def read_arguments(args: str, kwargs: str) -> tuple[list[Any], dict[str, Any]]:
    """Return a task's arguments from their texts, a JSON list and a JSON object.

    :raises FaultyRowError: if they are not.
    """
    return (
        _json(args, list, FaultKind.ARGUMENTS),
        _json(kwargs, dict, FaultKind.ARGUMENTS),
    )


def check_task(
    task: str, args: list[Any], kwargs: dict[str, Any], registered: Collection[str]
) -> None:
    """Check that workers know the task, and that it takes the arguments.

    :raises FaultyRowError: if not.
    """
    if task not in registered:
        raise FaultyRowError(FaultKind.UNKNOWN_TASK, task)
    try:
        current_app.tasks[task].__header__(*args, **kwargs)
    except TypeError as error:
        raise FaultyRowError(FaultKind.ARGUMENTS, error) from error


def _read_alone(
    rows: QuerySet[PeriodicTask], pk: int, registered: Collection[str], *, now: datetime
) -> ScheduledTask:
    values = rows.filter(pk=pk).annotate(zone=Cast("crontab__timezone", TextField()))
    try:
        return _read(values.values(*READ, "zone").get(), registered, now=now)
    except (DataError, ValueError, OverflowError):
        name, task = rows.filter(pk=pk).values_list("name", "task").get()
        return _unreadable(pk, name, task)


def _read(row: Mapping[str, Any], registered: Collection[str], *, now: datetime) -> ScheduledTask:
    _check_dates(row)
    timing: Timing | None = None
    args: list[Any] = []
    kwargs: dict[str, Any] = {}
    headers: dict[str, Any] = {}
    fault = None
    try:
        timing = Timing(
            _rhythm(row),
            row["start_time"],
            row["expires"],
            row["one_off"] or row["clocked_id"] is not None,
        )
        args, kwargs = read_arguments(row["args"], row["kwargs"])
        headers = _json(row["headers"], dict, FaultKind.HEADERS)
        check_task(row["task"], args, kwargs, registered)
        check_comes(timing, since=later(row["last_run_at"], row["date_changed"]) or now, now=now)
    except FaultyRowError as error:
        fault = error.fault
    names = ("queue", "exchange", "routing_key", "priority")
    options = {name: row[name] for name in names if row[name] is not None}
    expires = row["expires"] or row["expire_seconds"]
    return ScheduledTask(
        pk=row["pk"],
        name=row["name"],
        task=row["task"],
        timing=timing,
        fault=fault,
        is_enabled=row["enabled"],
        last_run_at=row["last_run_at"],
        changed_at=row["date_changed"],
        run_count=row["total_run_count"],
        description=row["description"],
        columns=None if row["crontab_id"] is None else _columns(row),
        interval=None
        if row["interval_id"] is None
        else (row["interval__every"], row["interval__period"]),
        args=args,
        kwargs=kwargs,
        options={
            **options,
            **({"expires": expires} if expires else {}),
            "headers": {**headers, "periodic_task_name": row["name"]},
        },
    )


def _check_dates(row: Mapping[str, Any]) -> None:
    """Check that every date can be shown in every time zone.

    :raises ValueError: if not.
    """
    for name in DATES:
        if row[name] is not None and not FIRST_YEAR <= row[name].year <= LAST_YEAR:
            raise ValueError(name)


def _missing(name: str, task: str) -> ScheduledTask:
    return _without_values(None, name, task, ScheduleFault(FaultKind.MISSING), is_enabled=False)


def _unreadable(pk: int, name: str, task: str) -> ScheduledTask:
    return _without_values(pk, name, task, ScheduleFault(FaultKind.UNREADABLE), is_enabled=True)


def _without_values(
    pk: int | None, name: str, task: str, fault: ScheduleFault, *, is_enabled: bool
) -> ScheduledTask:
    return ScheduledTask(
        pk=pk, name=name, task=task, timing=None, fault=fault, is_enabled=is_enabled,
        last_run_at=None, changed_at=None, run_count=0, description="", columns=None, interval=None,
        args=[], kwargs={}, options={},
    )  # fmt: skip


def _rhythm(row: Mapping[str, Any]) -> Rhythm:
    kinds = [kind for kind in ("interval", "crontab", "solar", "clocked") if row[f"{kind}_id"]]
    if len(kinds) != 1:
        raise FaultyRowError(FaultKind.SEVERAL_RHYTHMS if kinds else FaultKind.NO_RHYTHM)
    match kinds[0]:
        case "interval":
            return Every(interval_length(row["interval__every"], row["interval__period"]))
        case "crontab":
            zone = read_zone(row["zone"])
            try:
                return read_crontab(_columns(row), zone)
            except CrontabError as error:
                raise FaultyRowError(FaultKind.CRONTAB, crontab_line(_columns(row))) from error
        case "clocked":
            return Once(row["clocked__clocked_time"])
        case _:
            raise FaultyRowError(FaultKind.SOLAR)


def _columns(row: Mapping[str, Any]) -> dict[str, str]:
    return {column.name: row[f"crontab__{column.name}"] for column in COLUMNS}


def later(one: datetime | None, other: datetime | None) -> datetime | None:
    """Return the later of two points in time that may not be known."""
    return max((at for at in (one, other) if at is not None), default=None)


def _json(text: str | None, kind: type, fault: FaultKind) -> Any:
    """Return the value of a JSON text, an empty one of its ``kind`` where there is no text.

    :raises FaultyRowError: with ``fault``, if it is not JSON of that kind.
    """
    try:
        value = json.loads(text) if text else kind()
    except (ValueError, RecursionError) as error:
        raise FaultyRowError(fault, text) from error
    if not isinstance(value, kind):
        raise FaultyRowError(fault, text)
    return value
