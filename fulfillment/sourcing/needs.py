"""The units that lines need, with the parts that cover them; PURE."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from core.quantities import UNIT


class Need(NamedTuple):
    """The units of one shipment line, or of all lines of one product.

    A line whose stock is not managed needs no units (``is_reserving`` is false) and leaves with
    the others. ``whole`` is how many units may come from source items without decimals, if fewer
    than fit into ``units``.
    """

    line_id: int
    sequence: int
    product_id: int
    units: int
    is_reserving: bool = True
    whole: int | None = None


class LinePart(NamedTuple):
    """Units of one line from a source item, or (``future_id``) from a record of future supply."""

    line_id: int
    product_id: int
    units: int
    source_id: int
    future_id: int | None = None
    expected_on: date | None = None


class SupplyOrigin(NamedTuple):
    """Where units come from: what is on hand at a source, or a dated record there."""

    source_id: int
    future_id: int | None = None
    expected_on: date | None = None


@dataclass(slots=True)
class Coverage:
    """The parts found so far, and the units given, by source in the order of use, by line."""

    parts: list[LinePart] = field(default_factory=list)
    given: dict[int, dict[int, int]] = field(default_factory=dict)

    def add(self, part: LinePart) -> None:
        self.parts.append(part)
        lines = self.given.setdefault(part.source_id, {})
        lines[part.line_id] = lines.get(part.line_id, 0) + part.units

    def sources_of(self, line_id: int) -> list[int]:
        """Return the sources that a line uses."""
        return [source_id for source_id, lines in self.given.items() if line_id in lines]

    def in_fractions(
        self, line_id: int, with_decimals: Collection[tuple[int, int]]
    ) -> list[tuple[SupplyOrigin, int]]:
        """Return the units of a line from the source items ``with_decimals``, by origin."""
        given: dict[SupplyOrigin, int] = {}
        for part in self.parts:
            if part.line_id == line_id and (part.source_id, part.product_id) in with_decimals:
                origin = SupplyOrigin(part.source_id, part.future_id, part.expected_on)
                given[origin] = given.get(origin, 0) + part.units
        return list(given.items())

    def lower(self, line_id: int, origin: SupplyOrigin, units: int) -> list[LinePart]:
        """Remove ``units`` of a line of one origin; return the parts removed."""
        self._take_back(origin.source_id, line_id, units)
        given_back = []
        for position in range(len(self.parts) - 1, -1, -1):
            part = self.parts[position]
            at = SupplyOrigin(part.source_id, part.future_id, part.expected_on)
            if units and part.line_id == line_id and at == origin:
                less = min(units, part.units)
                units -= less
                given_back.append(part._replace(units=less))
                rest = [part._replace(units=part.units - less)] if part.units > less else []
                self.parts[position : position + 1] = rest
        return given_back

    def without(self, parts: Sequence[LinePart]) -> None:
        """Remove the last ``parts``."""
        del self.parts[len(self.parts) - len(parts) :]
        for part in parts:
            self._take_back(part.source_id, part.line_id, part.units)

    def beginning(self) -> "Coverage":
        """Return a coverage without parts that uses the same sources."""
        return Coverage(given={source: dict(lines) for source, lines in self.given.items()})

    def _take_back(self, source_id: int, line_id: int, units: int) -> None:
        lines = self.given[source_id]
        lines[line_id] -= units
        if not lines[line_id]:
            del lines[line_id]
        if not lines:
            del self.given[source_id]


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
