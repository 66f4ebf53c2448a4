"""Changes when scheduled release runs start; the scheduler takes it up within seconds."""

from zoneinfo import ZoneInfo

from celery.schedules import ParseException, crontab
from django.db import transaction
from django.utils.translation import gettext as _
from django_celery_beat.models import CrontabSchedule, IntervalSchedule, PeriodicTask

from fulfillment.queries.schedule import RELEASE_TASK

NAME = "Release backorders"
FIELDS = ("minute", "hour", "day_of_month", "month_of_year", "day_of_week")


class ScheduleError(ValueError):
    """A schedule that cannot be; its text is a sentence for whoever gave it."""


@transaction.atomic
def set_interval(*, every: int, period: str) -> None:
    """Start a run every so many ``period`` (minutes, hours or days). Opens the transaction.

    :raises ScheduleError: unless ``every`` is 1 or more.
    """
    if every < 1:
        raise ScheduleError(_("An interval is 1 or more."))
    interval, _made = IntervalSchedule.objects.get_or_create(every=every, period=period)
    task = _locked_task()
    task.interval, task.crontab, task.solar, task.clocked = interval, None, None, None
    task.save()


@transaction.atomic
def set_crontab(text: str, *, zone: ZoneInfo) -> None:
    """Start a run at the times of a crontab line in ``zone``. Opens the transaction.

    :raises ScheduleError: as :func:`parse_crontab`.
    """
    values = parse_crontab(text)
    found = CrontabSchedule.objects.filter(**values, timezone=zone).order_by("pk").first()
    task = _locked_task()
    task.crontab = found or CrontabSchedule.objects.create(**values, timezone=zone)
    task.interval, task.solar, task.clocked = None, None, None
    task.save()


def parse_crontab(text: str) -> dict[str, str]:
    """Return the five fields of a crontab line by name.

    :raises ScheduleError: if there are not five, or one of them is nothing Celery understands.
    """
    words = text.split()
    if len(words) != len(FIELDS):
        raise ScheduleError(
            _("A crontab has five fields: minute, hour, day of month, month, day of week.")
        )
    values = dict(zip(FIELDS, words, strict=True))
    try:
        crontab(**values)
    except (ParseException, ValueError) as error:
        raise ScheduleError(
            _("“%(text)s” is not a crontab: %(error)s.")
            % {"text": text, "error": str(error).rstrip(".")}
        ) from error
    return values


@transaction.atomic
def pause() -> None:
    """Start no scheduled runs until :func:`resume`. Opens the transaction."""
    _set_enabled(is_enabled=False)


@transaction.atomic
def resume() -> None:
    """Start scheduled runs again, the first one after a full interval. Opens the transaction."""
    _set_enabled(is_enabled=True)


def _set_enabled(*, is_enabled: bool) -> None:
    task = _locked_task()
    task.enabled = is_enabled
    task.save()


def _locked_task() -> PeriodicTask:
    """Return the scheduled task, made anew (every 15 minutes) if somebody deleted it."""
    tasks = PeriodicTask.objects.select_for_update(of=("self",)).filter(task=RELEASE_TASK)
    found = tasks.order_by("pk").first()
    if found is not None:
        return found
    interval, _made = IntervalSchedule.objects.get_or_create(
        every=15, period=IntervalSchedule.MINUTES
    )
    return PeriodicTask.objects.create(name=NAME, task=RELEASE_TASK, interval=interval)
