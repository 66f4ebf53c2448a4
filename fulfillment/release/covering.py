"""Covers the needs of one shipment from what is left: current first, then dated; PURE."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from fulfillment.release.plan import Need, ReleaseSettings, Take
from fulfillment.release.stocked import FutureRecord, Stocked

# A need, the units it lacks, and what is left of its product, by source.
Lacking = tuple[Need, int, Mapping[int, int]]


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


class Covering:
    """Chooses sources for needs, within the limits that hold for one release.

    ``candidates`` are the sources a shipment may draw on, in the order they are tried.

    Rule: Choosing sources.
    """

    def __init__(
        self, stocked: Stocked, settings: ReleaseSettings, candidates: Sequence[int]
    ) -> None:
        self._stocked = stocked
        self._settings = settings
        self._candidates = candidates
        self._rank = {source_id: rank for rank, source_id in enumerate(candidates)}

    def cover(self, needs: Sequence[Need], coverage: Coverage) -> dict[int, int]:
        """Add takes for ``needs`` to ``coverage``; return the units still missing, by line.

        What is taken is given away at once, so that needs covered later see what is left.
        """
        left = {need.line_id: need.units for need in needs}
        self._cover_from_current(needs, left, coverage)
        if any(left.values()):
            self._cover_from_future(needs, left, coverage)
        return {line_id: units for line_id, units in left.items() if units}

    def _cover_from_current(
        self, needs: Sequence[Need], left: dict[int, int], coverage: Coverage
    ) -> None:
        current = self._stocked.current
        while wanted := sum(left.values()):
            lacking = [
                (need, left[need.line_id], current[need.product_id])
                for need in needs
                if left[need.line_id]
            ]
            best: list[tuple[Need, int]] = []
            at = most = 0
            for source_id in self._candidates:
                if self._may_use(source_id, coverage):
                    given, units = self._given_by(source_id, lacking, coverage)
                    if units > most:
                        best, at, most = given, source_id, units
                        if units == wanted:
                            break
            if not best:
                return
            takes = [Take(need.line_id, need.product_id, units, at) for need, units in best]
            self._commit(takes, left, coverage)

    def _given_by(
        self, source_id: int, lacking: Sequence[Lacking], coverage: Coverage
    ) -> tuple[list[tuple[Need, int]], int]:
        """Return all that the source can give of what is lacking, in sequence, and its sum."""
        found: list[tuple[Need, int]] = []
        total = 0
        for need, wanted, at_source in lacking:
            here = at_source.get(source_id)
            if not here or not self._line_may_use(need, source_id, coverage):
                continue
            for other, given in found:
                if other.product_id == need.product_id:
                    here -= given
            units = min(wanted, here)
            if units <= 0:
                continue
            found.append((need, units))
            total += units
        return found, total

    def _cover_from_future(
        self, needs: Sequence[Need], left: dict[int, int], coverage: Coverage
    ) -> None:
        for need in needs:
            if not left[need.line_id]:
                continue
            for record in self._eligible_records(need.product_id):
                if not left[need.line_id]:
                    break
                self._take_from(record, need, left, coverage)

    def _take_from(
        self, record: FutureRecord, need: Need, left: dict[int, int], coverage: Coverage
    ) -> None:
        source_id = record.source_id
        if not self._may_use(source_id, coverage):
            return
        if not self._line_may_use(need, source_id, coverage):
            return
        units = min(record.units, left[need.line_id])
        if units > 0:
            take = Take(
                need.line_id,
                need.product_id,
                units,
                source_id,
                record.future_id,
                record.expected_on,
            )
            self._commit([take], left, coverage)

    def _eligible_records(self, product_id: int) -> list[FutureRecord]:
        """Return the records in the order date, source order, id."""
        rank = self._rank
        return sorted(
            (
                record
                for record in self._stocked.future.get(product_id, ())
                if record.units > 0 and record.source_id in rank
            ),
            key=lambda record: (record.expected_on, rank[record.source_id], record.future_id),
        )

    def _commit(self, takes: Sequence[Take], left: dict[int, int], coverage: Coverage) -> None:
        self._stocked.take(takes)
        for take in takes:
            left[take.line_id] -= take.units
            coverage.add(take)

    def _may_use(self, source_id: int, coverage: Coverage) -> bool:
        limit = self._settings.max_sources_per_release
        return limit is None or source_id in coverage.sources or len(coverage.sources) < limit

    def _line_may_use(self, need: Need, source_id: int, coverage: Coverage) -> bool:
        limit = self._settings.max_sources_per_line
        if limit is None:
            return True
        used = coverage.sources_of_line[need.line_id]
        return source_id in used or len(used) < limit
