"""Notes that the packing slips of shipments are printed, or out of date."""

from collections.abc import Collection

from django.db import transaction

from core.acts import Act
from fulfillment.models import Shipment, ShipmentEvent
from fulfillment.operations.moves.pack import unpack_changed
from fulfillment.operations.shipments.locking import (
    WrongStateError,
    lock_shipments,
    note_events,
    set_columns,
)
from fulfillment.queries.packing_slips import SlipFacts, slips_of
from fulfillment.queries.pick_lists import on_open_lists
from orders.models import Order

# Of who ordered, what every packing slip follows.
CUSTOMER = ("customer_name", "customer_language")
# As many packing slips are printed together.
MOST_SLIPS = 200


def can_have_slip(shipment: Shipment) -> bool:
    """Return whether a packing slip can be printed: of what may leave, or has left."""
    return shipment.may_leave or shipment.state == Shipment.State.FULFILLED


def mark_slips_out_of_date(order: Order, columns: Collection[str], act: Act) -> None:
    """Mark ready shipments whose packing slip says what is in columns of a locked order.

    Those whose slip is printed, and those on an open pick list, which is being worked on. Runs in
    the caller's transaction. A marked shipment is not shipped before its slip is printed. What is
    packed is packed no longer: its box has the former slip or address. The slip of what is
    collected names who collects it, and no address.

    Rule: Changing an order, contact and address (§20).
    """
    if {*CUSTOMER, *Order.ADDRESS}.isdisjoint(columns):
        return
    ready = Shipment.objects.filter(order=order, state=Shipment.State.READY).locked()
    said = {True: {*CUSTOMER}, False: {*CUSTOMER, *Order.ADDRESS}}
    found = [one for one in ready if not said[one.is_pickup].isdisjoint(columns)]
    listed = on_open_lists(found)
    marked = [one for one in found if one.slip_printed_at is not None or one.pk in listed]
    set_columns(marked, {"is_slip_out_of_date": True})
    unpack_changed(found, act)


def print_slips(shipment_ids: Collection[int], act: Act) -> list[SlipFacts]:
    """Note that packing slips are printed now, and return what each says; opens the transaction.

    They come in the order of the ids. What each says is as it was when that was noted: a slip that
    was out of date is not any more. A copy of the slip of a shipment that has left is
    noted in its timeline alone. The versions of the shipments stay, so that a page opened before
    still acts on them.

    :raises WrongStateError: if one may not leave, and has not left; none is printed.

    Rule: Picking and shipping, packing slip (§21).
    """
    with transaction.atomic():
        shipments = lock_shipments(shipment_ids)
        for shipment in shipments:
            if not can_have_slip(shipment):
                raise WrongStateError(f"{shipment.number}: {shipment.state}")
        ready = [one.pk for one in shipments if one.state == Shipment.State.READY]
        Shipment.objects.filter(pk__in=ready).update(
            slip_printed_at=act.at, is_slip_out_of_date=False
        )
        note_events(shipments, ShipmentEvent.Kind.SLIP_PRINTED, act)
        return slips_of(shipment_ids, now=act.at)
