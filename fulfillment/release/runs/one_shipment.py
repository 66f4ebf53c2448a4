"""Releases one shipment, at once where that is soon done."""

from collections.abc import Mapping
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction

from core.acts import Act
from fulfillment.models import ReleaseDecision, ReleaseRun, Shipment
from fulfillment.operations.moves.holds import check_releasable
from fulfillment.release.rows.queue import places_of, rivals_of
from fulfillment.release.runs import engine, record
from fulfillment.release.runs.dispatch import enqueue, exclusive_run
from fulfillment.release.runs.scope import RunScope

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
) -> ReleaseRun:
    """Return the record of a run over a shipment alone; it takes no units of earlier shipments.

    Opens its transactions. It is performed at once, or, where another run goes on for more than a
    few seconds or much comes before the shipment, queued: a worker performs it. The reason stays
    with the run, and in the timeline of what it releases.

    :raises WrongStateError: unless the shipment is on BACKORDER or FUTURE.
    :raises NotReleasableError: if it is held, or its order is not paid or authorized.
    :raises StaleShipmentError: if ``expected_version`` is given and is not the row's.
    :raises NothingReleasedError: if it was performed, and released nothing.

    Rule: Backorder release, runs.
    """
    with transaction.atomic():
        shipment = check_releasable(shipment_id, expected_version=expected_version)
        run = record.queue_run(
            trigger=trigger,
            now=act.at,
            by_id=act.actor_id,
            scope=RunScope(shipments=(shipment.number,)),
            reason=act.reason,
        )
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
    places = places_of([shipment_id])
    return len(rivals_of(places, can_be_kept_for=True, at_most=MOST_RIVALS)) <= MOST_RIVALS
