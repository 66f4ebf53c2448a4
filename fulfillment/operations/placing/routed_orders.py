"""Writes the shipments of a routed order, sets its units aside, and counts what waits."""

from collections import defaultdict
from datetime import datetime, timedelta
from decimal import Decimal

from django.utils import timezone
from django.utils.translation import gettext, gettext_noop

from fulfillment.models import Shipment
from fulfillment.operations.placing.routing import RoutingPlan, item_ids_of, route_order
from fulfillment.operations.placing.shipment_rows import (
    OrderOfShipments,
    PlacedPart,
    PlacedShipment,
    write_placed_shipments,
)
from fulfillment.operations.shipments.waiting_counters import QueueKey, shift_waiting
from orders.money import shares
from orders.ports import OrderToRoute, RoutedOrder, WrittenOrder

__all__ = ["route_order", "write_routed_order"]

ZERO = Decimal(0)
NOT_ASSIGNED = gettext_noop("No source could be given when the order was placed.")


def write_routed_order(
    written: WrittenOrder,
    order: OrderToRoute,
    routed: RoutedOrder,
    *,
    now: datetime,
    actor_id: int | None,
) -> None:
    """Write the shipments of a routed order with their allocations, and count what waits."""
    plan = routed.plan
    if not isinstance(plan, RoutingPlan):
        raise TypeError("The plan is not fulfillment's own.")
    days = order.configuration["default_backorder_days"]
    placed_on = timezone.localtime(written.placed_at).date()
    write_placed_shipments(
        OrderOfShipments(
            order_id=written.order_id,
            number=written.number,
            stock_id=order.stock_id,
            pickup_source_id=order.pickup_source_id,
            priority=written.priority,
            placed_at=written.placed_at,
            expected_on=placed_on + timedelta(days=int(str(days))),
        ),
        _shipments(written, order, routed, plan),
        virtual=_virtual_parts(written, order, plan),
        now=now,
        actor_id=actor_id,
    )
    waits: defaultdict[QueueKey, Decimal] = defaultdict(Decimal)
    for line in order.lines:
        if line.is_reserving:
            key = QueueKey(line.product_id, order.stock_id, order.pickup_source_id)
            waits[key] += plan.waiting.get(line.number, ZERO)
    shift_waiting(waits)


def _shipments(
    written: WrittenOrder, order: OrderToRoute, routed: RoutedOrder, plan: RoutingPlan
) -> list[PlacedShipment]:
    worth = _worth(order, routed, plan)
    item_ids = item_ids_of(order)
    lines = {line.number: line for line in order.lines}

    def part(number: int, units: Decimal, source: int | None) -> PlacedPart:
        line = lines[number]
        item_id = item_ids[source, line.product_id] if source and line.is_reserving else None
        return PlacedPart(
            written.line_ids[number], line.product_id, units, worth[number, source], item_id
        )

    shipments = [
        PlacedShipment(
            Shipment.State.READY,
            source,
            tuple(part(number, units, source) for number, units in units_by_line.items()),
        )
        for source, units_by_line in plan.ready.items()
    ]
    if plan.waiting:
        care = plan.waiting_state == Shipment.State.CUSTOMER_CARE
        parts = tuple(part(number, units, None) for number, units in plan.waiting.items())
        reason = gettext(NOT_ASSIGNED) if care else ""
        shipments.append(PlacedShipment(plan.waiting_state, None, parts, reason))
    return shipments


def _worth(
    order: OrderToRoute, routed: RoutedOrder, plan: RoutingPlan
) -> dict[tuple[int, int | None], Decimal]:
    """Return what each part is worth, by line and source; the last has the cent that remains."""
    worth: dict[tuple[int, int | None], Decimal] = {}
    for line in order.lines:
        canceled = routed.canceled.get(line.number, ZERO)
        places: list[tuple[int | None, Decimal]] = [
            (source, units[line.number])
            for source, units in plan.ready.items()
            if line.number in units
        ]
        if line.number in plan.waiting:
            places.append((None, plan.waiting[line.number]))
        amounts = shares(line.amount, [canceled, *(units for _, units in places)])[1:]
        for (source, _), amount in zip(places, amounts, strict=True):
            worth[line.number, source] = amount
    return worth


def _virtual_parts(
    written: WrittenOrder, order: OrderToRoute, plan: RoutingPlan
) -> list[PlacedPart]:
    item_ids = item_ids_of(order)
    lines = {line.number: line for line in order.lines}
    return [
        PlacedPart(
            written.line_ids[number],
            lines[number].product_id,
            units,
            ZERO,
            item_ids[source, lines[number].product_id],
        )
        for source, units_by_line in plan.virtual.items()
        for number, units in units_by_line.items()
    ]
