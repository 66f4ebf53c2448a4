"""Decides which sources serve an order that is being placed; writes nothing."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from core.quantities import ZERO
from fulfillment.queries.queues import pickup_sources_of, waiting_by_queue
from fulfillment.sourcing.after_action import AfterActionRules, UnassignedUnits, rest_of
from fulfillment.sourcing.assignment import LineNeed, assign, assign_in_order
from fulfillment.sourcing.choices import SplitLimits
from fulfillment.sourcing.eligibility import eligible, in_order_of_choice
from fulfillment.sourcing.spare_units import SpareUnits, all_of, available_units, spare_units
from inventory.options import AfterAction, AfterActionScope, SourceSelection
from inventory.selling import LinkedSource
from orders.ports import LineToRoute, OrderToRoute, RoutedOrder

Takes = Mapping[int, Mapping[int, Decimal]]


@dataclass(frozen=True, slots=True)
class RoutingPlan:
    """Units by source id by line, and what waits by line with the state it waits in."""

    ready: Takes
    virtual: Takes
    waiting: Mapping[int, Decimal]
    waiting_state: str


def route_order(order: OrderToRoute) -> RoutedOrder:
    """Decide which sources serve an order and what becomes of the rest; writes nothing.

    Rule: Routing at placement.
    """
    physical = [line for line in order.lines if not line.is_virtual]
    candidates, spare = _choices(order, physical)
    ready = _assign_physical(order, physical, candidates, spare)
    virtual = _assign_virtual(order)
    asked = {line.number: line.quantity for line in order.lines if _needs_units(line)}
    rest = rest_of(
        asked,
        _by_line(ready, virtual),
        _rules(order.configuration),
        is_pickup=order.pickup_source_id is not None,
    )
    return _routed(order, ready, virtual, rest)


def item_ids_of(order: OrderToRoute) -> dict[tuple[int, int], int]:
    """Return the source items that the order may draw on, by (source id, product id)."""
    return {(item.source_id, item.product_id): item.item_id for item in order.items}


def _needs_units(line: LineToRoute) -> bool:
    """Whether the line is routed at all: a virtual line without managed stock is not."""
    return line.is_reserving or not line.is_virtual


def _choices(
    order: OrderToRoute, physical: Sequence[LineToRoute]
) -> tuple[list[LinkedSource], SpareUnits]:
    products = {line.product_id for line in physical if line.is_reserving}
    waiting = waiting_by_queue(order.stock_id, products) if products else {}
    home = eligible(order.links, pickup_source_id=None)
    spare = spare_units(
        available=available_units(order.items, order.links),
        waiting=waiting,
        home_source_ids={link.source_id for link in home},
        pickup_source_id=order.pickup_source_id,
        with_decimals=order.with_decimals,
    )
    candidates = in_order_of_choice(
        eligible(order.links, pickup_source_id=order.pickup_source_id),
        algorithm=SourceSelection(str(order.configuration["source_selection"])),
        destination=order.destination,
        last=pickup_sources_of(waiting),
    )
    return candidates, spare


def _assign_physical(
    order: OrderToRoute,
    physical: Sequence[LineToRoute],
    candidates: Sequence[LinkedSource],
    spare: SpareUnits,
) -> Takes:
    needs = [
        LineNeed(line.number, line.product_id, line.quantity)
        for line in physical
        if line.is_reserving
    ]
    limits = SplitLimits.of(order.configuration)
    ids = [link.source_id for link in candidates]
    needed_whole = {line.number for line in physical if not line.takes_backorders}
    assigned = assign(needs, spare, ids, limits, needed_whole=needed_whole)
    takes = {source: dict(units) for source, units in assigned.items()}
    unmanaged = [line for line in physical if not line.is_reserving]
    if unmanaged and ids:
        first = takes.setdefault(ids[0], {})
        first.update({line.number: line.quantity for line in unmanaged})
    return takes


def _assign_virtual(order: OrderToRoute) -> Takes:
    """Set virtual lines' units aside, sources by priority; they need no shipment."""
    enabled = [link.source_id for link in order.links if link.is_enabled]
    needs = [
        LineNeed(line.number, line.product_id, line.quantity)
        for line in order.lines
        if line.is_virtual and line.is_reserving
    ]
    available = available_units(order.items, order.links)
    return assign_in_order(needs, all_of(available, order.with_decimals), enabled)


def _routed(
    order: OrderToRoute, ready: Takes, virtual: Takes, rest: UnassignedUnits
) -> RoutedOrder:
    """Take the rest off what was assigned, where its scope was widened."""
    canceled = rest.action is AfterAction.CANCEL
    lines = {line.number: line for line in order.lines}
    whole = {number for number, units in rest.quantities.items() if units == lines[number].quantity}
    # Virtual lines never wait with the others: they stay allocated where nothing is missing.
    left = {
        number: units
        for number, units in rest.quantities.items()
        if canceled or not lines[number].is_virtual or _is_short(lines[number], virtual)
    }
    kept_virtual = {
        source: {number: units for number, units in taken.items() if number not in left}
        for source, taken in virtual.items()
    }
    kept_ready = {
        source: {number: units for number, units in taken.items() if number not in whole}
        for source, taken in ready.items()
    }
    plan = RoutingPlan(
        ready={source: lines for source, lines in kept_ready.items() if lines},
        virtual={source: lines for source, lines in kept_virtual.items() if lines},
        waiting={} if canceled else left,
        waiting_state="" if canceled else rest.action.value,
    )
    return RoutedOrder(
        backordered=left if rest.action is AfterAction.BACKORDER else {},
        in_care=left if rest.action is AfterAction.CUSTOMER_CARE else {},
        canceled=left if canceled else {},
        allocated=_allocated(order, plan),
        plan=plan,
    )


def _is_short(line: LineToRoute, virtual: Takes) -> bool:
    return _by_line(virtual).get(line.number, ZERO) < line.quantity


def _allocated(order: OrderToRoute, plan: RoutingPlan) -> dict[int, Decimal]:
    item_ids = item_ids_of(order)
    lines = {line.number: line for line in order.lines}
    allocated: defaultdict[int, Decimal] = defaultdict(Decimal)
    for takes in (plan.ready, plan.virtual):
        for source, units_by_line in takes.items():
            for number, units in units_by_line.items():
                line = lines[number]
                if line.is_reserving:
                    allocated[item_ids[source, line.product_id]] += units
    return dict(allocated)


def _by_line(*takes: Takes) -> dict[int, Decimal]:
    units: defaultdict[int, Decimal] = defaultdict(Decimal)
    for take in takes:
        for by_line in take.values():
            for line, quantity in by_line.items():
                units[line] += quantity
    return dict(units)


def _rules(configuration: Mapping[str, object]) -> AfterActionRules:
    return AfterActionRules(
        AfterAction(str(configuration["partial_match_action"])),
        AfterActionScope(str(configuration["partial_match_scope"])),
        AfterAction(str(configuration["no_match_action"])),
    )
