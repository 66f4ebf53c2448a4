"""A move for many shipments as a worker makes it, set by set, with the count of outcomes."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from core.models import Job
from core.operations import jobs
from fulfillment.review.bulk import MoveOutcome, sets_of_keys
from fulfillment.review.change import Occasion, ShipmentBulkChange
from fulfillment.review.effect_words import Code, together
from fulfillment.review.selection import ShipmentSelection
from fulfillment.review.steps import steps
from core.operations import preview_snapshots

# As many shipments that changed after they were shown are named.
NAMED = 200
Reason = tuple[Code, tuple[tuple[str, str], ...]]


@dataclass(frozen=True, slots=True)
class MoveTally:
    """How many were changed, how many stayed as they were for which reason; ``last`` is the key
    of the last that was looked at, ``outdated`` the numbers of the first that changed after they
    were shown.
    """

    last: int = 0
    changed: int = 0
    unchanged: Mapping[Reason, int] = field(default_factory=dict)
    outdated: tuple[str, ...] = ()

    @property
    def unchanged_count(self) -> int:
        return sum(self.unchanged.values())

    @property
    def done(self) -> int:
        """How many were looked at."""
        return self.changed + self.unchanged_count

    @property
    def most_common(self) -> list[tuple[Reason, int]]:
        """Return the reasons, the most frequent first."""
        return sorted(self.unchanged.items(), key=lambda counted: (-counted[1], counted[0]))

    def with_more(self, outcomes: Iterable[MoveOutcome]) -> "MoveTally":
        """Return the count with what came of more shipments, in key order."""
        last, changed, unchanged = self.last, self.changed, Counter(self.unchanged)
        outdated = list(self.outdated)
        for outcome in outcomes:
            last, effect = outcome.shipment.pk, outcome.effect
            if effect.is_change:
                changed += 1
            else:
                unchanged[effect.code, together(effect.code, effect.values)] += 1
                if effect.code == Code.CHANGED_MEANWHILE:
                    outdated.append(outcome.shipment.number)
        return MoveTally(last, changed, unchanged, tuple(outdated[:NAMED]))

    def as_json(self) -> dict[str, Any]:
        """Return the count as a job keeps it: codes and values, no sentences."""
        return {
            "last": self.last,
            "changed": self.changed,
            "unchanged": [
                {"code": code.value, "values": dict(values), "count": count}
                for (code, values), count in self.most_common
            ],
            **({"outdated": list(self.outdated)} if self.outdated else {}),
        }

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> "MoveTally":
        """Return the count that :meth:`as_json` kept; of nothing, if there is none yet."""
        if "last" not in values:
            return cls()
        unchanged = {
            (Code(entry["code"]), tuple(sorted(entry["values"].items()))): entry["count"]
            for entry in values["unchanged"]
        }
        return cls(values["last"], values["changed"], unchanged, tuple(values.get("outdated", ())))


KIND = "fulfillment.bulk_change"
LABEL = _("Change of many shipments")
# After how many shipments, at the earliest, the worker looks whether it was asked to stop.
REPORTED_EVERY = 10
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
    occasion = Occasion(today, now, job.started_by_id, shown, key=f"job-{job.pk}")
    tally = MoveTally.from_json(job.result)

    def keep(outcomes: Sequence[MoveOutcome]) -> None:
        counted = tally.with_more(outcomes)
        jobs.checkpoint(job.pk, done=counted.done, result=counted.as_json())

    reported = tally.done
    progress(reported)
    sets = sets_of_keys(selection.shipments(), after=tally.last, up_to=selection.up_to)
    made = (
        outcomes
        for keys in sets
        for outcomes in steps(
            keys,
            change,
            occasion,
            note=keep,
        )
    )
    for outcomes in made:
        tally = tally.with_more(outcomes)
        if tally.done >= reported + REPORTED_EVERY:
            reported = tally.done
            progress(reported)
    return tally.as_json()
