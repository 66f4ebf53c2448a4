"""The entry points of the release engine."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from celery import current_app
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from fulfillment.models import ReleaseRun, Shipment
from fulfillment.release.lock import release_lock
from fulfillment.release.plan import ReleaseSettings
from fulfillment.release.queue import places_of, products_of, rivals_of
from fulfillment.release.scope import EVERYTHING, RunScope, shipments_in
from fulfillment.release.settings_in_force import as_json, release_settings, values_in_force
from fulfillment.release.snapshot import read_supply
from fulfillment.release.walk import Chooses, Walk, everything, scoped_batches

TASK_NAME = "fulfillment.perform_run"
WAIT_SECONDS = 60.0
# A queued run that nobody took up, or a running one without a sign of life, is taken up again.
LOST_AFTER = timedelta(minutes=2)
AUTOMATIC = (ReleaseRun.Trigger.SCHEDULE, ReleaseRun.Trigger.ARRIVAL)
# Nobody waits for these at a screen: they try again when the run that is going on has ended.
PATIENT = (ReleaseRun.Trigger.ARRIVAL, ReleaseRun.Trigger.STAFF, ReleaseRun.Trigger.API)
UNFINISHED = (ReleaseRun.State.QUEUED, ReleaseRun.State.RUNNING)

Progress = Callable[[int], None]


def request_run(
    *,
    trigger: str,
    now: datetime,
    by_id: int | None = None,
    is_dry_run: bool = False,
    scope: RunScope = EVERYTHING,
    policy: str = "",
    reason: str = "",
) -> ReleaseRun:
    """Return the record of a run, queued; a worker performs it after the commit.

    ``policy`` is tried instead of the one in force, by a dry run. ``reason`` is why somebody
    asked for it, 500 characters at most.

    Rule: Backorder release, runs.
    """
    run = queue_run(
        trigger=trigger,
        now=now,
        by_id=by_id,
        is_dry_run=is_dry_run,
        scope=scope,
        reason=reason,
    )
    if policy:
        run.scope |= {"policy": policy}
        run.save(update_fields=["scope"])
    transaction.on_commit(lambda: enqueue(run.pk), robust=True)
    return run


def queue_run(
    *,
    trigger: str,
    now: datetime,
    by_id: int | None = None,
    is_dry_run: bool = False,
    scope: RunScope = EVERYTHING,
    reason: str = "",
) -> ReleaseRun:
    """Return the record of a run, queued, for a caller that has it performed itself."""
    return ReleaseRun.objects.create(
        trigger=trigger,
        is_dry_run=is_dry_run,
        started_by_id=by_id,
        reason=reason,
        scope=scope.as_json(),
        created_at=now,
        heartbeat_at=now,
        state=ReleaseRun.State.QUEUED,
    )


def begin_run(
    *,
    trigger: str,
    now: datetime,
    by_id: int | None,
    scope: RunScope,
    settings: dict[str, object],
    note: dict[str, object],
) -> ReleaseRun:
    """Return the record of a run that its caller, who holds the release lock, performs itself.

    ``note`` says, beside the scope, what kind of run it is.
    """
    run = queue_run(trigger=trigger, now=now, by_id=by_id, scope=scope)
    run.scope |= note
    run.save(update_fields=["scope"])
    return _claim(run, now=now, settings=settings)


def values_for(run: ReleaseRun) -> dict[str, Any]:
    """Return the settings that a run follows: those in force, and the policy that it tries."""
    values = values_in_force()
    return values | {"release_policy": run.scope["policy"]} if "policy" in run.scope else values


def enqueue(run_id: int) -> None:
    """Have a worker perform a queued run."""
    current_app.send_task(TASK_NAME, kwargs={"run_id": run_id})


def run_release(
    *,
    now: datetime,
    zone: ZoneInfo,
    trigger: str,
    started_by_id: int | None = None,
    is_dry_run: bool = False,
    scope: RunScope = EVERYTHING,
    progress: Progress | None = None,
) -> ReleaseRun:
    """Release what current and future supply covers, in queue order; return the run's record.

    ``zone`` is the site's, for "today" and ages. ``progress`` is called with the number of
    shipments considered so far. Opens its own transactions, one a batch, so do not call it inside
    one: what was committed stays when the worker dies, and the next run goes on from there. A
    second run waits for the first, or, where nobody asked for it, is skipped and says so.

    ``scope`` limits it to a part of the queue. A part is planned with all who come before it and
    share units with it, so it is never given what a full run would give to, or keep for, someone
    else.

    A run that moves promises to current stock, and so frees supply, is followed at once by
    another, with a record of its own.

    Rule: Backorder release, runs.
    """
    run = queue_run(
        trigger=trigger, now=now, by_id=started_by_id, is_dry_run=is_dry_run, scope=scope
    )
    return perform_run(run_id=run.pk, now=now, zone=zone, progress=progress, may_wait=False)


def perform_run(
    *,
    run_id: int,
    now: datetime,
    zone: ZoneInfo,
    progress: Progress | None = None,
    may_wait: bool = True,
) -> ReleaseRun:
    """Perform a queued run; return its record. Safe to deliver twice, and twice at once.

    A run whose worker died is closed, and performed anew with a record of its own. ``may_wait``
    leaves a run that somebody asked for queued while another is going on; :func:`lost_runs` finds
    it again. Otherwise it is skipped and says so.

    Rule: Backorder release, runs.
    """
    run = ReleaseRun.objects.get(pk=run_id)
    values = values_for(run)
    if run.trigger in AUTOMATIC and not values["release_enabled"]:
        return _skip(run, _("Release Backorders is off."), settings=as_json(values))
    wait_seconds = 0.0 if run.trigger == ReleaseRun.Trigger.SCHEDULE else WAIT_SECONDS
    with release_lock(wait_seconds=wait_seconds) as is_held:
        if not is_held:
            stays_queued = may_wait and run.trigger in PATIENT
            if stays_queued:
                return run
            return _skip(run, _("Another run was going on."), settings=as_json(values))
        replaced = _replace_abandoned(run, now=now)
        run = _claim(replaced.get(run.pk, run), now=now, settings=as_json(values))
        if run.state != ReleaseRun.State.RUNNING:
            return run
        freed = _release(run, values, now=now, zone=zone, progress=progress)
    if freed and not run.is_dry_run:
        _follow_up(run, freed, now=now, zone=zone)
    return run


def lost_runs(*, now: datetime) -> list[int]:
    """Return the ids of queued runs that nobody took up, and of those whose worker fell silent."""
    lost = Q(state=ReleaseRun.State.QUEUED, created_at__lt=now - LOST_AFTER) | Q(
        state=ReleaseRun.State.RUNNING, heartbeat_at__lt=now - LOST_AFTER
    )
    return list(ReleaseRun.objects.filter(lost).order_by("pk").values_list("pk", flat=True))


def walk_scope(
    scope: RunScope,
    settings: ReleaseSettings,
    *,
    now: datetime,
    zone: ZoneInfo,
    run: ReleaseRun | None = None,
    chooses: Chooses = everything,
) -> tuple[Walk, Iterator[list[int]]]:
    """Return the walk over a part of the queue, or over all, and its batches.

    :raises django.core.exceptions.ValidationError: if the scope's filter is not understood.
    """
    if scope.is_everything:
        supply = read_supply()
        _expect(run, Shipment.objects.in_queue().count())
        walk = Walk(supply, settings, now=now, zone=zone, run=run, chooses=chooses)
        # What a policy keeps for a shipment, it keeps in every run; what is shown, is shown whole.
        is_settling = settings.mode == "FULL" and settings.policy == "SKIP_OVER"
        is_shown = run is None or run.is_dry_run
        return walk, walk.queue(leaves_out_settled=is_settling and not is_shown)
    chosen = frozenset(shipments_in(scope, today=now.astimezone(zone).date(), zone=zone))
    places = places_of(chosen)
    _expect(run, len(places))
    rivals = rivals_of(
        places, can_be_kept_for=settings.mode != "FULL" or settings.policy != "SKIP_OVER"
    )
    walk = Walk(
        read_supply(products_of(place[2] for place in {*places, *rivals})),
        settings,
        now=now,
        zone=zone,
        run=run,
        chooses=lambda decision: decision.shipment.id in chosen and chooses(decision),
    )
    return walk, scoped_batches(places, rivals)


def _expect(run: ReleaseRun | None, count: int) -> None:
    """Say how many shipments there are to consider at most, for the progress bar."""
    if run is not None:
        ReleaseRun.objects.filter(pk=run.pk).update(total_count=count)


def _claim(run: ReleaseRun, *, now: datetime, settings: dict[str, object]) -> ReleaseRun:
    """Make a queued run the one that is going on."""
    ReleaseRun.objects.filter(pk=run.pk, state=ReleaseRun.State.QUEUED).update(
        state=ReleaseRun.State.RUNNING,
        started_at=now,
        heartbeat_at=Now(),
        settings_in_force=settings,
    )
    run.refresh_from_db()
    return run


def _release(
    run: ReleaseRun,
    values: dict[str, object],
    *,
    now: datetime,
    zone: ZoneInfo,
    progress: Progress | None,
) -> set[int]:
    """Walk the run's part of the queue; return the products whose promises it gave back."""
    settings = release_settings(values, today=now.astimezone(zone).date())
    scope = RunScope.from_json(run.scope)
    try:
        walk, batches = walk_scope(scope, settings, now=now, zone=zone, run=run)
    except ValidationError as error:
        finish(run, ReleaseRun.State.FAILED, " ".join(error.messages))
        return set()
    for _decisions in walk.over(_until_canceled(run, batches)):
        if progress is not None:
            progress(run.done_count)
    if run.is_cancel_requested:
        finish(run, ReleaseRun.State.CANCELED, _("Canceled while it ran."))
    else:
        finish(run, ReleaseRun.State.COMPLETED, "")
    return walk.freed


