"""Release runs limited to what was chosen in the review."""

from dataclasses import dataclass

from fulfillment.admin.reasons import sentences
from fulfillment.admin.review.request import Moment
from fulfillment.models import ReleaseDecision, ReleaseRun, Shipment
from fulfillment.release.explanation import explain
from fulfillment.release.runs.engine import request_run
from fulfillment.release.runs.scope import RunScope
from fulfillment.review.selection import ShipmentSelection

RELEASE, DRY_RUN = "RELEASE", "DRY_RUN"


def start(
    selection: ShipmentSelection,
    moment: Moment,
    *,
    by_id: int | None,
    is_dry_run: bool,
    reason: str = "",
) -> ReleaseRun:
    """Have a worker release what was chosen, or say what that would do; the run keeps why."""
    return request_run(
        trigger=ReleaseRun.Trigger.STAFF,
        now=moment.now,
        by_id=by_id,
        is_dry_run=is_dry_run,
        scope=_scope(selection),
        reason=reason,
    )


@dataclass(frozen=True, slots=True)
class Outlook:
    """What a release would give a shipment now, a sentence each."""

    shipment: Shipment
    is_released: bool
    sentences: list[str]


def outlooks(selection: ShipmentSelection, moment: Moment) -> list[Outlook]:
    """Return what a release would give each shipment chosen, in queue order; for a few."""
    shipments = list(selection.shipments().select_related("order").queue_order())
    found = explain([shipment.pk for shipment in shipments], now=moment.now, zone=moment.zone)
    return [
        Outlook(
            shipment,
            shipment.pk in found
            and found[shipment.pk].outcome != ReleaseDecision.Outcome.WAITING.value,
            sentences(found[shipment.pk].detail) if shipment.pk in found else [],
        )
        for shipment in shipments
    ]


def _scope(selection: ShipmentSelection) -> RunScope:
    if not selection.ticked:
        return RunScope(filter=selection.filter)
    numbers = selection.shipments().order_by("pk").values_list("number", flat=True)
    return RunScope(shipments=tuple(numbers))
