"""The needs of a shipment per product; PURE."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from core.quantities import UNIT
from fulfillment.release.planning.values import Need


def units_by_product(needs: Iterable[Need]) -> dict[int, int]:
    """Return the units that lines need, by product."""
    wanted: dict[int, int] = {}
    for need in needs:
        if need.is_reserving:
            wanted[need.product_id] = wanted.get(need.product_id, 0) + need.units
    return wanted


def summed(needs: Sequence[Need]) -> Sequence[Need]:
    """Return one need per product, with the id of its first line.

    A fraction of a line comes from source items with decimals, even where fractions of several
    lines add up to a whole unit: ``whole`` says how many units may come from other source items.

    Rule: Release, full and by quantity (§15).
    """
    lines: defaultdict[int, list[Need]] = defaultdict(list)
    for need in needs:
        lines[need.product_id].append(need)
    if len(lines) == len(needs):
        return needs
    return [_sum_of(same) for same in lines.values()]


def _sum_of(needs: Sequence[Need]) -> Need:
    if len(needs) == 1:
        return needs[0]
    units = sum(need.units for need in needs)
    whole = sum(need.units - need.units % UNIT for need in needs)
    return needs[0]._replace(units=units, whole=whole)
