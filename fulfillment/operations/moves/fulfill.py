"""Ships ready shipments, whole or in part."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import partial

from django.db import transaction

from core.acts import Act
from core.broker import call_worker
from core.quantities import ZERO
from fulfillment.models import Parcel, Shipment
from fulfillment.operations.moves.departures import (
    lock_items_of,
    refusal_to_ship,
    refusals_to_ship,
    ship_locked,
)
from fulfillment.operations.moves.split import split_off
from fulfillment.operations.shipments.locking import ShipmentError, lock_shipment, lock_shipments
from fulfillment.operations.shipments.parcel_facts import (
    ParcelFacts,
    ParcelRefusedError,
    parcels_of,
)
from orders.line_fractions import refuse_fractions
from orders.payments import gateway_requests
from orders.payments.gateways import next_attempt
from orders.payments.outcome_inquiry import ASK_GATEWAYS
from orders.refusals import NotOnShipmentError

NO_PARCELS: Mapping[int, Sequence[Parcel]] = {}


class UnknownShipmentError(ShipmentError):
    """There is no shipment with this number."""


class NotOnThisShipmentError(NotOnShipmentError, ShipmentError):
    """The shipment has fewer of these units, or none were named."""


def fulfill(
    shipment_id: int,
    act: Act,
    *,
    quantities: Mapping[int, Decimal] | None = None,
    parcels: Sequence[ParcelFacts] = (),
    expected_version: int | None = None,
) -> Shipment:
    """Ship a READY shipment, or a part of it by order line id; return what was shipped.

    Opens the transaction. A part leaves as a FULFILLED child, and the rest stays READY. Units are
    deducted at the source. What of them is not captured yet is captured after the commit.

    :raises WrongStateError: unless the shipment is READY and not held.
    :raises fulfillment.operations.moves.departures.SlipOutOfDateError: until its packing slip,
        which is out of date, is printed again.
    :raises NotOnThisShipmentError: if a part names more than is there.
    :raises ParcelRefusedError: for a parcel that cannot be as it is given.
    :raises StaleShipmentError: if ``expected_version`` is not the row's.
    :raises inventory.operations.whole_units.FractionError: for a fraction of a unit that is sold
        whole.
    :raises orders.refusals.UnpaidOrderError: while the order's payment is not decided.

    Rule: Reservations, fulfilled.
    """
    with transaction.atomic():
        refuse_fractions(quantities)
        shipment = lock_shipment(
            shipment_id, states=[Shipment.State.READY], expected_version=expected_version
        )
        error = refusal_to_ship(shipment)
        if error is not None:
            raise error
        part = _part_of(shipment, quantities)
        if part is not None:
            lock_items_of([shipment])
        leaving = shipment if part is None else split_off(shipment, part, act)
        boxes = {leaving.pk: parcels_of(leaving, parcels)}
        asked = ship_locked([leaving], act, parcels=boxes, due_at=next_attempt(1, now=act.at))
    gateway_requests.send(asked, now=act.at)
    return leaving


def ship_for_workers(
    shipments: Sequence[Shipment], act: Act, *, parcels: Mapping[int, Sequence[Parcel]] = NO_PARCELS
) -> None:
    """Ship locked shipments that can leave whole; workers ask for their money after the commit.

    Runs in the caller's transaction, which has found nothing in :func:`refusals_to_ship`.
    ``parcels``, not saved yet, are by shipment id.
    """
    if shipments and ship_locked(shipments, act, parcels=parcels, due_at=act.at):
        transaction.on_commit(partial(call_worker, ASK_GATEWAYS))


def fulfill_each(asked: Mapping[str, Sequence[ParcelFacts]], act: Act) -> dict[str, Exception]:
    """Ship READY shipments whole, by number, in parcels; return why others stay as they are.

    Opens the transaction. One that cannot leave keeps no other from it. What is not captured yet
    of the units is captured by a worker.

    Rule: Picking and shipping, ship in bulk (§21).
    """
    with transaction.atomic():
        ids = Shipment.objects.filter(number__in=asked).values_list("pk", flat=True)
        shipments = lock_shipments(list(ids))
        refused: dict[int, Exception] = refusals_to_ship(shipments)
        parcels = {}
        for one in shipments:
            try:
                parcels[one.pk] = parcels_of(one, asked[one.number])
            except ParcelRefusedError as error:
                refused.setdefault(one.pk, error)
        leaving = [one for one in shipments if one.pk not in refused]
        ship_for_workers(leaving, act, parcels=parcels)
    found = {one.number: one.pk for one in shipments}
    return {
        number: refused[found[number]] if number in found else UnknownShipmentError(number)
        for number in asked
        if number not in found or found[number] in refused
    }


def _part_of(
    shipment: Shipment, quantities: Mapping[int, Decimal] | None
) -> dict[int, Decimal] | None:
    """Return the units that leave by shipment line id, None for all of them."""
    if quantities is None:
        return None
    here = {
        line.order_line_id: line for line in shipment.lines.filter(quantity__gt=0).order_by("pk")
    }
    wanted = {pk: quantity for pk, quantity in quantities.items() if quantity}
    if not wanted:
        raise NotOnThisShipmentError(shipment.number)
    for pk, quantity in wanted.items():
        available = here[pk].quantity if pk in here else ZERO
        if quantity < 0 or quantity > available:
            raise NotOnThisShipmentError(shipment.number, line_id=pk, available=available)
    if all(wanted.get(pk) == line.quantity for pk, line in here.items()):
        return None
    return {here[pk].pk: quantity for pk, quantity in wanted.items()}
