"""Something that goes on beside the test, and is kept waiting for a row."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

from django.db import connection

WAITING = """
SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND wait_event_type = 'Lock'
"""


@contextmanager
def beside(call: Callable[..., Any], *, waiting: int = 1, may_end: bool = False) -> Iterator[None]:
    """Run ``call`` in a thread of its own, as soon as it waits for a lock; wait for its end.

    ``waiting`` is how many connections wait for one then. One that ``may_end`` need wait for none:
    it goes on as far as it comes.
    """

    def work() -> None:
        try:
            call()
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        done = pool.submit(work)
        if may_end:
            while not done.done() and waiting_count() < waiting:
                time.sleep(0.02)
        else:
            wait_until_waiting(waiting)
        yield
        done.result(timeout=120)


def wait_until_waiting(count: int) -> None:
    """Return once this many connections are kept waiting for a lock."""
    deadline = time.monotonic() + 120
    while waiting_count() < count:
        assert time.monotonic() < deadline, "it waits for no lock"
        time.sleep(0.02)


def waiting_count() -> int:
    with connection.cursor() as cursor:
        # A transaction would see the activity as it was when it first looked.
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute(WAITING)
        return int(cursor.fetchone()[0])
