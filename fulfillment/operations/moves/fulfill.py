"""Ships ready shipments: units leave the books and the source."""

from collections import defaultdict
from collections.abc import Mapping
from decimal import Decimal

from django.db import transaction

from core.acts import Act
from fulfillment.models import Allocation, Shipment, ShipmentEvent
from fulfillment.operations.moves.split import split_off
from fulfillment.operations.shipments.delay_ends import end_requests_without_units
from fulfillment.operations.shipments.locking import (
    ShipmentError,
    WrongStateError,
    lock_shipment,
    note_event,
)
from fulfillment.operations.shipments.notices import tell_dispatched
from inventory.models import Reservation, SourceItem
from inventory.operations import ledger, units
from orders.books import add_to_lines, locked_books, refresh_status, refuse_fractions
from orders.payments import gateway_operations, sending
from orders.refusals import NotOnShipmentError


class NotOnThisShipmentError(NotOnShipmentError, ShipmentError):
    """The shipment has fewer of these units, or none were named."""


def fulfill(
    shipment_id: int,
    act: Act,
    *,
    quantities: Mapping[int, Decimal] | None = None,
    tracking: str = "",
    expected_version: int | None = None,
) -> Shipment:
    """Ship a READY shipment, or a part of it by order line id; return what was shipped.

    Opens the transaction. A part leaves as a FULFILLED child, and the rest stays READY. Units are
    deducted at the source. What of them is not captured yet is captured after the commit.

    :raises WrongStateError: unless the shipment is READY and not held.
    :raises NotOnThisShipmentError: if a part names more than is there.
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
        if shipment.is_held:
            raise WrongStateError(f"{shipment.number}: {shipment.get_hold_reason_display()}")
        locked_books(shipment.order_id)
        part = _part_of(shipment, quantities)
        leaving = shipment if part is None else split_off(shipment, part, act)
        asked = _ship(leaving, act, tracking=tracking)
    sending.send(asked, now=act.at)
    return leaving


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
        available = here[pk].quantity if pk in here else Decimal(0)
        if quantity < 0 or quantity > available:
            raise NotOnThisShipmentError(shipment.number, line_id=pk, available=available)
    if all(wanted.get(pk) == line.quantity for pk, line in here.items()):
        return None
    return {here[pk].pk: quantity for pk, quantity in wanted.items()}


def _ship(shipment: Shipment, act: Act, *, tracking: str) -> list[int]:
    order = shipment.order
    lines = shipment.lines.filter(quantity__gt=0).order_by("pk")
    shipped = dict(lines.values_list("order_line_id", "quantity"))
    deducted = _deduct(shipment)
    shipment.state, shipment.fulfilled_at = Shipment.State.FULFILLED, act.at
    shipment.tracking = tracking
    shipment.save(update_fields=["state", "fulfilled_at", "tracking"])
    detail = {"tracking": tracking} if tracking else {}
    # Shipping may be undone and done again: each time is an event of its own.
    event = note_event(shipment, ShipmentEvent.Kind.FULFILLED, act, detail=detail)
    end_requests_without_units(order.pk, now=act.at)
    add_to_lines("shipped_quantity", shipped)
    refresh_status(order)
    if not order.is_pickup:
        tell_dispatched(shipment, key=f"fulfilled-{event.pk}", now=act.at)
    books = locked_books(order.pk)
    due = {pk: books.lines[pk].units.shipped_uncaptured for pk in shipped}
    asked = gateway_operations.ask_capture(
        books, due, key=f"shipment-{shipment.pk}-{event.pk}", now=act.at
    )
    entries = books.entries(shipped, event=Reservation.Event.FULFILLED, sequence=event.pk)
    ledger.record(
        entries,
        act,
        allocated={(order.stock_id, pk): -quantity for pk, quantity in deducted.items()},
    )
    return asked


def _deduct(shipment: Shipment) -> dict[int, Decimal]:
    """End the shipment's allocations with the units themselves; return these by product id."""
    held = Allocation.objects.filter(shipment_line__shipment=shipment)
    by_item: defaultdict[int, Decimal] = defaultdict(Decimal)
    for item_id, quantity in held.values_list("source_item_id", "quantity"):
        by_item[item_id] += quantity
    items = list(SourceItem.objects.filter(pk__in=by_item).locked())
    units.deduct(by_item)
    held.delete()
    return {item.product_id: by_item[item.pk] for item in items}
