"""Covers needs from the remaining supply: current, then dated; PURE.

For placement, moves by hand and release.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial

from core.quantities import UNIT
from fulfillment.sourcing.choices import (
    NO_LIMITS,
    SourceChoices,
    SourcesByProduct,
    SplitLimits,
    most_covering,
)
from fulfillment.sourcing.eligibility import find_exchange, fitting
from fulfillment.sourcing.needs import Coverage, LinePart, Need, SupplyOrigin, units_by_product
from fulfillment.sourcing.remaining_supply import FutureRecord, RemainingSupply

# A need, the units it lacks, and the units that each source may give of its product.
Shortfall = tuple[Need, int, Mapping[int, int]]


class Sourcing:
    """Chooses sources for needs, within the limits that hold for one placement or release.

    ``candidates`` are the eligible sources in the order of choice. The first source that covers
    everything serves; otherwise, again and again, the one that covers most of the missing units,
    the first among equals; with ``is_in_order``, simply the first. Lines get their units in
    sequence. With ``sources_of_product``, each product comes from these alone. Without
    ``takes_dated``, no dated supply is promised.

    Rule: Choosing sources.
    """

    def __init__(
        self,
        remaining: RemainingSupply,
        limits: SplitLimits,
        candidates: Sequence[int],
        sources_of_product: SourcesByProduct | None = None,
        *,
        is_in_order: bool = False,
        takes_dated: bool = True,
    ) -> None:
        self._remaining = remaining
        self._with_decimals = remaining.with_decimals
        self._limits = limits
        self._candidates = candidates
        self._rank = {source_id: rank for rank, source_id in enumerate(candidates)}
        self._sources_of_product = sources_of_product
        self._is_in_order, self._takes_dated = is_in_order, takes_dated
        self._has_line_limit = limits.sources_per_line is not None or bool(sources_of_product)
        # Whether several of the needs are of one product.
        self._are_shared = False
        # Whether every choice within the limits was tried.
        self.is_every_choice_tried = True

    def cover(
        self, needs: Sequence[Need], coverage: Coverage, *, whole: Sequence[Need] = ()
    ) -> dict[int, int]:
        """Add parts for ``needs`` to ``coverage``; return the units still missing, by line.

        Allocates at once, so that needs covered later see the units left. Where only a limit
        prevents that the ``whole`` ones of the needs get all their units, every choice within the
        limits is tried for these: first of current stock, then of current and dated supply
        together. The others get what the limits leave.
        """
        products = {need.product_id for need in needs} if len(needs) > 1 else needs
        self._are_shared = len(products) < len(needs)
        used, first = frozenset(coverage.given), len(coverage.parts)
        left = {need.line_id: need.units for need in needs}
        for is_dated in (False, True):
            self._fill(needs, left, coverage, is_dated=is_dated)
            if not any(left.values()):
                return {}
            is_limited = self._limits.are_any and any(left[need.line_id] for need in whole)
            if is_limited and (
                chosen := self._chosen(whole, used, coverage, first, is_dated=is_dated)
            ):
                if len(chosen) == len(needs):
                    return {}
                others = [need._replace(units=0) if need in chosen else need for need in needs]
                return self.cover(others, coverage)
            if not self._takes_dated or not self._remaining.future:
                break
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

    def _chosen(
        self,
        needs: Sequence[Need],
        used: frozenset[int],
        coverage: Coverage,
        first: int,
        *,
        is_dated: bool,
    ) -> Sequence[Need]:
        """Cover ``needs`` by the best choice within the limits, and return those covered whole.

        These are all for which there are enough units, or, without such a choice, none. The parts
        found before, from ``first`` on, are replaced.
        """
        found = coverage.parts[first:]
        self._remaining.deallocate(found)
        needs = self._remaining.coverable(needs)
        wanted = units_by_product(needs)
        if needs and all(
            self._left_of(p, is_dated=is_dated) >= units for p, units in wanted.items()
        ):
            choices = self._choices(wanted, used, is_dated=is_dated)
            for choice in choices:
                attempt = Coverage()
                within = Sourcing(self._remaining, NO_LIMITS, choice.sources, choice.of_product)
                if not within.cover(needs, attempt):
                    coverage.without(found)
                    for part in attempt.parts:
                        coverage.add(part)
                    return needs
                self._remaining.deallocate(attempt.parts)
            self.is_every_choice_tried &= choices.are_all_tried
        self._remaining.allocate(found)
        return ()

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

    def _fill(
        self, needs: Sequence[Need], left: dict[int, int], coverage: Coverage, *, is_dated: bool
    ) -> None:
        if not is_dated:
            self._take_current(needs, left, coverage)
        else:
            self._take_dated(needs, left, coverage)
        while self._is_exchanged(needs, left, coverage, is_dated=is_dated):
            self._take_current(needs, left, coverage)
            if is_dated:
                self._take_dated(needs, left, coverage)

    def _is_exchanged(
        self, needs: Sequence[Need], left: dict[int, int], coverage: Coverage, *, is_dated: bool
    ) -> bool:
        """Exchange one whole unit for missing fractions; return whether that was possible."""
        products = [need.product_id for need in needs if 0 < left[need.line_id] < UNIT]
        return bool(products) and any(
            self._is_exchanged_within(
                [need for need in needs if need.product_id == product_id],
                left,
                coverage,
                is_dated=is_dated,
            )
            for product_id in dict.fromkeys(products)
        )

    def _is_exchanged_within(
        self, needs: Sequence[Need], left: dict[int, int], coverage: Coverage, *, is_dated: bool
    ) -> bool:
        """Exchange one whole unit of the one product of ``needs``."""
        product_id = needs[0].product_id
        lines = {need.line_id: need for need in needs}
        most = self._remaining.in_all.get(product_id, UNIT)
        exchange = find_exchange(
            {line_id: left[line_id] for line_id in lines if left[line_id] <= most},
            {line: coverage.in_fractions(line, self._with_decimals) for line in lines},
            lambda line_id: self._whole_unit(lines[line_id], coverage, is_dated=is_dated),
        )
        if exchange is None:
            return False
        need = lines[exchange.line]
        for origin, units in exchange.given_back.items():
            self._remaining.deallocate(coverage.lower(need.line_id, origin, units))
            left[need.line_id] += units
        part = LinePart(need.line_id, product_id, UNIT, *exchange.origin)
        self._commit([part], left, coverage)
        return True

    def _whole_unit(self, need: Need, coverage: Coverage, *, is_dated: bool) -> SupplyOrigin | None:
        """Return where a need may take one more whole unit, if anywhere."""
        for origin in self._whole_units(need.product_id, is_dated=is_dated):
            if (
                self._limits.allow_source(origin.source_id, coverage.given)
                and self._line_may_use(need, origin.source_id, coverage)
                and self._fitting(need, origin.source_id, UNIT, coverage)
            ):
                return origin
        return None

    def _whole_units(self, product_id: int, *, is_dated: bool) -> Iterator[SupplyOrigin]:
        """Yield the origins without decimals that have a whole unit of a product left."""
        for source_id in self._candidates:
            is_left = self._remaining.current[product_id].get(source_id, 0) >= UNIT
            if is_left and (source_id, product_id) not in self._with_decimals:
                yield SupplyOrigin(source_id)
        for record in self._eligible_records(product_id) if is_dated else ():
            item = record.source_id, product_id
            if record.units >= UNIT and item not in self._with_decimals:
                yield SupplyOrigin(record.source_id, record.future_id, record.expected_on)

    def _take_current(
        self, needs: Sequence[Need], left: dict[int, int], coverage: Coverage
    ) -> None:
        remaining = self._remaining
        spare = remaining.spare if remaining.in_all else remaining.current.__getitem__
        while wanted := sum(left.values()):
            short = [
                (need, left[need.line_id], spare(need.product_id))
                for need in needs
                if left[need.line_id]
            ]
            given_by = partial(self._given_by, short=short, coverage=coverage)
            enough = 1 if self._is_in_order else wanted
            best = most_covering(self._candidates, given_by, enough)
            if best is None:
                return
            self._commit(best[1], left, coverage)

    def _given_by(
        self, source_id: int, *, short: Sequence[Shortfall], coverage: Coverage
    ) -> tuple[list[LinePart], int]:
        """Return the parts that the source can give to each need, in sequence, and their units."""
        found: list[LinePart] = []
        total = 0
        if not self._limits.allow_source(source_id, coverage.given):
            return found, total
        given: dict[int, int] = {}
        for need, wanted, at_source in short:
            here = at_source.get(source_id)
            if not here:
                continue
            if given:
                here -= given.get(need.product_id, 0)
            if self._has_line_limit and not self._line_may_use(need, source_id, coverage):
                continue
            units = self._fitting(need, source_id, min(wanted, here), coverage)
            if units > 0:
                found.append(LinePart(need.line_id, need.product_id, units, source_id))
                if self._are_shared:
                    given[need.product_id] = given.get(need.product_id, 0) + units
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
        if not self._limits.allow_source(source_id, coverage.given):
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
        return self._remaining.records_in_order(product_id, self._rank)

    def _commit(self, parts: Sequence[LinePart], left: dict[int, int], coverage: Coverage) -> None:
        self._remaining.allocate(parts)
        for part in parts:
            left[part.line_id] -= part.units
            coverage.add(part)

    def _line_may_use(self, need: Need, source_id: int, coverage: Coverage) -> bool:
        if self._sources_of_product is not None:
            return source_id in self._sources_of_product[need.product_id]
        if self._limits.sources_per_line is None or not coverage.given:
            return True
        return self._limits.allow_for_line(source_id, coverage.sources_of(need.line_id))


def _dated(need: Need, units: int, record: FutureRecord) -> LinePart:
    source_id, future_id, day = record.source_id, record.future_id, record.expected_on
    return LinePart(need.line_id, need.product_id, units, source_id, future_id, day)
