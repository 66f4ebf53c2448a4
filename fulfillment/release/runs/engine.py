"""The entry points of the release engine."""

import gc
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.db import OperationalError, connection, transaction

from core.acts import Act
from core.database_faults import is_passing
from fulfillment.models import ReleaseRun
from fulfillment.operations.supply.closed_dates import move_to_working_days
from fulfillment.release.runs import record
from fulfillment.release.runs.batches import Chooses, everything
from fulfillment.release.runs.dispatch import enqueue, exclusive_run
from fulfillment.release.runs.dry_runs import apply_as_shown
from fulfillment.release.runs.passed_dates import date_by_supply, replace_passed_dates
from fulfillment.release.runs.run_settings import as_json, release_settings
from fulfillment.release.runs.scope import EVERYTHING, RunScope, walk_scope
from inventory.operations.closed_days import renew_closed_days

logger = logging.getLogger(__name__)

# How long a command, and a request of the web, wait for the end of another run.
WAIT_SECONDS = 60.0
PATIENCE_SECONDS = 3.0
AUTOMATIC = (ReleaseRun.Trigger.SCHEDULE, ReleaseRun.Trigger.ARRIVAL)

Message = ReleaseRun.Message
Progress = Callable[[int], None]


def request_run(
    *,
    trigger: str,
    act: Act,
    is_dry_run: bool = False,
    scope: RunScope = EVERYTHING,
    policy: str = "",
) -> ReleaseRun:
    """Return the record of a run, queued; a worker performs it after the commit.

    ``policy`` is tried instead of the one in force, by a dry run. The reason of ``act`` has 500
    characters at most.

    Rule: Backorder release, runs.
    """
    run = record.queue_run(
        trigger=trigger,
        act=act,
        is_dry_run=is_dry_run,
        scope=scope,
        note={"policy": policy} if policy else None,
    )
    transaction.on_commit(partial(enqueue, run.pk))
    return run


