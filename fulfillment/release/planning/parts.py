"""The parts of its lines that a shipment is given; PURE."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from core.quantities import UNIT
from fulfillment.release.planning.values import Child, LinePart, Need, QueuedShipment


class SupplyPlace(NamedTuple):
    """A source with current units, or a dated record there."""

    source_id: int
    future_id: int | None = None
    expected_on: date | None = None


@dataclass(slots=True)
class Coverage:
    """The parts found for a shipment so far, and the sources they use."""

    parts: list[LinePart] = field(default_factory=list)
    sources: set[int] = field(default_factory=set)
    sources_of_line: dict[int, set[int]] = field(default_factory=dict)

    def add(self, part: LinePart) -> None:
        self.parts.append(part)
        self.sources.add(part.source_id)
        self.sources_of_line.setdefault(part.line_id, set()).add(part.source_id)

    def lower(self, line_id: int, place: SupplyPlace, units: int) -> list[LinePart]:
        """Remove ``units`` of a line at a place; return the parts removed."""
        given_back = []
        for position in range(len(self.parts) - 1, -1, -1):
            part = self.parts[position]
            at = SupplyPlace(part.source_id, part.future_id, part.expected_on)
            if units and part.line_id == line_id and at == place:
                less = min(units, part.units)
                units -= less
                given_back.append(part._replace(units=less))
                rest = [part._replace(units=part.units - less)] if part.units > less else []
                self.parts[position : position + 1] = rest
        return given_back

    def without(self, parts: Sequence[LinePart], sources: Collection[int]) -> None:
        """Remove the last ``parts``; before them, only ``sources`` were used."""
        del self.parts[len(self.parts) - len(parts) :]
        self.sources = set(sources)
        for part in parts:
            self.sources_of_line.pop(part.line_id, None)


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
