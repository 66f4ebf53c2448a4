"""The needs of a shipment per product, and what covers them back on its lines; PURE."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import date

from fulfillment.release.planning.values import UNIT, Need, Take


def units_by_product(needs: Iterable[Need]) -> dict[int, int]:
    """Return the units that lines need, by product."""
    wanted: dict[int, int] = {}
    for need in needs:
        if need.takes_units:
            wanted[need.product_id] = wanted.get(need.product_id, 0) + need.units
    return wanted


def summed(needs: Sequence[Need]) -> Sequence[Need]:
    """Return ``needs`` with those of one product as one, which bears the id of its first line.

    A fraction of a line comes from where decimals are used, also where fractions of several lines
    make a whole unit: ``whole`` says how many units may come from elsewhere.

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


def on_lines(
    takes: Iterable[Take],
    needs: Sequence[Need],
    with_decimals: Collection[tuple[int, int]],
    candidates: Sequence[int],
) -> list[Take]:
    """Return what covers the sums of ``needs`` on the lines themselves, in sequence.

    Each line gets whole units from where only those are given, then the others; of both, current
    units before dated ones, in the order of ``candidates``.
    """
    left = {need.line_id: need.units for need in needs}
    lines: defaultdict[int, list[Need]] = defaultdict(list)
    for need in needs:
        lines[need.product_id].append(need)
    rank = {source_id: rank for rank, source_id in enumerate(candidates)}

    def place(take: Take) -> tuple[bool, date, int, int]:
        gives_fractions = (take.source_id, take.product_id) in with_decimals
        day = take.expected_on or date.min
        return gives_fractions, day, rank[take.source_id], take.future_id or 0

    found = []
    for take in sorted(takes, key=place):
        gives_fractions = (take.source_id, take.product_id) in with_decimals
        units = take.units
        for need in lines[take.product_id]:
            given = min(units, left[need.line_id])
            if not gives_fractions:
                given -= given % UNIT
            if given > 0:
                found.append(take._replace(line_id=need.line_id, units=given))
                left[need.line_id] -= given
                units -= given
    return found


def missing_of(needs: Iterable[Need], takes: Iterable[Take]) -> dict[int, int]:
    """Return the units that lines lack when they are given ``takes``; those that lack any."""
    left = {need.line_id: need.units for need in needs}
    for take in takes:
        left[take.line_id] -= take.units
    return {line_id: units for line_id, units in left.items() if units}
