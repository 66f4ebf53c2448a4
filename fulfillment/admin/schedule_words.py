"""Says in words when release runs start."""

from datetime import datetime
from zoneinfo import ZoneInfo

from cron_descriptor import FormatException, Options, get_description
from django.utils.formats import date_format
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django_celery_beat.models import CrontabSchedule, IntervalSchedule

from fulfillment.queries.schedule import Schedule

# The catalogues of the library that describes crontabs.
LOCALES = {"en": "en_US", "sv": "sv_SE", "fr": "fr_FR"}


def in_words(schedule: Schedule, *, now: datetime, zone: ZoneInfo) -> str:
    """Return the rhythm and the next time: “Every 15 minutes, next at 14:30”."""
    rhythm = rhythm_in_words(schedule)
    if schedule.is_paused:
        return _("%(rhythm)s, paused") % {"rhythm": rhythm}
    if not schedule.next_at:
        return _("%(rhythm)s; this date never comes") % {"rhythm": rhythm}
    next_at = schedule.next_at[0].astimezone(zone)
    values = {"rhythm": rhythm, "time": f"{next_at:%H:%M}", "date": date_format(next_at)}
    if next_at.date() == now.astimezone(zone).date():
        return _("%(rhythm)s, next at %(time)s") % values
    return _("%(rhythm)s, next on %(date)s at %(time)s") % values


def rhythm_in_words(schedule: Schedule) -> str:
    """Return how often: “Every 15 minutes”, “At 06:00, Monday through Friday”."""
    if schedule.interval is not None:
        return _interval(schedule.interval)
    if schedule.crontab is not None:
        return _crontab(schedule.crontab)
    return _("Another kind of schedule")


def crontab_text(crontab: CrontabSchedule) -> str:
    """Return the five fields as a crontab has them."""
    return (
        f"{crontab.minute} {crontab.hour} {crontab.day_of_month} {crontab.month_of_year} "
        f"{crontab.day_of_week}"
    )


def _interval(interval: IntervalSchedule) -> str:
    count = interval.every
    match interval.period:
        case IntervalSchedule.DAYS:
            words = ngettext("Every day", "Every %(count)d days", count)
        case IntervalSchedule.HOURS:
            words = ngettext("Every hour", "Every %(count)d hours", count)
        case IntervalSchedule.MINUTES:
            words = ngettext("Every minute", "Every %(count)d minutes", count)
        case IntervalSchedule.SECONDS:
            words = ngettext("Every second", "Every %(count)d seconds", count)
        case _period:
            words = ngettext("Every microsecond", "Every %(count)d microseconds", count)
    return words % {"count": count}


def _crontab(crontab: CrontabSchedule) -> str:
    options = Options()
    options.use_24hour_time_format = True
    options.locale_code = LOCALES.get(get_language() or "en", "en_US")
    try:
        return str(get_description(crontab_text(crontab), options))
    except FormatException:
        return crontab_text(crontab)
