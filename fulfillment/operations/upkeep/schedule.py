"""Changes when scheduled work runs; the scheduler takes it up within seconds."""

from dataclasses import asdict, dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from celery import current_app
from django.db import transaction
from django.utils.translation import gettext as _
from django_celery_beat.models import (
    CrontabSchedule,
    IntervalSchedule,
    PeriodicTask,
    PeriodicTasks,
)

from core.clock import site_zone
from fulfillment.queries.product_jobs import JOB_OF
from fulfillment.queries.schedule import (
    ScheduledTask,
    check_task,
    read_arguments,
    read_rows,
    registered_tasks,
)
from fulfillment.scheduling.crontab import CrontabError, parse_line, read_crontab
from fulfillment.scheduling.timing import (
    LONGEST,
    Every,
    FaultKind,
    FaultyRowError,
    Rhythm,
    Timing,
    check_comes,
    interval_length,
)


class ScheduleError(ValueError):
    """A schedule that cannot be; its text is a sentence for the person who gave it.

    ``field`` names what is wrong: every, line, start, end, kwargs or task; "" for none.
    """

    def __init__(self, sentence: str, field: str = "") -> None:
        super().__init__(sentence)
        self.field = field


@dataclass(frozen=True, slots=True)
class Interval:
    """Every so many of a period: seconds, minutes, hours or days."""

    every: int
    period: str

    def rhythm(self) -> Rhythm:
        try:
            return Every(interval_length(self.every, self.period))
        except FaultyRowError as error:
            raise ScheduleError(
                _("An interval is between 1 second and 10 years."), "every"
            ) from error

    def row(self) -> dict[str, int | None]:
        # Two equal intervals are one, however many rows there are.
        found = IntervalSchedule.objects.filter(every=self.every, period=self.period)
        row = found.order_by("pk").first() or IntervalSchedule.objects.create(
            every=self.every, period=self.period
        )
        return {"interval_id": row.pk, "crontab_id": None}


@dataclass(frozen=True, slots=True)
class CrontabLine:
    """A crontab line in a time zone."""

    text: str
    zone: ZoneInfo

    def rhythm(self) -> Rhythm:
        return read_crontab(parse_crontab(self.text), self.zone)

    def row(self) -> dict[str, int | None]:
        values = {**parse_crontab(self.text), "timezone": self.zone}
        found = CrontabSchedule.objects.filter(**values).values_list("pk", flat=True)
        key = found.order_by("pk").first() or CrontabSchedule.objects.create(**values).pk
        return {"interval_id": None, "crontab_id": key}


@dataclass(frozen=True, slots=True)
class SchedulePlan:
    """When something is to run, as a person gave it."""

    rhythm: Interval | CrontabLine
    start: datetime | None = None
    end: datetime | None = None
    is_one_off: bool = False

    def timing(self, *, now: datetime) -> Timing:
        """Return the timing.

        :raises ScheduleError: if it cannot be, or never comes.
        """
        if self.start is not None and self.end is not None and self.end <= self.start:
            raise ScheduleError(_("The end must be after the start."), "end")
        if self.start is not None and self.start > now + LONGEST:
            raise ScheduleError(_("The start must be within 10 years."), "start")
        if self.end is not None and self.end <= now:
            raise ScheduleError(_("The end must be in the future."), "end")
        timing = Timing(self.rhythm.rhythm(), self.start, self.end, self.is_one_off)
        try:
            check_comes(timing, since=now, now=now)
        except FaultyRowError as error:
            raise ScheduleError(*self._never()) from error
        return timing

    def row(self) -> dict[str, object]:
        """Return the values of its row, with its rhythm's own row made if there is none."""
        return {
            **self.rhythm.row(),
            "solar_id": None,
            "clocked_id": None,
            "start_time": self.start,
            "expires": self.end,
            "one_off": self.is_one_off,
        }

    def _never(self) -> tuple[str, str]:
        if self.end is not None:
            return _("It would never run: its first time is not before its end."), "end"
        return _("It would never run: no year has such a date."), "line"


def parse_crontab(text: str) -> dict[str, str]:
    """Return the five columns of a crontab line by name, as they are kept.

    :raises ScheduleError: if there are not five, or one of them cannot be read.
    """
    try:
        return parse_line(text)
    except CrontabError as error:
        if not error.column:
            raise ScheduleError(
                _("A crontab has five fields: minute, hour, day of month, month, day of week."),
                "line",
            ) from error
        columns = {
            "minute": _("“%(text)s” is not a minute: 0 to 59."),
            "hour": _("“%(text)s” is not an hour: 0 to 23."),
            "day_of_month": _("“%(text)s” is not a day of the month: 1 to 31."),
            "month_of_year": _("“%(text)s” is not a month: 1 to 12, or jan to dec."),
            "day_of_week": _("“%(text)s” is not a day of the week: 0 to 7, or sun to sat."),
        }
        raise ScheduleError(columns[error.column] % {"text": error.text[:40]}, "line") from error


@dataclass(frozen=True, slots=True)
class Call:
    """A superuser's own work: a registered task, with its arguments as JSON texts."""

    name: str
    task: str
    args: str
    kwargs: str
    description: str

    def row(self) -> dict[str, object]:
        """Return the values of its row.

        :raises ScheduleError: if the scheduler could not read it.
        """
        check_call(self.task, self.args, self.kwargs)
        return asdict(self)


