"""Faults of the database that pass: what met one is tried again."""

from enum import Enum, auto
from typing import Any

from django.db import OperationalError
from psycopg.errors import (
    DeadlockDetected,
    DiskFull,
    IdleInTransactionSessionTimeout,
    LockNotAvailable,
    QueryCanceled,
    SerializationFailure,
)


class PassingFault(Enum):
    """What kept the database from doing it this time."""

    # Another transaction was in the way.
    LOCKED = auto()
    # It met a time limit.
    TOO_LONG = auto()
    # It cannot be reached, or the connection was lost.
    AWAY = auto()
    DISK_FULL = auto()


CAUSES = {
    LockNotAvailable: PassingFault.LOCKED,
    DeadlockDetected: PassingFault.LOCKED,
    SerializationFailure: PassingFault.LOCKED,
    QueryCanceled: PassingFault.TOO_LONG,
    IdleInTransactionSessionTimeout: PassingFault.TOO_LONG,
    DiskFull: PassingFault.DISK_FULL,
}
# Connection exceptions, operator intervention, too many connections.
AWAY_STATES = ("08", "57P", "53300")


# For a task that does not come again soon: its worker tries it again, after a minute, two, four …
TRIED_AGAIN: dict[str, Any] = {
    "autoretry_for": (OperationalError,),
    "retry_backoff": 60,
    "retry_backoff_max": 1800,
    "max_retries": 20,
}


def passing_fault(error: BaseException | None) -> PassingFault | None:
    """Return the fault behind an error of Django's; None if time does not mend it."""
    cause = None if error is None else error.__cause__
    for kind, fault in CAUSES.items():
        if isinstance(cause, kind):
            return fault
    is_away = isinstance(error, OperationalError) and (
        str(getattr(cause, "sqlstate", None) or "08").startswith(AWAY_STATES)
    )
    return PassingFault.AWAY if is_away else None


def is_passing(error: BaseException) -> bool:
    """Whether the same may succeed later."""
    return passing_fault(error) is not None
