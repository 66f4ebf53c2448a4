"""How often in a row a secret may be entered wrong: first at once, then after pauses, then not
before a lock has ended. PURE.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from core.pauses import doubling_pause

FIRST_PAUSE = timedelta(seconds=5)
LONGEST_PAUSE = timedelta(minutes=1)
# After a day without another, wrong attempts no longer count.
FORGOTTEN_AFTER = timedelta(days=1)
# Many people share the address of an office.
ADDRESS_FACTOR = 4


@dataclass(frozen=True, slots=True)
class AttemptLimit:
    """After ``free`` wrong attempts each further one waits; from ``locked_at`` on for ``lock``.

    ``starts_over``: once a lock has passed, what was wrong before it no longer counts.
    """

    free: int
    locked_at: int
    lock: timedelta
    starts_over: bool = False


def of_account(failures: int, lock: timedelta) -> AttemptLimit:
    """Return the limit of one account, locked after ``failures`` wrong attempts in a row."""
    return AttemptLimit(free=failures // 2, locked_at=failures, lock=lock)


def of_address(failures: int, lock: timedelta) -> AttemptLimit:
    """Return the limit of one network address, for accounts locked after ``failures``.

    It starts over after a lock: an office where somebody mistypes every day would stay locked.
    """
    return replace(of_account(ADDRESS_FACTOR * failures, lock), starts_over=True)


def open_at(limit: AttemptLimit, *, count: int, last_at: datetime) -> datetime:
    """Return when the next attempt is allowed, after ``count`` wrong ones up to ``last_at``."""
    if count >= limit.locked_at:
        return last_at + limit.lock
    if count > limit.free:
        nth = count - limit.free
        return last_at + doubling_pause(nth, first=FIRST_PAUSE, longest=LONGEST_PAUSE)
    return last_at


def counted(limit: AttemptLimit, *, count: int, last_at: datetime, now: datetime) -> int:
    """Return how many of ``count`` wrong attempts up to ``last_at`` still count at ``now``."""
    is_lock_over = count >= limit.locked_at and last_at <= now - limit.lock
    is_forgotten = last_at <= now - FORGOTTEN_AFTER
    return 0 if is_forgotten or (limit.starts_over and is_lock_over) else count