@transaction.atomic
def change_schedule(
    pk: int, plan: SchedulePlan, *, call: Call | None = None, now: datetime
) -> bool:
    """Run the work of a row at other times, and as another call; return whether it could not run.

    Opens the transaction.

    What no page shows and could not be read is written as it usually is.

    :raises ScheduleError: if that cannot be.
    """
    plan.timing(now=now)
    row = _locked(pk, now=now)
    values = {**_mended(row), **plan.row(), **({} if call is None else call.row())}
    if plan.is_one_off or row.is_done:
        # What has run until now does not count as its one time.
        values["total_run_count"] = 0
    _write(pk, now=now, **values)
    return row.fault is not None


@transaction.atomic
def pause(pk: int, *, now: datetime) -> bool:
    """Start nothing by this row until :func:`resume`; return whether it was on until now.

    Opens the transaction.
    """
    row = _locked(pk, now=now)
    _write(pk, now=now, enabled=False)
    return row.is_enabled


@transaction.atomic
def resume(pk: int, *, now: datetime) -> bool:
    """Start it again, at its next time from now; return whether it was off until now.

    Opens the transaction.

    :raises ScheduleError: if it has ended, or cannot be scheduled.
    """
    row = _locked(pk, now=now)
    if row.timing is not None and row.timing.has_ended(now=now):
        raise ScheduleError(_("Its end has come. Choose a new end, or none."), "end")
    if row.timing is None or row.timing.next_after(now) is None:
        raise ScheduleError(_("It cannot run as it is. Choose another schedule."))
    _write(pk, now=now, enabled=True, total_run_count=0)
    return row.is_done or not row.is_enabled


@transaction.atomic
def restore(task: str, *, now: datetime) -> tuple[int, bool]:
    """Schedule one of the product's own jobs as usual, where it has no row.

    Return the row's key, and whether it is new. Opens the transaction.
    """
    job = JOB_OF[task]
    rhythm = (
        CrontabLine(job.usual, site_zone()) if isinstance(job.usual, str) else Interval(*job.usual)
    )
    _lock_schedule(now=now)
    found = PeriodicTask.objects.filter(task=task).order_by("pk").values_list("pk", flat=True)
    key = found.first()
    if key is not None:
        return key, False
    row = PeriodicTask.objects.create(
        name=_free_name(job.name),
        task=task,
        expire_seconds=job.expire_seconds,
        **SchedulePlan(rhythm).row(),
    )
    return row.pk, True


@transaction.atomic
def add_task(call: Call, plan: SchedulePlan, *, now: datetime) -> int:
    """Schedule a call; return its row's key. Opens the transaction.

    :raises ScheduleError: if the scheduler could not read it, or it never comes.
    """
    plan.timing(now=now)
    return PeriodicTask.objects.create(**call.row(), **plan.row()).pk


def start_now(row: ScheduledTask) -> None:
    """Have a worker do the work of a row now, whether it is on or off.

    :raises ScheduleError: if the row cannot be read.
    """
    if row.fault is not None:
        raise ScheduleError(_("It cannot run as it is. Nothing was started."))
    current_app.send_task(row.task, args=row.args, kwargs=row.kwargs)


def check_call(task: str, args: str, kwargs: str) -> None:
    """Check that workers know ``task`` and that it takes the arguments.

    :raises ScheduleError: if not.
    """
    try:
        check_task(task, *read_arguments(args, kwargs), registered_tasks())
    except FaultyRowError as error:
        if error.fault.value == task:
            raise ScheduleError(_("No worker knows this task."), "task") from error
        raise ScheduleError(
            _("Arguments are a JSON list and a JSON object that the task takes: %(text)s")
            % {"text": error.fault.value},
            "kwargs",
        ) from error


def _mended(row: ScheduledTask) -> dict[str, object]:
    """Return what a row that cannot run gets beside its times. Product jobs take no arguments."""
    if row.fault is None:
        return {}
    return {
        "headers": "{}",
        **({"args": "[]", "kwargs": "{}"} if row.is_own else {}),
        **({"last_run_at": None} if row.fault.kind is FaultKind.UNREADABLE else {}),
    }


def _free_name(name: str) -> str:
    taken = PeriodicTask.objects.filter(name__startswith=name).values_list("name", flat=True)
    names = [name, *(f"{name} ({number})" for number in range(2, len(taken) + 2))]
    return next(free for free in names if free not in taken)


def _lock_schedule(*, now: datetime) -> None:
    """Let nobody else make a row of a job that has none."""
    PeriodicTasks.objects.get_or_create(ident=1, defaults={"last_update": now})
    PeriodicTasks.objects.select_for_update().get(ident=1)


def _locked(pk: int, *, now: datetime) -> ScheduledTask:
    """Return the row as it is, under lock.

    :raises ScheduleError: if it is gone.
    """
    locked = PeriodicTask.objects.select_for_update(of=("self",)).filter(pk=pk)
    if not locked.values_list("pk", flat=True):
        raise ScheduleError(_("Somebody deleted it. Nothing was changed."))
    return read_rows(PeriodicTask.objects.filter(pk=pk), now=now)[0]


def _write(pk: int, *, now: datetime, **values: object) -> None:
    PeriodicTask.objects.filter(pk=pk).update(date_changed=now, **values)
    PeriodicTasks.update_changed()
