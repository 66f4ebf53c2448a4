"""Takes canceled or refunded units off an order's shipments."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db.models import F

from core.acts import Act
from core.currencies import smallest_unit
from core.quantities import ZERO
from fulfillment.models import Allocation, Shipment, ShipmentEvent, ShipmentLine
from fulfillment.operations.moves.pack import unpack_changed
from fulfillment.operations.payments import hold_for_payment
from fulfillment.operations.placing.virtual_lines import end_virtual_allocations
from fulfillment.operations.shipments.allocation_counters import QueueKey, shift_waiting
from fulfillment.operations.shipments.complete_orders import keep_together
from fulfillment.operations.shipments.delay_ends import end_requests_without_units
from fulfillment.operations.shipments.locking import note_events
from fulfillment.operations.shipments.pick_adjustment import reduce_picks
from fulfillment.sourcing.cancellation import OpenPart, units_to_cancel
from inventory.models import FutureSupply, SourceItem
from inventory.operations import units
from orders.models import Order
from orders.money import share
from orders.ports import UnitWithdrawal
from orders.refusals import NotOnShipmentError, StaleError

WAITS_WHOLE = (Shipment.State.BACKORDER, Shipment.State.CUSTOMER_CARE)


@dataclass(slots=True)
class EndedAllocations:
    """What the taken units had set aside, and whose queues they no longer wait in.

    ``promised`` has, by shipment, the units that dated supply was to bring, as its event keeps
    them: the line, the source, the supply (none for what came already), and how many.
    """

    at_items: defaultdict[int, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    of_supply: defaultdict[int, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    waits: defaultdict[QueueKey, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    promised: defaultdict[int, list[dict[str, Any]]] = field(
        default_factory=lambda: defaultdict(list)
    )


def withdraw_units(order: Order, ended: UnitWithdrawal, act: Act) -> dict[tuple[int, int], Decimal]:
    """Take open units off an order's shipments and virtual lines, with what they hold.

    Runs inside the caller's transaction, the order locked; shipments, source items, supply and
    waiting counters are locked here, in that order. Returns the change of what is allocated to
    the stock's orders, by (stock id, product id), for the ledger to write last.

    :raises NotOnShipmentError: if there are fewer such units (on the shipment that is named).

    Rule: Reservations, canceled and refunded before shipping.
    """
    shipments = _lock_shipments(order, ended.shipment_number)
    products = order.lines.values("product_id")
    items = {i.pk: i for i in SourceItem.objects.filter(product_id__in=products).locked()}
    freed = EndedAllocations()
    virtual = _virtual_part(order, ended)
    _take_off_shipments(order, shipments, ended, freed, act)
    for (_line, item_id), quantity in end_virtual_allocations(virtual).items():
        freed.at_items[item_id] += quantity
    if ended.is_discarded:
        units.deduct(freed.at_items)
    else:
        units.deallocate(freed.at_items)
    _give_back_supply(freed.of_supply)
    end_requests_without_units([order.pk], now=act.at)
    shift_waiting(freed.waits)
    allocated: defaultdict[tuple[int, int], Decimal] = defaultdict(Decimal)
    for item_id, quantity in freed.at_items.items():
        allocated[order.stock_id, items[item_id].product_id] -= quantity
    return allocated


def units_on(
    order: Order, shipment_number: str, *, expected_version: int | None
) -> dict[int, Decimal]:
    """Return the open units on a shipment by order line id; the order is locked by the caller.

    :raises NotOnShipmentError: if the order has no such shipment that is open.
    :raises StaleError: if ``expected_version`` is not the shipment's.
    """
    shipment = Shipment.objects.filter(order=order, number=shipment_number).order_by("pk").first()
    if shipment is None:
        raise NotOnShipmentError(shipment_number)
    if expected_version is not None and shipment.version != expected_version:
        raise StaleError(shipment_number)
    if shipment.is_terminal:
        raise NotOnShipmentError(shipment_number)
    lines = shipment.lines.filter(quantity__gt=0).order_by("pk")
    return dict(lines.values_list("order_line_id", "quantity"))


def _lock_shipments(order: Order, number: str | None) -> dict[int, Shipment]:
    shipments = Shipment.objects.filter(order=order).exclude(state__in=Shipment.TERMINAL_STATES)
    if number is not None:
        shipments = shipments.filter(number=number)
    return {shipment.pk: shipment for shipment in shipments.locked()}


def _virtual_part(order: Order, ended: UnitWithdrawal) -> dict[int, Decimal]:
    """Return the units of virtual lines that hold some; no refund takes any of them."""
    virtual = order.lines.filter(is_virtual=True, pk__in=ended.canceled)
    reserving = virtual.filter(is_reserving=True).order_by("pk")
    return {pk: ended.canceled[pk] for pk in reserving.values_list("pk", flat=True)}


def _take_off_shipments(
    order: Order,
    shipments: Mapping[int, Shipment],
    ended: UnitWithdrawal,
    freed: EndedAllocations,
    act: Act,
) -> None:
    physical = set(order.lines.filter(is_virtual=False).values_list("pk", flat=True))
    wanted = {
        pk: ended.canceled.get(pk, ZERO) + ended.refunded.get(pk, ZERO)
        for pk in {*ended.canceled, *ended.refunded} & physical
    }
    parts = {
        part.pk: part
        for part in ShipmentLine.objects.filter(
            shipment__in=shipments, order_line__in=wanted, quantity__gt=0
        )
        .select_related("order_line")
        .order_by("pk")
    }
    taken = units_to_cancel(
        (
            OpenPart(
                part.pk,
                part.shipment_id,
                shipments[part.shipment_id].state,
                part.order_line_id,
                part.quantity,
            )
            for part in parts.values()
        ),
        wanted,
    )
    found: defaultdict[int, Decimal] = defaultdict(Decimal)
    for part_id, quantity in taken.items():
        found[parts[part_id].order_line_id] += quantity
    for pk, quantity in wanted.items():
        if found[pk] < quantity:
            where = ended.shipment_number or order.number
            raise NotOnShipmentError(where, line_id=pk, available=found[pk])
    changed = [parts[part_id] for part_id in taken]
    _end_allocations(order, shipments, parts, taken, freed)
    unit = smallest_unit(order.currency)
    _write_parts(changed, taken, dict(ended.canceled), unit=unit)
    reduce_picks(taken, are_sent=False)
    _write_shipments(shipments, changed, ended, freed, act)


def _end_allocations(
    order: Order,
    shipments: Mapping[int, Shipment],
    parts: Mapping[int, ShipmentLine],
    taken: Mapping[int, Decimal],
    freed: EndedAllocations,
) -> None:
    """End what the taken units hold: promises first, then what a promise already received."""
    held: defaultdict[int | None, list[Allocation]] = defaultdict(list)
    allocations = Allocation.objects.filter(shipment_line__in=taken).select_related(
        "future_supply", "source_item"
    )
    for allocation in allocations.order_by(F("future_supply_id").desc(nulls_last=True), "pk"):
        held[allocation.shipment_line_id].append(allocation)
    emptied: list[Allocation] = []
    reduced: list[Allocation] = []
    for part_id, quantity in taken.items():
        part, left = parts[part_id], quantity
        for allocation in held[part_id]:
            units_ended = min(allocation.quantity, left)
            if not units_ended:
                continue
            left -= units_ended
            allocation.quantity -= units_ended
            (reduced if allocation.quantity else emptied).append(allocation)
            if shipments[part.shipment_id].state == Shipment.State.FUTURE:
                freed.promised[part.shipment_id].append(_promised(allocation, units_ended))
            if allocation.source_item_id is not None:
                freed.at_items[allocation.source_item_id] += units_ended
            elif allocation.future_supply_id is not None:
                freed.of_supply[allocation.future_supply_id] += units_ended
                freed.waits[_queue(shipments[part.shipment_id], part)] -= units_ended
        shipment = shipments[part.shipment_id]
        if shipment.state in WAITS_WHOLE and part.order_line.is_reserving:
            freed.waits[_queue(shipment, part)] -= quantity
    Allocation.objects.filter(pk__in=[allocation.pk for allocation in emptied]).delete()
    Allocation.objects.bulk_update(reduced, ["quantity"])


def _promised(allocation: Allocation, quantity: Decimal) -> dict[str, Any]:
    """Return units of a promise as an event keeps them: figures of lost units read it (§23)."""
    holder = allocation.future_supply or allocation.source_item
    return {
        "line": allocation.shipment_line_id,
        "source": None if holder is None else holder.source_id,
        "supply": allocation.future_supply_id,
        "quantity": str(quantity),
    }


def _queue(shipment: Shipment, part: ShipmentLine) -> QueueKey:
    return QueueKey(part.product_id, shipment.stock_id, shipment.pickup_source_id)


def _write_parts(
    parts: Sequence[ShipmentLine],
    taken: Mapping[int, Decimal],
    canceled_left: dict[int, Decimal],
    *,
    unit: Decimal,
) -> None:
    """Move units and money of each part from what is here to what was canceled or refunded."""
    for part in parts:
        units_left = taken[part.pk]
        canceled = min(units_left, canceled_left.get(part.order_line_id, ZERO))
        if canceled:
            worth = share(part.amount, canceled, part.quantity, unit=unit)
            canceled_left[part.order_line_id] -= canceled
            part.canceled_quantity += canceled
            part.canceled_amount += worth
            part.quantity -= canceled
            part.amount -= worth
        if refunded := units_left - canceled:
            worth = share(part.amount, refunded, part.quantity, unit=unit)
            part.refunded_quantity += refunded
            part.refunded_amount += worth
            part.quantity -= refunded
            part.amount -= worth
    ShipmentLine.objects.bulk_update(
        parts,
        [
            "quantity",
            "amount",
            "canceled_quantity",
            "canceled_amount",
            "refunded_quantity",
            "refunded_amount",
        ],
    )


def _write_shipments(
    shipments: Mapping[int, Shipment],
    changed: Sequence[ShipmentLine],
    ended: UnitWithdrawal,
    freed: EndedAllocations,
    act: Act,
) -> None:
    touched = sorted({part.shipment_id for part in changed})
    amounts: defaultdict[int, Decimal] = defaultdict(Decimal)
    filled = set()
    for shipment_id, quantity, amount in ShipmentLine.objects.filter(
        shipment__in=touched
    ).values_list("shipment_id", "quantity", "amount"):
        amounts[shipment_id] += amount
        if quantity:
            filled.add(shipment_id)
    promised = set(
        Allocation.objects.filter(
            shipment_line__shipment__in=touched, future_supply__isnull=False
        ).values_list("shipment_line__shipment_id", flat=True)
    )
    kept: list[int] = []
    for shipment_id in touched:
        shipment = shipments[shipment_id]
        shipment.amount = amounts[shipment_id]
        if shipment_id not in filled:
            shipment.state = Shipment.State.CANCELED
            shipment.is_held, shipment.hold_reason = False, ""
            shipment.awaits_payment = False
            shipment.expected_on, shipment.is_expected_on_fixed = None, False
        elif shipment.state == Shipment.State.FUTURE and shipment_id not in promised:
            shipment.state, shipment.released_at = Shipment.State.READY, act.at
            kept.append(shipment_id)
        elif shipment.state == Shipment.State.READY:
            shipment.is_slip_out_of_date |= shipment.slip_printed_at is not None
    Shipment.objects.bulk_update(
        [shipments[pk] for pk in touched],
        [
            "amount",
            "state",
            "is_held",
            "hold_reason",
            "released_at",
            "awaits_payment",
            "expected_on",
            "is_expected_on_fixed",
            "is_slip_out_of_date",
        ],
    )
    unpack_changed([shipments[pk] for pk in touched], act)
    hold_for_payment(kept, now=act.at)
    keep_together({one.order_id for one in shipments.values()}, act)
    kind = ShipmentEvent.Kind.REFUNDED if ended.refunded else ShipmentEvent.Kind.CANCELED
    details = {pk: {"promised": promised} for pk, promised in freed.promised.items()}
    note_events([shipments[pk] for pk in touched], kind, act, details=details)


def _give_back_supply(quantities: Mapping[int, Decimal]) -> None:
    supply = list(FutureSupply.objects.filter(pk__in=quantities).locked())
    for record in supply:
        record.allocated_quantity -= quantities[record.pk]
    FutureSupply.objects.bulk_update(supply, ["allocated_quantity"])
