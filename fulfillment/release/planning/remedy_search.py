"""Finds what would unblock a waiting shipment, by planning the world in which it happened; PURE."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from fulfillment.release.planning.eligible_sources import candidates_for
from fulfillment.release.planning.needs import units_by_product
from fulfillment.release.planning.planner import Planner
from fulfillment.release.planning.receipt_remedies import (
    less_what_is_there,
    receiving_places,
    wanted_with_those_before,
)
from fulfillment.release.planning.remedy import Remedy, RemedyKind, carried_out, queue_after
from fulfillment.release.planning.values import (
    Decision,
    QueuedShipment,
    ReleaseSettings,
    SourceItemFacts,
    Supply,
)

# Of sources that it may not draw on, only those that are nearest to it are tried.
MOST_OPENED = 5


def find_remedy(
    queue: Sequence[QueuedShipment], supply: Supply, settings: ReleaseSettings, today: date
) -> tuple[Remedy, ...]:
    """Return changes that, made together, release the last of ``queue`` whole.

    ``queue`` is it and, in queue order before it, all who could be given units that it could use.
    Each proposal is planned before it is made, the lightest first: rules, then units. Empty if
    it is released as things are, and if none of them releases it.

    Rule: Why a shipment waits.
    """
    if _last_decision(queue, supply, settings, today).is_complete:
        return ()
    for remedies in _proposals(queue, supply, settings, today):
        changed_supply, changed_settings = carried_out(
            remedies, supply, settings, stock_id=queue[-1].stock_id
        )
        changed_queue = queue_after(remedies, queue)
        if _last_decision(changed_queue, changed_supply, changed_settings, today).is_complete:
            return remedies
    return ()


def receipt_for_all(
    shipment: QueuedShipment,
    earlier: Mapping[int, int],
    supply: Supply,
    settings: ReleaseSettings,
) -> tuple[Remedy, ...]:
    """Return what is to be received so that ``shipment`` has its units there, at one source if one
    may give them all, even if all who come before it take theirs from the same: ``earlier`` units
    by product.

    For a queue too long to be planned again and again. Empty if it may draw on no source.

    Rule: Why a shipment waits.
    """
    candidates = candidates_for(shipment, supply, algorithm=settings.algorithm)
    places = next(receiving_places(shipment, candidates, supply), None)
    if places is None:
        return ()
    wanted = units_by_product(shipment.needs)
    needed = {product: units + earlier.get(product, 0) for product, units in wanted.items()}
    short = less_what_is_there(needed, places, supply.items)
    lifts = [
        Remedy(RemedyKind.LIFT_BAR, product_id, source_id)
        for source_id, product_id in sorted(shipment.barred)
        if places.source_of.get(product_id) == source_id and short[product_id] <= 0
    ]
    sources = set(places.source_of.values())
    is_first_in_order = sources <= {candidates[0]}
    if _is_limited(settings) and not (
        is_first_in_order or (len(sources) == 1 and settings.mode != "BY_LINE")
    ):
        lifts.append(Remedy(RemedyKind.LIFT_SPLIT_LIMITS))
    return (*places.receipts(short, supply), *lifts)


def _last_decision(
    queue: Sequence[QueuedShipment], supply: Supply, settings: ReleaseSettings, today: date
) -> Decision:
    planner = Planner(supply, settings, today)
    decisions = [planner.decide(shipment) for shipment in queue]
    return decisions[-1]


def _proposals(
    queue: Sequence[QueuedShipment], supply: Supply, settings: ReleaseSettings, today: date
) -> Iterator[tuple[Remedy, ...]]:
    shipment = queue[-1]
    candidates = candidates_for(shipment, supply, algorithm=settings.algorithm)
    wanted = units_by_product(shipment.needs)
    items = [
        item
        for item in supply.items
        if item.product_id in wanted and item.source_id in candidates and item.free > 0
    ]
    if _is_limited(settings):
        yield (Remedy(RemedyKind.LIFT_SPLIT_LIMITS),)
    yield from _lifted_bars(shipment, items)
    closed = [item for item in items if not item.is_in_stock]
    if closed:
        yield tuple(
            Remedy(RemedyKind.SET_IN_STOCK, item.product_id, item.source_id) for item in closed
        )
    kept_back = [item for item in items if item.safety > 0]
    if kept_back:
        yield tuple(
            Remedy(RemedyKind.LOWER_SAFETY_STOCK, item.product_id, item.source_id, 0)
            for item in kept_back
        )
    yield from _from_future(wanted, candidates, supply, settings, today)
    openings = _openings(shipment, candidates, supply)
    for opening, holds_units in openings:
        if holds_units:
            yield opening
    yield from _from_receipts(queue, candidates, supply, settings, today)
    if candidates:
        return
    for opening, _ in openings:
        source_id = opening[0].source_id
        places = receiving_places(shipment, [] if source_id is None else [source_id], supply)
        for place in places:
            yield (*opening, *place.receipts(wanted, supply))
            yield (*opening, *place.receipts(wanted_with_those_before(queue), supply))


def _openings(
    shipment: QueuedShipment, candidates: Sequence[int], supply: Supply
) -> list[tuple[tuple[Remedy, ...], bool]]:
    """Return what would let it draw on further sources, and whether they hold what it wants.

    Those that hold most come first, then those that need fewest changes.
    """
    wanted = units_by_product(shipment.needs)
    held = dict.fromkeys(supply.sources, 0)
    for item in supply.items:
        if item.product_id in wanted:
            held[item.source_id] += min(max(item.free, 0), wanted[item.product_id])
    found = []
    for source in supply.sources.values():
        is_asked_for = shipment.pickup_source_id in (None, source.id)
        if source.id in candidates or not is_asked_for:
            continue
        changes = []
        if not source.is_enabled:
            changes.append(Remedy(RemedyKind.ENABLE_SOURCE, source_id=source.id))
        if source.id not in supply.links.get(shipment.stock_id, ()):
            changes.append(Remedy(RemedyKind.LINK_SOURCE, source_id=source.id))
        if shipment.pickup_source_id is None and not source.ships_to_home:
            changes.append(Remedy(RemedyKind.SHIP_TO_HOME, source_id=source.id))
        found.append((-held[source.id], len(changes), source.code, tuple(changes)))
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
    """Propose to promise from supply that is on its way."""
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
    candidates: Sequence[int],
    supply: Supply,
    settings: ReleaseSettings,
    today: date,
) -> Iterator[tuple[Remedy, ...]]:
    """Propose to receive what is short; then also what those before it would take of that."""
    decision = _last_decision(queue, supply, settings, today)
    short = {shortage.product_id: shortage.missing for shortage in decision.shortages}
    places = list(receiving_places(queue[-1], candidates, supply))
    for place in places:
        if place.changes:
            yield place.changes
    for place in places if short else ():
        yield place.receipts(short, supply)
    wanted = wanted_with_those_before(queue)
    for place in places:
        yield place.receipts(wanted, supply)
    if _is_limited(settings):
        for place in places:
            yield (Remedy(RemedyKind.LIFT_SPLIT_LIMITS), *place.receipts(wanted, supply))


def _is_limited(settings: ReleaseSettings) -> bool:
    return bool(settings.max_sources_per_release or settings.max_sources_per_line)
