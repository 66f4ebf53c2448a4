"""Releases one shipment ahead of the queue: a person's decision, and logged as one."""

from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction

from core.acts import Act
from fulfillment.models import ReleaseRun, ShipmentEvent
from fulfillment.operations.moves.holds import check_releasable
from fulfillment.operations.shipments.locked import note_event
from fulfillment.release.rows.decision_log import detail_of
from fulfillment.release.rows.reading import read_supply
from fulfillment.release.runs import engine, record
from fulfillment.release.runs.batches import Walk
from fulfillment.release.runs.dispatch import exclusive_run
from fulfillment.release.runs.lock import ReleaseBusyError
from fulfillment.release.runs.rules import as_json, release_settings, values_in_force
from fulfillment.release.runs.scope import RunScope


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
                now=act.at,
                by_id=act.actor_id,
                scope=RunScope(shipments=(shipment.number,)),
                note={"ahead": True},
            )
            run = record.claim(asked, now=act.at, settings=as_json(values))
            supply = read_supply()
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
