"""Parcels of a shipment that has left: added, corrected, removed."""

from django.db import transaction

from core.acts import Act
from fulfillment.models import Parcel, Shipment, ShipmentEvent
from fulfillment.operations.shipments.locking import (
    ShipmentError,
    lock_shipment,
    note_event,
    set_columns,
)
from fulfillment.operations.shipments.notices import tell_tracking
from fulfillment.operations.shipments.parcel_facts import ParcelFacts, parcels_of


class UnknownParcelError(ShipmentError):
    """The shipment has no such parcel: it was removed in the meantime."""


def add_parcel(
    shipment_id: int,
    facts: ParcelFacts,
    act: Act,
    *,
    tell_customer: bool = False,
    expected_version: int | None = None,
) -> Parcel:
    """Add a parcel to a shipment that has left; opens the transaction.

    The customer is told of the first tracking number, and of a later one if ``tell_customer``.

    :raises WrongStateError: unless the shipment is FULFILLED.
    :raises ParcelRefusedError: for a carrier, a number or a weight that cannot be.
    :raises StaleShipmentError: if ``expected_version`` is not the shipment's.

    Rule: Parcels (§21).
    """
    with transaction.atomic():
        shipment = _locked(shipment_id, expected_version)
        had_number = _has_number(shipment)
        [parcel] = parcels_of(shipment, [facts])
        parcel.save()
        _note(shipment, ShipmentEvent.Kind.PARCEL_ADDED, act, str(parcel))
        if parcel.tracking_number and (tell_customer or not had_number):
            tell_tracking(shipment, now=act.at)
    return parcel


def change_parcel(
    shipment_id: int,
    parcel_id: int,
    facts: ParcelFacts,
    act: Act,
    *,
    tell_customer: bool = False,
    expected_version: int | None = None,
) -> Parcel:
    """Correct a parcel of a shipment; opens the transaction. The customer is told as if added.

    :raises UnknownParcelError: if the shipment has no such parcel.
    :raises WrongStateError: unless the shipment is FULFILLED.
    :raises ParcelRefusedError: for a carrier, a number or a weight that cannot be.
    :raises StaleShipmentError: if ``expected_version`` is not the shipment's.

    Rule: Parcels (§21).
    """
    with transaction.atomic():
        shipment = _locked(shipment_id, expected_version)
        had_number = _has_number(shipment)
        parcel = _parcel(shipment, parcel_id)
        before = str(parcel)
        [after] = parcels_of(shipment, [facts], kept=parcel)
        parcel.carrier, parcel.weight = after.carrier, after.weight
        parcel.tracking_number = after.tracking_number
        parcel.save()
        _note(shipment, ShipmentEvent.Kind.PARCEL_CHANGED, act, f"{before} → {parcel}")
        is_new = str(parcel) != before and bool(parcel.tracking_number)
        if is_new and (tell_customer or not had_number):
            tell_tracking(shipment, now=act.at)
    return parcel


def remove_parcel(
    shipment_id: int, parcel_id: int, act: Act, *, expected_version: int | None = None
) -> None:
    """Remove a parcel from a shipment; opens the transaction. The customer is told nothing.

    :raises UnknownParcelError: if the shipment has no such parcel.
    :raises WrongStateError: unless the shipment is FULFILLED.
    :raises StaleShipmentError: if ``expected_version`` is not the shipment's.

    Rule: Parcels (§21).
    """
    with transaction.atomic():
        shipment = _locked(shipment_id, expected_version)
        parcel = _parcel(shipment, parcel_id)
        _note(shipment, ShipmentEvent.Kind.PARCEL_REMOVED, act, str(parcel))
        parcel.delete()


def _locked(shipment_id: int, expected_version: int | None) -> Shipment:
    return lock_shipment(
        shipment_id, states=[Shipment.State.FULFILLED], expected_version=expected_version
    )


def _parcel(shipment: Shipment, parcel_id: int) -> Parcel:
    parcels = Parcel.objects.select_related("carrier").filter(shipment=shipment, pk=parcel_id)
    parcel = parcels.order_by("pk").first()
    if parcel is None:
        raise UnknownParcelError(shipment.number)
    return parcel


def _has_number(shipment: Shipment) -> bool:
    return shipment.parcels.exclude(tracking_number="").exists()


def _note(shipment: Shipment, kind: ShipmentEvent.Kind, act: Act, tracking: str) -> None:
    note_event(shipment, kind, act, detail={"tracking": tracking})
    # Its page shows them: who saw others is to look again.
    set_columns([shipment], {"state": shipment.state})
