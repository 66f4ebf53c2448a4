"""The days on which a source works."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.work_calendar import WEEK, Closure, Weekday, WorkCalendar

MONDAY_TO_FRIDAY = frozenset(WEEK[:5])
CHRISTMAS = frozenset({date(2026, 12, 25), date(2026, 12, 26)})
FIRST = date(2026, 1, 1)

days = st.integers(0, 1000).map(lambda number: FIRST + timedelta(days=number))
calendars = st.builds(
    WorkCalendar,
    st.frozensets(st.sampled_from(Weekday), min_size=1),
    st.frozensets(days, max_size=60),
)


@pytest.mark.parametrize(
    ("day", "first"),
    [
        (date(2026, 12, 24), date(2026, 12, 24)),
        (date(2026, 12, 25), date(2026, 12, 28)),
        (date(2026, 12, 26), date(2026, 12, 28)),
        (date(2026, 12, 27), date(2026, 12, 28)),
        (date(2026, 12, 28), date(2026, 12, 28)),
    ],
)
def test_a_day_moves_on_to_the_next_working_day(day: date, first: date) -> None:
    assert WorkCalendar(MONDAY_TO_FRIDAY, CHRISTMAS).working_day(day) == first


def test_every_day_is_a_working_day_unless_the_calendar_says_otherwise() -> None:
    assert WorkCalendar().working_day(date(2026, 12, 25)) == date(2026, 12, 25)


@given(calendars, days, days)
def test_working_days_are_never_earlier_nor_closed_and_keep_their_order(
    calendar: WorkCalendar, one: date, other: date
) -> None:
    first = calendar.working_day(one)

    assert first >= one
    assert not calendar.is_closed(first)
    assert all(calendar.is_closed(one + timedelta(n)) for n in range((first - one).days))
    assert calendar.working_day(first) == first
    assert (one <= other) <= (first <= calendar.working_day(other))


@given(calendars, days, st.integers(0, 60))
def test_closed_days_are_those_that_a_day_moves_off(
    calendar: WorkCalendar, first: date, length: int
) -> None:
    all_days = [first + timedelta(number) for number in range(length + 1)]

    found = list(calendar.closed_days(first, all_days[-1]))

    assert found == [
        Closure(day, calendar.working_day(day))
        for day in reversed(all_days)
        if calendar.working_day(day) != day
    ]
