"""Searches for changes that release a waiting shipment, by planning with each; PURE."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from core.quantities import UNIT
from fulfillment.release.planning.planner import EligibleSources, Planner
from fulfillment.release.planning.remedy import (
    Remedy,
    RemedyKind,
    applied,
    gives_fractions,
    queue_without_bars,
    release_today,
)
from fulfillment.release.planning.values import (
    Decision,
    QueuedShipment,
    ReleaseSettings,
    SourceItemFacts,
    Supply,
)
from fulfillment.sourcing.eligibility import Ineligibility, ineligibilities
from fulfillment.sourcing.needs import units_by_product
from inventory.options import ReleaseMode

# The change that ends each cause.
OPENINGS = {
    Ineligibility.DISABLED: RemedyKind.ENABLE_SOURCE,
    Ineligibility.NOT_LINKED: RemedyKind.LINK_SOURCE,
    Ineligibility.NOT_SHIPPING_HOME: RemedyKind.SHIP_TO_HOME,
}
# Of the sources that are not eligible, only so many are tried: those that hold most.
MOST_OPENED = 5
# Of the sources that may receive all units, only so many are tried: the first in order.
MOST_TRIED = 5


def find_remedy(
    queue: Sequence[QueuedShipment], supply: Supply, settings: ReleaseSettings, today: date
) -> tuple[Remedy, ...]:
    """Return changes that, made together, release the last of ``queue`` whole.

    ``queue`` is this shipment and, before it in queue order, all shipments that could be given
    units that it could use. Each proposal is planned, the lightest first: rules, then units. Empty
    if it is released without changes, or if no proposal releases it.

    Rule: Why a shipment waits.
    """
    decision = _last_decision(queue, supply, settings, today)
    if decision.is_complete:
        return ()
    opened = release_today(units_by_product(queue[-1].needs), supply, today)
    if opened:
        supply, settings = applied(opened, supply, settings, stock_id=queue[-1].stock_id)
        decision = _last_decision(queue, supply, settings, today)
        if decision.is_complete:
            return opened
    for remedies in _proposals(queue, decision, supply, settings, today):
        changed_supply, changed_settings = applied(
            remedies, supply, settings, stock_id=queue[-1].stock_id
        )
        changed_queue = queue_without_bars(remedies, queue)
        if _last_decision(changed_queue, changed_supply, changed_settings, today).is_complete:
            return (*opened, *remedies)
    return ()


def receipt_for_all(
    shipment: QueuedShipment,
    earlier: Mapping[int, int],
    supply: Supply,
    settings: ReleaseSettings,
    today: date,
) -> tuple[Remedy, ...]:
    """Return the receipts that cover ``shipment`` and all shipments before it, at one source
    where possible; ``earlier`` are the units that those before it need, by product.

    For a queue too long to plan for each proposal. Empty if no source is eligible.

    Rule: Why a shipment waits.
    """
    candidates = EligibleSources(supply, settings.algorithm).of(shipment)
    receiving = next(_receiving_sources(shipment, candidates, supply), None)
    if receiving is None:
        return ()
    wanted = units_by_product(shipment.needs)
    needed = {product: units + earlier.get(product, 0) for product, units in wanted.items()}
    short = _less_available(needed, receiving, supply.items)
    lifts = [
        Remedy(RemedyKind.LIFT_BAR, product_id, source_id)
        for source_id, product_id in sorted(shipment.barred)
        if receiving.source_of.get(product_id) == source_id and short[product_id] <= 0
    ]
    sources = set(receiving.source_of.values())
    is_first_in_order = sources <= {candidates[0]}
    if settings.limits.are_any and not (
        is_first_in_order or (len(sources) == 1 and settings.mode != ReleaseMode.BY_LINE)
    ):
        lifts.append(Remedy(RemedyKind.LIFT_SPLIT_LIMITS))
    opened = release_today(wanted, supply, today)
    return (*opened, *receiving.receipts(short, supply), *lifts)


def _last_decision(
    queue: Sequence[QueuedShipment], supply: Supply, settings: ReleaseSettings, today: date
) -> Decision:
    planner = Planner(supply, settings, today)
    decisions = [planner.decide(shipment) for shipment in queue]
    return decisions[-1]


def _proposals(
    queue: Sequence[QueuedShipment],
    decision: Decision,
    supply: Supply,
    settings: ReleaseSettings,
    today: date,
) -> Iterator[tuple[Remedy, ...]]:
    shipment = queue[-1]
    candidates = EligibleSources(supply, settings.algorithm).of(shipment)
    wanted = units_by_product(shipment.needs)
    items = [
        item
        for item in supply.items
        if item.product_id in wanted and item.source_id in candidates and item.unallocated > 0
    ]
    if settings.limits.are_any:
        yield (Remedy(RemedyKind.LIFT_SPLIT_LIMITS),)
    yield from _lifted_bars(shipment, items)
    closed = [item for item in items if not item.is_in_stock]
    if closed:
        yield tuple(
            Remedy(RemedyKind.SET_IN_STOCK, item.product_id, item.source_id) for item in closed
        )
    kept_back = [item for item in items if item.safety_stock > 0]
    if kept_back:
        yield tuple(
            Remedy(RemedyKind.LOWER_SAFETY_STOCK, item.product_id, item.source_id, 0)
            for item in kept_back
        )
    yield from _from_future(wanted, candidates, supply, settings, today)
    openings = _openings(shipment, wanted, supply)
    for opening, holds_units in openings:
        if holds_units:
            yield opening
    yield from _from_receipts(queue, decision, candidates, supply, settings)
    if candidates:
        return
    for opening, _ in openings:
        source_id = opening[0].source_id
        choices = _receiving_sources(shipment, [] if source_id is None else [source_id], supply)
        for receiving in choices:
            yield (*opening, *receiving.receipts(wanted, supply))
            yield (*opening, *receiving.receipts(_wanted_up_to_last(queue), supply))


def _openings(
    shipment: QueuedShipment, wanted: Mapping[int, int], supply: Supply
) -> list[tuple[tuple[Remedy, ...], bool]]:
    """Return the changes that make further sources eligible, and whether they hold its units.

    Sources that hold most come first, then those that need fewest changes.
    """
    held = dict.fromkeys(supply.sources, 0)
    for item in supply.items:
        if item.product_id in wanted:
            held[item.source_id] += min(max(item.unallocated, 0), wanted[item.product_id])
    found = []
    for source in supply.sources.values():
        causes = ineligibilities(
            source,
            pickup_source_id=shipment.pickup_source_id,
            is_linked=source.source_id in supply.links.get(shipment.stock_id, ()),
        )
        if causes and Ineligibility.NOT_FOR_PICKUP not in causes:
            changes = tuple(Remedy(OPENINGS[cause], source_id=source.source_id) for cause in causes)
            found.append((-held[source.source_id], len(changes), source.code, changes))
    return [(changes, not_held < 0) for not_held, _, _, changes in sorted(found)[:MOST_OPENED]]


def _lifted_bars(
    shipment: QueuedShipment, items: Sequence[SourceItemFacts]
) -> Iterator[tuple[Remedy, ...]]:
    """Propose to lift one bar of a source that holds units, then all of them."""
    lifts = [
        Remedy(RemedyKind.LIFT_BAR, item.product_id, item.source_id)
        for item in items
        if (item.source_id, item.product_id) in shipment.barred
    ]
    for lift in lifts:
        yield (lift,)
    if len(lifts) > 1:
        yield tuple(lifts)


def _from_future(
    wanted: dict[int, int],
    candidates: Sequence[int],
    supply: Supply,
    settings: ReleaseSettings,
    today: date,
) -> Iterator[tuple[Remedy, ...]]:
    """Propose to promise from future supply."""
    days = sorted(
        {
            record.expected_on
            for record in supply.future
            if record.product_id in wanted
            and record.source_id in candidates
            and record.expected_on is not None
            and record.expected_on >= today
        }
    )
    if not days:
        return
    switches: list[Remedy] = []
    if not settings.promises_from_future:
        switches.append(Remedy(RemedyKind.ENABLE_FUTURE_INVENTORY))
    switches += [
        Remedy(RemedyKind.ENABLE_FUTURE_INVENTORY_OF_PRODUCT, product_id)
        for product_id in wanted
        if supply.products[product_id].own_future is False
    ]
    if switches:
        yield tuple(switches)
    for day in days:
        if day > settings.horizon:
            yield (*switches, Remedy(RemedyKind.EXTEND_FUTURE_DATE_LIMIT, day=day))


def _from_receipts(
    queue: Sequence[QueuedShipment],
    decision: Decision,
    candidates: Sequence[int],
    supply: Supply,
    settings: ReleaseSettings,
) -> Iterator[tuple[Remedy, ...]]:
    """Propose to receive the missing units; then also those that earlier shipments need."""
    short = {shortage.product_id: shortage.missing for shortage in decision.shortages}
    choices = list(_receiving_sources(queue[-1], candidates, supply))
    for receiving in choices:
        if receiving.changes:
            yield receiving.changes
    for receiving in choices if short else ():
        yield receiving.receipts(short, supply)
    wanted = _wanted_up_to_last(queue)
    for receiving in choices:
        yield receiving.receipts(wanted, supply)
    if settings.limits.are_any:
        for receiving in choices:
            yield (Remedy(RemedyKind.LIFT_SPLIT_LIMITS), *receiving.receipts(wanted, supply))


@dataclass(frozen=True, slots=True)
class _ReceivingSources:
    """The source at which each product is to be received, and the changes it needs."""

    source_of: Mapping[int, int]
    changes: tuple[Remedy, ...] = ()

    def receipts(self, missing: Mapping[int, int], supply: Supply) -> tuple[Remedy, ...]:
        """Return the changes that make ``missing`` units, by product, available there."""
        remedies = list(self.changes)
        for product_id, units in missing.items():
            source_id = self.source_of[product_id]
            item = _item(product_id, source_id, supply)
            if item is not None and not item.is_in_stock:
                remedies.append(Remedy(RemedyKind.SET_IN_STOCK, product_id, source_id))
            if units > 0:
                received = units + (
                    max(item.safety_stock - item.unallocated, 0) if item is not None else 0
                )
                if not self._gives_fractions(product_id, supply):
                    # Without decimals whole units arrive.
                    received += -received % UNIT
                remedies.append(Remedy(RemedyKind.RECEIVE, product_id, source_id, received))
        return tuple(remedies)

    def _gives_fractions(self, product_id: int, supply: Supply) -> bool:
        source_id = self.source_of[product_id]
        use = Remedy(RemedyKind.USE_DECIMALS, product_id, source_id)
        return use in self.changes or gives_fractions(source_id, product_id, supply)


def _receiving_sources(
    shipment: QueuedShipment, candidates: Sequence[int], supply: Supply
) -> Iterator[_ReceivingSources]:
    """Yield the sources at which a shipment's units may be received.

    A fraction comes from a source item with decimals (§2). First each source that may give all;
    if there is none, for each product the first that may give it, or that is to use decimals. A
    promise leaves from one source.
    """
    if not candidates:
        return
    in_fractions = {
        need.product_id for need in shipment.needs if need.is_reserving and need.units % UNIT
    }
    products = units_by_product(shipment.needs)
    fitting = [
        source_id
        for source_id in candidates
        if all(gives_fractions(source_id, product_id, supply) for product_id in in_fractions)
    ]
    for source_id in fitting[:MOST_TRIED]:
        yield _ReceivingSources(dict.fromkeys(products, source_id))
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
    yield _ReceivingSources(source_of, tuple(changes))


def _wanted_up_to_last(queue: Sequence[QueuedShipment]) -> dict[int, int]:
    """Return the units of the products of the last shipment that the whole queue wants."""
    wanted = units_by_product(queue[-1].needs)
    for earlier in queue[:-1]:
        for product_id, units in units_by_product(earlier.needs).items():
            if product_id in wanted:
                wanted[product_id] += units
    return wanted


def _less_available(
    needed: Mapping[int, int], receiving: _ReceivingSources, items: Iterable[SourceItemFacts]
) -> dict[int, int]:
    """Return ``needed`` units, by product, less those available where they are received."""
    short = dict(needed)
    for item in items:
        if item.product_id in short and receiving.source_of[item.product_id] == item.source_id:
            short[item.product_id] -= item.available
    return short


def _item(product_id: int, source_id: int, supply: Supply) -> SourceItemFacts | None:
    for item in supply.items:
        if (item.product_id, item.source_id) == (product_id, source_id):
            return item
    return None