def _until_canceled(run: ReleaseRun, batches: Iterator[list[int]]) -> Iterator[list[int]]:
    for batch in batches:
        run.refresh_from_db(fields=["is_cancel_requested"])
        if run.is_cancel_requested:
            return
        yield batch


def _follow_up(run: ReleaseRun, freed: set[int], *, now: datetime, zone: ZoneInfo) -> None:
    """Give the promises that were given back to whoever is next."""
    if not run.scope:
        run_release(now=now, zone=zone, trigger=run.trigger, started_by_id=run.started_by_id)
        return
    scope = RunScope(products=tuple(sorted(freed)))
    run_release(now=now, zone=zone, trigger=ReleaseRun.Trigger.ARRIVAL, scope=scope)


def _replace_abandoned(run: ReleaseRun, *, now: datetime) -> dict[int, ReleaseRun]:
    """Close the runs whose worker died: the lock is ours, so none goes on.

    Return the runs queued in their place, by the id of the one that was closed: of ``run``, and
    of those over a part. What one over the whole queue had left, the next one does anyway.
    """
    replaced = {}
    for lost in ReleaseRun.objects.filter(state=ReleaseRun.State.RUNNING).order_by("pk"):
        finish(
            lost,
            ReleaseRun.State.FAILED,
            _("The worker stopped; what it had committed stays, a later run does the rest."),
        )
        is_needed = lost.pk == run.pk or (lost.scope and not lost.is_dry_run)
        if not is_needed or "as_shown" in lost.scope or "ahead" in lost.scope:
            continue
        replaced[lost.pk] = queue_run(
            trigger=lost.trigger,
            now=now,
            by_id=lost.started_by_id,
            is_dry_run=lost.is_dry_run,
            scope=RunScope.from_json(lost.scope),
            reason=lost.reason,
        )
    return replaced


def _skip(run: ReleaseRun, message: str, *, settings: Mapping[str, Any]) -> ReleaseRun:
    """Close a run that is still queued; one that another worker performs is left alone."""
    ReleaseRun.objects.filter(pk=run.pk, state=ReleaseRun.State.QUEUED).update(
        state=ReleaseRun.State.SKIPPED,
        message=message,
        settings_in_force=settings,
        started_at=Now(),
        finished_at=Now(),
    )
    run.refresh_from_db()
    return run


def finish(run: ReleaseRun, state: str, message: str) -> None:
    """Close the run's record by the database's clock, which its duration is read from."""
    ReleaseRun.objects.filter(pk=run.pk).update(
        state=state, message=message, total_count=run.done_count, finished_at=Now()
    )
    run.refresh_from_db()
