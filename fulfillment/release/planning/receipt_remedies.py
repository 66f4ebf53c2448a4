"""Where what a shipment lacks may be received, and what is to be received there; PURE."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from fulfillment.release.planning.needs import units_by_product
from fulfillment.release.planning.remedy import Remedy, RemedyKind, gives_fractions
from fulfillment.release.planning.values import UNIT, QueuedShipment, SourceItemFacts, Supply

# Of sources where all may be received, only so many are tried: the first in order.
MOST_TRIED = 5


@dataclass(frozen=True, slots=True)
class ReceivingPlaces:
    """At which source each product is to be received, and what is to be changed for it."""

    source_of: Mapping[int, int]
    changes: tuple[Remedy, ...] = ()

    def receipts(self, missing: Mapping[int, int], supply: Supply) -> tuple[Remedy, ...]:
        """Return the changes that let units, by product, be taken where they are received."""
        remedies = list(self.changes)
        for product_id, units in missing.items():
            source_id = self.source_of[product_id]
            item = _item(product_id, source_id, supply)
            if item is not None and not item.is_in_stock:
                remedies.append(Remedy(RemedyKind.SET_IN_STOCK, product_id, source_id))
            if units > 0:
                received = units + (max(item.safety - item.free, 0) if item is not None else 0)
                if not self._gives_fractions(product_id, supply):
                    # Whole units come where decimals are not used.
                    received += -received % UNIT
                remedies.append(Remedy(RemedyKind.RECEIVE, product_id, source_id, received))
        return tuple(remedies)

    def _gives_fractions(self, product_id: int, supply: Supply) -> bool:
        source_id = self.source_of[product_id]
        use = Remedy(RemedyKind.USE_DECIMALS, product_id, source_id)
        return use in self.changes or gives_fractions(source_id, product_id, supply)


def receiving_places(
    shipment: QueuedShipment, candidates: Sequence[int], supply: Supply
) -> Iterator[ReceivingPlaces]:
    """Yield where a shipment may have all its units from once they are received there.

    A fraction comes from where decimals are used (§2). First each source that may give all; where
    there is none, for each product the first that may give it, or that is to use decimals. What is
    promised leaves from one source.
    """
    if not candidates:
        return
    in_fractions = {
        need.product_id for need in shipment.needs if need.takes_units and need.units % UNIT
    }
    products = units_by_product(shipment.needs)
    fitting = [
        source_id
        for source_id in candidates
        if all(gives_fractions(source_id, product_id, supply) for product_id in in_fractions)
    ]
    for source_id in fitting[:MOST_TRIED]:
        yield ReceivingPlaces(dict.fromkeys(products, source_id))
    if fitting:
        return
    source_of = dict.fromkeys(products, candidates[0])
    changes = []
    for product_id in sorted(in_fractions):
        giving = (s for s in candidates if gives_fractions(s, product_id, supply))
        if not shipment.is_future:
            source_of[product_id] = next(giving, candidates[0])
        if not gives_fractions(source_of[product_id], product_id, supply):
            changes.append(Remedy(RemedyKind.USE_DECIMALS, product_id, candidates[0]))
    yield ReceivingPlaces(source_of, tuple(changes))


def wanted_with_those_before(queue: Sequence[QueuedShipment]) -> dict[int, int]:
    """Return what the last of ``queue`` wants, and those before it want of the same."""
    wanted = units_by_product(queue[-1].needs)
    for earlier in queue[:-1]:
        for product_id, units in units_by_product(earlier.needs).items():
            if product_id in wanted:
                wanted[product_id] += units
    return wanted


def less_what_is_there(
    needed: Mapping[int, int], places: ReceivingPlaces, items: Iterable[SourceItemFacts]
) -> dict[int, int]:
    """Return ``needed`` units, by product, less those available where they are to be received."""
    short = dict(needed)
    for item in items:
        if item.product_id in short and places.source_of[item.product_id] == item.source_id:
            short[item.product_id] -= max(item.free - item.safety, 0)
    return short


def _item(product_id: int, source_id: int, supply: Supply) -> SourceItemFacts | None:
    for item in supply.items:
        if (item.product_id, item.source_id) == (product_id, source_id):
            return item
    return None
