"""What has been found for a shipment while its needs are covered; PURE."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from fulfillment.release.planning.values import Take


class SupplyPlace(NamedTuple):
    """Where units are taken: at a source now, or from a dated record."""

    source_id: int
    future_id: int | None = None
    expected_on: date | None = None


@dataclass(slots=True)
class Coverage:
    """What has been found for a shipment so far, and which sources that uses."""

    takes: list[Take] = field(default_factory=list)
    sources: set[int] = field(default_factory=set)
    sources_of_line: defaultdict[int, set[int]] = field(default_factory=lambda: defaultdict(set))

    def add(self, take: Take) -> None:
        self.takes.append(take)
        self.sources.add(take.source_id)
        self.sources_of_line[take.line_id].add(take.source_id)

    def lower(self, line_id: int, place: SupplyPlace, units: int) -> list[Take]:
        """Take ``units`` off what a line was given at a place; return what that is."""
        given_back = []
        for position in range(len(self.takes) - 1, -1, -1):
            take = self.takes[position]
            at = SupplyPlace(take.source_id, take.future_id, take.expected_on)
            if units and take.line_id == line_id and at == place:
                less = min(units, take.units)
                units -= less
                given_back.append(take._replace(units=less))
                rest = [take._replace(units=take.units - less)] if take.units > less else []
                self.takes[position : position + 1] = rest
        return given_back

    def without(self, takes: Sequence[Take], sources: Collection[int]) -> None:
        """Forget the last ``takes``; before them, only ``sources`` were used."""
        del self.takes[len(self.takes) - len(takes) :]
        self.sources = set(sources)
        for take in takes:
            self.sources_of_line.pop(take.line_id, None)
