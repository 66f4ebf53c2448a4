"""A crontab: its five columns, the instants at which it comes in its time zone."""

import re
from bisect import bisect_right
from calendar import monthrange
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

# February 29 on one day of the week comes again after at most 40 years.
YEARS_AHEAD = 41
MONTHS = ("january", "february", "march", "april", "may", "june", "july", "august", "september",
          "october", "november", "december")  # fmt: skip
WEEKDAYS = ("sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday")
PART = re.compile(r"(?:(\*)|(\w+)(?:-(\w+))?)(?:/([0-9]{1,3}))?", re.ASCII)
NUMBER = re.compile(r"[0-9]{1,3}")
NAME_LENGTH = 3


class CrontabError(ValueError):
    """A crontab that cannot be read: ``column`` and the ``text`` in it that is wrong.

    ``column`` is "" where there are not five columns.
    """

    def __init__(self, column: str, text: str) -> None:
        super().__init__(f"{column or 'crontab'}: {text}")
        self.column = column
        self.text = text


@dataclass(frozen=True, slots=True)
class Column:
    """One of the five: its lowest and highest number, its names, and how long it may be kept."""

    name: str
    low: int
    high: int
    length: int
    names: tuple[str, ...] = ()


WEEKDAY = Column("day_of_week", 0, 6, 64, WEEKDAYS)
COLUMNS = (
    Column("minute", 0, 59, 240),
    Column("hour", 0, 23, 96),
    Column("day_of_month", 1, 31, 124),
    Column("month_of_year", 1, 12, 64, MONTHS),
    WEEKDAY,
)


@dataclass(frozen=True, slots=True)
class Crontab:
    """The times of day, in ``zone``, on the days that match all three columns of days.

    Weekdays count from Sunday, 0.
    """

    minutes: frozenset[int]
    hours: frozenset[int]
    days_of_month: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]
    zone: ZoneInfo

    def next_after(self, at: datetime) -> datetime | None:
        """Return the first instant after ``at``, in UTC; ``None`` if there is none.

        A time that the clock skips comes as much later as the clock is moved. Of an hour that the
        clock repeats, single times come once, and those of a rhythm that goes on hour by hour in
        both.
        """
        days = self._days(at.astimezone(self.zone).date() - timedelta(days=1))
        for day in days:
            found = _first_after(at, _instants(self, day))
            if found is not None:
                # The clock may be moved at midnight, so that times of the next day come first.
                following = next(days, None)
                other = None if following is None else _first_after(at, _instants(self, following))
                return found if other is None else min(found, other)
        return None

    def _days(self, first: date) -> Iterator[date]:
        for year in range(first.year, min(first.year + YEARS_AHEAD, 9998)):
            for month in sorted(self.months):
                last = monthrange(year, month)[1]
                for number in sorted(self.days_of_month):
                    if number > last:
                        break
                    day = date(year, month, number)
                    if day >= first and day.isoweekday() % 7 in self.weekdays:
                        yield day


def read_crontab(texts: dict[str, str], zone: ZoneInfo) -> Crontab:
    """Return the crontab whose columns, by name, are ``texts``.

    :raises CrontabError: naming the first column that cannot be read.
    """
    minute, hour, day, month, weekday = (_numbers(column, texts[column.name]) for column in COLUMNS)
    return Crontab(minute, hour, day, month, weekday, zone)


def parse_line(line: str) -> dict[str, str]:
    """Return the columns of a crontab line by name, as they are kept: in numbers, and no longer
    than there is room for.

    :raises CrontabError: if there are not five, or one of them cannot be read.
    """
    words = line.split()
    if len(words) != len(COLUMNS):
        raise CrontabError("", line)
    return {column.name: _kept(column, word) for column, word in zip(COLUMNS, words, strict=True)}


def crontab_line(texts: Mapping[str, str]) -> str:
    """Return the five columns as one line."""
    return " ".join(texts[column.name] for column in COLUMNS)


def _kept(column: Column, text: str) -> str:
    parts = [_kept_part(column, part) for part in text.split(",")]
    kept = ",".join(parts)
    return kept if len(kept) <= column.length else _listed(_numbers(column, text))


def _kept_part(column: Column, part: str) -> str:
    star, low, high, step = _match(column, part).groups()
    numbers = _part(column, part)
    if star is not None:
        return part
    first, last = _number(column, low, part), _number(column, high or low, part)
    if 7 in (first, last) and column is WEEKDAY:
        return _listed(frozenset(numbers))
    ends = str(first) if high is None else f"{first}-{last}"
    return ends if step is None else f"{ends}/{int(step)}"


def _listed(numbers: frozenset[int]) -> str:
    return ",".join(map(str, sorted(numbers)))


def _numbers(column: Column, text: str) -> frozenset[int]:
    parts = text.replace(" ", "").split(",")
    return frozenset(number for part in parts for number in _part(column, part))


def _part(column: Column, part: str) -> list[int]:
    star, low, high, step = _match(column, part).groups()
    if star is not None:
        numbers = list(range(column.low, column.high + 1))
    else:
        numbers = _range(column, _number(column, low, part), _number(column, high or low, part))
    if step is None:
        return numbers
    if not 0 < int(step) <= column.high or (star is None and high is None):
        raise CrontabError(column.name, part)
    return numbers[:: int(step)]


def _range(column: Column, first: int, last: int) -> list[int]:
    if last < first:
        numbers = [*range(first, column.high + 1), *range(column.low, last + 1)]
    else:
        numbers = [*range(first, last + 1)]
    return list(dict.fromkeys(number % 7 for number in numbers)) if column is WEEKDAY else numbers


def _match(column: Column, part: str) -> re.Match[str]:
    matched = PART.fullmatch(part)
    if matched is None:
        raise CrontabError(column.name, part)
    return matched


def _number(column: Column, word: str, part: str) -> int:
    if NUMBER.fullmatch(word):
        number = int(word)
        # Sunday is 7 too.
        if column.low <= number <= column.high + (column is WEEKDAY):
            return number
    elif len(word) >= NAME_LENGTH:
        for index, name in enumerate(column.names):
            if name.startswith(word.lower()):
                return index + column.low
    raise CrontabError(column.name, part)


def _first_after(at: datetime, instants: tuple[datetime, ...]) -> datetime | None:
    index = bisect_right(instants, at)
    return instants[index] if index < len(instants) else None


@lru_cache(maxsize=64)
def _instants(crontab: Crontab, day: date) -> tuple[datetime, ...]:
    """Return the instants of the times of one day, each once, in UTC, in order."""
    found: set[datetime] = set()
    for hour in crontab.hours:
        goes_on = {(hour + 1) % 24, (hour - 1) % 24} & crontab.hours
        for minute in crontab.minutes:
            wall = datetime(day.year, day.month, day.day, hour, minute, tzinfo=crontab.zone)
            first = wall.astimezone(UTC)
            again = wall.replace(fold=1).astimezone(UTC)
            found.add(first)
            # A time that the clock skips is earlier in its second reading.
            if goes_on and again > first:
                found.add(again)
    return tuple(sorted(found))
