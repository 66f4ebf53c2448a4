"""Hands shipments to customer care, and takes them back into the queue."""

from datetime import datetime

from django.db import transaction

from fulfillment.models import Shipment, ShipmentEvent
from fulfillment.operations.locked_shipments import locked_shipment, note_event
from fulfillment.operations.shortfalls import fall_back, forget_reasons
from inventory import downstream

SENDABLE = (Shipment.State.READY, *Shipment.QUEUED_STATES)


def move_to_care(
    shipment_id: int,
    *,
    reason: str,
    now: datetime,
    actor_id: int | None = None,
    expected_version: int | None = None,
) -> Shipment:
    """Make a shipment an exception for a person; what it holds is set free.

    Opens the transaction.

    :raises WrongStateError: unless it is READY, BACKORDER or FUTURE.
    :raises StaleShipmentError: if ``expected_version`` is not the row's.

    Rule: Shipment states.
    """
    with transaction.atomic():
        shipment = locked_shipment(shipment_id, states=SENDABLE, expected_version=expected_version)
        send_to_care(shipment, reason=reason, now=now, actor_id=actor_id)
    return shipment


def send_to_care(shipment: Shipment, *, reason: str, now: datetime, actor_id: int | None) -> None:
    """Do what :func:`move_to_care` does with a shipment that is locked."""
    held_units = shipment.state != Shipment.State.BACKORDER
    if held_units:
        fall_back([shipment.pk], now=now, actor_id=actor_id, reason=reason)
        shipment.refresh_from_db()
    shipment.state, shipment.care_reason = Shipment.State.CUSTOMER_CARE, reason
    shipment.is_held, shipment.hold_reason, shipment.hold_note = False, "", ""
    shipment.save(update_fields=["state", "care_reason", "is_held", "hold_reason", "hold_note"])
    care = ShipmentEvent.Kind.CUSTOMER_CARE
    note_event(shipment, care, now=now, actor_id=actor_id, reason=reason)
    if held_units:
        _note_products(shipment)


def return_to_queue(
    shipment_id: int,
    *,
    reason: str = "",
    now: datetime,
    actor_id: int | None = None,
    expected_version: int | None = None,
) -> Shipment:
    """Put an exception back on BACKORDER, with its age; a release run follows.

    Opens the transaction. The run gives it units where that overtakes nobody.

    :raises WrongStateError: unless it is in CUSTOMER_CARE.
    :raises StaleShipmentError: if ``expected_version`` is not the row's.

    Rule: Shipment states.
    """
    with transaction.atomic():
        shipment = locked_shipment(
            shipment_id,
            states=[Shipment.State.CUSTOMER_CARE],
            expected_version=expected_version,
        )
        shipment.state, shipment.care_reason = Shipment.State.BACKORDER, ""
        shipment.save(update_fields=["state", "care_reason"])
        forget_reasons([shipment.pk])
        backordered = ShipmentEvent.Kind.BACKORDERED
        note_event(shipment, backordered, now=now, actor_id=actor_id, reason=reason)
        _note_products(shipment)
    return shipment


def _note_products(shipment: Shipment) -> None:
    lines = shipment.lines.filter(quantity__gt=0).order_by("product_id")
    products = lines.values_list("product_id", flat=True).distinct()
    downstream.current().units_became_available(list(products))
