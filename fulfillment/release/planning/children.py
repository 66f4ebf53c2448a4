"""What leaves together of a shipment that is released; PURE."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date

from fulfillment.release.planning.values import Child, QueuedShipment, Take


def children_of(
    shipment: QueuedShipment, takes: Sequence[Take], candidates: Sequence[int]
) -> tuple[Child, ...]:
    """Group takes: one READY child per source in the order tried, then one FUTURE child per
    date and source. Lines that take no units go with the first child."""
    free_lines = tuple(need.line_id for need in shipment.needs if not need.takes_units)
    if not takes:
        return (Child(candidates[0], None, (), free_lines),) if candidates and free_lines else ()
    first = takes[0]
    if all(
        take.source_id == first.source_id and take.expected_on == first.expected_on
        for take in takes
    ):
        return (Child(first.source_id, first.expected_on, tuple(takes), free_lines),)
    rank = {source_id: rank for rank, source_id in enumerate(candidates)}
    groups: defaultdict[tuple[date, int], list[Take]] = defaultdict(list)
    for take in takes:
        groups[take.expected_on or date.min, take.source_id].append(take)
    in_order = sorted(groups, key=lambda group: (group[0], rank[group[1]]))
    return tuple(
        Child(
            source_id,
            None if expected_on == date.min else expected_on,
            tuple(groups[expected_on, source_id]),
            free_lines if position == 0 else (),
        )
        for position, (expected_on, source_id) in enumerate(in_order)
    )
