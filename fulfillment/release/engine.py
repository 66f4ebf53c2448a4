"""The entry points of the release engine."""

from collections.abc import Callable, Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from fulfillment.models import ReleaseRun
from fulfillment.release import records
from fulfillment.release.applier import apply_decisions
from fulfillment.release.lock import release_lock
from fulfillment.release.plan import Decision, Supply
from fulfillment.release.planner import Planner
from fulfillment.release.settings_in_force import as_json, release_settings, values_in_force
from fulfillment.release.snapshot import (
    Batch,
    lock_supply,
    next_in_queue,
    products_with_supply,
    read_batch,
    read_supply,
)

BATCH_SIZE = 5_000
WAIT_SECONDS = 60.0
AUTOMATIC = (ReleaseRun.Trigger.SCHEDULE, ReleaseRun.Trigger.ARRIVAL)

Progress = Callable[[int], None]


def run_release(
    *,
    now: datetime,
    zone: ZoneInfo,
    trigger: str,
    started_by_id: int | None = None,
    is_dry_run: bool = False,
    progress: Progress | None = None,
) -> ReleaseRun:
    """Release what current and future supply covers, in queue order; return the run's record.

    ``zone`` is the site's, for "today" and ages. ``progress`` is called with the number of
    shipments considered so far. Opens its own transactions, one a batch, so do not call it inside
    one: what was committed stays when the worker dies, and the next run goes on from there. A
    second run waits for the first, or, where nobody asked for it, is skipped and says so. A run
    that moves promises to current stock, and so frees supply, is followed by another at once; the
    last one's record is returned.

    Rule: Backorder release, runs.
    """
    values = values_in_force()
    run = ReleaseRun.objects.create(
        trigger=trigger,
        is_dry_run=is_dry_run,
        started_by_id=started_by_id,
        settings_in_force=as_json(values),
        created_at=now,
        started_at=now,
        heartbeat_at=now,
        state=ReleaseRun.State.RUNNING,
    )
    if trigger in AUTOMATIC and not values["release_enabled"]:
        return _finish(run, ReleaseRun.State.SKIPPED, _("Release Backorders is off."))
    wait_seconds = 0.0 if trigger == ReleaseRun.Trigger.SCHEDULE else WAIT_SECONDS
    with release_lock(wait_seconds=wait_seconds) as is_held:
        if not is_held:
            return _finish(run, ReleaseRun.State.SKIPPED, _("Another run was going on."))
        _close_abandoned(run)
        has_freed_supply = _release(run, values, now=now, zone=zone, progress=progress)
    if not has_freed_supply or is_dry_run:
        return run
    return run_release(
        now=now,
        zone=zone,
        trigger=trigger,
        started_by_id=started_by_id,
        progress=progress,
    )


def _release(
    run: ReleaseRun,
    values: dict[str, object],
    *,
    now: datetime,
    zone: ZoneInfo,
    progress: Progress | None,
) -> bool:
    today = now.astimezone(zone).date()
    settings = release_settings(values, today=today)
    supply = read_supply()
    planner = Planner(supply, settings, today)
    for shipment_ids in _batches(supply):
        if _is_cancel_requested(run):
            _finish(run, ReleaseRun.State.CANCELED, _("Canceled while it ran."))
            return False
        decisions = _decide_and_apply(run, planner, supply, shipment_ids, now=now, zone=zone)
        _count(run, decisions)
        if progress is not None:
            progress(run.done_count)
    _finish(run, ReleaseRun.State.COMPLETED, "")
    return planner.has_freed_supply


def _decide_and_apply(
    run: ReleaseRun,
    planner: Planner,
    supply: Supply,
    shipment_ids: list[int],
    *,
    now: datetime,
    zone: ZoneInfo,
) -> list[Decision]:
    with transaction.atomic():
        batch = read_batch(shipment_ids, now=now, zone=zone, is_locked=not run.is_dry_run)
        item_ids = {} if run.is_dry_run else _refresh(planner, batch)
        decisions = [planner.decide(shipment) for shipment in batch.shipments]
        if not run.is_dry_run:
            apply_decisions(
                decisions, batch, item_ids, now=now, actor_id=run.started_by_id, run_id=run.pk
            )
        records.keep_decisions(run.pk, decisions, supply, first_position=run.done_count + 1)
    return decisions


def _refresh(planner: Planner, batch: Batch) -> dict[tuple[int, int], int]:
    """Go on from what the rows hold under lock: buyers and receipts may have moved them.

    Return the source items' ids, by (product, source).
    """
    product_ids = batch.product_ids
    items, future = lock_supply(product_ids)
    available = {
        (item.product_id, item.source_id): item.free - item.safety if item.is_in_stock else 0
        for item in items
    }
    promisable = {record.id: record.units for record in future}
    planner.refresh(product_ids, available, promisable)
    return {(item.product_id, item.source_id): item.item_id for item in items}


def _batches(supply: Supply) -> Iterator[list[int]]:
    product_ids = products_with_supply(supply)
    after: tuple[int, datetime, int] | None = None
    while places := next_in_queue(product_ids, after=after, limit=BATCH_SIZE):
        after = places[-1]
        yield [shipment_id for _priority, _since, shipment_id in places]


def _count(run: ReleaseRun, decisions: list[Decision]) -> None:
    released = [decision for decision in decisions if decision.children]
    run.done_count += len(decisions)
    run.released_count += len(released)
    run.split_count += sum(not decision.becomes_ready_itself for decision in released)
    run.future_count += sum(
        any(child.expected_on is not None for child in decision.children) for decision in released
    )
    run.waiting_count += sum(not decision.is_complete for decision in decisions)
    names = ("done_count", "released_count", "split_count", "future_count", "waiting_count")
    counts = {name: getattr(run, name) for name in names}
    ReleaseRun.objects.filter(pk=run.pk).update(**counts, heartbeat_at=Now())


def _is_cancel_requested(run: ReleaseRun) -> bool:
    run.refresh_from_db(fields=["is_cancel_requested"])
    return run.is_cancel_requested


def _close_abandoned(run: ReleaseRun) -> None:
    """Say of runs whose worker died what became of them: the lock is ours, so none goes on."""
    ReleaseRun.objects.filter(state=ReleaseRun.State.RUNNING, pk__lt=run.pk).update(
        state=ReleaseRun.State.FAILED,
        message=_("The worker stopped; what it had committed stays, a later run does the rest."),
        finished_at=Now(),
    )


def _finish(run: ReleaseRun, state: str, message: str) -> ReleaseRun:
    """Close the run's record by the database's clock, which its duration is read from."""
    ReleaseRun.objects.filter(pk=run.pk).update(
        state=state, message=message, total_count=run.done_count, finished_at=Now()
    )
    run.refresh_from_db()
    return run
