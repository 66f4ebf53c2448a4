"""Packs ready shipments, or takes the mark of it off."""

from collections.abc import Collection
from dataclasses import replace

from django.db import transaction
from django.db.models import F

from core.acts import Act
from fulfillment.models import PickLine, PickList, Shipment, ShipmentEvent
from fulfillment.operations.moves.departures import refusal_to_leave
from fulfillment.operations.shipments.locking import (
    WrongStateError,
    lock_shipment,
    note_events,
    set_columns,
)

CHANGED = "CHANGED"


def can_be_unpacked(shipment: Shipment) -> bool:
    """Return whether the shipment is packed and still here."""
    return shipment.state == Shipment.State.READY and shipment.packed_at is not None


def pack(shipment_id: int, act: Act, *, expected_version: int | None = None) -> Shipment:
    """Note that all units of a shipment are in the box; opens the transaction.

    What its open pick list still misses counts as picked. Until it is unpacked, counts, units
    missing on a pick list and receipts taken back leave its units alone.

    :raises WrongStateError: unless it is READY, not held, neither packed nor set aside.
    :raises StaleShipmentError: if ``expected_version`` is not the row's.
    :raises orders.refusals.UnpaidOrderError: while the order's payment is not decided.

    Rule: Picking and shipping, packed (§21).
    """
    with transaction.atomic():
        shipment = lock_shipment(
            shipment_id, states=[Shipment.State.READY], expected_version=expected_version
        )
        if (error := refusal_to_leave(shipment)) is not None:
            raise error
        if not shipment.is_to_pack:
            raise WrongStateError(shipment.number)
        pack_shipments([shipment], act)
    return shipment


def pack_shipments(shipments: Collection[Shipment], act: Act) -> None:
    """Do what :func:`pack` does with shipments that are locked and can be packed."""
    picks = PickLine.objects.filter(shipment__in=shipments, is_open=True)
    list(PickList.objects.filter(pk__in=picks.values("pick_list")).locked().values_list("pk"))
    missing = picks.filter(picked_quantity__lt=F("quantity"))
    missing.update(picked_quantity=F("quantity"), counted_at=act.at)
    set_columns(shipments, {"packed_at": act.at})
    note_events(shipments, ShipmentEvent.Kind.PACKED, act)


def unpack(shipment_id: int, act: Act, *, expected_version: int | None = None) -> Shipment:
    """Note that a shipment is not packed after all; opens the transaction.

    :raises WrongStateError: unless it is READY and packed.
    :raises StaleShipmentError: if ``expected_version`` is not the row's.

    Rule: Picking and shipping, packed (§21).
    """
    with transaction.atomic():
        shipment = lock_shipment(
            shipment_id, states=[Shipment.State.READY], expected_version=expected_version
        )
        if not can_be_unpacked(shipment):
            raise WrongStateError(shipment.number)
        unpack_shipments([shipment], act)
    return shipment


def unpack_shipments(shipments: Collection[Shipment], act: Act) -> None:
    """Do what :func:`unpack` does with shipments that are locked and packed."""
    set_columns(shipments, {"packed_at": None})
    note_events(shipments, ShipmentEvent.Kind.UNPACKED, act)


def unpack_changed(shipments: Collection[Shipment], act: Act) -> None:
    """Unpack those of locked shipments that are packed: what is in the box has changed.

    Their timelines say so, too.
    """
    packed = [one for one in shipments if can_be_unpacked(one)]
    unpack_shipments(packed, replace(act, reason=CHANGED))
