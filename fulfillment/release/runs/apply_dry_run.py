"""The entry points that apply a saved dry run as it was shown, or say what has moved since."""

from collections.abc import Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction

from core.acts import Act
from fulfillment.models import ReleaseRun
from fulfillment.release.runs import dispatch, engine, record
from fulfillment.release.runs.dispatch import ReleaseBusyError
from fulfillment.release.runs.dry_runs import Drift
from fulfillment.release.runs.scope import RunScope


class NotApplicableError(Exception):
    """The run is no dry run, or did not come to its end: there is nothing to apply."""


class DriftError(Exception):
    """Stock or orders have changed since the dry run. Nothing was applied.

    ``drift`` says where, the first of it; ``count`` how many shipments it concerns.
    """

    def __init__(self, drift: Sequence[Drift], count: int) -> None:
        super().__init__(f"{count} shipments")
        self.drift = tuple(drift)
        self.count = count


def request_apply(*, run_id: int, act: Act, accepts_drift: bool = False) -> ReleaseRun:
    """Have a worker release exactly what a dry run showed; return the record of that run.

    One that is queued or going on already, for the same dry run, is returned as it is. If
    stock or orders have changed, nothing is applied and the record says where. With
    ``accepts_drift``, the decisions that still hold are applied, and the units of the others are
    left alone.

    :raises NotApplicableError: if the run is no completed dry run.

    Rule: Backorder release, dry run.
    """
    with transaction.atomic():
        # Locked, so that two who ask at once get one run.
        saved = ReleaseRun.objects.select_for_update(no_key=True).get(pk=run_id)
        going = ReleaseRun.objects.filter(
            state__in=ReleaseRun.UNFINISHED_STATES, scope__as_shown=saved.pk
        ).order_by("pk")
        if (run := going.first()) is not None:
            return run
        run = _queue(saved, act=act, accepts_drift=accepts_drift)
        transaction.on_commit(lambda: dispatch.enqueue(run.pk))
    return run


def apply_run(
    *,
    run_id: int,
    act: Act,
    zone: ZoneInfo,
    trigger: str = ReleaseRun.Trigger.STAFF,
    accepts_drift: bool = False,
) -> ReleaseRun:
    """Release what a dry run showed, as :func:`request_apply` does, and wait for its end.

    Without ``accepts_drift``, all of it in one transaction. With it, a transaction a batch.
    Opens them itself: a caller that dies leaves a run that a worker takes up.

    :raises NotApplicableError: if the run is no completed dry run.
    :raises ReleaseBusyError: if another run is going on and does not end in time.
    :raises DriftError: if stock or orders have changed and that is not accepted.

    Rule: Backorder release, dry run.
    """
    saved = ReleaseRun.objects.get(pk=run_id)
    asked = _queue(saved, act=act, accepts_drift=accepts_drift, trigger=trigger)
    run = engine.perform_waiting(asked, now=act.at, zone=zone, wait_seconds=engine.PATIENCE_SECONDS)
    if run.message_code == ReleaseRun.Message.ANOTHER_RUN:
        raise ReleaseBusyError
    if run.message_code == ReleaseRun.Message.DRIFTED:
        raise DriftError([Drift(**row) for row in run.drift], run.message_values["count"])
    return run


def _queue(
    saved: ReleaseRun,
    *,
    act: Act,
    accepts_drift: bool,
    trigger: str = ReleaseRun.Trigger.STAFF,
) -> ReleaseRun:
    if not saved.is_dry_run or saved.state != ReleaseRun.State.COMPLETED:
        raise NotApplicableError(saved.pk)
    return record.queue_run(
        trigger=trigger,
        act=act,
        scope=RunScope.from_json(saved.scope),
        note=_note(saved, accepts_drift=accepts_drift),
    )


def _note(saved: ReleaseRun, *, accepts_drift: bool) -> Mapping[str, Any]:
    note = {"as_shown": saved.pk} | ({"accepts_drift": True} if accepts_drift else {})
    return note | {name: value for name, value in saved.scope.items() if name == "policy"}
