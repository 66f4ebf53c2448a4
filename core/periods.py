"""A number of days, weeks or months, as people set limits."""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Self


class PeriodUnit(StrEnum):
    DAYS = "DAYS"
    WEEKS = "WEEKS"
    MONTHS = "MONTHS"


LETTERS = {PeriodUnit.DAYS: "D", PeriodUnit.WEEKS: "W", PeriodUnit.MONTHS: "M"}
UNITS = {letter: unit for unit, letter in LETTERS.items()}


@dataclass(frozen=True, slots=True)
class CalendarPeriod:
    """``quantity`` days, weeks or months; written in ISO 8601 form (``P30D``, ``P2W``, ``P3M``)."""

    quantity: int
    unit: PeriodUnit

    def __str__(self) -> str:
        return f"P{self.quantity}{LETTERS[self.unit]}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read the ISO 8601 form.

        :raises ValueError: if ``text`` is not a whole number of days, weeks or months.
        """
        match = re.fullmatch(r"P(\d{1,4})([DWM])", text, re.ASCII)
        if match is None:
            raise ValueError(f"“{text}” is not a period; write for instance P30D, P2W or P3M.")
        return cls(int(match[1]), UNITS[match[2]])

    def add_to(self, day: date) -> date:
        """Return the day this long after ``day``; months clamp to the end of a shorter one."""
        if self.unit is PeriodUnit.DAYS:
            return day + timedelta(days=self.quantity)
        if self.unit is PeriodUnit.WEEKS:
            return day + timedelta(weeks=self.quantity)
        years, month = divmod(day.month - 1 + self.quantity, 12)
        year = day.year + years
        return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
