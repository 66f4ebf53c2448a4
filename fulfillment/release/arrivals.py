"""Runs soon after units become available, once for all that arrive together."""

from collections.abc import Collection
from datetime import datetime
from zoneinfo import ZoneInfo

from celery import current_app
from django.db import connection, transaction

from fulfillment.models import ReleaseRun
from fulfillment.release import engine, runs
from fulfillment.release.scope import RunScope

TASK_NAME = "fulfillment.release_arrivals"
PAUSE_SECONDS = 2

NOTE = """
INSERT INTO fulfillment_arrivalnotice (product_id)
SELECT product_id FROM unnest(%s::bigint[]) AS arrived(product_id)
WHERE EXISTS (SELECT 1 FROM fulfillment_waitingbalance AS balance
              WHERE balance.product_id = arrived.product_id AND balance.quantity > 0)
ORDER BY product_id
ON CONFLICT DO NOTHING
"""

TAKE_UP = "DELETE FROM fulfillment_arrivalnotice RETURNING product_id"


def note_arrival(product_ids: Collection[int]) -> None:
    """Note, in the caller's transaction, that more of these products may be released.

    Where some shipment waits for one of them, a run follows shortly after the commit; what
    arrives in the meantime goes with it. A broker that is down loses nothing: the next
    scheduled run considers the same units.

    Rule: Backorder release, runs.
    """
    with connection.cursor() as cursor:
        cursor.execute(NOTE, [list(product_ids)])
        if not cursor.rowcount:
            return
    transaction.on_commit(_enqueue, robust=True)


def release_arrivals(*, now: datetime, zone: ZoneInfo) -> ReleaseRun | None:
    """Release what has been noted, for the products concerned; None when it is done already.

    The notices become a queued run in one transaction, so a worker that dies loses none.
    """
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(TAKE_UP)
            product_ids = tuple(sorted(row[0] for row in cursor.fetchall()))
        if not product_ids:
            return None
        run = runs.queue_run(
            trigger=ReleaseRun.Trigger.ARRIVAL, now=now, scope=RunScope(products=product_ids)
        )
    return engine.perform_run(run_id=run.pk, now=now, zone=zone)


def _enqueue() -> None:
    current_app.send_task(TASK_NAME, countdown=PAUSE_SECONDS)
