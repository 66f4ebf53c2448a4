"""When one piece of scheduled work comes: its rhythm, from when, until when, whether once.

What is wrong with a row of the schedule, so that it never comes, is a :class:`ScheduleFault`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import islice
from zoneinfo import ZoneInfo

from fulfillment.scheduling.crontab import Crontab

SHORTEST = timedelta(seconds=1)
LONGEST = timedelta(days=3660)
INSTANT = timedelta(microseconds=1)
PERIODS = ("days", "hours", "minutes", "seconds", "microseconds")
FIRST_YEAR, LAST_YEAR = 1970, 9000


@dataclass(frozen=True, slots=True)
class Every:
    """An interval, counted from the last start."""

    length: timedelta


@dataclass(frozen=True, slots=True)
class Once:
    """One point in time."""

    at: datetime


Rhythm = Every | Crontab | Once


@dataclass(frozen=True, slots=True)
class Timing:
    """A rhythm that begins at ``start`` at the earliest and comes before ``end`` only."""

    rhythm: Rhythm
    start: datetime | None = None
    end: datetime | None = None
    is_one_off: bool = False

    def next_after(self, since: datetime) -> datetime | None:
        """Return the next time, given the last start or, before the first one, the last change.

        It may be past: then it is due. ``None``: it does not come (again).
        """
        try:
            at = self._in_rhythm(since)
        except OverflowError:
            # Beyond the year 9999.
            return None
        return None if at is None or (self.end is not None and at >= self.end) else at

    def times(self, *, since: datetime, now: datetime) -> Iterator[datetime]:
        """Yield the times from ``now`` on, soonest first; one that is overdue is due now."""
        at = self.next_after(since)
        at = None if at is None else max(at, now)
        while at is not None and not self.has_ended(now=at):
            yield at
            if self.is_one_off:
                return
            at = self.next_after(at)

    def next_times(self, count: int, *, since: datetime, now: datetime) -> tuple[datetime, ...]:
        """Return the next ``count`` times, fewer where it ends."""
        return tuple(islice(self.times(since=since, now=now), count))

    def has_ended(self, *, now: datetime) -> bool:
        """Whether its end has come."""
        return self.end is not None and self.end <= now

    def _in_rhythm(self, since: datetime) -> datetime | None:
        start = self.start if self.start is not None and since < self.start else None
        match self.rhythm:
            case Every(length):
                return start or since + length
            case Crontab() as crontab:
                # The start itself counts.
                return crontab.next_after(since if start is None else start - INSTANT)
            case Once(at):
                return at if self.start is None else max(at, self.start)


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


def check_comes(timing: Timing, *, since: datetime, now: datetime) -> None:
    """Check that there is a time at which it comes, unless its end has come already.

    :raises FaultyRowError: if it never comes.
    """
    if timing.has_ended(now=now):
        return
    at = timing.next_after(since)
    if at is None or at.year > LAST_YEAR:
        raise FaultyRowError(FaultKind.NEVER_COMES)
