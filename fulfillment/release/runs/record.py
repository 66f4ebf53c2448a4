"""The record of a run: queued, begun, closed, or replaced where its worker died."""

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from core.acts import Act
from core.operations import job_records
from core.operations.jobs import MOST_ATTEMPTS
from fulfillment.models import ReleaseRun
from fulfillment.release.runs.run_settings import values_in_force
from fulfillment.release.runs.scope import EVERYTHING, RunScope

# What its job is called; the engine performs it, and takes it up again.
KIND, LABEL = "fulfillment.release", _("Release run")
LONGEST_ERROR = 300

Message = ReleaseRun.Message
Values = Mapping[str, Any]


def queue_run(
    *,
    trigger: str,
    act: Act,
    is_dry_run: bool = False,
    scope: RunScope = EVERYTHING,
    note: Values | None = None,
    replaces: ReleaseRun | None = None,
) -> ReleaseRun:
    """Return the record of a run, queued, for a caller that has it performed itself.

    ``note`` says, beside the scope, what kind of run it is. One that ``replaces`` another is its
    next attempt.
    """
    return ReleaseRun.objects.create(
        kind=KIND,
        trigger=trigger,
        is_dry_run=is_dry_run,
        started_by_id=act.actor_id,
        reason=act.reason,
        scope=scope.as_json() | dict(note or {}),
        created_at=act.at,
        replaces=replaces,
        attempt_count=replaces.attempt_count if replaces else 0,
    )


def values_for(run: ReleaseRun) -> dict[str, Any]:
    """Return the settings that a run follows: those in force, and the policy that it tries."""
    values = values_in_force()
    return values | {"release_policy": run.scope["policy"]} if "policy" in run.scope else values


def claim(run: ReleaseRun, *, now: datetime, settings: Values) -> ReleaseRun:
    """Make a queued run the one that is going on; one that is not queued any more is left."""
    if job_records.begin(job_id=run.pk, now=now):
        ReleaseRun.objects.filter(pk=run.pk).update(settings_in_force=settings)
    run.refresh_from_db()
    return run


def until_canceled(run: ReleaseRun, batches: Iterator[list[int]]) -> Iterator[list[int]]:
    """Yield the batches until somebody asks the run to stop; it knows then that it was asked."""
    for batch in batches:
        run.refresh_from_db(fields=["is_cancel_requested"])
        if run.is_cancel_requested:
            return
        yield batch


def finish(
    run: ReleaseRun, state: ReleaseRun.State, code: str = "", values: Values | None = None
) -> None:
    """Close the run's record by the database's clock, which its duration is read from.

    ``code`` and ``values`` are what there is to say of it, "" for nothing.
    """
    said = {"message_code": code, "message_values": dict(values or {})}
    with transaction.atomic():
        ReleaseRun.objects.filter(pk=run.pk).update(**said)
        job_records.end(job_id=run.pk, state=state, done=run.done_count)
    run.refresh_from_db()


def complete(
    run: ReleaseRun,
    freed: Collection[int],
    *,
    now: datetime,
    code: str = "",
    values: Values | None = None,
) -> ReleaseRun | None:
    """Close the record of a run that came to its end; return the run that follows it, queued.

    One follows a run that gave back promises of ``freed`` products: over the whole queue after one
    over the whole queue, else over those products. Both are written together, so a worker that
    dies in between hands them on all the same. The reason of the first is not that of others who
    are released by the second.

    Rule: Backorder release, promises moved to current stock.
    """
    with transaction.atomic():
        finish(run, ReleaseRun.State.COMPLETED, code, values)
        if run.is_dry_run or not freed:
            return None
        return queue_run(
            trigger=run.trigger,
            act=Act(now, run.started_by_id),
            scope=RunScope(products=tuple(sorted(freed))) if run.scope else EVERYTHING,
        )


def fail(run: ReleaseRun, error: Exception) -> None:
    """Close the record of a run that an error ended, and name the run in the error's trace."""
    cause = f"{type(error).__name__}: {error}".split("\n")[0]
    finish(run, ReleaseRun.State.FAILED, Message.ERROR, {"error": cause[:LONGEST_ERROR]})
    error.add_note(f"Release run #{run.pk}")


def skip(run: ReleaseRun, code: str, *, settings: Values) -> ReleaseRun:
    """Close a run that is still queued; one that another worker performs is left alone."""
    with transaction.atomic():
        if job_records.skip(job_id=run.pk):
            ReleaseRun.objects.filter(pk=run.pk).update(
                message_code=code, settings_in_force=settings
            )
    run.refresh_from_db()
    return run


def replace_abandoned(run: ReleaseRun, *, now: datetime) -> dict[int, ReleaseRun]:
    """Close the runs whose worker died: the release lock is the caller's, so none goes on.

    Return the runs queued in their place, by the id of the one that was closed: of ``run``, and
    of those over a part. What one over the whole queue had left, the next one does anyway. One
    whose worker died at every attempt is given up, one that was to stop has stopped.
    """
    replaced = {}
    for lost in ReleaseRun.objects.filter(state=ReleaseRun.State.RUNNING).order_by("pk"):
        if lost.is_cancel_requested:
            finish(lost, ReleaseRun.State.CANCELED, Message.CANCELED)
            continue
        is_needed = lost.pk == run.pk or bool(lost.scope and not lost.is_dry_run)
        if is_needed and lost.attempt_count >= MOST_ATTEMPTS:
            attempts = {"attempts": lost.attempt_count}
            finish(lost, ReleaseRun.State.FAILED, Message.GIVEN_UP, attempts)
            continue
        finish(lost, ReleaseRun.State.FAILED, Message.WORKER_STOPPED)
        if is_needed and "ahead" not in lost.scope:
            replaced[lost.pk] = queue_run(
                trigger=lost.trigger,
                act=Act(now, lost.started_by_id, lost.reason),
                is_dry_run=lost.is_dry_run,
                note=lost.scope,
                replaces=lost,
            )
    return replaced


def attempts_before(run: ReleaseRun) -> list[int]:
    """Return the ids of the runs whose work this one goes on with."""
    ids: list[int] = []
    before = run.replaces
    while before is not None:
        ids.append(before.pk)
        before = before.replaces
    return ids
