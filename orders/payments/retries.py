"""When a gateway that did not answer is asked again; PURE."""

from datetime import datetime, timedelta

FIRST_PAUSE = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(hours=1)
MAX_ATTEMPTS = 10


def next_attempt(attempt_count: int, *, now: datetime) -> datetime | None:
    """Return when to ask again after so many attempts; None when a person must decide.

    The pauses double, from a minute up to an hour: ten attempts take a little over four hours.

    Rule: Payments, outcome unknown.
    """
    if attempt_count > MAX_ATTEMPTS:
        return None
    return now + pause_after(attempt_count)


def pause_after(attempt_count: int) -> timedelta:
    """Return how long to wait after this many attempts, the first being 1."""
    pause: timedelta = FIRST_PAUSE * 2 ** (attempt_count - 1)
    return min(pause, LONGEST_PAUSE)
