"""The parts of its lines that a shipment is given; PURE."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import date

from core.quantities import UNIT
from fulfillment.release.planning.values import Child, QueuedShipment
from fulfillment.sourcing.needs import LinePart, Need


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

    def order_of_use(part: LinePart) -> tuple[bool, date, int, int]:
        gives_fractions = (part.source_id, part.product_id) in with_decimals
        day = part.expected_on or date.min
        return gives_fractions, day, rank[part.source_id], part.future_id or 0

    found = []
    for part in sorted(parts, key=order_of_use):
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


def children_of(
    shipment: QueuedShipment, parts: Sequence[LinePart], candidates: Sequence[int]
) -> tuple[Child, ...]:
    """Return one READY child per source in the order of choice, then one FUTURE child per date
    and source. Lines that need no units leave with the first child."""
    unmanaged_lines = tuple(need.line_id for need in shipment.needs if not need.is_reserving)
    if not parts:
        return (
            (Child(candidates[0], None, (), unmanaged_lines),)
            if candidates and unmanaged_lines
            else ()
        )
    first = parts[0]
    if all(
        part.source_id == first.source_id and part.expected_on == first.expected_on
        for part in parts
    ):
        return (Child(first.source_id, first.expected_on, tuple(parts), unmanaged_lines),)
    rank = {source_id: rank for rank, source_id in enumerate(candidates)}
    groups: defaultdict[tuple[date, int], list[LinePart]] = defaultdict(list)
    for part in parts:
        groups[part.expected_on or date.min, part.source_id].append(part)
    in_order = sorted(groups, key=lambda group: (group[0], rank[group[1]]))
    return tuple(
        Child(
            source_id,
            None if expected_on == date.min else expected_on,
            tuple(groups[expected_on, source_id]),
            unmanaged_lines if position == 0 else (),
        )
        for position, (expected_on, source_id) in enumerate(in_order)
    )
