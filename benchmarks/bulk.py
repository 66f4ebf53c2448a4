"""A change for all that match a filter, as a worker makes it: a hold, and its lifting.

``BULK_SHIPMENTS`` says how many wait (10,000). They are changed in sets, each a transaction of its
own; the floor is one statement that sets the flag of all, without a lock, a timeline, or the word
on each that was left alone.
"""

import os
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction

from benchmarks.release import make_world
from fulfillment.models import Shipment
from fulfillment.review import bulk_job
from fulfillment.review.change import BulkAction, BulkChange
from fulfillment.review.selection import Selection, last_shipment
from inventory.models import Job
from inventory.operations import jobs

UTC_ZONE = ZoneInfo("UTC")


def run() -> Iterator[dict[str, Any]]:
    """Yield how many shipments a second a worker holds and lets go on, beside one statement."""
    count = int(os.environ.get("BULK_SHIPMENTS", "10000"))
    make_world(count)
    floor = _floor()
    for action in (BulkAction.HOLD, BulkAction.LIFT_HOLD):
        began = time.perf_counter()
        changed = _change(action)
        seconds = time.perf_counter() - began
        yield {
            "benchmark": "bulk",
            "case": f"{action.value} of all {changed:,} that wait, by a worker",
            "unit": "shipments/s",
            "ours": round(changed / seconds),
            "floor": round(changed / floor),
        }


def _change(action: BulkAction) -> int:
    """Make a change for all that wait; return how many it changed."""
    now = datetime.now(UTC)
    chosen = Selection((), "", now.date(), UTC_ZONE, last_shipment())
    change = BulkChange(action, reason="Counted again")
    # Without the message to a worker: it is done here.
    job = Job.objects.create(
        kind=bulk_job.KIND,
        parameters={"change": change.as_json(), "selection": chosen.as_json(), "back": ""},
        total_count=chosen.extent().count,
        created_at=now,
    )
    done = jobs.run(job_id=job.pk, now=now)
    if done is None or done.state != Job.State.COMPLETED:
        raise RuntimeError(f"the change ended as {done and done.state}: {done and done.message}")
    return int(done.result["changed"])


def _floor() -> float:
    """Return the seconds of the one statement; it is undone."""
    with transaction.atomic():
        began = time.perf_counter()
        Shipment.objects.filter(state__in=Shipment.QUEUED_STATES).update(
            is_held=True, hold_reason=Shipment.HoldReason.STAFF
        )
        seconds = time.perf_counter() - began
        transaction.set_rollback(True)
    return seconds
