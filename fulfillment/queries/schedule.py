"""When scheduled release runs start."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice

from django_celery_beat.models import CrontabSchedule, IntervalSchedule, PeriodicTask

from fulfillment.models import ReleaseRun

RELEASE_TASK = "fulfillment.release_backorders"
SHOWN = 5


@dataclass(frozen=True, slots=True)
class Schedule:
    """When release runs start: an interval or a crontab, and the next times, soonest first.

    A schedule that is paused has no next times; ``interval`` and ``crontab`` are both ``None``
    where somebody set up another kind.
    """

    interval: IntervalSchedule | None
    crontab: CrontabSchedule | None
    is_paused: bool
    next_at: tuple[datetime, ...]


def read_schedule(*, now: datetime) -> Schedule | None:
    """Return the schedule of release runs; ``None`` if somebody deleted it."""
    tasks = PeriodicTask.objects.select_related("interval", "crontab").filter(task=RELEASE_TASK)
    task = tasks.order_by("pk").first()
    if task is None:
        return None
    next_at: tuple[datetime, ...] = ()
    if task.enabled and task.interval is not None:
        next_at = tuple(islice(_interval_times(task, task.interval, now), SHOWN))
    elif task.enabled and task.crontab is not None:
        next_at = crontab_times(task.crontab, now=now)
    return Schedule(task.interval, task.crontab, not task.enabled, next_at)


def crontab_times(
    crontab: CrontabSchedule, *, now: datetime, count: int = SHOWN
) -> tuple[datetime, ...]:
    """Return the next times of a crontab, in its own time zone; none if it never comes."""
    times: list[datetime] = []
    at = now
    try:
        rhythm = crontab.schedule
        while len(times) < count:
            begun, ahead, _now = rhythm.remaining_delta(at)
            at = begun + ahead
            times.append(at)
    except (RuntimeError, ValueError):
        # Celery refuses, or gives up on, a date that no year has, such as February 31.
        return ()
    return tuple(times)


def _interval_times(
    task: PeriodicTask, interval: IntervalSchedule, now: datetime
) -> Iterator[datetime]:
    """Yield the times of an interval; one that is overdue is due now.

    The scheduler writes its last time down every few minutes only, so the last run counts too.
    """
    step = timedelta(**{interval.period: interval.every})
    runs = ReleaseRun.objects.filter(trigger=ReleaseRun.Trigger.SCHEDULE).order_by("-pk")
    known = [task.last_run_at or task.date_changed, *runs.values_list("created_at", flat=True)[:1]]
    at = max(max(known) + step, now)
    while True:
        yield at
        at += step
