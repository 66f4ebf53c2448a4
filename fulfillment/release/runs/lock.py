"""One run at a time: stocks may share sources, so runs are never side by side."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

RELEASE_LOCK = 7_305_116_001
POLL_SECONDS = 0.2

# The halves of a lock's key are told apart from a pair of keys by the last condition.
HELD = """
SELECT 1 FROM pg_locks
WHERE locktype = 'advisory' AND granted AND classid = %s AND objid = %s AND objsubid = 1
  AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""


class ReleaseBusyError(Exception):
    """A run is going on, and did not end in time."""


@contextmanager
def release_lock(*, wait_seconds: float) -> Iterator[bool]:
    """Hold the lock of the release engine; yields False if another run kept it too long.

    The lock belongs to the session, so a worker that dies gives it back by itself.
    """
    deadline = time.monotonic() + wait_seconds
    while not (is_held := _try()) and time.monotonic() < deadline:
        time.sleep(POLL_SECONDS)
    try:
        yield is_held
    finally:
        if is_held:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [RELEASE_LOCK])


def is_locked() -> bool:
    """Whether a run goes on: whoever performs one holds the lock from its beginning to its end."""
    with connection.cursor() as cursor:
        cursor.execute(HELD, [RELEASE_LOCK >> 32, RELEASE_LOCK & 0xFFFFFFFF])
        return cursor.fetchone() is not None


def _try() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [RELEASE_LOCK])
        row = cursor.fetchone()
    return bool(row and row[0])
