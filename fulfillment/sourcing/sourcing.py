"""Covers the needs of one shipment from the remaining supply: current, then dated; PURE."""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial

from core.quantities import UNIT
from fulfillment.sourcing.choices import (
    SourceChoices,
    SourcesByProduct,
    SplitLimits,
    most_covering,
)
from fulfillment.sourcing.eligibility import find_exchange, fitting
from fulfillment.sourcing.needs import Coverage, LinePart, Need, SupplyPlace, units_by_product
from fulfillment.sourcing.remaining_supply import FutureRecord, RemainingSupply

# A need, the units it lacks, and what is left of its product, by source.
Shortfall = tuple[Need, int, Mapping[int, int]]


class Sourcing:
    """Chooses sources for needs, within the limits that hold for one release.

    Needs covered together are of different products. ``candidates`` are the eligible sources in
    the order of choice; with ``sources_of_product``, each product comes from these alone.

    Rule: Choosing sources.
    """

    def __init__(
        self,
        remaining: RemainingSupply,
        limits: SplitLimits,
        candidates: Sequence[int],
        sources_of_product: SourcesByProduct | None = None,
    ) -> None:
        self._remaining = remaining
        self._with_decimals = remaining.with_decimals
        self._limits = limits
        self._candidates = candidates
        self._rank = {source_id: rank for rank, source_id in enumerate(candidates)}
        self._sources_of_product = sources_of_product
        self._has_line_limit = limits.sources_per_line is not None or bool(sources_of_product)
        # Whether every choice within the limits was tried.
        self.is_every_choice_tried = True

    def cover(self, needs: Sequence[Need], coverage: Coverage) -> dict[int, int]:
        """Add parts for ``needs`` to ``coverage``; return the units still missing, by line.

        Allocates at once, so that needs covered later see the units left.
        """
        left = {need.line_id: need.units for need in needs}
        self._cover_from_current(needs, left, coverage)
        if any(left.values()):
            self._cover_from_future(needs, left, coverage)
        return {line_id: units for line_id, units in left.items() if units}

    def cover_whole(self, needs: Sequence[Need], coverage: Coverage) -> dict[int, int]:
        """Do the same as :meth:`cover`, for needs of which all units are needed.

        Where only a limit prevents it, every choice within the limits is tried: first of current
        stock, then of current and dated supply together.
        """
        used, first = frozenset(coverage.sources), len(coverage.parts)
        left = {need.line_id: need.units for need in needs}
        self._cover_from_current(needs, left, coverage)
        for is_dated in (False, True):
            if is_dated:
                self._cover_from_future(needs, left, coverage)
            if not any(left.values()):
                return {}
            if self._limits.are_any and self._is_chosen(
                needs, used, coverage, first, is_dated=is_dated
            ):
                return {}
        return {line_id: units for line_id, units in left.items() if units}

    def usable(self, needs: Sequence[Need]) -> list[LinePart]:
        """Allocate all units that the needs could use at every source, despite the limits."""
        parts: list[LinePart] = []
        for need in needs:
            at_source = self._remaining.current[need.product_id]
            left = {
                source_id: self._fitting(need, source_id, need.units, Coverage())
                for source_id in self._candidates
            }
            for source_id in self._candidates:
                could_use = min(at_source.get(source_id, 0), left[source_id])
                if units := fitting(could_use, source_id, need.product_id, self._with_decimals):
                    parts.append(LinePart(need.line_id, need.product_id, units, source_id))
                    left[source_id] -= units
            for record in self._eligible_records(need.product_id):
                could_use = min(record.units, left[record.source_id])
                if units := fitting(
                    could_use, record.source_id, need.product_id, self._with_decimals
                ):
                    left[record.source_id] -= units
                    parts.append(_dated(need, units, record))
        self._remaining.allocate(parts)
        return parts

    def rest(
        self, needs: Sequence[Need], missing: Mapping[int, int], coverage: Coverage
    ) -> list[Need]:
        """Return the needs for the ``missing`` units, by line, on top of ``coverage``."""
        return [
            need._replace(
                units=missing[need.line_id],
                whole=None if need.whole is None else self._whole_left(need, coverage),
            )
            for need in needs
            if need.line_id in missing
        ]

    def _is_chosen(
        self,
        needs: Sequence[Need],
        used: frozenset[int],
        coverage: Coverage,
        first: int,
        *,
        is_dated: bool,
    ) -> bool:
        """Cover all of ``needs`` by the best choice within the limits, if there is one.

        The parts found for them before, from ``first`` on, are replaced.
        """
        wanted = units_by_product(needs)
        found = coverage.parts[first:]
        self._remaining.deallocate(found)
        if all(self._left_of(p, is_dated=is_dated) >= units for p, units in wanted.items()):
            choices = self._choices(wanted, used, is_dated=is_dated)
            for choice in choices:
                attempt = Coverage(sources=set(used))
                within = Sourcing(self._remaining, self._limits, choice.sources, choice.of_product)
                if not within.cover(needs, attempt):
                    coverage.without(found, used)
                    for part in attempt.parts:
                        coverage.add(part)
                    return True
                self._remaining.deallocate(attempt.parts)
            self.is_every_choice_tried &= choices.are_all_tried
        self._remaining.allocate(found)
        return False

    def _choices(
        self, wanted: Mapping[int, int], used: frozenset[int], *, is_dated: bool
    ) -> SourceChoices:
        current = {product: self._remaining.current.get(product, {}) for product in wanted}
        return SourceChoices(
            wanted,
            {p: {s: row[s] for s in self._candidates if s in row} for p, row in current.items()},
            self._candidates,
            self._limits,
            dated={p: self._eligible_records(p) for p in wanted} if is_dated else None,
            used=used,
        )

    def _left_of(self, product_id: int, *, is_dated: bool) -> int:
        now, with_dated = self._remaining.obtainable(product_id, self._candidates)
        return with_dated if is_dated else now

    def _cover_from_current(
        self, needs: Sequence[Need], left: dict[int, int], coverage: Coverage
    ) -> None:
        self._take_most(needs, left, coverage)
        while self._is_exchanged(needs, left, coverage, is_dated=False):
            self._take_most(needs, left, coverage)

    def _cover_from_future(
        self, needs: Sequence[Need], left: dict[int, int], coverage: Coverage
    ) -> None:
        self._take_dated(needs, left, coverage)
        while self._is_exchanged(needs, left, coverage, is_dated=True):
            self._take_most(needs, left, coverage)
            self._take_dated(needs, left, coverage)

    def _is_exchanged(
        self, needs: Sequence[Need], left: dict[int, int], coverage: Coverage, *, is_dated: bool
    ) -> bool:
        """Exchange one whole unit for missing fractions; return whether that was possible."""
        return any(
            self._is_exchanged_for(need, left, coverage, is_dated=is_dated)
            for need in needs
            if 0 < left[need.line_id] < UNIT
        )

    def _is_exchanged_for(
        self, need: Need, left: dict[int, int], coverage: Coverage, *, is_dated: bool
    ) -> bool:
        def whole_unit(_line_id: int) -> SupplyPlace | None:
            for place in self._whole_units(need.product_id, is_dated=is_dated):
                is_open = self._limits.allow_source(place.source_id, coverage.sources)
                if (
                    is_open
                    and self._line_may_use(need, place.source_id, coverage)
                    and self._fitting(need, place.source_id, UNIT, coverage)
                ):
                    return place
            return None

        exchange = find_exchange(
            {need.line_id: left[need.line_id]},
            {need.line_id: self._in_fractions(need.line_id, coverage)},
            whole_unit,
        )
        if exchange is None:
            return False
        for place, units in exchange.given_back.items():
            self._remaining.deallocate(coverage.lower(need.line_id, place, units))
            left[need.line_id] += units
        part = LinePart(need.line_id, need.product_id, UNIT, *exchange.place)
        self._commit([part], left, coverage)
        return True

    def _in_fractions(self, line_id: int, coverage: Coverage) -> list[tuple[SupplyPlace, int]]:
        """Return the units of a line from source items with decimals, by place."""
        given: dict[SupplyPlace, int] = {}
        for part in coverage.parts:
            is_given_in_fractions = (part.source_id, part.product_id) in self._with_decimals
            if part.line_id == line_id and is_given_in_fractions:
                place = SupplyPlace(part.source_id, part.future_id, part.expected_on)
                given[place] = given.get(place, 0) + part.units
        return list(given.items())

    def _whole_units(self, product_id: int, *, is_dated: bool) -> Iterator[SupplyPlace]:
        """Yield the places without decimals that have a whole unit of a product left."""
        for source_id in self._candidates:
            is_left = self._remaining.current[product_id].get(source_id, 0) >= UNIT
            if is_left and (source_id, product_id) not in self._with_decimals:
                yield SupplyPlace(source_id)
        for record in self._eligible_records(product_id) if is_dated else ():
            place = record.source_id, product_id
            if record.units >= UNIT and place not in self._with_decimals:
                yield SupplyPlace(record.source_id, record.future_id, record.expected_on)

    def _take_most(self, needs: Sequence[Need], left: dict[int, int], coverage: Coverage) -> None:
        current = self._remaining.current
        while wanted := sum(left.values()):
            short = [
                (need, left[need.line_id], current[need.product_id])
                for need in needs
                if left[need.line_id]
            ]
            given_by = partial(self._given_by, short=short, coverage=coverage)
            best = most_covering(self._candidates, given_by, wanted)
            if best is None:
                return
            self._commit(best[1], left, coverage)

    def _given_by(
        self, source_id: int, *, short: Sequence[Shortfall], coverage: Coverage
    ) -> tuple[list[LinePart], int]:
        """Return the parts that the source can give to each need, in sequence, and their units."""
        found: list[LinePart] = []
        total = 0
        if not self._limits.allow_source(source_id, coverage.sources):
            return found, total
        for need, wanted, at_source in short:
            here = at_source.get(source_id)
            if not here:
                continue
            if self._has_line_limit and not self._line_may_use(need, source_id, coverage):
                continue
            units = self._fitting(need, source_id, min(wanted, here), coverage)
            if units > 0:
                found.append(LinePart(need.line_id, need.product_id, units, source_id))
                total += units
        return found, total

    def _take_dated(self, needs: Sequence[Need], left: dict[int, int], coverage: Coverage) -> None:
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
        if not self._limits.allow_source(source_id, coverage.sources):
            return
        if not self._line_may_use(need, source_id, coverage):
            return
        wanted = min(record.units, left[need.line_id])
        units = self._fitting(need, source_id, wanted, coverage)
        if units > 0:
            self._commit([_dated(need, units, record)], left, coverage)

    def _fitting(self, need: Need, source_id: int, units: int, coverage: Coverage) -> int:
        """Return how many of ``units`` a need may take from a source, on top of ``coverage``."""
        if need.whole is not None and (source_id, need.product_id) not in self._with_decimals:
            units = min(units, self._whole_left(need, coverage))
        return fitting(units, source_id, need.product_id, self._with_decimals)

    def _whole_left(self, need: Need, coverage: Coverage) -> int:
        """Return how many more units a need may take from source items without decimals."""
        given = sum(
            part.units
            for part in coverage.parts
            if part.line_id == need.line_id
            and (part.source_id, part.product_id) not in self._with_decimals
        )
        return (need.whole or 0) - given

    def _eligible_records(self, product_id: int) -> list[FutureRecord]:
        """Return the records in the order date, source order, id."""
        rank = self._rank
        return sorted(
            (
                record
                for record in self._remaining.future.get(product_id, ())
                if record.units > 0 and record.source_id in rank
            ),
            key=lambda record: (record.expected_on, rank[record.source_id], record.future_id),
        )

    def _commit(self, parts: Sequence[LinePart], left: dict[int, int], coverage: Coverage) -> None:
        self._remaining.allocate(parts)
        for part in parts:
            left[part.line_id] -= part.units
            coverage.add(part)

    def _line_may_use(self, need: Need, source_id: int, coverage: Coverage) -> bool:
        if self._sources_of_product is not None:
            return source_id in self._sources_of_product[need.product_id]
        return self._limits.allow_for_line(
            source_id, coverage.sources_of_line.get(need.line_id, ())
        )


def _dated(need: Need, units: int, record: FutureRecord) -> LinePart:
    source_id, future_id, day = record.source_id, record.future_id, record.expected_on
    return LinePart(need.line_id, need.product_id, units, source_id, future_id, day)
