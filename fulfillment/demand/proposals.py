"""How many units of a product to order, by where they are needed. PURE."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal

from core.quantities import ZERO


@dataclass(frozen=True, slots=True)
class ProductNeed:
    """Units that are needed at a source; those for pickup can be used nowhere else."""

    source_id: int
    quantity: Decimal
    is_pickup: bool = False


@dataclass(frozen=True, slots=True)
class ProposedUnits:
    """Units to order for a source."""

    source_id: int
    quantity: Decimal


def proposed_units(
    needs: Sequence[ProductNeed], coming: Mapping[int, Decimal], *, multiple: int
) -> tuple[ProposedUnits, ...]:
    """Return what to order of one product: together all needs less all that comes, never below 0.

    The sum is rounded up to ``multiple``. ``coming`` are outstanding units of open supply by
    source: they cover the needs of their own source first, then other needs that are not for
    pickup, and pickups last. Sources stand in the order of their first need.

    Rule: §23, demand.
    """
    missing = sum((need.quantity for need in needs), ZERO) - sum(coming.values(), ZERO)
    if missing <= 0:
        return ()
    left = dict(coming)
    # Pickups are covered first at their own source, and last by what comes elsewhere.
    open_needs = {need: need.quantity for need in _merged(needs)}
    for need in sorted(open_needs, key=lambda need: not need.is_pickup):
        _cover(open_needs, need, left, [need.source_id])
    for need in sorted(open_needs, key=lambda need: need.is_pickup):
        _cover(open_needs, need, left, list(left))
    units: dict[int, Decimal] = {}
    for need, quantity in open_needs.items():
        units[need.source_id] = units.get(need.source_id, ZERO) + quantity
    rounded = (missing / multiple).to_integral_value(ROUND_CEILING) * multiple
    units[_movable(open_needs)] += rounded - missing
    return tuple(ProposedUnits(source, quantity) for source, quantity in units.items() if quantity)


def _merged(needs: Iterable[ProductNeed]) -> list[ProductNeed]:
    """Return one need for each source and kind, in the order of the first."""
    sums: dict[tuple[int, bool], Decimal] = {}
    for need in needs:
        key = need.source_id, need.is_pickup
        sums[key] = sums.get(key, ZERO) + need.quantity
    return [
        ProductNeed(source, quantity, is_pickup) for (source, is_pickup), quantity in sums.items()
    ]


def _cover(
    open_needs: dict[ProductNeed, Decimal],
    need: ProductNeed,
    left: dict[int, Decimal],
    sources: Iterable[int],
) -> None:
    for source in sources:
        covered = min(open_needs[need], left.get(source, ZERO))
        if covered:
            open_needs[need] -= covered
            left[source] -= covered


def _movable(open_needs: Mapping[ProductNeed, Decimal]) -> int:
    """Return where units beyond the needs go: to the first need that is not for pickup."""
    return min(
        (need for need, quantity in open_needs.items() if quantity),
        key=lambda need: need.is_pickup,
    ).source_id
