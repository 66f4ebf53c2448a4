"""Takes canceled or refunded units off an order's shipments."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.db.models import Q, QuerySet

from core.acts import Act
from core.currencies import smallest_unit
from core.quantities import ZERO
from core.sql import array, execute_prepared
from fulfillment.models import Allocation, Shipment, ShipmentEvent, ShipmentLine
from fulfillment.operations.moves.ended_allocations import EndedAllocations, end_allocations
from fulfillment.operations.moves.pack import unpack_changed
from fulfillment.operations.payments import hold_for_payment
from fulfillment.operations.placing.virtual_lines import end_virtual_allocations
from fulfillment.operations.shipments.allocation_counters import shift_waiting
from fulfillment.operations.shipments.complete_orders import keep_together
from fulfillment.operations.shipments.delay_ends import end_requests_without_units
from fulfillment.operations.shipments.locking import note_events, set_columns
from fulfillment.operations.shipments.pick_adjustment import reduce_picks
from fulfillment.sourcing.cancellation import OpenPart, units_to_cancel
from inventory.models import FutureSupply, SourceItem
from inventory.operations import units
from orders.models import Order, OrderLine
from orders.money import share
from orders.ports import UnitWithdrawal
from orders.refusals import NotOnShipmentError, StaleError

PART_COLUMNS = (
    "quantity",
    "amount",
    "canceled_quantity",
    "canceled_amount",
    "refunded_quantity",
    "refunded_amount",
)
WRITE_PARTS = f"""
UPDATE fulfillment_shipmentline AS part
SET {", ".join(f"{name} = new.{name}" for name in PART_COLUMNS)}
FROM unnest(%s::bigint[], {", ".join("%s::numeric[]" for _name in PART_COLUMNS)})
    AS new(id, {", ".join(PART_COLUMNS)})
