"""Notes that the packing slips of shipments are printed."""

from collections.abc import Collection

from django.db import transaction

from core.acts import Act
from fulfillment.models import Shipment, ShipmentEvent
from fulfillment.operations.shipments.locking import (
    WrongStateError,
    lock_shipments,
    note_events,
)
from fulfillment.queries.packing_slips import SlipFacts, slips_of

# As many packing slips are printed together.
MOST_SLIPS = 200


def can_have_slip(shipment: Shipment) -> bool:
    """Return whether a packing slip can be printed: of what is READY and not held, or has left."""
    is_ready = shipment.state == Shipment.State.READY and not shipment.is_held
    return is_ready or shipment.state == Shipment.State.FULFILLED


def print_slips(shipment_ids: Collection[int], act: Act) -> list[SlipFacts]:
    """Note that packing slips are printed now, and return what each says; opens the transaction.

    They come in the order of the ids. What each says is as it was when that was noted: what
    changes later makes the slip out of date. A copy of the slip of a shipment that has left is
    noted in its timeline alone. The versions of the shipments stay, so that a page opened before
    still acts on them.

    :raises WrongStateError: if one is neither READY and not held, nor FULFILLED; none is printed.

    Rule: Picking and shipping, packing slip (§21).
    """
    with transaction.atomic():
        shipments = lock_shipments(shipment_ids)
        for shipment in shipments:
            if not can_have_slip(shipment):
                raise WrongStateError(f"{shipment.number}: {shipment.state}")
        ready = [one.pk for one in shipments if one.state == Shipment.State.READY]
        Shipment.objects.filter(pk__in=ready).update(slip_printed_at=act.at)
        note_events(shipments, ShipmentEvent.Kind.SLIP_PRINTED, act)
        return slips_of(shipment_ids, now=act.at)
