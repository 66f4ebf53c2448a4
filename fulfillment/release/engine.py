"""The entry points of the release engine."""

from collections.abc import Callable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from celery import current_app
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q

from fulfillment.models import ReleaseRun
from fulfillment.release import runs
from fulfillment.release.as_shown import apply_as_shown
from fulfillment.release.lock import release_lock
from fulfillment.release.scope import EVERYTHING, RunScope
from fulfillment.release.scoped_walk import walk_scope
from fulfillment.release.settings_in_force import as_json, release_settings

TASK_NAME = "fulfillment.perform_run"
WAIT_SECONDS = 60.0
# A queued run that nobody took up, or a running one without a sign of life, is taken up again.
LOST_AFTER = timedelta(minutes=2)
AUTOMATIC = (ReleaseRun.Trigger.SCHEDULE, ReleaseRun.Trigger.ARRIVAL)
# Nobody waits for these at a screen: they try again when the run that is going on has ended.
PATIENT = (ReleaseRun.Trigger.ARRIVAL, ReleaseRun.Trigger.STAFF, ReleaseRun.Trigger.API)
UNFINISHED = (ReleaseRun.State.QUEUED, ReleaseRun.State.RUNNING)

Message = ReleaseRun.Message
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
    run = runs.queue_run(
        trigger=trigger,
        now=now,
        by_id=by_id,
        is_dry_run=is_dry_run,
        scope=scope,
        reason=reason,
        note={"policy": policy} if policy else None,
    )
    transaction.on_commit(lambda: enqueue(run.pk), robust=True)
    return run


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
    run = runs.queue_run(
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
    values = runs.values_for(run)
    if run.trigger in AUTOMATIC and not values["release_enabled"]:
        return runs.skip(run, Message.RELEASE_OFF, settings=as_json(values))
    wait_seconds = 0.0 if run.trigger == ReleaseRun.Trigger.SCHEDULE else WAIT_SECONDS
    with release_lock(wait_seconds=wait_seconds) as is_held:
        if not is_held:
            stays_queued = may_wait and run.trigger in PATIENT
            if stays_queued:
                return run
            return runs.skip(run, Message.ANOTHER_RUN, settings=as_json(values))
        replaced = runs.replace_abandoned(run, now=now)
        run = runs.claim(replaced.get(run.pk, run), now=now, settings=as_json(values))
        if run.state != ReleaseRun.State.RUNNING:
            return run
        try:
            freed = _release(run, values, now=now, zone=zone, progress=progress)
        except Exception as error:
            runs.fail(run, error)
            raise
    if freed and not run.is_dry_run:
        _follow_up(run, freed, now=now, zone=zone)
    return run


def lost_runs(*, now: datetime) -> list[int]:
    """Return the ids of queued runs that nobody took up, and of those whose worker fell silent."""
    lost = Q(state=ReleaseRun.State.QUEUED, created_at__lt=now - LOST_AFTER) | Q(
        state=ReleaseRun.State.RUNNING, heartbeat_at__lt=now - LOST_AFTER
    )
    return list(ReleaseRun.objects.filter(lost).order_by("pk").values_list("pk", flat=True))


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
    if "as_shown" in run.scope:
        return apply_as_shown(run, settings, now=now, zone=zone)
    scope = RunScope.from_json(run.scope)
    try:
        walk, batches = walk_scope(scope, settings, now=now, zone=zone, run=run)
    except ValidationError as error:
        code, facts = _of_filter(scope.filter, error)
        runs.finish(run, ReleaseRun.State.FAILED, code, facts)
        return set()
    for _decisions in walk.over(runs.until_canceled(run, batches)):
        if progress is not None:
            progress(run.done_count)
    if run.is_cancel_requested:
        runs.finish(run, ReleaseRun.State.CANCELED, Message.CANCELED)
    else:
        runs.finish(run, ReleaseRun.State.COMPLETED)
    return walk.freed


def _of_filter(querystring: str, error: ValidationError) -> tuple[str, runs.Values]:
    """Return the message, and its values, of a filter that there is not or with a bad value."""
    if hasattr(error, "error_dict"):
        names = ", ".join(sorted(error.error_dict))
        return Message.INVALID_FILTER, {"filter": querystring, "names": names}
    return Message.UNKNOWN_FILTER, error.params or {}


def _follow_up(run: ReleaseRun, freed: set[int], *, now: datetime, zone: ZoneInfo) -> None:
    """Give the promises that were given back to whoever is next."""
    if not run.scope:
        run_release(now=now, zone=zone, trigger=run.trigger, started_by_id=run.started_by_id)
        return
    scope = RunScope(products=tuple(sorted(freed)))
    run_release(now=now, zone=zone, trigger=ReleaseRun.Trigger.ARRIVAL, scope=scope)
