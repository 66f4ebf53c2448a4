"""The children of a released shipment; PURE."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date

from fulfillment.release.planning.values import Child, LinePart, QueuedShipment


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
