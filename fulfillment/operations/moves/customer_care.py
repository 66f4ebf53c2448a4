"""Sends shipments to customer care, or back into the queue."""

from collections.abc import Collection

from django.db import transaction

from core.acts import Act
from fulfillment.models import Shipment, ShipmentEvent
from fulfillment.operations.shipments.arrivals import note_needs
from fulfillment.operations.shipments.locking import (
    lock_shipment,
    note_events,
    set_columns,
)
from fulfillment.operations.shipments.shortfalls import fall_back, forget_reasons

SENDABLE = (Shipment.State.READY, *Shipment.QUEUED_STATES)


def move_to_care(shipment_id: int, act: Act, *, expected_version: int | None = None) -> Shipment:
    """Make a shipment an exception for a person; its allocations end.

    Opens the transaction.

    :raises WrongStateError: unless it is READY, BACKORDER or FUTURE.
    :raises StaleShipmentError: if ``expected_version`` is not the row's.

    Rule: Shipment states.
    """
    with transaction.atomic():
        shipment = lock_shipment(shipment_id, states=SENDABLE, expected_version=expected_version)
        send_to_care([shipment], act)
        shipment.refresh_from_db()
    return shipment


def send_to_care(shipments: Collection[Shipment], act: Act) -> None:
    """Do what :func:`move_to_care` does with shipments that are locked, and SENDABLE.

    Their rows have what they gave back; a caller that needs it reads them again.
    """
    holding = [s.pk for s in shipments if s.state != Shipment.State.BACKORDER]
    if holding:
        fall_back(holding, act)
    care = {"state": Shipment.State.CUSTOMER_CARE, "care_reason": act.reason}
    # What waits for an order change goes on waiting for it.
    bound = [s for s in shipments if s.hold_reason == Shipment.HoldReason.CHANGE]
    set_columns(bound, care)
    free = [shipment for shipment in shipments if shipment not in bound]
    set_columns(free, {**care, "is_held": False, "hold_reason": "", "hold_note": ""})
    note_events(shipments, ShipmentEvent.Kind.CUSTOMER_CARE, act)
    note_needs(holding)


def return_to_queue(shipment_id: int, act: Act, *, expected_version: int | None = None) -> Shipment:
    """Put an exception back on BACKORDER, with its age; a release run follows.

    Opens the transaction. The run gives it units that no earlier shipment needs.

    :raises WrongStateError: unless it is in CUSTOMER_CARE.
    :raises StaleShipmentError: if ``expected_version`` is not the row's.

    Rule: Shipment states.
    """
    with transaction.atomic():
        shipment = lock_shipment(
            shipment_id,
            states=[Shipment.State.CUSTOMER_CARE],
            expected_version=expected_version,
        )
        put_back([shipment], act)
    return shipment


def put_back(shipments: Collection[Shipment], act: Act) -> None:
    """Do what :func:`return_to_queue` does with exceptions that are locked."""
    if not shipments:
        return
    keys = [shipment.pk for shipment in shipments]
    set_columns(shipments, {"state": Shipment.State.BACKORDER, "care_reason": ""})
    forget_reasons(keys)
    note_events(shipments, ShipmentEvent.Kind.BACKORDERED, act)
    note_needs(keys)
