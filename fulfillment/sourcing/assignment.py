"""Assigns the lines of a new order to sources, or leaves them to the after-action; PURE."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from core.quantities import UNIT, ZERO, quantity_of, units_of
from fulfillment.sourcing.choices import SourceChoices, SplitLimits, most_covering
from fulfillment.sourcing.eligibility import SpareUnits, find_exchange, fitting
from inventory.options import AfterAction, AfterActionScope

# The sources of each line.
SourcesOfLine = Mapping[int, Collection[int]]


@dataclass(frozen=True, slots=True)
class LineNeed:
    """The units that one line needs."""

    line: int
    product_id: int
    quantity: Decimal


@dataclass(slots=True)
class _Progress:
    """The missing units of each line, units left at each place and in all, and those assigned.

    Units are whole ten-thousandths.
    """

    with_decimals: Collection[tuple[int, int]]
    limits: SplitLimits
    missing: dict[int, int]
    at_source: dict[tuple[int, int], int]
    in_all: dict[int, int]
    assigned: dict[int, dict[int, int]] = field(default_factory=dict)
    # A choice of sources stands for the limits.
    chosen: SourcesOfLine | None = None

    @classmethod
    def of(cls, needs: Sequence[LineNeed], spare: SpareUnits, limits: SplitLimits) -> "_Progress":
        """Return the progress before anything is assigned."""
        return cls(
            spare.with_decimals,
            limits,
            missing={need.line: units_of(need.quantity) for need in needs},
            at_source={place: units_of(units) for place, units in spare.at_source.items()},
            in_all={product: units_of(units) for product, units in spare.in_all.items()},
        )

    def quantities(self) -> dict[int, dict[int, Decimal]]:
        """Return what is assigned, as quantities by source by line."""
        return {
            source: {line: quantity_of(units) for line, units in lines.items()}
            for source, lines in self.assigned.items()
        }

    def may_use(self, source: int, line: int) -> bool:
        """Whether the limits, or the choice, let ``line`` take units of ``source``."""
        if self.chosen is not None:
            return source in self.chosen[line]
        of_line = [used for used, lines in self.assigned.items() if line in lines]
        return self.limits.allow_source(source, self.assigned) and self.limits.allow_for_line(
            source, of_line
        )

    def whole_places(self, product_id: int, candidates: Sequence[int]) -> list[int]:
        """Return the sources without decimals that have a whole unit left."""
        return [
            source
            for source in candidates
            if (source, product_id) not in self.with_decimals
            and self.at_source.get((source, product_id), 0) >= UNIT
        ]

    def in_fractions(self, need: LineNeed) -> list[tuple[int, int]]:
        """Return the units of a line from source items with decimals, by source."""
        return [
            (source, lines[need.line])
            for source, lines in self.assigned.items()
            if need.line in lines and (source, need.product_id) in self.with_decimals
        ]

    def move(self, source: int, need: LineNeed, units: int) -> None:
        """Assign ``units`` of ``source`` to a line; below 0, give them back."""
        self.missing[need.line] -= units
        self.at_source[source, need.product_id] -= units
        self.in_all[need.product_id] -= units
        lines = self.assigned.setdefault(source, {})
        lines[need.line] = lines.get(need.line, 0) + units
        if not lines[need.line]:
            del lines[need.line]
        if not lines:
            del self.assigned[source]


def assign(
    needs: Sequence[LineNeed],
    spare: SpareUnits,
    candidates: Sequence[int],
    limits: SplitLimits,
    *,
    needed_whole: Collection[int] = (),
) -> Mapping[int, Mapping[int, Decimal]]:
    """Return the units assigned, by source id in the order of use, by line.

    ``candidates`` are source ids in the order of choice. The first source that covers everything
    serves the order; otherwise, again and again, the one that covers most of the missing units,
    the first among equals. Lines get their units in sequence. A fraction of a unit comes from
    source items with decimals. Where only the limits stop lines that are ``needed_whole``, every
    choice within the limits is tried, the fewest sources first.

    Rule: Choosing sources.
    """
    progress = _Progress.of(needs, spare, limits)
    _fill(needs, progress, candidates)
    if not limits.are_any or not any(progress.missing.get(line) for line in needed_whole):
        return progress.quantities()
    whole = _coverable([need for need in needs if need.line in needed_whole], spare)
    for sources, chosen in _choices(whole, spare, candidates, limits):
        tried = _Progress.of(needs, spare, limits)
        tried.chosen = chosen
        _fill(whole, tried, sources)
        if not any(tried.missing[need.line] for need in whole):
            tried.chosen = None
            _fill(needs, tried, candidates)
            return tried.quantities()
    return progress.quantities()


def _coverable(needs: Sequence[LineNeed], spare: SpareUnits) -> list[LineNeed]:
    """Return the needs for which there are enough units in all: only a limit stops these."""
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
    """Yield the sources that may cover all of ``needs``, and those of each line."""
    wanted: Counter[int] = Counter()
    for need in needs:
        wanted[need.product_id] += units_of(need.quantity)
    offers = {
        product: {
            source: units_of(spare.at_source[source, product])
            for source in candidates
            if (source, product) in spare.at_source
        }
        for product in wanted
    }
    for choice in SourceChoices(wanted, offers, candidates, limits):
        yield choice.sources, {need.line: choice.of_product[need.product_id] for need in needs}


def _fill(needs: Sequence[LineNeed], progress: _Progress, candidates: Sequence[int]) -> None:
    _take_most(needs, progress, candidates)
    while _exchanged(needs, progress, candidates):
        _take_most(needs, progress, candidates)


def assign_in_order(
    needs: Sequence[LineNeed], spare: SpareUnits, candidates: Sequence[int]
) -> Mapping[int, Mapping[int, Decimal]]:
    """Return the units assigned where each source in order gives all it can, without limits."""
    progress = _Progress.of(needs, spare, SplitLimits())
    while True:
        for source in candidates:
            _take(needs, progress, source, _offer(needs, progress, source))
        if not _exchanged(needs, progress, candidates):
            return progress.quantities()


def _take_most(needs: Sequence[LineNeed], progress: _Progress, candidates: Sequence[int]) -> None:
    def offer_of(source: int) -> tuple[Mapping[int, int], int]:
        offer = _offer(needs, progress, source)
        return offer, sum(offer.values())

    while best := most_covering(candidates, offer_of, sum(progress.missing.values())):
        _take(needs, progress, *best)


def _offer(needs: Sequence[LineNeed], progress: _Progress, source: int) -> dict[int, int]:
    """Return the units that ``source`` would give to each line."""
    left: dict[int, int] = {}
    offer = {}
    for need in needs:
        missing, product = progress.missing[need.line], need.product_id
        if not missing or not progress.may_use(source, need.line):
            continue
        units = left.get(product)
        if units is None:
            at_source = progress.at_source.get((source, product), 0)
            units = min(at_source, progress.in_all.get(product, 0))
        given = fitting(min(missing, units), source, product, progress.with_decimals)
        if given:
            offer[need.line] = given
        left[product] = units - given
    return offer


def _take(
    needs: Sequence[LineNeed], progress: _Progress, source: int, offer: Mapping[int, int]
) -> None:
    for need in needs:
        if need.line in offer:
            progress.move(source, need, offer[need.line])


def _exchanged(needs: Sequence[LineNeed], progress: _Progress, candidates: Sequence[int]) -> bool:
    """Exchange one whole unit for missing fractions; return whether that was possible."""
    products = [need.product_id for need in needs if 0 < progress.missing[need.line] < UNIT]
    return any(
        _exchanged_within([need for need in needs if need.product_id == product], progress, places)
        for product in dict.fromkeys(products)
        if (places := progress.whole_places(product, candidates))
    )


def _exchanged_within(
    needs: Sequence[LineNeed], progress: _Progress, whole_places: Sequence[int]
) -> bool:
    """Exchange one of the whole units that are left of the one product of ``needs``."""
    in_all = progress.in_all[needs[0].product_id]
    missing = {need.line: progress.missing[need.line] for need in needs}
    exchange = find_exchange(
        {line: units for line, units in missing.items() if units <= in_all},
        {need.line: progress.in_fractions(need) for need in needs},
        lambda line: next((s for s in whole_places if progress.may_use(s, line)), None),
    )
    if exchange is None:
        return False
    need = next(need for need in needs if need.line == exchange.line)
    for source, units in exchange.given_back.items():
        progress.move(source, need, -units)
    progress.move(exchange.place, need, UNIT)
    return True


@dataclass(frozen=True, slots=True)
class AfterActionRules:
    """The after-actions in force."""

    partial_match: AfterAction
    partial_match_scope: AfterActionScope
    no_match: AfterAction


@dataclass(frozen=True, slots=True)
class UnassignedUnits:
    """Units by line that stay unassigned, and the action for them."""

    action: AfterAction
    quantities: Mapping[int, Decimal]


def rest_of(
    wanted: Mapping[int, Decimal],
    assigned: Mapping[int, Decimal],
    rules: AfterActionRules,
    *,
    is_pickup: bool,
) -> UnassignedUnits:
    """Return the units that stay unassigned within the scope in force; quantities by line.

    The remainder of a pickup order always backorders, at its pickup source.

    Rule: Routing at placement, after-actions.
    """
    missing = {
        line: units - assigned.get(line, ZERO)
        for line, units in wanted.items()
        if units > assigned.get(line, ZERO)
    }
    is_partial = any(assigned.values())
    action = rules.partial_match if is_partial else rules.no_match
    if is_pickup:
        action = AfterAction.BACKORDER
    if not missing or not is_partial:
        return UnassignedUnits(action, missing)
    match rules.partial_match_scope:
        case AfterActionScope.BY_QUANTITY:
            return UnassignedUnits(action, missing)
        case AfterActionScope.BY_LINE:
            return UnassignedUnits(action, {line: wanted[line] for line in missing})
        case AfterActionScope.ALL:
            return UnassignedUnits(action, dict(wanted))
