"""What becomes of the units of an order that no source could be given for; PURE."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from inventory.options import AfterAction, AfterActionScope

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class AfterActionRules:
    """The after-actions in force."""

    partial_match: AfterAction
    partial_match_scope: AfterActionScope
    no_match: AfterAction


@dataclass(frozen=True, slots=True)
class UnassignedUnits:
    """Units by line that are not assigned after all, and the action that they follow."""

    action: AfterAction
    quantities: Mapping[int, Decimal]


def rest_of(
    asked: Mapping[int, Decimal],
    assigned: Mapping[int, Decimal],
    rules: AfterActionRules,
    *,
    is_pickup: bool,
) -> UnassignedUnits:
    """Return what is not assigned once the scope has been widened; quantities by line.

    The remainder of a pickup order always backorders, at its pickup source.

    Rule: Routing at placement, after-actions.
    """
    missing = {
        line: units - assigned.get(line, ZERO)
        for line, units in asked.items()
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
            return UnassignedUnits(action, {line: asked[line] for line in missing})
        case AfterActionScope.ALL:
            return UnassignedUnits(action, dict(asked))
