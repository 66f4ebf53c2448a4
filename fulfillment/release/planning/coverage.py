"""The units found for a shipment while its needs are covered; PURE."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from fulfillment.release.planning.values import LinePart


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
    sources_of_line: defaultdict[int, set[int]] = field(default_factory=lambda: defaultdict(set))

    def add(self, part: LinePart) -> None:
        self.parts.append(part)
        self.sources.add(part.source_id)
        self.sources_of_line[part.line_id].add(part.source_id)

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
