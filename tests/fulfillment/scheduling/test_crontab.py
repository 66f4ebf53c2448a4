"""A crontab: read as people write it, and its instants right over every change of a clock."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from celery.schedules import crontab as celery_crontab
from hypothesis import given
from hypothesis import strategies as st

from fulfillment.scheduling.crontab import (
    COLUMNS,
    MONTHS,
    Crontab,
    CrontabError,
    crontab_line,
    parse_line,
    read_crontab,
)

STOCKHOLM = ZoneInfo("Europe/Stockholm")
ZONES = ["Europe/Stockholm", "America/New_York", "Australia/Lord_Howe", "Africa/Casablanca",
         "America/Santiago", "Asia/Kolkata", "UTC"]  # fmt: skip
# Nights on which clocks of these zones are moved, and one on which none is.
NIGHTS = [datetime(2026, 3, 7, tzinfo=UTC), datetime(2026, 3, 28, tzinfo=UTC),
          datetime(2026, 4, 3, tzinfo=UTC), datetime(2026, 9, 5, tzinfo=UTC),
          datetime(2026, 10, 3, tzinfo=UTC), datetime(2026, 10, 24, tzinfo=UTC),
          datetime(2026, 10, 31, tzinfo=UTC), datetime(2026, 2, 14, tzinfo=UTC),
          datetime(2026, 6, 20, tzinfo=UTC)]  # fmt: skip


def read(line: str, zone: ZoneInfo = STOCKHOLM) -> Any:
    return read_crontab(parse_line(line), zone)


def times(line: str, since: str, count: int = 5, zone: ZoneInfo = STOCKHOLM) -> list[str]:
    crontab = read(line, zone)
    at = datetime.fromisoformat(since)
    found = []
    for _number in range(count):
        at = crontab.next_after(at)
        found.append(f"{at.astimezone(zone):%d %H:%M %Z}")
    return found


@pytest.mark.parametrize(
    ("line", "kept"),
    [
        ("0 6 * * 7", "0 6 * * 0"),
        ("0 6 * * sun,Wednesday", "0 6 * * 0,3"),
        ("0 6 * * 5-7", "0 6 * * 0,5,6"),
        ("0 6 * * fri-sun", "0 6 * * 5-0"),
        ("0 6 * jan-MAR,sept *", "0 6 * 1-3,9 *"),
        (f"0 6 * {','.join(MONTHS)} *", "0 6 * 1,2,3,4,5,6,7,8,9,10,11,12 *"),
        ("*/15 22-4 1-31/2 * *", "*/15 22-4 1-31/2 * *"),
        ("07 06 * * *", "7 6 * * *"),
        (f"{','.join(['0-59'] * 100)} * * * *", f"{','.join(map(str, range(60)))} * * * *"),
    ],
)
def test_a_line_is_kept_in_numbers_that_its_columns_hold(line: str, kept: str) -> None:
    columns: dict[str, Any] = parse_line(line)

    assert crontab_line(columns) == kept
    assert all(len(columns[column.name]) <= column.length for column in COLUMNS)
    assert read_crontab(columns, STOCKHOLM) == read(line)


@pytest.mark.parametrize(
    ("line", "column", "text"),
    [
        ("60 * * * *", "minute", "60"),
        ("1,,2 * * * *", "minute", ""),
        ("jan * * * *", "minute", "jan"),
        ("5/10 * * * *", "minute", "5/10"),
        ("*/0 * * * *", "minute", "*/0"),
        ("*/60 * * * *", "minute", "*/60"),
        ("* 1-5x * * *", "hour", "1-5x"),
        ("* * ² * *", "day_of_month", "²"),
        ("* * * ju *", "month_of_year", "ju"),
        ("* * * * mo", "day_of_week", "mo"),
        ("* * * * mars", "day_of_week", "mars"),
        ("@daily", "", "@daily"),
        ("", "", ""),
    ],
)
def test_a_line_that_cannot_be_read_says_where(line: str, column: str, text: str) -> None:
    with pytest.raises(CrontabError) as refused:
        parse_line(line)

    assert (refused.value.column, refused.value.text) == (column, text)


def test_in_october_an_hourly_rhythm_runs_in_the_repeated_hour() -> None:
    assert times("*/30 * * * *", "2026-10-25T00:45+00:00", 4) == [
        "25 02:00 CET", "25 02:30 CET", "25 03:00 CET", "25 03:30 CET",
    ]  # fmt: skip
    assert times("30 * * * *", "2026-10-24T23:45+00:00", 4) == [
        "25 02:30 CEST", "25 02:30 CET", "25 03:30 CET", "25 04:30 CET",
    ]  # fmt: skip


def test_in_october_a_time_of_the_day_comes_once() -> None:
    assert times("30 2 * * *", "2026-10-24T12:00+00:00", 2) == ["25 02:30 CEST", "26 02:30 CET"]


def test_in_march_a_time_that_is_skipped_comes_an_hour_later_and_each_instant_once() -> None:
    assert times("30 2 * * *", "2026-03-28T12:00+00:00", 2) == ["29 03:30 CEST", "30 02:30 CEST"]
    assert times("30 2,3 * * *", "2026-03-28T12:00+00:00", 2) == [
        "29 03:30 CEST", "30 02:30 CEST",
    ]  # fmt: skip
    assert times("*/30 * * * *", "2026-03-29T00:15+00:00", 4) == [
        "29 01:30 CET", "29 03:00 CEST", "29 03:30 CEST", "29 04:00 CEST",
    ]  # fmt: skip


def test_a_clock_that_is_moved_at_midnight_or_by_half_an_hour() -> None:
    # Santiago skips the first hour of September 6, Lord Howe repeats half an hour on April 5.
    assert times("30 0,1 * * *", "2026-09-05T12:00+00:00", 3, ZoneInfo("America/Santiago")) == [
        "06 01:30 -03", "07 00:30 -03", "07 01:30 -03",
    ]  # fmt: skip
    assert times("*/15 * * * *", "2026-04-04T14:30+00:00", 5, ZoneInfo("Australia/Lord_Howe")) == [
        "05 01:45 +11", "05 01:30 +1030", "05 01:45 +1030", "05 02:00 +1030", "05 02:15 +1030",
    ]  # fmt: skip


def test_leap_days_and_dates_that_no_year_has() -> None:
    now = datetime(2096, 3, 1, tzinfo=UTC)
    assert read("0 0 29 2 *", ZoneInfo("UTC")).next_after(now) == datetime(2104, 2, 29, tzinfo=UTC)
    assert read("0 0 30 2 *").next_after(now) is None
    assert read("0 0 31 4,6,9,11 *").next_after(now) is None
    # February 29 is a Wednesday in 2072, and as 2100 has none, not again for 36 years.
    leap_day = read("0 0 29 2 tue", ZoneInfo("UTC"))
    assert leap_day.next_after(datetime(2072, 3, 1, tzinfo=UTC)) is not None


def some(low: int, high: int) -> st.SearchStrategy[str]:
    numbers = st.lists(st.integers(low, high), min_size=1, max_size=6)
    return st.one_of(
        st.just("*"),
        st.integers(2, high).map(lambda step: f"*/{step}"),
        numbers.map(lambda found: ",".join(map(str, sorted(set(found))))),
    )


LINES = st.tuples(some(0, 59), some(0, 23), st.just("*"), st.just("*"), some(0, 6)).map(" ".join)


@given(line=LINES, zone=st.sampled_from(ZONES), night=st.sampled_from(NIGHTS))
def test_every_minute_that_matches_comes_once_and_no_other(
    line: Any, zone: Any, night: Any
) -> None:
    """Against the clock itself, minute by minute, over two days."""
    crontab = read(line, ZoneInfo(zone))
    last = night + timedelta(days=2)
    found = []
    at = crontab.next_after(night)
    while at is not None and at <= last:
        found.append(at)
        at = crontab.next_after(at)

    minutes = [night + timedelta(minutes=number) for number in range(1, 2 * 24 * 60 + 1)]
    assert found == [at for at in minutes if is_due(crontab, at)]


def is_due(crontab: Crontab, at: datetime) -> bool:
    """Whether it comes at this minute, by the rule: read off the clock, or skipped by it."""
    local = at.astimezone(crontab.zone)
    if matches(crontab, local) and (not local.fold or goes_on(crontab, local.hour)):
        return True
    # A clock that has just been moved ahead: what it skipped comes as much later.
    before = (at - timedelta(days=1)).astimezone(crontab.zone).utcoffset() or timedelta()
    skipped = (at + before).replace(tzinfo=crontab.zone)
    is_skipped = skipped.astimezone(UTC).astimezone(crontab.zone).replace(
        tzinfo=None
    ) != skipped.replace(tzinfo=None)
    return is_skipped and skipped.astimezone(UTC) == at and matches(crontab, skipped)


def matches(crontab: Crontab, local: datetime) -> bool:
    return (
        local.minute in crontab.minutes
        and local.hour in crontab.hours
        and local.day in crontab.days_of_month
        and local.month in crontab.months
        and local.isoweekday() % 7 in crontab.weekdays
    )


def goes_on(crontab: Crontab, hour: int) -> bool:
    return bool({(hour + 1) % 24, (hour - 1) % 24} & crontab.hours)


@given(
    line=st.tuples(some(0, 59), some(0, 23), some(1, 28), some(1, 12), some(0, 6)).map(" ".join),
    zone=st.sampled_from(["UTC", "Asia/Kolkata", "America/Phoenix"]),
    since=st.datetimes(datetime(2024, 1, 1), datetime(2032, 1, 1)),  # noqa: DTZ001
)
def test_where_no_clock_is_moved_celery_says_the_same(line: Any, zone: Any, since: Any) -> None:
    local = ZoneInfo(zone)
    at = since.replace(tzinfo=UTC)
    columns = parse_line(line)
    theirs: Any = celery_crontab(**dict[str, Any](columns), nowfun=lambda: at)
    theirs.tz = local

    begun, ahead, _now = theirs.remaining_delta(at)

    assert read_crontab(columns, local).next_after(at) == (begun + ahead).astimezone(UTC)
