"""Covers the needs of one shipment from what is left: current first, then dated; PURE."""

from collections.abc import Iterator, Mapping, Sequence

from fulfillment.release.planning.coverage import Coverage, SupplyPlace
from fulfillment.release.planning.needs import units_by_product
from fulfillment.release.planning.remaining_supply import FutureRecord, RemainingSupply
from fulfillment.release.planning.source_choices import SourceOffers, SourcesOfProduct
from fulfillment.release.planning.values import UNIT, Need, ReleaseSettings, Take
from fulfillment.sourcing.fractions import find_exchange

# A need, the units it lacks, and what is left of its product, by source.
Lacking = tuple[Need, int, Mapping[int, int]]


class Sourcing:
    """Chooses sources for needs, within the limits that hold for one release.

    Needs that are covered together are of different products. ``candidates`` are the sources a
    shipment may draw on, in the order they are tried; with ``sources_of_product``, each product
    from these alone.

    Rule: Choosing sources.
    """

    def __init__(
        self,
        stocked: RemainingSupply,
        settings: ReleaseSettings,
        candidates: Sequence[int],
        sources_of_product: SourcesOfProduct | None = None,
    ) -> None:
        self._stocked = stocked
        self._with_decimals = stocked.with_decimals
        self._settings = settings
        self._candidates = candidates
        self._rank = {source_id: rank for rank, source_id in enumerate(candidates)}
        self._sources_of_product = sources_of_product
        # Whether every choice was tried of those that there are within the limits.
        self.is_every_choice_tried = True

    def cover(self, needs: Sequence[Need], coverage: Coverage) -> dict[int, int]:
        """Add takes for ``needs`` to ``coverage``; return the units still missing, by line.

        What is taken is given away at once, so that needs covered later see what is left.
        """
        left = {need.line_id: need.units for need in needs}
        self._cover_from_current(needs, left, coverage)
        if any(left.values()):
            self._cover_from_future(needs, left, coverage)
        return {line_id: units for line_id, units in left.items() if units}

    def cover_whole(self, needs: Sequence[Need], coverage: Coverage) -> dict[int, int]:
        """Do what :meth:`cover` does, for needs of which all units are needed.

        Where only a limit stops it, every choice within the limits is tried: of current stock
        before any dated supply is used, then of both together.
        """
        used, first = frozenset(coverage.sources), len(coverage.takes)
        left = {need.line_id: need.units for need in needs}
        self._cover_from_current(needs, left, coverage)
        for is_dated in (False, True):
            if is_dated:
                self._cover_from_future(needs, left, coverage)
            if not any(left.values()):
                return {}
            if self._is_limited and self._is_chosen(
                needs, used, coverage, first, is_dated=is_dated
            ):
                return {}
        return {line_id: units for line_id, units in left.items() if units}

    def usable(self, needs: Sequence[Need]) -> list[Take]:
        """Return all that the needs could use at every source, whatever the limits; taken now."""
        takes: list[Take] = []
        for need in needs:
            at_source = self._stocked.current[need.product_id]
            left = {
                source_id: self._fitting(need, source_id, need.units, Coverage())
                for source_id in self._candidates
            }
            for source_id in self._candidates:
                could_use = min(at_source.get(source_id, 0), left[source_id])
                if units := self._stocked.fitting(source_id, need.product_id, could_use):
                    takes.append(Take(need.line_id, need.product_id, units, source_id))
                    left[source_id] -= units
            for record in self._eligible_records(need.product_id):
                could_use = min(record.units, left[record.source_id])
                if units := self._stocked.fitting(record.source_id, need.product_id, could_use):
                    left[record.source_id] -= units
                    takes.append(_dated(need, units, record))
        self._stocked.take(takes)
        return takes

    def rest(
        self, needs: Sequence[Need], missing: Mapping[int, int], coverage: Coverage
    ) -> list[Need]:
        """Return what ``coverage`` leaves of ``needs``: ``missing`` units, by line."""
        return [
            need._replace(
                units=missing[need.line_id],
                whole=None if need.whole is None else self._whole_left(need, coverage),
            )
            for need in needs
            if need.line_id in missing
        ]

    @property
    def _is_limited(self) -> bool:
        settings = self._settings
        return not (settings.max_sources_per_release is None is settings.max_sources_per_line)

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

        What was found for them until now, the takes from ``first`` on, is taken back for it.
        """
        wanted = units_by_product(needs)
        found = coverage.takes[first:]
        self._stocked.put_back(found)
        if all(self._left_of(p, is_dated=is_dated) >= units for p, units in wanted.items()):
            offers = self._offers(wanted, used, is_dated=is_dated)
            for choice in offers.choices():
                attempt = Coverage(sources=set(used))
                within = Sourcing(self._stocked, self._settings, choice.sources, choice.of_product)
                if not within.cover(needs, attempt):
                    coverage.without(found, used)
                    for take in attempt.takes:
                        coverage.add(take)
                    return True
                self._stocked.put_back(attempt.takes)
            self.is_every_choice_tried &= offers.are_all_tried
        self._stocked.take(found)
        return False

    def _offers(
        self, wanted: Mapping[int, int], used: frozenset[int], *, is_dated: bool
    ) -> SourceOffers:
        current = {product: self._stocked.current.get(product, {}) for product in wanted}
        return SourceOffers(
            wanted,
            {p: {s: row[s] for s in self._candidates if s in row} for p, row in current.items()},
            {product: self._eligible_records(product) for product in wanted} if is_dated else {},
            self._candidates,
            used,
            self._settings.max_sources_per_release,
            self._settings.max_sources_per_line,
        )

    def _left_of(self, product_id: int, *, is_dated: bool) -> int:
        at_hand = self._stocked.at_hand(product_id, self._candidates)
        if not is_dated:
            return at_hand
        return at_hand + self._stocked.to_promise(product_id, self._candidates)

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
        """Exchange one whole unit for fractions that a need lacks; whether that was possible."""
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
                is_open = self._may_use(place.source_id, coverage)
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
            UNIT,
        )
        if exchange is None:
            return False
        for place, units in exchange.given_back.items():
            self._stocked.put_back(coverage.lower(need.line_id, place, units))
            left[need.line_id] += units
        take = Take(need.line_id, need.product_id, UNIT, *exchange.place)
        self._commit([take], left, coverage)
        return True

    def _in_fractions(self, line_id: int, coverage: Coverage) -> list[tuple[SupplyPlace, int]]:
        """Return what a line was given where decimals are used, by place."""
        given: dict[SupplyPlace, int] = {}
        for take in coverage.takes:
            is_given_in_fractions = (take.source_id, take.product_id) in self._with_decimals
            if take.line_id == line_id and is_given_in_fractions:
                place = SupplyPlace(take.source_id, take.future_id, take.expected_on)
                given[place] = given.get(place, 0) + take.units
        return list(given.items())

    def _whole_units(self, product_id: int, *, is_dated: bool) -> Iterator[SupplyPlace]:
        """Yield where a unit of a product is left that is not given in fractions."""
        for source_id in self._candidates:
            is_left = self._stocked.current[product_id].get(source_id, 0) >= UNIT
            if is_left and (source_id, product_id) not in self._with_decimals:
                yield SupplyPlace(source_id)
        for record in self._eligible_records(product_id) if is_dated else ():
            place = record.source_id, product_id
            if record.units >= UNIT and place not in self._with_decimals:
                yield SupplyPlace(record.source_id, record.future_id, record.expected_on)

    def _take_most(self, needs: Sequence[Need], left: dict[int, int], coverage: Coverage) -> None:
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
            units = self._fitting(need, source_id, min(wanted, here), coverage)
            if units <= 0:
                continue
            found.append((need, units))
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
        if not self._may_use(source_id, coverage):
            return
        if not self._line_may_use(need, source_id, coverage):
            return
        wanted = min(record.units, left[need.line_id])
        units = self._fitting(need, source_id, wanted, coverage)
        if units > 0:
            self._commit([_dated(need, units, record)], left, coverage)

    def _fitting(self, need: Need, source_id: int, units: int, coverage: Coverage) -> int:
        """Return how many of ``units`` a need may have of a source, on top of ``coverage``."""
        if need.whole is not None and (source_id, need.product_id) not in self._with_decimals:
            units = min(units, self._whole_left(need, coverage))
        return self._stocked.fitting(source_id, need.product_id, units)

    def _whole_left(self, need: Need, coverage: Coverage) -> int:
        """Return how many units a need may still have of where only whole ones are given."""
        given = sum(
            take.units
            for take in coverage.takes
            if take.line_id == need.line_id
            and (take.source_id, take.product_id) not in self._with_decimals
        )
        return (need.whole or 0) - given

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
        if self._sources_of_product is not None:
            return source_id in self._sources_of_product[need.product_id]
        limit = self._settings.max_sources_per_line
        if limit is None:
            return True
        used = coverage.sources_of_line[need.line_id]
        return source_id in used or len(used) < limit


def _dated(need: Need, units: int, record: FutureRecord) -> Take:
    source_id, future_id, day = record.source_id, record.future_id, record.expected_on
    return Take(need.line_id, need.product_id, units, source_id, future_id, day)
