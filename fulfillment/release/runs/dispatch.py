"""One run at a time: stocks may share sources. Queued runs start when the previous one ends.

No run waits inside a worker, or a few would keep all workers from e-mails and payments.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import partial

from django.db import transaction
from django.db.models import Q

from core.broker import call_worker
from core.sql import fetch_column, fetch_rows
from fulfillment.models import ArrivalNotice, ReleaseRun
from fulfillment.operations.shipments.arrivals import enqueue_arrivals

PERFORM_RUN = "fulfillment.perform_run"
# A queued run that no worker has started by then is called again.
UNTAKEN_AFTER = timedelta(seconds=30)
RELEASE_LOCK = 7_305_116_001
POLL_SECONDS = 0.2
TAKE_LOCK = "SELECT pg_try_advisory_lock(%s)"

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
    while (
        not (is_held := fetch_column(TAKE_LOCK, [RELEASE_LOCK])[0]) and time.monotonic() < deadline
    ):
        time.sleep(POLL_SECONDS)
    try:
        yield is_held
    finally:
        if is_held:
            fetch_rows("SELECT pg_advisory_unlock(%s)", [RELEASE_LOCK])


def is_locked() -> bool:
    """Whether a run goes on: whoever performs one holds the lock from its beginning to its end."""
    return bool(fetch_rows(HELD, [RELEASE_LOCK >> 32, RELEASE_LOCK & 0xFFFFFFFF]))


@contextmanager
def exclusive_run(*, wait_seconds: float) -> Iterator[bool]:
    """Hold the release lock, then call the next queued run; yields False if it stays taken.

    A run that an error ends calls no other, so that the same error does not repeat at once: the
    beat does (:func:`resume`).
    """
    with release_lock(wait_seconds=wait_seconds) as is_held:
        yield is_held
    if is_held:
        call_next()


def enqueue(run_id: int) -> None:
    """Have a worker perform a queued run."""
    call_worker(PERFORM_RUN, run_id=run_id)


def call_next() -> None:
    """Have workers take up the oldest queued run, and what has arrived, after the commit.

    The next is called when that one ends. A broker that is down loses nothing.
    """
    for run_id in _oldest_queued(Q()):
        transaction.on_commit(partial(enqueue, run_id))
    if ArrivalNotice.objects.exists():
        transaction.on_commit(enqueue_arrivals)


def resume(*, now: datetime) -> None:
    """Have workers take up what was forgotten: by the broker, or by a worker that died.

    Rule: Backorder release, runs.
    """
    for run_id in lost_runs(now=now):
        enqueue(run_id)
    if ArrivalNotice.objects.exists():
        enqueue_arrivals()


def lost_runs(*, now: datetime) -> list[int]:
    """Return the ids of RUNNING runs without a worker, and of the oldest one left QUEUED.

    The other queued runs are called one after the other, each when the one before it ends.
    """
    # Read in this order: a run that begins in between holds the lock, and is left alone.
    is_going_on = is_locked()
    running = ReleaseRun.objects.filter(state=ReleaseRun.State.RUNNING).order_by("pk")
    lost = [] if is_going_on else list(running.values_list("pk", flat=True))
    return [*lost, *_oldest_queued(Q(created_at__lt=now - UNTAKEN_AFTER))]


def _oldest_queued(condition: Q) -> list[int]:
    queued = ReleaseRun.objects.filter(condition, state=ReleaseRun.State.QUEUED)
    return list(queued.order_by("pk").values_list("pk", flat=True)[:1])
