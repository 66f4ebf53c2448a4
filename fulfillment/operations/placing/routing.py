"""Decides which sources serve an order that is being placed; writes nothing."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import date
from decimal import Decimal

from core.quantities import ZERO
from fulfillment.queries.queues import pickup_sources_of, waiting_by_queue
from fulfillment.sourcing.assignment import (
    AfterActionRules,
    LineNeed,
    UnassignedUnits,
    assign,
    assign_in_order,
    rest_of,
)
from fulfillment.sourcing.choices import SplitLimits
from fulfillment.sourcing.eligibility import (
    all_of,
    available_units,
    eligible,
    in_order_of_choice,
    spare_units,
)
from inventory.options import AfterAction, AfterActionScope, SourceSelection
from inventory.salability import items_with_decimals
from orders.routed_order import AssessedLine, AssessedOrder, RoutedOrder

Takes = Mapping[int, Mapping[int, Decimal]]


def route_order(order: AssessedOrder) -> RoutedOrder:
    """Choose the sources of an order and the after-action for the rest; writes nothing.

    Rule: Routing at placement.
    """
    preorders = {line.product.product_id for line in order.lines if line.preorder_on}
    available = available_units(order.items, order.context.links, closed=preorders)
    with_decimals = items_with_decimals(order.context, order.items)
    ready = _assign_physical(order, available, with_decimals)
    virtual = assign_in_order(
        _needs(line for line in order.lines if line.product.is_virtual),
        all_of(available, with_decimals),
        [link.source_id for link in order.context.links if link.is_enabled],
    )
    # A virtual line without managed stock is not routed at all.
    asked = {
        line.number: line.quantity
        for line in order.lines
        if (line.is_reserving or not line.product.is_virtual) and not line.preorder_on
    }
    is_pickup = order.pickup_source_id is not None
    assigned = _by_line(ready, virtual)
    rest = rest_of(asked, assigned, after_action_rules(order.configuration), is_pickup=is_pickup)
    return _routed(order, ready, virtual, rest)


def item_ids_of(order: AssessedOrder) -> dict[tuple[int, int], int]:
    """Return the source items that the order may draw on, by (source id, product id)."""
    return {(item.source_id, item.product_id): item.item_id for item in order.items}


def _needs(lines: Iterable[AssessedLine]) -> list[LineNeed]:
    return [
        LineNeed(line.number, line.product.product_id, line.quantity)
        for line in lines
        if line.is_reserving
    ]


def _assign_physical(
    order: AssessedOrder,
    available: Mapping[tuple[int, int], Decimal],
    with_decimals: Collection[tuple[int, int]],
) -> Takes:
    links, pickup_source_id = order.context.links, order.pickup_source_id
    physical = [line for line in order.lines if not line.product.is_virtual]
    needs = _needs(physical)
    products = {need.product_id for need in needs}
    waiting = waiting_by_queue(order.context.stock_id, products) if products else {}
    spare = spare_units(
        available=available,
        waiting=waiting,
        home_source_ids={link.source_id for link in eligible(links, pickup_source_id=None)},
        pickup_source_id=pickup_source_id,
        with_decimals=with_decimals,
    )
    candidates = in_order_of_choice(
        eligible(links, pickup_source_id=pickup_source_id),
        algorithm=SourceSelection(str(order.configuration["source_selection"])),
        destination=order.destination,
        last=pickup_sources_of(waiting),
    )
    limits = SplitLimits.of(order.configuration)
    ids = [link.source_id for link in candidates]
    needed_whole = {line.number for line in physical if not line.takes_backorders}
    assigned = assign(needs, spare, ids, limits, needed_whole=needed_whole)
    takes = {source: dict(units) for source, units in assigned.items()}
    unmanaged = {line.number: line.quantity for line in physical if not line.is_reserving}
    if unmanaged and ids:
        takes.setdefault(ids[0], {}).update(unmanaged)
    return takes


def _routed(
    order: AssessedOrder, ready: Takes, virtual: Takes, rest: UnassignedUnits
) -> RoutedOrder:
    """Remove the rest from the assigned units, where the scope of the after-action is wider."""
    lines = {line.number: line for line in order.lines}
    whole = {number for number, units in rest.quantities.items() if units == lines[number].quantity}
    taken = _by_line(virtual)
    # Virtual lines never wait with the others: they stay allocated where nothing is missing.
    left = {
        number: units
        for number, units in rest.quantities.items()
        if rest.action is AfterAction.CANCEL
        or not lines[number].product.is_virtual
        or taken.get(number, ZERO) < lines[number].quantity
    }
    kept_ready = _without(ready, whole)
    kept_virtual = _without(virtual, left)
    item_ids = item_ids_of(order)
    allocated: defaultdict[int, Decimal] = defaultdict(Decimal)
    for takes in (kept_ready, kept_virtual):
        for source, units_by_line in takes.items():
            for number, units in units_by_line.items():
                line = lines[number]
                if line.is_reserving:
                    allocated[item_ids[source, line.product.product_id]] += units
    return RoutedOrder(
        kept_ready, kept_virtual, left, rest.action, dict(allocated), _preordered(order.lines)
    )


def _preordered(lines: Iterable[AssessedLine]) -> dict[date, dict[int, Decimal]]:
    """Return the units that wait for a release date, by that date, the first one first.

    Rule: Pre-orders, §23.
    """
    found: defaultdict[date, dict[int, Decimal]] = defaultdict(dict)
    for line in lines:
        if line.preorder_on is not None:
            found[line.preorder_on][line.number] = line.quantity
    return dict(sorted(found.items()))


def _without(takes: Takes, ended: Collection[int]) -> Takes:
    """Return the units of all lines but the ``ended``, of the sources that still give any."""
    kept = {
        source: {number: units for number, units in by_line.items() if number not in ended}
        for source, by_line in takes.items()
    }
    return {source: by_line for source, by_line in kept.items() if by_line}


def _by_line(*takes: Takes) -> dict[int, Decimal]:
    units: defaultdict[int, Decimal] = defaultdict(Decimal)
    for take in takes:
        for by_line in take.values():
            for line, quantity in by_line.items():
                units[line] += quantity
    return dict(units)


def after_action_rules(configuration: Mapping[str, object]) -> AfterActionRules:
    """Return the after-actions of an effective configuration."""
    return AfterActionRules(
        AfterAction(str(configuration["partial_match_action"])),
        AfterActionScope(str(configuration["partial_match_scope"])),
        AfterAction(str(configuration["no_match_action"])),
    )
