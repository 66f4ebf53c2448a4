"""The needs of a shipment per product, and the parts of its lines that cover them; PURE."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import date

from core.quantities import UNIT
from fulfillment.release.planning.values import LinePart, Need


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


def on_lines(
    parts: Iterable[LinePart],
    needs: Sequence[Need],
    with_decimals: Collection[tuple[int, int]],
    candidates: Sequence[int],
) -> list[LinePart]:
    """Divide ``parts``, which cover the sums of ``needs``, among the lines, in sequence.

    Each line first gets whole units of source items without decimals, then the others; of both,
    current units before dated ones, in the order of ``candidates``.
    """
    left = {need.line_id: need.units for need in needs}
    lines: defaultdict[int, list[Need]] = defaultdict(list)
    for need in needs:
        lines[need.product_id].append(need)
    rank = {source_id: rank for rank, source_id in enumerate(candidates)}

    def place(part: LinePart) -> tuple[bool, date, int, int]:
        gives_fractions = (part.source_id, part.product_id) in with_decimals
        day = part.expected_on or date.min
        return gives_fractions, day, rank[part.source_id], part.future_id or 0

    found = []
    for part in sorted(parts, key=place):
        gives_fractions = (part.source_id, part.product_id) in with_decimals
        units = part.units
        for need in lines[part.product_id]:
            given = min(units, left[need.line_id])
            if not gives_fractions:
                given -= given % UNIT
            if given > 0:
                found.append(part._replace(line_id=need.line_id, units=given))
                left[need.line_id] -= given
                units -= given
    return found


def missing_of(needs: Iterable[Need], parts: Iterable[LinePart]) -> dict[int, int]:
    """Return the units that ``parts`` do not cover, by line."""
    left = {need.line_id: need.units for need in needs}
    for part in parts:
        left[part.line_id] -= part.units
    return {line_id: units for line_id, units in left.items() if units}
