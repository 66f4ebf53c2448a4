"""The walk over what a run is limited to: the part that was chosen, and its rivals."""

from collections.abc import Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

from core.operations import job_records
from fulfillment.models import ReleaseRun, Shipment
from fulfillment.release.planning.values import ReleaseSettings
from fulfillment.release.rows.queue import places_of, products_of, rivals_of
from fulfillment.release.rows.reading import read_supply
from fulfillment.release.runs.batches import Chooses, Notes, Walk, everything, note_counts
from fulfillment.release.runs.scope import RunScope, shipments_in


def walk_scope(
    scope: RunScope,
    settings: ReleaseSettings,
    *,
    now: datetime,
    zone: ZoneInfo,
    run: ReleaseRun | None = None,
    chooses: Chooses = everything,
    notes: Notes = note_counts,
) -> tuple[Walk, Iterator[list[int]]]:
    """Return the walk over a part of the queue, or over all, and its batches.

    ``notes`` keeps the counts of ``run`` after each batch, in the transaction that writes it.

    :raises django.core.exceptions.ValidationError: if the scope's filter is not understood.
    """
    if scope.is_everything:
        supply = read_supply()
        _expect(run, Shipment.objects.in_queue().count())
        walk = Walk(supply, settings, now=now, zone=zone, run=run, chooses=chooses, notes=notes)
        # What a policy keeps for a shipment, it keeps in every run; what is shown, is shown whole.
        is_settling = settings.is_all_or_nothing
        is_shown = run is None or run.is_dry_run
        return walk, walk.queue(leaves_out_settled=is_settling and not is_shown)
    chosen = frozenset(shipments_in(scope, today=now.astimezone(zone).date(), zone=zone))
    places = places_of(chosen)
    _expect(run, len(places))
    rivals = rivals_of(places, can_be_kept_for=not settings.is_all_or_nothing)
    walk = Walk(
        read_supply(products_of(place.shipment_id for place in {*places, *rivals})),
        settings,
        now=now,
        zone=zone,
        run=run,
        chooses=lambda decision: decision.shipment.id in chosen and chooses(decision),
        notes=notes,
    )
    return walk, walk.part({*places, *rivals})


def _expect(run: ReleaseRun | None, count: int) -> None:
    """Say how many shipments there are to consider at most, for the progress bar."""
    if run is not None:
        job_records.expect(job_id=run.pk, total=count)
