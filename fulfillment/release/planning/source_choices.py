"""The units that sources offer of a shipment's products, and the choices of them; PURE."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from fulfillment.release.planning.remaining_supply import FutureRecord
from fulfillment.sourcing.choices import Choices, most_giving

SourcesByProduct = Mapping[int, Sequence[int]]


@dataclass(frozen=True, slots=True)
class SourceSet:
    """Sources in the order of choice, and the sources of each product among them."""

    sources: Sequence[int]
    of_product: SourcesByProduct


@dataclass(frozen=True, slots=True)
class SourceOffers:
    """Units wanted, by product; current units, by product and source; records, by product.

    Without records, choices use only current stock. ``used`` sources, of ``candidates``, belong
    to every choice.
    """

    wanted: Mapping[int, int]
    current: Mapping[int, Mapping[int, int]]
    dated: Mapping[int, Sequence[FutureRecord]]
    candidates: Sequence[int]
    used: frozenset[int]
    most: int | None
    most_of_line: int | None

    def choices(self) -> Iterator[SourceSet]:
        """Yield the choices that cover all, the fewest sources first.

        Of as few sources: most current units, then the earliest last date, then their order.

        Rule: Choosing sources.
        """
        sets = self._sets()
        for size in sets.sizes:
            found = (
                SourceSet(sources, self._sources_of_product(sources))
                for sources in sets.of_size(size)
            )
            yield from sorted(found, key=self._worth) if self.dated else found

    @property
    def are_all_tried(self) -> bool:
        """Whether no choice was left out because there would be too many."""
        return self._sets().is_every_one_tried

    def _sets(self) -> Choices:
        return Choices(
            self.wanted, self._totals(), self.candidates, self.most, self.most_of_line, self.used
        )

    def _totals(self) -> dict[int, Mapping[int, int]]:
        return {product_id: self._total_of(product_id) for product_id in self.wanted}

    def _total_of(self, product_id: int) -> Mapping[int, int]:
        """Return the units each source offers of a product, current and dated together."""
        total = dict(self.current[product_id])
        for record in self.dated.get(product_id, ()):
            total[record.source_id] = total.get(record.source_id, 0) + record.units
        return total

    def _sources_of_product(self, sources: Sequence[int]) -> dict[int, Sequence[int]]:
        if self.most_of_line is None:
            return dict.fromkeys(self.wanted, sources)
        return {
            product_id: most_giving(sources, self._given(product_id), self.most_of_line)
            for product_id in self.wanted
        }

    def _given(self, product_id: int) -> dict[int, tuple[int, int]]:
        """Return the units each source would give of a product: in all, and current ones."""
        units, current = self.wanted[product_id], self.current[product_id]
        return {
            source: (min(total, units), min(current.get(source, 0), units))
            for source, total in self._total_of(product_id).items()
        }

    def _worth(self, choice: SourceSet) -> tuple[int, date]:
        """Return the units of a choice that are not current, and its last date: less is better."""
        not_now, last = 0, date.min
        for product_id, units in self.wanted.items():
            sources = choice.of_product[product_id]
            at_hand = sum(self.current[product_id].get(source, 0) for source in sources)
            left = max(units - at_hand, 0)
            not_now += left
            for record in self.dated.get(product_id, ()):
                if left > 0 and record.source_id in sources:
                    left -= record.units
                    last = max(last, record.expected_on)
        return not_now, last
