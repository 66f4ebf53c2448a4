"""Runs soon after units become available, once for all that arrive together."""

from collections.abc import Collection
from datetime import datetime
from zoneinfo import ZoneInfo

from django.db import connection, transaction

from fulfillment.models import ArrivalNotice, ReleaseRun
from fulfillment.release.runs import dispatch, engine, record
from fulfillment.release.runs.scope import RunScope

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
    arrives in the meantime goes with it. A broker that is down loses nothing: the beat takes up
    what was noted.

    Rule: Backorder release, runs.
    """
    with connection.cursor() as cursor:
        cursor.execute(NOTE, [list(product_ids)])
        if not cursor.rowcount:
            return
    transaction.on_commit(dispatch.enqueue_arrivals)


def release_arrivals(*, now: datetime, zone: ZoneInfo) -> ReleaseRun | None:
    """Release what has been noted, for the products concerned; None when there is nothing to do.

    So too while another run goes on: the notices wait for its end, and become one run then. They
    do so in one transaction, so a worker that dies loses none.

    Full runs leave the notices alone: they pass over those who cannot leave, and whose date may
    have moved with what was noted.
    """
    if not ArrivalNotice.objects.exists():
        return None
    with dispatch.turn(wait_seconds=0) as is_held:
        run = _take_up(now) if is_held else None
        return None if run is None else engine.perform_held(run, now=now, zone=zone)


def _take_up(now: datetime) -> ReleaseRun | None:
    """Return a queued run over what has been noted; None if somebody has been faster."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(TAKE_UP)
            product_ids = tuple(sorted({row[0] for row in cursor.fetchall()}))
        if not product_ids:
            return None
        return record.queue_run(
            trigger=ReleaseRun.Trigger.ARRIVAL, now=now, scope=RunScope(products=product_ids)
        )
