"""Every choice of sources within the limits: the sets that cover some needs whole; PURE.

Rule: Choosing sources.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from math import comb
from typing import Any

# Of more sets than these, only those of the sources that give most are tried.
MOST_SETS = 10_000


@dataclass(frozen=True, slots=True)
class Choices:
    """What is wanted, by product, and what each source offers of it, by product and source.

    Units are whole ten-thousandths.

    ``candidates`` are sources in the order they are tried; the ``used`` ones among them belong to
    every set. A set has at most ``most`` sources, and a product is taken from at most
    ``most_of_line`` of them; ``None`` is no limit.
    """

    wanted: Mapping[int, int]
    offers: Mapping[int, Mapping[int, int]]
    candidates: Sequence[int]
    most: int | None = None
    most_of_line: int | None = None
    used: frozenset[int] = frozenset()

    @property
    def is_every_one_tried(self) -> bool:
        """Whether no set was left out because there would be too many."""
        return len(self._tried()) == len(self._helpful())

    @property
    def sizes(self) -> range:
        """How many sources sets may add to the used ones, the fewest first."""
        return range(self._largest_size(len(self._tried())) + 1)

    def of_size(self, size: int) -> Iterator[tuple[int, ...]]:
        """Yield the sets with so many added sources that cover all that is wanted, in order."""
        kept = [source for source in self.candidates if source in self.used]
        for added in self._added(size, self._tried()):
            chosen = {*kept, *added}
            if self._is_covered(chosen):
                yield tuple(source for source in self.candidates if source in chosen)

    def _added(self, size: int, sources: Sequence[int]) -> Iterator[tuple[int, ...]]:
        """Yield the sets of so many sources, in order.

        A beginning after which even the most that a later source offers, so many times, leaves a
        product short is not gone on with.
        """
        rows = [self.offers[product] for product in self.wanted]
        most_after = [_most_after(row, sources) for row in rows]

        def extend(added: tuple[int, ...], start: int, lacking: list[int]) -> Iterator[Any]:
            more = size - len(added)
            if not more:
                yield added
                return
            for position in range(start, len(sources) - more + 1):
                offered = (most[position] for most in most_after)
                if any(units > more * most for units, most in zip(lacking, offered, strict=True)):
                    return
                source = sources[position]
                left = [
                    units - row.get(source, 0) for units, row in zip(lacking, rows, strict=True)
                ]
                yield from extend((*added, source), position + 1, left)

        lacking = [
            units - sum(row.get(source, 0) for source in self.used)
            for units, row in zip(self.wanted.values(), rows, strict=True)
        ]
        return extend((), 0, lacking)

    def _is_covered(self, chosen: Collection[int]) -> bool:
        for product, units in self.wanted.items():
            offered = sorted(
                (self.offers[product].get(source, 0) for source in chosen), reverse=True
            )
            if sum(offered[: self.most_of_line]) < units:
                return False
        return True

    def _helpful(self) -> list[int]:
        """Return the sources that offer anything, and are not used already."""
        return [
            source
            for source in self.candidates
            if source not in self.used
            and any(self.offers[product].get(source) for product in self.wanted)
        ]

    def _tried(self) -> list[int]:
        """Return the sources that are combined, those that give most where all are too many."""
        helpful = self._helpful()
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
        if self.most is not None:
            sizes.append(max(self.most - len(self.used), 0))
        if self.most_of_line is not None:
            sizes.append(self.most_of_line * len(self.wanted))
        return min(sizes)

    def _given_by(self, source: int) -> int:
        return sum(
            min(self.offers[product].get(source, 0), units)
            for product, units in self.wanted.items()
        )


def most_giving(
    sources: Sequence[int], given: Mapping[int, Any], most: int | None
) -> Sequence[int]:
    """Return the ``most`` sources that give most, of equals the first; all, without a limit.

    ``given`` is what each gives, by source; it may leave out those that give nothing.
    """
    giving = [source for source in sources if source in given]
    return sorted(giving, key=given.__getitem__, reverse=True)[:most]


def _most_after(row: Mapping[int, int], sources: Sequence[int]) -> list[int]:
    """Return, by position, the most that this source or a later one offers."""
    return list(accumulate((row.get(source, 0) for source in reversed(sources)), max))[::-1]
