"""Keeps the days on which sources do not work, worked out from their calendars."""

from datetime import date, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet

from core.public_holidays import public_holidays
from inventory.models import ClosedDay, Source
from inventory.models.source import every_day
from inventory.work_calendar import Weekday, WorkCalendar

NAMED = 10
# Expected dates further off are not moved.
AHEAD = timedelta(days=3 * 366)
# The columns of a source that its closed days follow.
CALENDAR = frozenset({"work_days", "is_closed_on_holidays", "closed_days", "country"})


def calendar_of(source: Source, *, first: date, last: date) -> WorkCalendar:
    """Return the calendar of a source, with its holidays from ``first`` to ``last``."""
    closed = {day for day in source.closed_days if first <= day <= last}
    if source.is_closed_on_holidays:
        closed.update(public_holidays(source.country, first=first, last=last))
    return WorkCalendar(frozenset(map(Weekday, source.work_days)), frozenset(closed))


def next_closed_days(source: Source, *, today: date) -> list[tuple[date, str]]:
    """Return the next closed days of a source within a year, with the name of a holiday.

    As its calendar stands, without the days of the week on which it never works; ten at most.
    """
    last = today + timedelta(days=366)
    names = dict.fromkeys(source.closed_days, "")
    if source.is_closed_on_holidays:
        names |= public_holidays(source.country, first=today, last=last)
    weekly = WorkCalendar(frozenset(map(Weekday, source.work_days)))
    found = [
        (day, name)
        for day, name in sorted(names.items())
        if today <= day <= last and not weekly.is_closed(day)
    ]
    return found[:NAMED]


def keep_closed_days(source: Source, *, today: date) -> bool:
    """Write the closed days of a source for three years; return whether any differs.

    Runs in the caller's transaction, which has locked the source.
    """
    last = today + AHEAD
    # A run of closed days that begins at the end is still closed after it.
    calendar = calendar_of(source, first=today, last=last + timedelta(days=366))
    wanted = {run.closed_on: run.opens_on for run in calendar.closed_days(today, last)}
    kept = dict(_days_of(source).values_list("closed_on", "opens_on"))
    gone = [day for day, opens_on in kept.items() if wanted.get(day) != opens_on]
    new = [day for day, opens_on in sorted(wanted.items()) if kept.get(day) != opens_on]
    _days_of(source).filter(closed_on__in=gone).delete()
    ClosedDay.objects.bulk_create(
        ClosedDay(source=source, closed_on=day, opens_on=wanted[day]) for day in new
    )
    return bool(new) or any(day >= today for day in gone)


def renew_closed_days(*, today: date) -> None:
    """Write the closed days of all sources with a calendar, as they are from ``today`` on.

    Opens its own transactions, one a source. A second time changes nothing.
    """
    is_closed_sometimes = (
        ~Q(work_days__contains=every_day()) | Q(is_closed_on_holidays=True) | ~Q(closed_days=[])
    )
    chosen = Source.objects.filter(is_closed_sometimes).order_by("pk")
    for source_id in list(chosen.values_list("pk", flat=True)):
        with transaction.atomic():
            source = Source.objects.select_for_update(no_key=True).get(pk=source_id)
            keep_closed_days(source, today=today)


def _days_of(source: Source) -> QuerySet[ClosedDay]:
    return ClosedDay.objects.filter(source=source)
