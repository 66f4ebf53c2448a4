"""Undoes shipping of a parcel that never left: its units are set aside at their source again."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import cast

from django.db import transaction
from django.utils import timezone

from core.acts import Act
from core.quantities import ZERO
from fulfillment.models import Allocation, Shipment, ShipmentEvent, ShipmentLine
from fulfillment.operations.shipments.complete_orders import keep_together
from fulfillment.operations.shipments.locking import ShipmentError, lock_shipment, note_event
from fulfillment.operations.shipments.notices import tell_shipping_undone
from inventory.models import InventoryConfiguration, Reservation
from inventory.operations import ledger, units
from inventory.operations.missing_items import locked_item_ids
from inventory.resolution import resolve
from orders.books import OrderBooks, add_to_lines, locked_books, refresh_status
from orders.models import ReturnLine


class UndoTooLateError(ShipmentError):
    """It was shipped more than ``undo_shipping_days`` ago."""


class UnitsSettledError(ShipmentError):
    """Units of it were refunded or returned after they had left."""


class CaptureUnansweredError(ShipmentError):
    """The gateway has not answered a capture of its units yet."""


def can_be_undone(shipment: Shipment, *, now: datetime) -> bool:
    """Return whether the shipment was shipped within the last ``undo_shipping_days`` days."""
    return bool(undoable([shipment], now=now))


def undoable(shipments: Iterable[Shipment], *, now: datetime) -> list[Shipment]:
    """Return which of these were shipped within the last ``undo_shipping_days`` days."""
    left = [
        (shipment, timezone.localdate(shipment.fulfilled_at))
        for shipment in shipments
        if shipment.state == Shipment.State.FULFILLED and shipment.fulfilled_at is not None
    ]
    if not left:
        return []
    configuration = InventoryConfiguration.load().overrides()
    days = timedelta(days=resolve("undo_shipping_days", configuration=configuration).value)
    today = timezone.localdate(now)
    return [shipment for shipment, shipped_on in left if today <= shipped_on + days]


def undo_fulfillment(
    shipment_id: int, act: Act, *, expected_version: int | None = None
) -> Shipment:
    """Make a shipped shipment READY and held again; return it. Opens the transaction.

    Its units are on hand and set aside at their source again, whatever the status there. Captured
    money stays captured: it is not asked for again when the units are shipped. A customer who has
    an e-mail that they were sent gets another. A packing slip with a former address is out of date.
    Where the order is collected by now, at another place than its source, it is set aside there no
    longer, and reassigned before it can leave.

    :raises WrongStateError: unless it is FULFILLED.
    :raises UndoTooLateError: if it was shipped more than ``undo_shipping_days`` ago.
    :raises UnitsSettledError: if units of it were returned, or refunded after they had left.
    :raises CaptureUnansweredError: while a capture of its lines is unanswered.
    :raises StaleShipmentError: if ``expected_version`` is not the row's.

    Rule: Picking and shipping, undo shipping (§21).
    """
    with transaction.atomic():
        shipment = lock_shipment(
            shipment_id, states=[Shipment.State.FULFILLED], expected_version=expected_version
        )
        if not can_be_undone(shipment, now=act.at):
            raise UndoTooLateError(shipment.number)
        books = locked_books(shipment.order_id)
        lines = list(
            shipment.lines.filter(quantity__gt=0).select_related("order_line").order_by("pk")
        )
        _refuse_settled(books, shipment, lines)
        allocated = _set_aside_again(lines, source_id=cast(int, shipment.source_id))
        shipment.state, shipment.fulfilled_at = Shipment.State.READY, None
        shipment.is_held, shipment.hold_reason = True, Shipment.HoldReason.STAFF
        shipment.hold_note = act.reason
        sent_to = shipment.shipped_to
        if sent_to is not None and sent_to != shipment.order.address():
            shipment.is_slip_out_of_date = shipment.slip_printed_at is not None
        shipment.shipped_to = None
        # The method of the order may have changed since it left.
        was_collected = shipment.is_pickup
        shipment.pickup_source_id = shipment.order.pickup_source_id
        if not shipment.is_pickup or not shipment.is_at_store:
            shipment.set_aside_at, shipment.collect_by = None, None
        shipment.save(
            update_fields=[
                "state",
                "pickup_source",
                "set_aside_at",
                "collect_by",
                "fulfilled_at",
                "is_held",
                "hold_reason",
                "hold_note",
                "shipped_to",
                "is_slip_out_of_date",
            ]
        )
        shipment.parcels.all().delete()
        event = note_event(shipment, ShipmentEvent.Kind.FULFILLMENT_UNDONE, act)
        keep_together([shipment.order_id], act)
        back = {line.order_line_id: -line.quantity for line in lines}
        add_to_lines("shipped_quantity", back)
        refresh_status(books.order)
        if not was_collected:
            tell_shipping_undone(shipment, key=f"undone-{event.pk}", now=act.at)
        ledger.record(
            books.entries(back, event=Reservation.Event.FULFILLMENT_UNDONE, sequence=event.pk),
            act,
            allocated={(shipment.stock_id, pk): sold for pk, sold in allocated.items()},
        )
    return shipment


def _refuse_settled(books: OrderBooks, shipment: Shipment, lines: list[ShipmentLine]) -> None:
    """Refuse units that were returned or refunded, or whose money is being asked for."""
    if ReturnLine.objects.filter(shipment_number=shipment.number).exists():
        raise UnitsSettledError(shipment.number)
    for line in lines:
        of_line = books.lines[line.order_line_id].units
        if of_line.pending:
            raise CaptureUnansweredError(line.order_line.sku)
        refunded = of_line.refunded - of_line.refunded_unshipped
        if of_line.deducted - line.quantity < max(refunded, of_line.returned):
            raise UnitsSettledError(line.order_line.sku)


def _set_aside_again(lines: list[ShipmentLine], *, source_id: int) -> dict[int, Decimal]:
    """Put the units on hand and allocate them to their lines; return these by product id.

    Lines that reserve nothing had nothing set aside. A source item that is gone is made again.
    """
    held = [line for line in lines if line.order_line.is_reserving]
    by_product: defaultdict[int, Decimal] = defaultdict(lambda: ZERO)
    for line in held:
        by_product[line.product_id] += line.quantity
    ids = locked_item_ids([(pk, source_id) for pk in by_product])
    items = {product_id: pk for (product_id, _source), pk in ids.items()}
    units.undo_deduction({items[pk]: quantity for pk, quantity in by_product.items()})
    Allocation.objects.bulk_create(
        Allocation(
            order_line_id=line.order_line_id,
            shipment_line=line,
            source_item_id=items[line.product_id],
            quantity=line.quantity,
        )
        for line in held
    )
    return dict(by_product)
