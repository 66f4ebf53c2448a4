"""Parcels of a shipment that has left: added, corrected, removed."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence, Set

from django.db import transaction

from core.acts import Act
from fulfillment.models import Parcel, Shipment, ShipmentEvent
from fulfillment.operations.shipments.locking import (
    ShipmentError,
    lock_shipment,
    note_events,
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
        [parcel] = parcels_of(shipment, [facts])
        told = {shipment.pk} if tell_customer else set()
        write_parcels([shipment], act, added=[parcel], told=told)
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
        parcel = _parcel(shipment, parcel_id)
        before = str(parcel)
        [after] = parcels_of(shipment, [facts], kept=parcel)
        parcel.carrier, parcel.weight = after.carrier, after.weight
        parcel.tracking_number = after.tracking_number
        told = {shipment.pk} if tell_customer else set()
        write_parcels([shipment], act, corrected=[(parcel, before)], told=told)
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
        _note([shipment], ShipmentEvent.Kind.PARCEL_REMOVED, act, {shipment.pk: [str(parcel)]})
        parcel.delete()


def write_parcels(
    shipments: Collection[Shipment],
    act: Act,
    *,
    added: Sequence[Parcel] = (),
    corrected: Sequence[tuple[Parcel, str]] = (),
    told: Set[int] = frozenset(),
) -> None:
    """Write parcels of locked shipments that have left; in the caller's transaction.

    A parcel that is ``corrected`` comes with what it was. The customers are told of the first
    tracking number of their shipment, and of later ones if its id is in ``told``.

    Rule: Parcels (§21).
    """
    numbers = Parcel.objects.filter(shipment__in=shipments).exclude(tracking_number="")
    numbered = set(numbers.values_list("shipment_id", flat=True))
    Parcel.objects.bulk_create(added)
    changed = [parcel for parcel, _before in corrected]
    Parcel.objects.bulk_update(changed, ["carrier", "tracking_number", "weight"])
    texts: defaultdict[int, list[str]] = defaultdict(list)
    for parcel in added:
        texts[parcel.shipment_id].append(str(parcel))
    _note(shipments, ShipmentEvent.Kind.PARCEL_ADDED, act, texts)
    changes: defaultdict[int, list[str]] = defaultdict(list)
    for parcel, before in corrected:
        changes[parcel.shipment_id].append(f"{before} → {parcel}")
    _note(shipments, ShipmentEvent.Kind.PARCEL_CHANGED, act, changes)
    new = [*added, *(parcel for parcel, before in corrected if str(parcel) != before)]
    news = {parcel.shipment_id for parcel in new if parcel.tracking_number}
    tell_tracking([one for one in shipments if one.pk in news & told | news - numbered], now=act.at)


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


def _note(
    shipments: Collection[Shipment],
    kind: ShipmentEvent.Kind,
    act: Act,
    texts: Mapping[int, Sequence[str]],
) -> None:
    """Note what became of the parcels of shipments, in words by shipment id."""
    noted = [shipment for shipment in shipments if shipment.pk in texts]
    details = {pk: {"tracking": ", ".join(said)} for pk, said in texts.items()}
    note_events(noted, kind, act, details=details)
    # Its page shows them: who saw others is to look again.
    set_columns(noted, {"state": Shipment.State.FULFILLED})
