"""Every choice of sources within the limits that covers some needs whole; PURE.

Rule: Choosing sources.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import accumulate
from math import comb
from typing import Any, Protocol, TypeVar

# Of more sets than these, only those of the sources that give most are tried.
MOST_SETS = 10_000

Offer = TypeVar("Offer")
SourcesByProduct = Mapping[int, Sequence[int]]


@dataclass(frozen=True, slots=True)
class SplitLimits:
    """How many sources one placement or release may use, in all and for a line; None = no limit."""

    sources: int | None = None
    sources_per_line: int | None = None

    @property
    def are_any(self) -> bool:
        """Whether there is a limit at all."""
        return self.sources is not None or self.sources_per_line is not None

    def allow_source(self, source_id: int, used: Collection[int]) -> bool:
        """Return whether units of a source may be taken besides those of the ``used`` ones."""
        return self.sources is None or source_id in used or len(used) < self.sources

    def allow_for_line(self, source_id: int, used: Collection[int]) -> bool:
        """Return whether a line that uses these sources may take units of this one."""
        most = self.sources_per_line
        return most is None or source_id in used or len(used) < most

    @classmethod
    def of(cls, configuration: Mapping[str, Any]) -> "SplitLimits":
        """Return the limits of the effective configuration."""
        return cls(configuration["max_sources_per_release"], configuration["max_sources_per_line"])


NO_LIMITS = SplitLimits()


class DatedUnits(Protocol):
    """Units that arrive at a source on a day."""

    @property
    def source_id(self) -> int: ...
    @property
    def expected_on(self) -> date: ...
    @property
    def units(self) -> int: ...


@dataclass(frozen=True, slots=True)
class SourceSet:
    """Sources in the order of choice, and the sources of each product among them."""

    sources: Sequence[int]
    of_product: SourcesByProduct


def most_covering(
    candidates: Iterable[int], offer_of: Callable[[int], tuple[Offer, int]], wanted: int
) -> tuple[int, Offer] | None:
    """Return the source that covers most of the ``wanted`` units, and its offer, if any does.

    The first source among equals; ``offer_of`` returns the offer of a source and its units.
    """
    best, most = None, 0
    for source_id in candidates:
        offer, units = offer_of(source_id)
        if units > most:
            best, most = (source_id, offer), units
            if units >= wanted:
                break
    return best


class SourceChoices:
    """The sets of sources that cover all that is wanted, as whole ten-thousandths.

    ``wanted`` is by product, ``current`` by product and source; ``dated`` units, by product, count
    too where given. ``used`` sources, of ``candidates``, belong to every set.
    """

    def __init__(
        self,
        wanted: Mapping[int, int],
        current: Mapping[int, Mapping[int, int]],
        candidates: Sequence[int],
        limits: SplitLimits,
        *,
        dated: Mapping[int, Sequence[DatedUnits]] | None = None,
        used: frozenset[int] = frozenset(),
    ) -> None:
        self._wanted = wanted
        self._current = current
        self._dated = dated or {}
        self._candidates = candidates
        self._limits = limits
        self._used = used
        self._offers = {product: self._offers_of(product) for product in wanted}
        helpful = self._helpful()
        self._combined = self._most_helpful(helpful)
        # Whether no set is left out because there would be too many.
        self.are_all_tried = len(self._combined) == len(helpful)

    def __iter__(self) -> Iterator[SourceSet]:
        """Yield the sets, those of the fewest sources first.

        Of as few sources: most current units, then the earliest last date, then their order.
        """
        for size in range(self._largest_size(len(self._combined)) + 1):
            found = (
                SourceSet(sources, self._sources_by_product(sources))
                for sources in self._of_size(size)
            )
            yield from sorted(found, key=self._worth) if self._dated else found

    def _offers_of(self, product_id: int) -> Mapping[int, int]:
        """Return the units each source offers of a product, current and dated together."""
        offers = dict(self._current[product_id])
        for record in self._dated.get(product_id, ()):
            offers[record.source_id] = offers.get(record.source_id, 0) + record.units
        return offers

    def _helpful(self) -> list[int]:
        """Return the sources that offer anything, and are not used already."""
        return [
            source
            for source in self._candidates
            if source not in self._used
            and any(self._offers[product].get(source) for product in self._wanted)
        ]

    def _most_helpful(self, helpful: list[int]) -> list[int]:
        """Return the sources to combine: where all are too many, those that give most."""
        count = len(helpful)
        while self._sets_of(count) > MOST_SETS:
            count -= 1
        if count == len(helpful):
            return helpful
        kept = set(sorted(helpful, key=self._given_by, reverse=True)[:count])
        return [source for source in helpful if source in kept]

    def _sets_of(self, count: int) -> int:
        return sum(comb(count, size) for size in range(1, self._largest_size(count) + 1))

    def _largest_size(self, count: int) -> int:
        """Return how many of ``count`` sources a set adds to the used ones at most."""
        sizes = [count]
        if self._limits.sources is not None:
            sizes.append(max(self._limits.sources - len(self._used), 0))
        if self._limits.sources_per_line is not None:
            sizes.append(self._limits.sources_per_line * len(self._wanted))
        return min(sizes)

    def _given_by(self, source: int) -> int:
        return sum(
            min(self._offers[product].get(source, 0), units)
            for product, units in self._wanted.items()
        )

    def _of_size(self, size: int) -> Iterator[tuple[int, ...]]:
        """Yield the sets with so many added sources that cover all that is wanted, in order."""
        kept = [source for source in self._candidates if source in self._used]
        for added in self._added(size, self._combined):
            chosen = {*kept, *added}
            if self._is_covered(chosen):
                yield tuple(source for source in self._candidates if source in chosen)

    def _added(self, size: int, sources: Sequence[int]) -> Iterator[tuple[int, ...]]:
        """Yield the sets of so many sources, in order.

        A beginning is given up once even the most that a later source offers, so many times,
        leaves a product short.
        """
        rows = [self._offers[product] for product in self._wanted]
        most_after = [_most_after(row, sources) for row in rows]

        def extend(added: tuple[int, ...], start: int, missing: list[int]) -> Iterator[Any]:
            more = size - len(added)
            if not more:
                yield added
                return
            for position in range(start, len(sources) - more + 1):
                offered = (most[position] for most in most_after)
                if any(units > more * most for units, most in zip(missing, offered, strict=True)):
                    return
                source = sources[position]
                left = [
                    units - row.get(source, 0) for units, row in zip(missing, rows, strict=True)
                ]
                yield from extend((*added, source), position + 1, left)

        missing = [
            units - sum(row.get(source, 0) for source in self._used)
            for units, row in zip(self._wanted.values(), rows, strict=True)
        ]
        return extend((), 0, missing)

    def _is_covered(self, chosen: Collection[int]) -> bool:
        for product, units in self._wanted.items():
            offered = sorted(
                (self._offers[product].get(source, 0) for source in chosen), reverse=True
            )
            if sum(offered[: self._limits.sources_per_line]) < units:
                return False
        return True

    def _sources_by_product(self, sources: Sequence[int]) -> dict[int, Sequence[int]]:
        """Return the sources of each product: of those within the limit, those that give most."""
        most = self._limits.sources_per_line
        if most is None:
            return dict.fromkeys(self._wanted, sources)
        found: dict[int, Sequence[int]] = {}
        for product_id in self._wanted:
            given = self._given(product_id)
            giving = (source for source in sources if source in given)
            found[product_id] = sorted(giving, key=given.__getitem__, reverse=True)[:most]
        return found

    def _given(self, product_id: int) -> dict[int, tuple[int, int]]:
        """Return the units each source would give of a product: in all, and current ones."""
        units, current = self._wanted[product_id], self._current[product_id]
        return {
            source: (min(offer, units), min(current.get(source, 0), units))
            for source, offer in self._offers[product_id].items()
        }

    def _worth(self, choice: SourceSet) -> tuple[int, date]:
        """Return the units of a choice that are not current, and its last date: less is better."""
        not_current, last = 0, date.min
        for product_id, units in self._wanted.items():
            sources = choice.of_product[product_id]
            current = sum(self._current[product_id].get(source, 0) for source in sources)
            left = max(units - current, 0)
            not_current += left
            for record in self._dated.get(product_id, ()):
                if left > 0 and record.source_id in sources:
                    left -= record.units
                    last = max(last, record.expected_on)
        return not_current, last


def _most_after(row: Mapping[int, int], sources: Sequence[int]) -> list[int]:
    """Return, by position, the most that this source or a later one offers."""
    return list(accumulate((row.get(source, 0) for source in reversed(sources)), max))[::-1]
