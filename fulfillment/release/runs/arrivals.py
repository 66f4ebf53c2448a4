"""Runs soon after units become available, once for all that arrive together."""

from datetime import datetime
from zoneinfo import ZoneInfo

from django.db import transaction

from core.acts import Act
from core.sql import fetch_column
from fulfillment.models import ArrivalNotice, ReleaseRun
from fulfillment.operations.shipments.arrivals import send_confirmations
from fulfillment.release.runs import dispatch, engine, record
from fulfillment.release.runs.scope import RunScope

TAKE_UP = "DELETE FROM fulfillment_arrivalnotice RETURNING product_id"


def release_arrivals(*, now: datetime, zone: ZoneInfo) -> ReleaseRun | None:
    """Release what has been noted, for the products concerned; None when there is nothing to do.

    So too while another run goes on: the notices wait for its end, and become one run then. They
    do so in one transaction, so a worker that dies loses none.

    The confirmations of orders that were just placed wait for its end (§13).

    Full runs leave the notices alone: they pass over those who cannot leave, and whose date may
    have moved with what was noted.
    """
    if not ArrivalNotice.objects.exists():
        return None
    with dispatch.exclusive_run(wait_seconds=0) as is_held:
        run = _take_up(now) if is_held else None
        if run is None:
            return None
        performed = engine.perform_held(run, now=now, zone=zone)
    send_confirmations()
    return performed


def _take_up(now: datetime) -> ReleaseRun | None:
    """Return a queued run over what has been noted; None if somebody has been faster."""
    with transaction.atomic():
        product_ids = tuple(sorted(set(fetch_column(TAKE_UP))))
        if not product_ids:
            return None
        return record.queue_run(
            trigger=ReleaseRun.Trigger.ARRIVAL, act=Act(now), scope=RunScope(products=product_ids)
        )
