"""Sets the priority of shipments in the queue."""

from collections.abc import Collection

from django.db import transaction

from core.acts import Act
from fulfillment.models import Shipment, ShipmentEvent
from fulfillment.operations.shipments.locking import lock_shipment, note_events, set_columns


def set_priority(
    shipment_id: int, act: Act, *, priority: int, expected_version: int | None = None
) -> Shipment:
    """Give a shipment that is not over another priority, higher first; opens the transaction.

    :raises WrongStateError: if it is over.
    :raises StaleShipmentError: if ``expected_version`` is not the row's.

    Rule: Backorder release, queue order.
    """
    with transaction.atomic():
        shipment = lock_shipment(
            shipment_id, states=Shipment.OPEN_STATES, expected_version=expected_version
        )
        set_priorities([shipment], act, priority=priority)
    return shipment


def set_priorities(shipments: Collection[Shipment], act: Act, *, priority: int) -> None:
    """Do what :func:`set_priority` does with shipments that are locked, and not over."""
    details = {shipment.pk: {"from": shipment.priority, "to": priority} for shipment in shipments}
    set_columns(shipments, {"priority": priority})
    note_events(shipments, ShipmentEvent.Kind.PRIORITY_SET, act, details=details)
