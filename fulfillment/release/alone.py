"""Asks for a release run over one shipment."""

from datetime import datetime

from django.db import transaction

from fulfillment.models import ReleaseRun
from fulfillment.operations.holds import check_releasable
from fulfillment.release.engine import request_run
from fulfillment.release.scope import RunScope


def request_release(
    shipment_id: int,
    *,
    now: datetime,
    by_id: int | None,
    reason: str,
    expected_version: int | None = None,
) -> ReleaseRun:
    """Return the record of a run over a shipment alone, queued; a worker performs it.

    Opens the transaction. ``reason`` stays with the run, and in the timeline of what it releases.

    :raises WrongStateError: unless the shipment is on BACKORDER or FUTURE, and not held.
    :raises StaleShipmentError: if ``expected_version`` is given and is not the row's.

    Rule: Backorder release, runs.
    """
    with transaction.atomic():
        shipment = check_releasable(shipment_id, expected_version=expected_version)
        return request_run(
            trigger=ReleaseRun.Trigger.STAFF,
            now=now,
            by_id=by_id,
            scope=RunScope(shipments=(shipment.number,)),
            reason=reason,
        )
