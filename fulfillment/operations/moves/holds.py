"""Holds of staff: set on shipments, lifted from them."""

from collections.abc import Collection

from django.db import transaction

from core.acts import Act
from fulfillment.models import Shipment, ShipmentEvent
from fulfillment.models.release_conditions import reasons_of
from fulfillment.operations.shipments.arrivals import note_needs
from fulfillment.operations.shipments.complete_orders import keep_together, waits_for_rest
from fulfillment.operations.shipments.locking import (
    ShipmentError,
    WrongStateError,
    lock_shipment,
    note_events,
    set_columns,
)
from fulfillment.operations.shipments.notices import tell_of_lifted_holds

HOLDABLE = (Shipment.State.READY, Shipment.State.BACKORDER, Shipment.State.FUTURE)


def hold(shipment_id: int, act: Act, *, expected_version: int | None = None) -> Shipment:
    """Keep a shipment from being picked, or left out of release; opens the transaction.

    One that waits for the rest of its order is held by staff from then on.

    :raises WrongStateError: unless it is READY, BACKORDER or FUTURE, and not held yet.
    :raises StaleShipmentError: if ``expected_version`` is not the row's.

    Rule: Shipment states, held.
    """
    with transaction.atomic():
        shipment = lock_shipment(shipment_id, states=HOLDABLE, expected_version=expected_version)
        if shipment.is_held and not waits_for_rest(shipment):
            raise WrongStateError(f"{shipment.number}: {shipment.get_hold_reason_display()}")
        hold_shipments([shipment], act)
    return shipment


def hold_shipments(shipments: Collection[Shipment], act: Act) -> None:
    """Do what :func:`hold` does with shipments that are locked, HOLDABLE, and not held yet."""
    staff = Shipment.HoldReason.STAFF
    set_columns(shipments, {"is_held": True, "hold_reason": staff, "hold_note": act.reason})
    note_events(shipments, ShipmentEvent.Kind.HELD, act)
    keep_together({shipment.order_id for shipment in shipments}, act)


def lift_hold(shipment_id: int, act: Act, *, expected_version: int | None = None) -> Shipment:
    """Lift a hold that staff set; opens the transaction. A release run follows.

    What is READY and waits for a new authorization is held for PAYMENT from then on, and what is
    READY of an order that ships complete waits for the rest, if something of it waits. The customer
    of what was held when it became READY is told that it is being prepared.

    :raises WrongStateError: unless staff hold it. A hold for PAYMENT ends with the payment.
    :raises StaleShipmentError: if ``expected_version`` is not the row's.

    Rule: Shipment states, held.
    """
    with transaction.atomic():
        shipment = lock_shipment(shipment_id, states=HOLDABLE, expected_version=expected_version)
        if shipment.hold_reason != Shipment.HoldReason.STAFF:
            raise WrongStateError(f"{shipment.number}: {shipment.get_hold_reason_display()}")
        lift_holds([shipment], act)
    return shipment


def lift_holds(shipments: Collection[Shipment], act: Act) -> None:
    """Do what :func:`lift_hold` does with shipments that are locked, and that staff hold."""
    unpaid = [shipment for shipment in shipments if _needs_money(shipment)]
    free = [shipment for shipment in shipments if not _needs_money(shipment)]
    payment = Shipment.HoldReason.PAYMENT
    set_columns(unpaid, {"is_held": True, "hold_reason": payment, "hold_note": ""})
    set_columns(free, {"is_held": False, "hold_reason": "", "hold_note": ""})
    note_events(shipments, ShipmentEvent.Kind.HOLD_LIFTED, act)
    keep_together({shipment.order_id for shipment in shipments}, act, shipments=free)
    tell_of_lifted_holds(free, now=act.at)
    note_needs([s.pk for s in shipments if s.state in Shipment.QUEUED_STATES])


def _needs_money(shipment: Shipment) -> bool:
    return shipment.awaits_payment and shipment.state == Shipment.State.READY


class NotReleasableError(ShipmentError):
    """Something keeps the shipment out of every release run, whatever is there for it.

    ``reasons`` are HELD and PAYMENT, the strongest first.
    """

    def __init__(self, shipment: Shipment, reasons: tuple[str, ...]) -> None:
        super().__init__(f"{shipment.number}: {', '.join(reasons)}")
        self.reasons = reasons
        self.order_status = shipment.order.status


def check_releasable(shipment_id: int, *, expected_version: int | None = None) -> Shipment:
    """Lock a shipment in the caller's transaction, and refuse one that no release run considers.

    :raises WrongStateError: unless it is on BACKORDER or FUTURE.
    :raises NotReleasableError: if it is held, or its order is not paid or authorized.
    :raises StaleShipmentError: if ``expected_version`` is not the row's.

    Rule: Backorder release, a run considers.
    """
    shipment = lock_shipment(
        shipment_id, states=Shipment.QUEUED_STATES, expected_version=expected_version
    )
    if reasons := reasons_of(shipment):
        raise NotReleasableError(shipment, reasons)
    return shipment
