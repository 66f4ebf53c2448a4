"""What can be wrong with a row of the schedule, and the checks that find it."""

import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from celery import current_app
from django_celery_beat.models import IntervalSchedule

from fulfillment.scheduling.timing import LONGEST, SHORTEST, Timing

PERIODS = frozenset(period for period, _label in IntervalSchedule.PERIOD_CHOICES)
FIRST_YEAR, LAST_YEAR = 1970, 9000


class FaultKind(StrEnum):
    """Why the scheduler passes over a row."""

    UNREADABLE = "UNREADABLE"
    NO_RHYTHM = "NO_RHYTHM"
    SEVERAL_RHYTHMS = "SEVERAL_RHYTHMS"
    SOLAR = "SOLAR"
    INTERVAL = "INTERVAL"
    CRONTAB = "CRONTAB"
    TIME_ZONE = "TIME_ZONE"
    NEVER_COMES = "NEVER_COMES"
    UNKNOWN_TASK = "UNKNOWN_TASK"
    ARGUMENTS = "ARGUMENTS"
    HEADERS = "HEADERS"
    MISSING = "MISSING"


@dataclass(frozen=True, slots=True)
class ScheduleFault:
    """What is wrong with a row, and the value that is."""

    kind: FaultKind
    value: str = ""


class FaultyRowError(ValueError):
    """A row that cannot be scheduled."""

    def __init__(self, kind: FaultKind, value: object = "") -> None:
        super().__init__(kind)
        self.fault = ScheduleFault(kind, f"{value}"[:200])


def registered_tasks() -> Collection[str]:
    """Return the names of the tasks that workers know."""
    current_app.loader.import_default_modules()
    return current_app.tasks


def interval_length(every: int, period: str) -> timedelta:
    """Return the length of an interval.

    :raises FaultyRowError: unless it is between a second and ten years, in a unit that there is.
    """
    value = f"{every} {period}"
    if period not in PERIODS:
        raise FaultyRowError(FaultKind.INTERVAL, value)
    try:
        length = timedelta(**{period: every})
    except OverflowError as error:
        raise FaultyRowError(FaultKind.INTERVAL, value) from error
    if not SHORTEST <= length <= LONGEST:
        raise FaultyRowError(FaultKind.INTERVAL, value)
    return length


def read_zone(name: str) -> ZoneInfo:
    """Return the time zone of that name.

    :raises FaultyRowError: if there is none.
    """
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise FaultyRowError(FaultKind.TIME_ZONE, name) from error


def read_arguments(args: str, kwargs: str) -> tuple[list[Any], dict[str, Any]]:
    """Return a task's arguments from their texts, a JSON list and a JSON object.

    :raises FaultyRowError: if they are not.
    """
    return (
        read_json(args, list, FaultKind.ARGUMENTS),
        read_json(kwargs, dict, FaultKind.ARGUMENTS),
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


def check_comes(timing: Timing, *, since: datetime, now: datetime) -> None:
    """Check that there is a time at which it comes, unless its end has come already.

    :raises FaultyRowError: if it never comes.
    """
    if timing.has_ended(now=now):
        return
    at = timing.next_after(since)
    if at is None or at.year > LAST_YEAR:
        raise FaultyRowError(FaultKind.NEVER_COMES)


def read_json(text: str | None, kind: type, fault: FaultKind) -> Any:
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