WHERE part.id = new.id
"""  # noqa: S608 - constants
SHIPMENT_COLUMNS = (
    "amount",
    "state",
    "is_held",
    "hold_reason",
    "awaits_payment",
    "expected_on",
    "is_expected_on_fixed",
    "is_slip_out_of_date",
)


def withdraw_units(
    withdrawals: Sequence[UnitWithdrawal], act: Act
) -> dict[tuple[int, int], Decimal]:
    """Take open units off shipments and virtual lines of orders, with what they hold.

    Each of the ``withdrawals`` is of another order. Runs inside the caller's transaction, the
    orders locked; shipments, source items, supply and waiting counters are locked here, in that
    order. Returns the change of what is allocated to the stocks' orders, by (stock id, product
    id), for the ledger to write last. However many orders, the number of statements is the same.

    :raises NotOnShipmentError: if there are fewer such units (on the shipment that is named).

    Rule: Reservations, canceled and refunded before shipping.
    """
    by_order = {one.order.pk: one for one in withdrawals}
    shipments = _lock_shipments(withdrawals)
    lines = OrderLine.objects.filter(order__in=by_order)
    products = lines.values("product_id")
    items = {i.pk: i for i in SourceItem.objects.filter(product_id__in=products).locked()}
    freed = EndedAllocations()
    virtual = _virtual_part(lines, withdrawals)
    _take_off_shipments(lines, shipments, by_order, freed, act)
    owners = dict(lines.filter(pk__in=virtual).values_list("pk", "order_id"))
    for (line_id, item_id), quantity in end_virtual_allocations(virtual).items():
        freed.at_items[owners[line_id], item_id] += quantity
    _end_at_items(freed, by_order)
    _give_back_supply(freed.of_supply)
    end_requests_without_units(by_order, now=act.at)
    shift_waiting(freed.waits)
    allocated: defaultdict[tuple[int, int], Decimal] = defaultdict(Decimal)
    for (order_id, item_id), quantity in freed.at_items.items():
        allocated[by_order[order_id].order.stock_id, items[item_id].product_id] -= quantity
    return allocated


def _end_at_items(freed: EndedAllocations, by_order: Mapping[int, UnitWithdrawal]) -> None:
    """Let others have what was set aside; what is discarded leaves the source with it."""
    discarded: defaultdict[int, Decimal] = defaultdict(Decimal)
    kept: defaultdict[int, Decimal] = defaultdict(Decimal)
    for (order_id, item_id), quantity in freed.at_items.items():
        (discarded if by_order[order_id].is_discarded else kept)[item_id] += quantity
    units.deduct(discarded)
    units.deallocate(kept)


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


def _lock_shipments(withdrawals: Sequence[UnitWithdrawal]) -> dict[int, Shipment]:
    named = {one.shipment_number: one.order for one in withdrawals if one.shipment_number}
    whole = [one.order for one in withdrawals if not one.shipment_number]
    chosen = Q(order__in=whole) | Q(order__in=list(named.values()), number__in=named)
    shipments = Shipment.objects.filter(chosen).exclude(state__in=Shipment.TERMINAL_STATES)
    return {shipment.pk: shipment for shipment in shipments.locked()}


def _virtual_part(
    lines: QuerySet[OrderLine], withdrawals: Sequence[UnitWithdrawal]
) -> dict[int, Decimal]:
    """Return the units of virtual lines that hold some; no refund takes any of them."""
    canceled = {pk: quantity for one in withdrawals for pk, quantity in one.canceled.items()}
    virtual = lines.filter(is_virtual=True, pk__in=canceled)
    reserving = virtual.filter(is_reserving=True).order_by("pk")
    return {pk: canceled[pk] for pk in reserving.values_list("pk", flat=True)}


def _take_off_shipments(
    lines: QuerySet[OrderLine],
    shipments: Mapping[int, Shipment],
    by_order: Mapping[int, UnitWithdrawal],
    freed: EndedAllocations,
    act: Act,
) -> None:
    physical = dict(lines.filter(is_virtual=False).values_list("pk", "order_id"))
    wanted = {
        pk: ended.canceled.get(pk, ZERO) + ended.refunded.get(pk, ZERO)
        for ended in by_order.values()
        for pk in {*ended.canceled, *ended.refunded} & physical.keys()
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
            ended = by_order[physical[pk]]
            where = ended.shipment_number or ended.order.number
            raise NotOnShipmentError(where, line_id=pk, available=found[pk])
    changed = [parts[part_id] for part_id in taken]
    end_allocations(shipments, parts, taken, freed)
    _write_parts(changed, taken, by_order)
    reduce_picks(taken, are_sent=False)
    _write_shipments(shipments, changed, by_order, freed, act)


def _write_parts(
    parts: Sequence[ShipmentLine],
    taken: Mapping[int, Decimal],
    by_order: Mapping[int, UnitWithdrawal],
) -> None:
    """Move units and money of each part from what is here to what was canceled or refunded."""
    canceled_left = {
        pk: quantity for ended in by_order.values() for pk, quantity in ended.canceled.items()
    }
    for part in parts:
        units_left = taken[part.pk]
        unit = smallest_unit(by_order[part.order_line.order_id].order.currency)
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
    execute_prepared(
        WRITE_PARTS,
        [array([part.pk for part in parts])]
        + [array([getattr(part, name) for part in parts]) for name in PART_COLUMNS],
    )


def _write_shipments(
    shipments: Mapping[int, Shipment],
    changed: Sequence[ShipmentLine],
    by_order: Mapping[int, UnitWithdrawal],
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
            shipment.state = Shipment.State.READY
            kept.append(shipment_id)
        elif shipment.state == Shipment.State.READY:
            shipment.is_slip_out_of_date |= shipment.slip_printed_at is not None
    _save([shipments[pk] for pk in touched])
    set_columns([shipments[pk] for pk in kept], {"released_at": act.at})
    unpack_changed([shipments[pk] for pk in touched], act)
    hold_for_payment(kept, now=act.at)
    keep_together({one.order_id for one in shipments.values()}, act)
    details = {pk: {"promised": promised} for pk, promised in freed.promised.items()}
    noted = {ShipmentEvent.Kind.CANCELED: list[Shipment](), ShipmentEvent.Kind.REFUNDED: []}
    for shipment in (shipments[pk] for pk in touched):
        has_refund = bool(by_order[shipment.order_id].refunded)
        kind = ShipmentEvent.Kind.REFUNDED if has_refund else ShipmentEvent.Kind.CANCELED
        noted[kind].append(shipment)
    for kind, ones in noted.items():
        if ones:
            note_events(ones, kind, act, details=details)


def _save(shipments: Sequence[Shipment]) -> None:
    """Write what the taken units change of shipments, those that are alike in one statement."""
    alike: defaultdict[tuple[Any, ...], list[Shipment]] = defaultdict(list)
    for shipment in shipments:
        alike[tuple(getattr(shipment, name) for name in SHIPMENT_COLUMNS)].append(shipment)
    for values, ones in alike.items():
        set_columns(ones, dict(zip(SHIPMENT_COLUMNS, values, strict=True)))


def _give_back_supply(quantities: Mapping[int, Decimal]) -> None:
    supply = list(FutureSupply.objects.filter(pk__in=quantities).locked())
    for record in supply:
        record.allocated_quantity -= quantities[record.pk]
    FutureSupply.objects.bulk_update(supply, ["allocated_quantity"])
