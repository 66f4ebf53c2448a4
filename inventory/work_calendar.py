"""The days on which a source works; the first of them from a day on. PURE.

Rule: Shipment states, two dates: working days (§14a).
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum

DAY = timedelta(days=1)


class Weekday(StrEnum):
    """A day of the week, as ``date.weekday`` counts them."""

    MON = "MON"
    TUE = "TUE"
    WED = "WED"
    THU = "THU"
    FRI = "FRI"
    SAT = "SAT"
    SUN = "SUN"


WEEK = tuple(Weekday)


@dataclass(frozen=True, slots=True)
class Closure:
    """A day on which nothing leaves, and the next day on which something does."""

    closed_on: date
    opens_on: date


@dataclass(frozen=True, slots=True)
class WorkCalendar:
    """The days of the week on which a source works, without the days on which it is ``closed``.

    There is at least one day of the week: a source that never works is disabled.
    """

    work_days: frozenset[Weekday] = frozenset(WEEK)
    closed: frozenset[date] = field(default_factory=frozenset)

    def is_closed(self, day: date) -> bool:
        """Return whether nothing leaves on ``day``."""
        return day in self.closed or WEEK[day.weekday()] not in self.work_days

    def working_day(self, day: date) -> date:
        """Return ``day``, or the first working day after it: never an earlier one."""
        while self.is_closed(day):
            day += DAY
        return day

    def closed_days(self, first: date, last: date) -> Iterator[Closure]:
        """Yield the closed days from ``first`` to ``last``, the latest first."""
        opens_on = self.working_day(last + DAY)
        day = last
        while day >= first:
            if self.is_closed(day):
                yield Closure(day, opens_on)
            else:
                opens_on = day
            day -= DAY
