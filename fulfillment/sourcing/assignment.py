"""Assigns the lines of a new order to sources; PURE."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from core.quantities import PLACES, ZERO
from fulfillment.sourcing.choices import Choices, most_giving
from fulfillment.sourcing.fractions import find_exchange
from fulfillment.sourcing.spare_units import SpareUnits

ONE = Decimal(1)
# From which sources a line is given units, by line.
SourcesOfLine = Mapping[int, Collection[int]]


@dataclass(frozen=True, slots=True)
class LineNeed:
    """Units that one order line asks for."""

    line: int
    product_id: int
    quantity: Decimal


@dataclass(frozen=True, slots=True)
class SplitLimits:
    """How many sources one placement may use, in all and for a line; None = no limit."""

    sources: int | None = None
    sources_per_line: int | None = None

    @classmethod
    def of(cls, configuration: Mapping[str, Any]) -> "SplitLimits":
        """Return the limits of the effective configuration."""
        return cls(configuration["max_sources_per_release"], configuration["max_sources_per_line"])


@dataclass(slots=True)
class _Progress:
    """What each line lacks, what is left at each place and in all, and what was taken."""

    spare: SpareUnits
    limits: SplitLimits
    lacking: dict[int, Decimal]
    at_source: dict[tuple[int, int], Decimal]
    in_all: dict[int, Decimal]
    takes: dict[int, dict[int, Decimal]] = field(default_factory=dict)
    # Where a choice of sources is made, it stands for the limits.
    chosen: SourcesOfLine | None = None

    @classmethod
    def of(cls, needs: Sequence[LineNeed], spare: SpareUnits, limits: SplitLimits) -> "_Progress":
        """Begin with nothing taken."""
        lacking = {need.line: need.quantity for need in needs}
        return cls(spare, limits, lacking, dict(spare.at_source), dict(spare.in_all))

    def may_use(self, source: int, line: int) -> bool:
        """Whether the limits, or the choice, let ``line`` have units of ``source``."""
        if self.chosen is not None:
            return source in self.chosen[line]
        if source not in self.takes:
            most = self.limits.sources
            if most is not None and len(self.takes) >= most:
                return False
        elif line in self.takes[source]:
            return True
        most = self.limits.sources_per_line
        return most is None or sum(line in lines for lines in self.takes.values()) < most

    def whole_places(self, product_id: int, candidates: Sequence[int]) -> list[int]:
        """Return the sources that have a unit left and give whole units only."""
        places = [(source, product_id) for source in candidates]
        return [
            place[0]
            for place in places
            if place not in self.spare.with_decimals and self.at_source.get(place, ZERO) >= ONE
        ]

    def in_fractions(self, need: LineNeed) -> list[tuple[int, Decimal]]:
        """Return what a line was given by places that use decimals, by source."""
        return [
            (source, lines[need.line])
            for source, lines in self.takes.items()
            if need.line in lines and (source, need.product_id) in self.spare.with_decimals
        ]

    def move(self, source: int, need: LineNeed, units: Decimal) -> None:
        """Give ``units`` of ``source`` to a line; below 0, it gives them back."""
        self.lacking[need.line] -= units
        self.at_source[source, need.product_id] -= units
        self.in_all[need.product_id] -= units
        lines = self.takes.setdefault(source, {})
        lines[need.line] = lines.get(need.line, ZERO) + units
        if not lines[need.line]:
            del lines[need.line]
        if not lines:
            del self.takes[source]


def assign(
    needs: Sequence[LineNeed],
    spare: SpareUnits,
    candidates: Sequence[int],
    limits: SplitLimits,
    *,
    needed_whole: Collection[int] = (),
) -> Mapping[int, Mapping[int, Decimal]]:
    """Return the units taken, by source id in the order of use, by line.

    ``candidates`` are source ids in the order they are tried. The first source that covers
    everything serves the order; otherwise, again and again, the one that covers most units of
    what is left, the first among equals. Lines get their units in sequence. A fraction of a unit
    comes from places that use decimals. Where only the limits keep lines that are ``needed_whole``
    from it, every choice within the limits is tried, the fewest sources first.

    Rule: Choosing sources.
    """
    progress = _Progress.of(needs, spare, limits)
    _fill(needs, progress, candidates)
    if limits == SplitLimits() or not any(progress.lacking.get(line) for line in needed_whole):
        return progress.takes
    whole = _that_are_there([need for need in needs if need.line in needed_whole], spare)
    for sources, chosen in _choices(whole, spare, candidates, limits):
        tried = _Progress.of(needs, spare, limits)
        tried.chosen = chosen
        _fill(whole, tried, sources)
        if not any(tried.lacking[need.line] for need in whole):
            tried.chosen = None
            _fill(needs, tried, candidates)
            return tried.takes
    return progress.takes


def _that_are_there(needs: Sequence[LineNeed], spare: SpareUnits) -> list[LineNeed]:
    """Keep the needs that there are enough units for in all: what lacks, no limit stops."""
    left = dict(spare.in_all)
    found = []
    for need in needs:
        if need.quantity <= left.get(need.product_id, ZERO):
            left[need.product_id] -= need.quantity
            found.append(need)
    return found


def _choices(
    needs: Sequence[LineNeed], spare: SpareUnits, candidates: Sequence[int], limits: SplitLimits
) -> Iterator[tuple[Sequence[int], SourcesOfLine]]:
    """Yield the choices of sources that may cover all of ``needs``, and where each line takes."""
    wanted: dict[int, int] = {}
    for need in needs:
        units = _ten_thousandths(need.quantity)
        wanted[need.product_id] = wanted.get(need.product_id, 0) + units
    offers = {
        product: {
            source: _ten_thousandths(spare.at_source[source, product])
            for source in candidates
            if (source, product) in spare.at_source
        }
        for product in wanted
    }
    choices = Choices(wanted, offers, candidates, limits.sources, limits.sources_per_line)
    for size in choices.sizes:
        for sources in choices.of_size(size):
            of_product = {
                product: most_giving(
                    sources,
                    {source: min(given, units) for source, given in offers[product].items()},
                    limits.sources_per_line,
                )
                for product, units in wanted.items()
            }
            yield sources, {need.line: of_product[need.product_id] for need in needs}


def _fill(needs: Sequence[LineNeed], progress: _Progress, candidates: Sequence[int]) -> None:
    _take_most(needs, progress, candidates)
    while _exchanged(needs, progress, candidates):
        _take_most(needs, progress, candidates)


def assign_in_order(
    needs: Sequence[LineNeed], spare: SpareUnits, candidates: Sequence[int]
) -> Mapping[int, Mapping[int, Decimal]]:
    """Return the units taken where each source in turn gives all it can, without limits."""
    progress = _Progress.of(needs, spare, SplitLimits())
    while True:
        for source in candidates:
            _take(needs, progress, source, _offer(needs, progress, source))
        if not _exchanged(needs, progress, candidates):
            return progress.takes


def _take_most(needs: Sequence[LineNeed], progress: _Progress, candidates: Sequence[int]) -> None:
    while any(progress.lacking.values()):
        offers = {source: _offer(needs, progress, source) for source in candidates}
        units = {source: sum(offer.values(), ZERO) for source, offer in offers.items()}
        best = max(candidates, key=lambda source: units[source], default=None)
        if best is None or not units[best]:
            return
        _take(needs, progress, best, offers[best])


def _offer(needs: Sequence[LineNeed], progress: _Progress, source: int) -> dict[int, Decimal]:
    """Return what ``source`` would give to each line of what is left."""
    there: dict[int, Decimal] = {}
    offer = {}
    for need in needs:
        lacking = progress.lacking[need.line]
        if not lacking or not progress.may_use(source, need.line):
            continue
        place = source, need.product_id
        units = there.get(need.product_id)
        if units is None:
            in_all = progress.in_all.get(need.product_id, ZERO)
            units = min(progress.at_source.get(place, ZERO), in_all)
        given = min(lacking, units)
        if place not in progress.spare.with_decimals:
            given -= given % ONE
        if given:
            offer[need.line] = given
        there[need.product_id] = units - given
    return offer


def _take(
    needs: Sequence[LineNeed], progress: _Progress, source: int, offer: Mapping[int, Decimal]
) -> None:
    for need in needs:
        if need.line in offer:
            progress.move(source, need, offer[need.line])


def _exchanged(needs: Sequence[LineNeed], progress: _Progress, candidates: Sequence[int]) -> bool:
    """Exchange one whole unit for fractions that a line lacks; whether that was possible."""
    lacking = [need.product_id for need in needs if 0 < progress.lacking[need.line] < ONE]
    return any(
        _exchanged_within([need for need in needs if need.product_id == product], progress, places)
        for product in dict.fromkeys(lacking)
        if (places := progress.whole_places(product, candidates))
    )


def _exchanged_within(
    needs: Sequence[LineNeed], progress: _Progress, whole_places: Sequence[int]
) -> bool:
    """Exchange one of the whole units that are left of the one product of ``needs``."""
    in_all = progress.in_all[needs[0].product_id]
    lacking = {need.line: progress.lacking[need.line] for need in needs}
    exchange = find_exchange(
        {line: units for line, units in lacking.items() if units <= in_all},
        {need.line: progress.in_fractions(need) for need in needs},
        lambda line: next((s for s in whole_places if progress.may_use(s, line)), None),
        ONE,
    )
    if exchange is None:
        return False
    need = next(need for need in needs if need.line == exchange.line)
    for source, units in exchange.given_back.items():
        progress.move(source, need, -units)
    progress.move(exchange.place, need, ONE)
    return True


def _ten_thousandths(quantity: Decimal) -> int:
    return int(quantity.scaleb(PLACES))
