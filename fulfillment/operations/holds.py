"""Holds shipments, and lifts the holds of staff."""

from datetime import datetime

from django.db import transaction

from fulfillment.models import Shipment, ShipmentEvent
from fulfillment.operations.locked_shipments import WrongStateError, locked_shipment, note_event
from inventory import downstream

HOLDABLE = (Shipment.State.READY, Shipment.State.BACKORDER, Shipment.State.FUTURE)


def hold(
    shipment_id: int,
    *,
    note: str = "",
    now: datetime,
    actor_id: int | None = None,
    expected_version: int | None = None,
) -> Shipment:
    """Keep a shipment from being picked, or left out of release; opens the transaction.

    :raises WrongStateError: unless it is READY, BACKORDER or FUTURE, and not held yet.
    :raises StaleShipmentError: if ``expected_version`` is not the row's.

    Rule: Shipment states, held.
    """
    with transaction.atomic():
        shipment = locked_shipment(shipment_id, states=HOLDABLE, expected_version=expected_version)
        if shipment.is_held:
            raise WrongStateError(f"{shipment.number}: {shipment.get_hold_reason_display()}")
        shipment.is_held, shipment.hold_reason = True, Shipment.HoldReason.STAFF
        shipment.hold_note = note
        shipment.save(update_fields=["is_held", "hold_reason", "hold_note"])
        held = ShipmentEvent.Kind.HELD
        note_event(shipment, held, now=now, actor_id=actor_id, reason=note)
    return shipment


def lift_hold(
    shipment_id: int,
    *,
    now: datetime,
    actor_id: int | None = None,
    reason: str = "",
    expected_version: int | None = None,
) -> Shipment:
    """Lift a hold that staff set; opens the transaction. A release run follows.

    What is READY and waits for a new authorization is held for PAYMENT from then on.

    :raises WrongStateError: unless staff hold it. A hold for PAYMENT ends with the payment.
    :raises StaleShipmentError: if ``expected_version`` is not the row's.

    Rule: Shipment states, held.
    """
    with transaction.atomic():
        shipment = locked_shipment(shipment_id, states=HOLDABLE, expected_version=expected_version)
        if shipment.hold_reason != Shipment.HoldReason.STAFF:
            raise WrongStateError(f"{shipment.number}: {shipment.get_hold_reason_display()}")
        needs_money = shipment.awaits_payment and shipment.state == Shipment.State.READY
        shipment.is_held, shipment.hold_note = needs_money, ""
        shipment.hold_reason = Shipment.HoldReason.PAYMENT if needs_money else ""
        shipment.save(update_fields=["is_held", "hold_reason", "hold_note"])
        lifted = ShipmentEvent.Kind.HOLD_LIFTED
        note_event(shipment, lifted, now=now, actor_id=actor_id, reason=reason)
        if shipment.state in Shipment.QUEUED_STATES:
            products = shipment.lines.filter(quantity__gt=0).order_by("product_id")
            downstream.current().units_became_available(
                list(products.values_list("product_id", flat=True).distinct())
            )
    return shipment


def check_releasable(shipment_id: int, *, expected_version: int | None = None) -> Shipment:
    """Return a shipment, and refuse one that no release run considers.

    :raises WrongStateError: unless it is on BACKORDER or FUTURE, neither held nor waiting for a
        payment.
    :raises StaleShipmentError: if ``expected_version`` is not the row's.
    """
    with transaction.atomic():
        shipment = locked_shipment(
            shipment_id, states=Shipment.QUEUED_STATES, expected_version=expected_version
        )
        if shipment.is_held:
            raise WrongStateError(f"{shipment.number}: {shipment.get_hold_reason_display()}")
        if shipment.awaits_payment:
            raise WrongStateError(f"{shipment.number}: {Shipment.HoldReason.PAYMENT.label}")
    return shipment
