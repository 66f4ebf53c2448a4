"""Releases one shipment: in its turn, or ahead of the queue."""

from collections.abc import Mapping
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction

from core.acts import Act
from fulfillment.models import ReleaseDecision, ReleaseRun, Shipment, ShipmentEvent
from fulfillment.operations.moves.holds import check_releasable
from fulfillment.operations.shipments.locking import note_event
from fulfillment.release.rows.decision_log import detail_of
from fulfillment.release.rows.queue import queue_positions_of, rivals_of
from fulfillment.release.rows.reading import read_supply
from fulfillment.release.runs import engine, record
from fulfillment.release.runs.batches import Walk
from fulfillment.release.runs.dispatch import ReleaseBusyError, enqueue, exclusive_run
from fulfillment.release.runs.run_settings import as_json, release_settings, values_in_force
from fulfillment.release.runs.scope import RunScope
from inventory.options import ReleaseMode

# A person waits while as many who come before it are planned with it; before more, a worker does.
MOST_RIVALS = 1_000


class NothingReleasedError(Exception):
    """The run over the shipment came to its end, and nothing of it was released.

    ``detail`` says what is missing and why, as a run keeps it. Where no units are missing,
    ``has_failed``, or ``is_promised``: no single source has all its units on hand, so it keeps
    its promise. Neither: it has left the queue meanwhile.
    """

    def __init__(
        self, run: ReleaseRun, detail: Mapping[str, Any], *, is_promised: bool = False
    ) -> None:
        super().__init__(f"{run.pk}")
        self.run = run
        self.detail = detail
        self.has_failed = bool(detail.get("error"))
        self.is_promised = is_promised


def release_alone(
    shipment_id: int,
    act: Act,
    *,
    zone: ZoneInfo,
    trigger: str = ReleaseRun.Trigger.STAFF,
    expected_version: int | None = None,
    mode: ReleaseMode | None = None,
    shown: str | None = None,
) -> ReleaseRun:
    """Return the record of a run over a shipment alone; it takes no units of earlier shipments.

    Opens its transactions. It is performed at once, or, where another run goes on for more than a
    few seconds or much comes before the shipment, queued: a worker performs it. The reason stays
    with the run, and in the timeline of what it releases. With a ``mode``, what is there of it is
    released so, whatever the mode in force; ``shown`` are the units that a preview showed leaving,
    and nothing else is released.

    :raises WrongStateError: unless the shipment is on BACKORDER or FUTURE.
    :raises NotReleasableError: if it is held, or its order is not paid or authorized.
    :raises StaleShipmentError: if ``expected_version`` is given and is not the row's.
    :raises NothingReleasedError: if it was performed, and released nothing.

    Rule: Backorder release, runs.
    """
    with transaction.atomic():
        shipment = check_releasable(shipment_id, expected_version=expected_version)
        scope = RunScope(shipments=(shipment.number,), mode=mode or "")
        note = {} if shown is None else {"shown": shown}
        run = record.queue_run(trigger=trigger, act=act, scope=scope, note=note)
    if _is_soon_done(shipment_id):
        with exclusive_run(wait_seconds=engine.PATIENCE_SECONDS) as is_held:
            if is_held:
                run = engine.perform_held(run, now=act.at, zone=zone, is_hurried=True)
    if not run.is_finished:
        transaction.on_commit(partial(enqueue, run.pk), robust=True)
        return run
    decision = ReleaseDecision.objects.filter(run=run, shipment=shipment_id).order_by("pk").first()
    if decision is None:
        raise NothingReleasedError(run, {"shortages": []})
    if not decision.detail["children"]:
        is_promised = shipment.state == Shipment.State.FUTURE
        raise NothingReleasedError(run, decision.detail, is_promised=is_promised)
    return run


def _is_soon_done(shipment_id: int) -> bool:
    positions = queue_positions_of([shipment_id])
    return len(rivals_of(positions, can_be_kept_for=True, at_most=MOST_RIVALS)) <= MOST_RIVALS


class NotCoveredError(Exception):
    """Supply does not cover the shipment, even ahead of the queue; nothing was written.

    ``detail`` says what is missing and why, as a run keeps it.
    """

    def __init__(self, detail: Mapping[str, Any]) -> None:
        super().__init__("not covered")
        self.detail = detail


def release_ahead(
    shipment_id: int,
    act: Act,
    *,
    zone: ZoneInfo,
    trigger: str = ReleaseRun.Trigger.STAFF,
    expected_version: int | None = None,
) -> ReleaseRun:
    """Release a shipment as if it were first in the queue; return the record of that run.

    Opens the transaction: the release, its record and the event with the reason are written
    together or not at all. Promises that it gives back are handed on by a run that follows.

    :raises ReleaseBusyError: if a run is going on and does not end in time.
    :raises WrongStateError: if the shipment neither waits nor is promised.
    :raises StaleShipmentError: if ``expected_version`` is given and is not the row's.
    :raises NotReleasableError: if it is held, its order is not paid or authorized, or a new
        authorization was refused.
    :raises NotCoveredError: if supply does not cover it, by the rules in force.

    Rule: Backorder release, releasing ahead of the queue.
    """
    with exclusive_run(wait_seconds=engine.PATIENCE_SECONDS) as is_held:
        if not is_held:
            raise ReleaseBusyError
        values = values_in_force()
        with transaction.atomic():
            shipment = check_releasable(shipment_id, expected_version=expected_version)
            asked = record.queue_run(
                trigger=trigger,
                act=Act(act.at, act.actor_id),
                scope=RunScope(shipments=(shipment.number,)),
                note={"ahead": True},
            )
            run = record.claim(asked, now=act.at, settings=as_json(values))
            supply = read_supply(now=act.at, zone=zone)
            walk = Walk(
                supply,
                release_settings(values, today=act.at.astimezone(zone).date()),
                now=act.at,
                zone=zone,
                run=run,
            )
            (decisions,) = walk.over([[shipment_id]])
            if not any(decision.children for decision in decisions):
                raise NotCoveredError(detail_of(decisions[0], supply) if decisions else {})
            ahead = ShipmentEvent.Kind.RELEASED_AHEAD
            note_event(shipment, ahead, act, detail={"run": run.pk})
            record.complete(run, walk.freed, now=act.at)
    return run
