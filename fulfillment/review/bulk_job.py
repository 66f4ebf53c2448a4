"""A move for more shipments than a person waits for: made by a worker, one shipment at a time."""

from collections import Counter
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from fulfillment.review.bulk import keys_in_order, make
from fulfillment.review.change import BulkChange
from fulfillment.review.selection import Selection
from inventory.models import Job
from inventory.operations import jobs

KIND = "fulfillment.bulk_change"
LABEL = _("Change of many shipments")
# How often progress is told; a request to stop is met as often.
TOLD_EVERY = 10
NAMED_REASONS = 10


def submit(
    change: BulkChange, selection: Selection, *, total: int, by_id: int | None, now: datetime
) -> Job:
    """Have a worker make ``change`` for the shipments chosen."""
    return jobs.submit(
        kind=KIND,
        parameters={"change": change.as_json(), "selection": selection.as_json()},
        total=total,
        by_id=by_id,
        now=now,
    )


def run(job: Job, progress: jobs.Progress) -> dict[str, Any]:
    """Make the change for each shipment in a transaction of its own; count what came of them.

    Started again after it was stopped, it leaves what is done as it is and goes on.
    """
    change = BulkChange.from_json(job.parameters["change"])
    selection = Selection.from_json(job.parameters["selection"])
    now = job.started_at or job.created_at
    today = now.astimezone(selection.zone).date()
    changed = 0
    left: Counter[str] = Counter()
    progress(0)
    keys = keys_in_order(selection.shipments(), up_to=selection.up_to)
    for done, key in enumerate(keys, start=1):
        outcome = make(
            key, change, today=today, now=now, actor_id=job.started_by_id, key=f"job-{job.pk}"
        )
        changed += outcome.effect.is_change
        if not outcome.effect.is_change:
            left[outcome.effect.sentence] += 1
        if done % TOLD_EVERY == 0:
            progress(done)
    reasons = [f"{count} × {sentence}" for sentence, count in left.most_common(NAMED_REASONS)]
    return {"changed": changed, "unchanged": sum(left.values()), "why_unchanged": reasons}
