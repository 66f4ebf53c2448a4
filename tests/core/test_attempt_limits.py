from datetime import UTC, datetime, timedelta

import pytest

from core.attempt_limits import counted, of_account, of_address, open_at

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)
LOCK = timedelta(minutes=30)


@pytest.mark.parametrize(
    ("count", "seconds"),
    [(0, 0), (5, 0), (6, 5), (7, 10), (8, 20), (9, 40), (10, 1800), (11, 1800)],
)
def test_wrong_attempts_slow_down_and_then_lock(count: int, seconds: int) -> None:
    found = open_at(of_account(10, LOCK), count=count, last_at=NOW)

    assert found - NOW == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("count", "seconds"), [(20, 0), (21, 5), (24, 40), (25, 60), (39, 60), (40, 1800)]
)
def test_an_address_has_four_times_as_many(count: int, seconds: int) -> None:
    found = open_at(of_address(10, LOCK), count=count, last_at=NOW)

    assert found - NOW == timedelta(seconds=seconds)


def test_wrong_attempts_are_forgotten_after_a_day() -> None:
    last_at = NOW - timedelta(days=1)

    limit = of_account(10, LOCK)

    assert counted(limit, count=9, last_at=last_at, now=NOW) == 0
    assert counted(limit, count=9, last_at=last_at + timedelta(seconds=1), now=NOW) == 9


def test_an_address_starts_over_after_a_lock_and_an_account_does_not() -> None:
    account, address = of_account(10, LOCK), of_address(10, LOCK)
    later = NOW + LOCK

    assert counted(address, count=40, last_at=NOW, now=later) == 0
    assert counted(address, count=40, last_at=NOW, now=later - timedelta(seconds=1)) == 40
    assert counted(address, count=39, last_at=NOW, now=later) == 39
    assert counted(account, count=10, last_at=NOW, now=later) == 10
