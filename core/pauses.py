"""The pause before a next attempt; PURE."""

from datetime import timedelta

# More would be longer than any pause, and in the end more than a timedelta holds.
MOST_DOUBLINGS = 20


def doubling_pause(
    attempt_count: int, *, first: timedelta, longest: timedelta = timedelta.max
) -> timedelta:
    """Return how long to wait after this many attempts: ``first`` after one, then twice as long
    each time, up to ``longest``."""
    pause: timedelta = first * 2 ** min(attempt_count - 1, MOST_DOUBLINGS)
    return min(pause, longest)
