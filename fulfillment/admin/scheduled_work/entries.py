"""A row of the schedule in words, the same on every page that shows it."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django_celery_beat.models import IntervalSchedule

from core.clock import site_zone
from core.formats import clock, day
from fulfillment.admin.scheduled_work.crontab_words import crontab_in_words, every_minutes
from fulfillment.models import ScheduledWork
from fulfillment.queries.product_jobs import JOB_OF, RELEASE_TASK
from fulfillment.queries.schedule import ScheduledTask, ScheduleState
from fulfillment.scheduling.crontab import Crontab, crontab_line
from fulfillment.scheduling.timing import FaultKind, Once, ScheduleFault

FAULTS = {
    FaultKind.UNREADABLE: gettext_lazy("One of its dates cannot be read."),
    FaultKind.NO_RHYTHM: gettext_lazy("It has neither an interval nor a crontab."),
    FaultKind.SEVERAL_RHYTHMS: gettext_lazy("It has more than one schedule."),
    FaultKind.SOLAR: gettext_lazy("Schedules by the sun are not supported."),
    FaultKind.INTERVAL: gettext_lazy(
        "Its interval is not between 1 second and 10 years: %(value)s."
    ),
    FaultKind.CRONTAB: gettext_lazy("Its crontab cannot be read: %(value)s"),
    FaultKind.TIME_ZONE: gettext_lazy("There is no time zone “%(value)s”."),
    FaultKind.NEVER_COMES: gettext_lazy("It never runs: there is no such date before its end."),
    FaultKind.UNKNOWN_TASK: gettext_lazy("No worker knows the task “%(value)s”."),
    FaultKind.ARGUMENTS: gettext_lazy("The task does not take its arguments: %(value)s"),
    FaultKind.HEADERS: gettext_lazy("Its headers are not a JSON object: %(value)s"),
    FaultKind.MISSING: gettext_lazy("It has no schedule: somebody deleted it."),
}
STATES = {
    ScheduleState.ON: gettext_lazy("On"),
    ScheduleState.PAUSED: gettext_lazy("Paused"),
    ScheduleState.ENDED: gettext_lazy("Ended"),
    ScheduleState.FAULTY: gettext_lazy("Cannot run"),
}


def label_of(row: ScheduledTask | ScheduledWork) -> str:
    """Return the name of the work for people; of a further row of a job, with the row's own."""
    job = JOB_OF.get(row.task)
    if job is None:
        return str(row.name)
    return str(job.label) if row.name == job.name else f"{job.label} ({row.name})"


def fault_in_words(fault: ScheduleFault) -> str:
    """Return why the scheduler passes over a row, as a sentence."""
    return str(FAULTS[fault.kind]) % {"value": fault.value}


def in_words(row: ScheduledTask, *, now: datetime, zone: ZoneInfo) -> str:
    """Return the rhythm and the next time: “Every 15 minutes, next at 14:30”."""
    rhythm = rhythm_in_words(row, zone=zone)
    match row.state(now=now):
        case ScheduleState.PAUSED:
            return _("%(rhythm)s, paused") % {"rhythm": rhythm}
        case ScheduleState.ENDED:
            return _("%(rhythm)s, ended") % {"rhythm": rhythm}
        case ScheduleState.FAULTY:
            return rhythm
    next_at = row.next_times(now=now, count=1)[0].astimezone(zone)
    values = {"rhythm": rhythm, "time": clock(next_at), "date": day(next_at)}
    if next_at.date() == now.astimezone(zone).date():
        return _("%(rhythm)s, next at %(time)s") % values
    return _("%(rhythm)s, next on %(date)s at %(time)s") % values


def rhythm_in_words(row: ScheduledTask, *, zone: ZoneInfo) -> str:
    """Return how often: “Every 15 minutes”, “At 06:00, Monday through Friday (Asia/Tokyo)”.

    A crontab's time zone is named where it is not ``zone``.
    """
    if row.interval is not None:
        return _interval(*row.interval)
    if row.columns is not None:
        timing = row.timing
        if timing is None or not isinstance(timing.rhythm, Crontab):
            return crontab_line(row.columns)
        words = crontab_in_words(timing.rhythm)
        return words if timing.rhythm.zone == zone else f"{words} ({timing.rhythm.zone.key})"
    if row.timing is not None and isinstance(row.timing.rhythm, Once):
        at = row.timing.rhythm.at.astimezone(zone)
        return _("Once, on %(date)s at %(time)s") % {
            "date": day(at),
            "time": clock(at),
        }
    return _("No schedule")


def _interval(count: int, period: str) -> str:
    match period:
        case IntervalSchedule.DAYS:
            words = ngettext("Every day", "Every %(count)d days", count)
        case IntervalSchedule.HOURS:
            words = ngettext("Every hour", "Every %(count)d hours", count)
        case IntervalSchedule.MINUTES:
            return every_minutes(count)
        case IntervalSchedule.SECONDS:
            words = ngettext("Every second", "Every %(count)d seconds", count)
        case IntervalSchedule.MICROSECONDS:
            words = ngettext("Every microsecond", "Every %(count)d microseconds", count)
        case _unknown:
            return f"{count} {period}"
    return words % {"count": count}


COLORS = {
    ScheduleState.ON: "good",
    ScheduleState.PAUSED: "warning",
    ScheduleState.ENDED: "warning",
    ScheduleState.FAULTY: "bad",
}


def entry_of(row: ScheduledTask, *, now: datetime) -> dict[str, Any]:
    """Return the words, times and buttons of a row, in the site's time zone."""
    zone = site_zone()
    state = row.state(now=now)
    next_at = next(iter(row.next_times(now=now, count=1)), None)
    job = JOB_OF.get(row.task)
    limits = row.timing if row.timing is not None and not row.is_done else None
    return {
        "row": row,
        "label": label_of(row),
        "does": row.description if job is None else job.does,
        "rhythm": rhythm_in_words(row, zone=zone),
        "state": STATES[state],
        "color": COLORS[state],
        "fault": "" if row.fault is None else fault_in_words(row.fault),
        "start": _at(None if limits is None else limits.start, zone),
        "end": _at(None if limits is None else limits.end, zone),
        "is_one_off": row.timing is not None and row.timing.is_one_off,
        "last_run_at": _at(row.last_run_at, zone),
        "next_at": _at(next_at, zone),
        "address": ""
        if row.pk is None
        else reverse("admin:fulfillment_scheduledwork_change", args=[row.pk]),
        "is_on": row.is_enabled and state is not ScheduleState.ENDED,
        "is_release": row.task == RELEASE_TASK,
        "zone": zone.key,
    }


def _at(at: datetime | None, zone: ZoneInfo) -> datetime | None:
    return None if at is None else at.astimezone(zone)