def run_release(
    *,
    act: Act,
    zone: ZoneInfo,
    trigger: str,
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
    run = record.queue_run(trigger=trigger, act=act, is_dry_run=is_dry_run, scope=scope)
    return perform_waiting(run, now=act.at, zone=zone, progress=progress)


def perform_waiting(
    run: ReleaseRun,
    *,
    now: datetime,
    zone: ZoneInfo,
    progress: Progress | None = None,
    wait_seconds: float = WAIT_SECONDS,
) -> ReleaseRun:
    """Perform a queued run for somebody who waits for its end; return its record.

    It waits for a run that goes on, a scheduled one does not; in vain, it is skipped and says so.
    """
    with exclusive_run(wait_seconds=0 if _gives_way(run) else wait_seconds) as is_held:
        if is_held:
            if _gives_way(run):
                _replace_passed_dates(now=now, zone=zone)
            return perform_held(run, now=now, zone=zone, progress=progress)
    return record.skip(run, Message.ANOTHER_RUN, settings=as_json(record.values_for(run)))


def renew_dates(*, now: datetime, zone: ZoneInfo, wait_seconds: float = WAIT_SECONDS) -> int | None:
    """Count and replace the expected dates that passed; return how many, None while a run goes on.

    So does each scheduled run before it begins. While no run goes on by itself, other supply dates
    what lost its supply. The closed days of sources are worked out further, and promises moved off
    days that have become closed.
    Safe to deliver twice, and twice at once.

    Rule: Shipment states, two dates (§14a).
    """
    with exclusive_run(wait_seconds=wait_seconds) as is_held:
        if not is_held:
            return None
        renew_closed_days(today=now.astimezone(zone).date())
        move_to_working_days(now=now, zone=zone)
        count = replace_passed_dates(now=now, zone=zone)
        date_by_supply(now=now, zone=zone)
        return count


def perform_run(*, run_id: int, now: datetime, zone: ZoneInfo) -> ReleaseRun:
    """Perform a queued run; return its record. Safe to deliver twice, and twice at once.

    A run whose worker died is closed, and performed again with a record of its own. While another
    goes on, nobody waits here: a scheduled run is skipped and says so, any other stays queued, and
    is called when the run before it ends (:mod:`fulfillment.release.runs.dispatch`).

    Rule: Backorder release, runs.
    """
    run = ReleaseRun.objects.get(pk=run_id)
    with exclusive_run(wait_seconds=0) as is_held:
        if is_held:
            return perform_held(run, now=now, zone=zone)
    if _gives_way(run):
        return record.skip(run, Message.ANOTHER_RUN, settings=as_json(record.values_for(run)))
    return run


def perform_held(
    run: ReleaseRun,
    *,
    now: datetime,
    zone: ZoneInfo,
    progress: Progress | None = None,
    is_hurried: bool = False,
) -> ReleaseRun:
    """Perform a queued run, for a caller that holds the release lock; return its record.

    It follows the rules that are in force now, whenever it was asked for. One that meets a fault of
    the database that passes stays RUNNING, and is performed again as one whose worker died.
    ``is_hurried``: that, and a run that follows it, is left to a worker.
    """
    run = record.replace_abandoned(run, now=now).get(run.pk, run)
    values = record.values_for(run)
    if run.trigger in AUTOMATIC and not values["release_enabled"]:
        return record.skip(run, Message.RELEASE_OFF, settings=as_json(values))
    run = record.claim(run, now=now, settings=as_json(values))
    if run.state != ReleaseRun.State.RUNNING:
        return run
    try:
        with _without_search_for_cycles():
            following = _release(run, values, now=now, zone=zone, progress=progress)
    except Exception as error:
        if not is_passing(error):
            # Whatever it is, the board says so, and the log has it: the run is not to look alive.
            record.fail(run, error)
        elif is_hurried and connection.is_usable():
            logger.warning("Release run #%d is left to a worker", run.pk, exc_info=True)
            return run
        raise
    if following is not None and not is_hurried:
        perform_held(following, now=now, zone=zone)
    elif following is not None:
        transaction.on_commit(partial(enqueue, following.pk), robust=True)
    return run


def _replace_passed_dates(*, now: datetime, zone: ZoneInfo) -> None:
    """Replace passed dates before a run, which does not wait for them: the next run comes soon."""
    try:
        replace_passed_dates(now=now, zone=zone)
    except OperationalError as error:
        if not is_passing(error):
            raise
        logger.warning("Expected dates that passed are left to the next run", exc_info=True)


@contextmanager
def _without_search_for_cycles() -> Iterator[None]:
    """Leave memory to the counting of references meanwhile.

    A batch makes hundreds of thousands of small values, none of which refers back to another:
    looking through them for cycles, again and again, took a quarter of the worker's own time.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _gives_way(run: ReleaseRun) -> bool:
    """Whether the schedule started it: the next comes soon, so this run need not wait."""
    return run.trigger == ReleaseRun.Trigger.SCHEDULE


def _release(
    run: ReleaseRun,
    values: dict[str, object],
    *,
    now: datetime,
    zone: ZoneInfo,
    progress: Progress | None,
) -> ReleaseRun | None:
    """Walk the run's part of the queue; return the run that follows it, queued, if any."""
    settings = release_settings(values, today=now.astimezone(zone).date())
    if "as_shown" in run.scope:
        return apply_as_shown(run, settings, now=now, zone=zone)
    scope = RunScope.from_json(run.scope)
    try:
        walk, batches = walk_scope(
            scope, settings, now=now, zone=zone, run=run, chooses=_chooses_shown(run)
        )
    except ValidationError as error:
        code, facts = _of_filter(scope.filter, error)
        record.finish(run, ReleaseRun.State.FAILED, code, facts)
        return None
    for _decisions in walk.over(record.until_canceled(run, batches)):
        if progress is not None:
            progress(run.done_count)
    if run.is_cancel_requested:
        record.finish(run, ReleaseRun.State.CANCELED, Message.CANCELED)
        return None
    return record.complete(run, walk.freed, now=now)


def _chooses_shown(run: ReleaseRun) -> Chooses:
    """Return what chooses decisions of a run: those that are as a preview showed, or all."""
    if "shown" not in run.scope:
        return everything
    return lambda decision: decision.leaving == run.scope["shown"]


def _of_filter(querystring: str, error: ValidationError) -> tuple[str, record.Values]:
    """Return the message, and its values, of a filter that there is not or with a bad value."""
    if hasattr(error, "error_dict"):
        names = ", ".join(sorted(error.error_dict))
        return Message.INVALID_FILTER, {"filter": querystring, "names": names}
    return Message.UNKNOWN_FILTER, error.params or {}
