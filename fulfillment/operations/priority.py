"""Sets how early a shipment comes in the queue."""

from datetime import datetime

from django.db import transaction

from fulfillment.models import Shipment, ShipmentEvent
from fulfillment.operations.locked_shipments import locked_shipment, note_event

OPEN_STATES = (*Shipment.WAITING_STATES, Shipment.State.READY)


def set_priority(
    shipment_id: int,
    *,
    priority: int,
    now: datetime,
    actor_id: int | None = None,
    reason: str = "",
    expected_version: int | None = None,
) -> Shipment:
    """Give a shipment that is not over another priority, higher first; opens the transaction.

    :raises WrongStateError: if it is over.
    :raises StaleShipmentError: if ``expected_version`` is not the row's.

    Rule: Backorder release, queue order.
    """
    with transaction.atomic():
        shipment = locked_shipment(
            shipment_id, states=OPEN_STATES, expected_version=expected_version
        )
        former, shipment.priority = shipment.priority, priority
        shipment.save(update_fields=["priority"])
        note_event(
            shipment,
            ShipmentEvent.Kind.PRIORITY_SET,
            now=now,
            actor_id=actor_id,
            reason=reason,
            detail={"from": former, "to": priority},
        )
    return shipment
