"""Assigns the lines of a new order to sources, or leaves them to the after-action; PURE."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from core.quantities import ZERO, quantity_of, units_of
from fulfillment.sourcing.choices import NO_LIMITS, SplitLimits
from fulfillment.sourcing.eligibility import SpareUnits
from fulfillment.sourcing.needs import Coverage, Need
from fulfillment.sourcing.remaining_supply import RemainingSupply
from fulfillment.sourcing.sourcing import Sourcing
from inventory.options import AfterAction, AfterActionScope


@dataclass(frozen=True, slots=True)
class LineNeed:
    """The units that one line needs."""

    line: int
    product_id: int
    quantity: Decimal


def assign(
    needs: Sequence[LineNeed],
    spare: SpareUnits,
    candidates: Sequence[int],
    limits: SplitLimits,
    *,
    needed_whole: Collection[int] = (),
) -> Mapping[int, Mapping[int, Decimal]]:
    """Return the units assigned, by source id in the order of use, by line.

    ``candidates`` are source ids in the order of choice. Where only the limits stop lines that
    are ``needed_whole``, every choice within the limits is tried, the fewest sources first.

    Rule: Choosing sources.
    """
    whole = [need for need in needs if need.line in needed_whole]
    return _assigned(needs, spare, candidates, limits, whole=whole)


def assign_in_order(
    needs: Sequence[LineNeed], spare: SpareUnits, candidates: Sequence[int]
) -> Mapping[int, Mapping[int, Decimal]]:
    """Return the units assigned where each source in order gives all it can, without limits."""
    return _assigned(needs, spare, candidates, NO_LIMITS, is_in_order=True)


def _assigned(
    needs: Sequence[LineNeed],
    spare: SpareUnits,
    candidates: Sequence[int],
    limits: SplitLimits,
    *,
    whole: Sequence[LineNeed] = (),
    is_in_order: bool = False,
) -> Mapping[int, Mapping[int, Decimal]]:
    sourcing = Sourcing(_remaining(spare, needs), limits, candidates, is_in_order=is_in_order)
    coverage = Coverage()
    sourcing.cover(_in_units(needs), coverage, whole=_in_units(whole))
    return {
        source: {line: quantity_of(units) for line, units in lines.items()}
        for source, lines in coverage.given.items()
    }


def _in_units(needs: Iterable[LineNeed]) -> list[Need]:
    return [Need(need.line, need.line, need.product_id, units_of(need.quantity)) for need in needs]


def _remaining(spare: SpareUnits, needs: Iterable[LineNeed]) -> RemainingSupply:
    """Return the units that may be given of the products of ``needs``."""
    in_all = {need.product_id: units_of(spare.in_all.get(need.product_id, ZERO)) for need in needs}
    current: defaultdict[int, dict[int, int]] = defaultdict(dict)
    for (source, product), units in spare.at_source.items():
        if product in in_all:
            current[product][source] = units_of(units)
    return RemainingSupply(current, {}, spare.with_decimals, in_all)


@dataclass(frozen=True, slots=True)
class AfterActionRules:
    """The after-actions in force."""

    partial_match: AfterAction
    partial_match_scope: AfterActionScope
    no_match: AfterAction


@dataclass(frozen=True, slots=True)
class UnassignedUnits:
    """Units by line that stay unassigned, and the action for them."""

    action: AfterAction
    quantities: Mapping[int, Decimal]


def rest_of(
    wanted: Mapping[int, Decimal],
    assigned: Mapping[int, Decimal],
    rules: AfterActionRules,
    *,
    is_pickup: bool,
) -> UnassignedUnits:
    """Return the units that stay unassigned within the scope in force; quantities by line.

    The remainder of a pickup order always backorders, at its pickup source.

    Rule: Routing at placement, after-actions.
    """
    missing = {
        line: units - assigned.get(line, ZERO)
        for line, units in wanted.items()
        if units > assigned.get(line, ZERO)
    }
    is_partial = any(assigned.values())
    action = rules.partial_match if is_partial else rules.no_match
    if is_pickup:
        action = AfterAction.BACKORDER
    if not missing or not is_partial:
        return UnassignedUnits(action, missing)
    match rules.partial_match_scope:
        case AfterActionScope.BY_QUANTITY:
            return UnassignedUnits(action, missing)
        case AfterActionScope.BY_LINE:
            return UnassignedUnits(action, {line: wanted[line] for line in missing})
        case AfterActionScope.ALL:
            return UnassignedUnits(action, dict(wanted))
