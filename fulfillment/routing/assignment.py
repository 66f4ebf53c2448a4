"""Assigns the lines of a new order to sources; PURE."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from fulfillment.routing.fractions import find_exchange
from fulfillment.routing.spare import Spare

ZERO = Decimal(0)
ONE = Decimal(1)


@dataclass(frozen=True, slots=True)
class Need:
    """Units that one order line asks for."""

    line: int
    product_id: int
    quantity: Decimal


@dataclass(frozen=True, slots=True)
class Limits:
    """How many sources one placement may use, in all and for a line; None = no limit."""

    sources: int | None = None
    sources_per_line: int | None = None


@dataclass(slots=True)
class _Progress:
    """What each line lacks, what is left at each place and in all, and what was taken."""

    spare: Spare
    limits: Limits
    lacking: dict[int, Decimal]
    at_source: dict[tuple[int, int], Decimal]
    in_all: dict[int, Decimal]
    takes: dict[int, dict[int, Decimal]] = field(default_factory=dict)

    @classmethod
    def of(cls, needs: Sequence[Need], spare: Spare, limits: Limits) -> "_Progress":
        """Begin with nothing taken."""
        lacking = {need.line: need.quantity for need in needs}
        return cls(spare, limits, lacking, dict(spare.at_source), dict(spare.in_all))

    def may_use(self, source: int, line: int) -> bool:
        """Whether the limits let ``line`` have units of ``source``."""
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

    def in_fractions(self, need: Need) -> list[tuple[int, Decimal]]:
        """Return what a line was given by places that use decimals, by source."""
        return [
            (source, lines[need.line])
            for source, lines in self.takes.items()
            if need.line in lines and (source, need.product_id) in self.spare.with_decimals
        ]

    def move(self, source: int, need: Need, units: Decimal) -> None:
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
    needs: Sequence[Need], spare: Spare, candidates: Sequence[int], limits: Limits
) -> Mapping[int, Mapping[int, Decimal]]:
    """Return the units taken, by source id in the order of use, by line.

    ``candidates`` are source ids in the order they are tried. The first source that covers
    everything serves the order; otherwise, again and again, the one that covers most units of
    what is left, the first among equals. Lines get their units in sequence. A fraction of a unit
    comes from places that use decimals.

    Rule: Choosing sources.
    """
    progress = _Progress.of(needs, spare, limits)
    _take_most(needs, progress, candidates)
    while _exchanged(needs, progress, candidates):
        _take_most(needs, progress, candidates)
    return progress.takes


def assign_in_order(
    needs: Sequence[Need], spare: Spare, candidates: Sequence[int]
) -> Mapping[int, Mapping[int, Decimal]]:
    """Return the units taken where each source in turn gives all it can, without limits."""
    progress = _Progress.of(needs, spare, Limits())
    while True:
        for source in candidates:
            _take(needs, progress, source, _offer(needs, progress, source))
        if not _exchanged(needs, progress, candidates):
            return progress.takes


def _take_most(needs: Sequence[Need], progress: _Progress, candidates: Sequence[int]) -> None:
    while any(progress.lacking.values()):
        offers = {source: _offer(needs, progress, source) for source in candidates}
        units = {source: sum(offer.values(), ZERO) for source, offer in offers.items()}
        best = max(candidates, key=lambda source: units[source], default=None)
        if best is None or not units[best]:
            return
        _take(needs, progress, best, offers[best])


def _offer(needs: Sequence[Need], progress: _Progress, source: int) -> dict[int, Decimal]:
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
    needs: Sequence[Need], progress: _Progress, source: int, offer: Mapping[int, Decimal]
) -> None:
    for need in needs:
        if need.line in offer:
            progress.move(source, need, offer[need.line])


def _exchanged(needs: Sequence[Need], progress: _Progress, candidates: Sequence[int]) -> bool:
    """Exchange one whole unit for fractions that a line lacks; whether that was possible."""
    lacking = [need.product_id for need in needs if 0 < progress.lacking[need.line] < ONE]
    return any(
        _exchanged_within([need for need in needs if need.product_id == product], progress, places)
        for product in dict.fromkeys(lacking)
        if (places := progress.whole_places(product, candidates))
    )


def _exchanged_within(
    needs: Sequence[Need], progress: _Progress, whole_places: Sequence[int]
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
