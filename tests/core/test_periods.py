from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.periods import CalendarPeriod, PeriodUnit

PERIODS = st.builds(CalendarPeriod, st.integers(0, 9999), st.sampled_from(PeriodUnit))


@pytest.mark.parametrize(
    ("text", "quantity", "unit"),
    [
        ("P30D", 30, PeriodUnit.DAYS),
        ("P2W", 2, PeriodUnit.WEEKS),
        ("P3M", 3, PeriodUnit.MONTHS),
        ("P0D", 0, PeriodUnit.DAYS),
        ("P9999D", 9999, PeriodUnit.DAYS),
    ],
)
def test_the_iso_form_is_read(text: str, quantity: int, unit: Any) -> None:
    assert CalendarPeriod.parse(text) == CalendarPeriod(quantity, unit)


@pytest.mark.parametrize(
    "text",
    ["", "30", "P30", "30D", "p30d", "P-1D", "P1.5D", "P1Y", "P1D2W", "P10000D", "P٣D", "P1D\n"],
)
def test_anything_else_is_no_period(text: str) -> None:
    with pytest.raises(
        ValueError, match=r"is not a period; write for instance P30D, P2W or P3M\.$"
    ):
        CalendarPeriod.parse(text)


@pytest.mark.parametrize(
    ("period", "day", "later"),
    [
        ("P0D", date(2026, 3, 1), date(2026, 3, 1)),
        ("P30D", date(2026, 2, 14), date(2026, 3, 16)),
        ("P2W", date(2026, 12, 25), date(2027, 1, 8)),
        ("P1M", date(2026, 1, 31), date(2026, 2, 28)),
        ("P1M", date(2028, 1, 31), date(2028, 2, 29)),
        ("P12M", date(2028, 2, 29), date(2029, 2, 28)),
        ("P1M", date(2026, 12, 31), date(2027, 1, 31)),
        ("P11M", date(2026, 1, 15), date(2026, 12, 15)),
    ],
)
def test_a_period_is_added_by_the_calendar(period: str, day: Any, later: Any) -> None:
    assert CalendarPeriod.parse(period).add_to(day) == later


@given(PERIODS)
def test_what_is_written_reads_back_as_the_same_period(period: Any) -> None:
    assert CalendarPeriod.parse(str(period)) == period


@given(PERIODS, st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.integers(0, 400))
def test_a_later_day_never_ends_earlier(period: Any, day: Any, days: Any) -> None:
    assert period.add_to(day) <= period.add_to(day + timedelta(days=days))
