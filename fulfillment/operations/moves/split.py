"""Moves units of a shipment, with their allocations, to a child of it."""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal

from core.acts import Act
from core.currencies import smallest_unit
from fulfillment.models import Allocation, Shipment, ShipmentEvent, ShipmentLine
from fulfillment.operations.moves.pack import unpack_changed
from fulfillment.operations.shipments.locking import note_event
from fulfillment.operations.shipments.pick_adjustment import reduce_picks
from orders.money import share


def split_off(
    shipment: Shipment, quantities: Mapping[int, Decimal], act: Act, *, are_picked: bool = True
) -> Shipment:
    """Move units, by shipment line id, to a new child in the same state; return the child.

    Units that ``are_picked`` take along what was counted of them on a pick list.
    Runs inside the caller's transaction, the shipment locked and in a state in which these units
    are set aside at one source item each (or nowhere). What is promised of a line stays. Neither
    is packed then.

    Rule: Conservation.
    """
    child = Shipment.objects.create(
        number=f"{shipment.number}.{shipment.children.count() + 1}",
        order_id=shipment.order_id,
        stock_id=shipment.stock_id,
        source_id=shipment.source_id,
        pickup_source_id=shipment.pickup_source_id,
        state=shipment.state,
        parent=shipment,
        priority=shipment.priority,
        backordered_since=shipment.backordered_since,
        expected_on=shipment.expected_on,
        is_expected_on_fixed=shipment.is_expected_on_fixed,
        preorder_on=shipment.preorder_on,
        has_known_supply=shipment.has_known_supply,
        missed_promise_count=shipment.missed_promise_count,
        spell=shipment.spell,
        set_aside_at=shipment.set_aside_at,
        collect_by=shipment.collect_by,
        created_at=act.at,
        released_at=shipment.released_at,
        payment_refusal_count=shipment.payment_refusal_count,
    )
    unit = smallest_unit(shipment.order.currency)
    for part in shipment.lines.filter(pk__in=quantities).order_by("pk"):
        _move(part, child, quantities[part.pk], unit=unit)
    reduce_picks(quantities, are_sent=are_picked)
    child.save(update_fields=["amount"])
    shipment.amount -= child.amount
    # What was printed named the units that are on the child now, too.
    if shipment.slip_printed_at is not None:
        shipment.slip_printed_at, shipment.is_slip_out_of_date = None, False
    shipment.save(update_fields=["amount", "slip_printed_at", "is_slip_out_of_date"])
    unpack_changed([shipment], act)
    note_event(child, ShipmentEvent.Kind.CREATED, replace(act, reason=""))
    return child


def _move(part: ShipmentLine, child: Shipment, quantity: Decimal, *, unit: Decimal) -> None:
    worth = share(part.amount, quantity, part.quantity, unit=unit)
    moved = ShipmentLine.objects.create(
        shipment=child,
        order_line_id=part.order_line_id,
        product_id=part.product_id,
        original_quantity=quantity,
        quantity=quantity,
        original_amount=worth,
        amount=worth,
        promised_on=part.promised_on,
        promise_told_at=part.promise_told_at,
        agreed_on=part.agreed_on,
        delay_request_id=part.delay_request_id,
    )
    part.quantity -= quantity
    part.moved_quantity += quantity
    part.amount -= worth
    part.moved_amount += worth
    part.save(update_fields=["quantity", "moved_quantity", "amount", "moved_amount"])
    child.amount += worth
    held = Allocation.objects.filter(shipment_line=part, source_item__isnull=False)
    for allocation in held.order_by("pk"):
        allocation.quantity -= quantity
        if allocation.quantity:
            allocation.save(update_fields=["quantity"])
        else:
            allocation.delete()
        Allocation.objects.create(
            order_line_id=part.order_line_id,
            shipment_line=moved,
            source_item_id=allocation.source_item_id,
            quantity=quantity,
        )
