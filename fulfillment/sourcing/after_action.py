"""The after-action for units of an order that no source can serve; PURE."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from core.quantities import ZERO
from inventory.options import AfterAction, AfterActionScope


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
