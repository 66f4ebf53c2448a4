"""A move for more shipments than a person waits for: made by a worker, set by set."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from core.models import Job
from core.operations import jobs
from fulfillment.review.bulk import MoveOutcome, sets_of_keys
from fulfillment.review.change import ShipmentBulkChange
from fulfillment.review.selection import ShipmentSelection
from fulfillment.review.steps import steps
from fulfillment.review.tally import MoveTally
from inventory.operations import preview_snapshots

KIND = "fulfillment.bulk_change"
LABEL = _("Change of many shipments")
# After how many shipments, at the earliest, the worker looks whether it was asked to stop.
TOLD_EVERY = 10
GONE = _("The preview is too old to be compared. Nothing was changed. Make the change again.")


def submit(
    change: ShipmentBulkChange,
    selection: ShipmentSelection,
    *,
    total: int,
    snapshot: str,
    by_id: int | None,
    now: datetime,
    back: str = "",
) -> Job:
    """Have a worker make ``change`` for the shipments chosen; ``back`` is the list's address.

    ``snapshot`` names what its preview showed of each: what changed since is left as it is.
    """
    return jobs.submit(
        kind=KIND,
        parameters={
            "change": change.as_json(),
            "selection": selection.as_json(),
            "back": back,
            preview_snapshots.PARAMETER: snapshot,
        },
        total=total,
        by_id=by_id,
        now=now,
    )


def run(job: Job, progress: jobs.Progress) -> dict[str, Any]:
    """Make the change for a set of shipments after the other; count what came of them.

    The count stands in the job's row, written with each set in one transaction, or with each
    shipment where they are changed one by one. Started again after it was stopped, or its time
    was over, it goes on behind the last shipment that was counted.

    :raises core.operations.jobs.JobError: if what was shown is no longer kept.
    """
    change = ShipmentBulkChange.from_json(job.parameters["change"])
    selection = ShipmentSelection.from_json(job.parameters["selection"])
    now = job.started_at or job.created_at
    today = now.astimezone(selection.zone).date()
    shown = preview_snapshots.read(job.parameters[preview_snapshots.PARAMETER])
    if shown is None:
        raise jobs.JobError(str(GONE))
    tally = MoveTally.from_json(job.result)

    def keep(outcomes: Sequence[MoveOutcome]) -> None:
        counted = tally.with_more(outcomes)
        jobs.checkpoint(job.pk, done=counted.done, result=counted.as_json())

    told = tally.done
    progress(told)
    sets = sets_of_keys(selection.shipments(), after=tally.last, up_to=selection.up_to)
    made = (
        outcomes
        for keys in sets
        for outcomes in steps(
            keys,
            change,
            today=today,
            now=now,
            actor_id=job.started_by_id,
            key=f"job-{job.pk}",
            note=keep,
            shown=shown,
        )
    )
    for outcomes in made:
        tally = tally.with_more(outcomes)
        if tally.done >= told + TOLD_EVERY:
            told = tally.done
            progress(told)
    return tally.as_json()
