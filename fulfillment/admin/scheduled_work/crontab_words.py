"""A crontab in the reader's words: “At 06:00, Monday through Friday”."""

from collections.abc import Iterator, Sequence
from itertools import pairwise, product

from babel.lists import format_list
from django.utils.dates import MONTHS, WEEKDAYS
from django.utils.translation import get_language, ngettext, to_locale
from django.utils.translation import gettext as _

from fulfillment.scheduling.crontab import COLUMNS, Crontab

# So many times of a day are listed; more are described by their minutes and hours.
MOST_LISTED = 6
# Weekdays and months in a row are a range from so many on.
LEAST_RANGE = 3
MINUTE, HOUR, DAY, MONTH, WEEKDAY = (
    frozenset(range(column.low, column.high + 1)) for column in COLUMNS
)


def crontab_in_words(crontab: Crontab) -> str:
    """Return when a crontab comes, without its time zone."""
    return ", ".join([_times(crontab), *_days(crontab)])


def _times(crontab: Crontab) -> str:
    minutes, hours = sorted(crontab.minutes), sorted(crontab.hours)
    if len(minutes) * len(hours) <= MOST_LISTED:
        return _("At %(times)s") % {"times": _listed(map(_clock, product(hours, minutes)))}
    last = _clock((hours[-1], minutes[-1]))
    values = {"first": _clock((hours[0], minutes[0])), "last": last}
    step = _step(minutes, MINUTE)
    if crontab.hours != HOUR and _is_range(hours):
        if len(minutes) == 1:
            return _("Every hour, from %(first)s to %(last)s") % values
        if step:
            values["rhythm"] = every_minutes(step)
            return _("%(rhythm)s, from %(first)s to %(last)s") % values
    if minutes == [0] and (hourly := _step(hours, HOUR)):
        return ngettext("Every hour", "Every %(count)d hours", hourly) % {"count": hourly}
    if crontab.hours == HOUR:
        if step:
            return every_minutes(step)
        values = {"minutes": _ranges(minutes)}
        return _("Every hour, at minute %(minutes)s") % values
    values = {"minutes": _ranges(minutes), "hours": _ranges(hours)}
    return _("At minute %(minutes)s of hour %(hours)s") % values


def every_minutes(count: int) -> str:
    """Return how often, for a rhythm of ``count`` minutes."""
    return ngettext("Every minute", "Every %(count)d minutes", count) % {"count": count}


def _days(crontab: Crontab) -> Iterator[str]:
    if crontab.days_of_month != DAY:
        days = sorted(crontab.days_of_month)
        sentence = ngettext(
            "on day %(days)s of the month", "on days %(days)s of the month", len(days)
        )
        yield sentence % {"days": _ranges(days)}
    if crontab.weekdays != WEEKDAY:
        # A week begins on Monday, as Python's does.
        weekdays = sorted((number - 1) % 7 for number in crontab.weekdays)
        names = [str(WEEKDAYS[number]) for number in weekdays]
        if len(weekdays) >= LEAST_RANGE and _is_range(weekdays):
            yield _("%(first)s through %(last)s") % {"first": names[0], "last": names[-1]}
        else:
            yield _("only on %(weekdays)s") % {"weekdays": _listed(names)}
    if crontab.months != MONTH:
        months = sorted(crontab.months)
        names = [str(MONTHS[number]) for number in months]
        if len(months) >= LEAST_RANGE and _is_range(months):
            ends = {"first": names[0], "last": names[-1]}
            yield _("from %(first)s to %(last)s") % ends
        else:
            yield _("only in %(months)s") % {"months": _listed(names)}


def _clock(time: tuple[int, int]) -> str:
    hour, minute = time
    return f"{hour:02}:{minute:02}"


def _listed(words: Iterator[str] | Sequence[str]) -> str:
    return format_list(list(words), locale=to_locale(get_language() or "en"))


def _is_range(numbers: Sequence[int]) -> bool:
    return all(after - before == 1 for before, after in pairwise(numbers))


def _step(numbers: Sequence[int], every: frozenset[int]) -> int:
    """Return the step by which the numbers go through all there are; 0 for none."""
    step = numbers[1] - numbers[0] if len(numbers) > 1 else 0
    goes_round = step and len(every) % step == 0
    return step if goes_round and list(numbers) == sorted(every)[::step] else 0


def _ranges(numbers: Sequence[int]) -> str:
    """Return numbers in order, those in a row by their ends: ``1–5, 9``."""
    found: list[list[int]] = []
    for number in numbers:
        if found and number == found[-1][-1] + 1:
            found[-1].append(number)
        else:
            found.append([number])
    parts = (f"{row[0]}–{row[-1]}" if len(row) > 1 else str(row[0]) for row in found)
    return ", ".join(parts)
