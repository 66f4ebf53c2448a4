"""When a gateway that did not answer is asked again; PURE."""

from datetime import datetime, timedelta

from core.pauses import doubling_pause

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
    return now + doubling_pause(attempt_count, first=FIRST_PAUSE, longest=LONGEST_PAUSE)
