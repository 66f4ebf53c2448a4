"""Finds what would unblock a waiting shipment, by planning the world in which it happened; PURE."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from fulfillment.release.candidates import candidates_for
from fulfillment.release.plan import (
    Decision,
    ItemFacts,
    QueuedShipment,
    ReleaseSettings,
    Supply,
    quantity_of,
)
from fulfillment.release.planner import Planner
from inventory.quantities import format_quantity


class RemedyKind(StrEnum):
    """What is to be done."""

    RECEIVE = "RECEIVE"
    SET_IN_STOCK = "SET_IN_STOCK"
    LOWER_SAFETY_STOCK = "LOWER_SAFETY_STOCK"
    ENABLE_FUTURE_INVENTORY = "ENABLE_FUTURE_INVENTORY"
    ENABLE_FUTURE_INVENTORY_OF_PRODUCT = "ENABLE_FUTURE_INVENTORY_OF_PRODUCT"
    EXTEND_FUTURE_DATE_LIMIT = "EXTEND_FUTURE_DATE_LIMIT"
    LIFT_SPLIT_LIMITS = "LIFT_SPLIT_LIMITS"


@dataclass(frozen=True, slots=True)
class Remedy:
    """One change: which product, at which source, how many units, until when, as far as it has.

    ``units`` are whole ten-thousandths: those to receive, or the safety stock to set.
    """

    kind: RemedyKind
    product_id: int | None = None
    source_id: int | None = None
    units: int | None = None
    day: date | None = None

    def as_json(self, supply: Supply) -> dict[str, object]:
        """Return the change with the names that people use."""
        values: dict[str, object] = {"kind": self.kind.value}
        if self.product_id is not None:
            values["sku"] = supply.products[self.product_id].sku
        if self.source_id is not None:
            values["source"] = supply.sources[self.source_id].code
        if self.units is not None:
            values["quantity"] = format_quantity(quantity_of(self.units))
        if self.day is not None:
            values["until"] = self.day.isoformat()
        return values


def find_remedy(
    queue: Sequence[QueuedShipment], supply: Supply, settings: ReleaseSettings, today: date
) -> tuple[Remedy, ...]:
    """Return changes that, made together, release the last of ``queue`` whole.

    ``queue`` is it and, in queue order before it, all who could be given units that it could use.
    Each proposal is planned before it is made, the lightest first: rules, then units. Empty if
    none of them releases it, as where it may draw on no source at all.

    Rule: Why a shipment waits.
    """
    for remedies in _proposals(queue, supply, settings, today):
        changed_supply, changed_settings = _changed(remedies, supply, settings)
        if _last_decision(queue, changed_supply, changed_settings, today).is_complete:
            return remedies
    return ()


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
    if not candidates:
        return
    wanted = _wanted(shipment)
    items = [
        item
        for item in supply.items
        if item.product_id in wanted and item.source_id in candidates and item.free > 0
    ]
    if settings.max_sources_per_release or settings.max_sources_per_line:
        yield (Remedy(RemedyKind.LIFT_SPLIT_LIMITS),)
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
    yield from _from_receipts(queue, candidates, supply, settings, today)


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
    shipment = queue[-1]
    decision = _last_decision(queue, supply, settings, today)
    wanted = _wanted(shipment)
    short = {shortage.product_id: shortage.missing for shortage in decision.shortages}
    before = dict.fromkeys(wanted, 0)
    for earlier in queue[:-1]:
        for product_id, units in _wanted(earlier).items():
            if product_id in before:
                before[product_id] += units
    for source_id in candidates:
        yield _receipts(short, source_id, supply)
    for source_id in candidates:
        needed = {product_id: units + before[product_id] for product_id, units in wanted.items()}
        yield _receipts(needed, source_id, supply)


def _receipts(units: dict[int, int], source_id: int, supply: Supply) -> tuple[Remedy, ...]:
    remedies = []
    for product_id, missing in units.items():
        item = _item(product_id, source_id, supply)
        short_of_safety = max(item.safety - item.free, 0) if item is not None else 0
        if item is not None and not item.is_in_stock:
            remedies.append(Remedy(RemedyKind.SET_IN_STOCK, product_id, source_id))
        remedies.append(
            Remedy(RemedyKind.RECEIVE, product_id, source_id, missing + short_of_safety)
        )
    return tuple(remedies)


def _item(product_id: int, source_id: int, supply: Supply) -> ItemFacts | None:
    for item in supply.items:
        if (item.product_id, item.source_id) == (product_id, source_id):
            return item
    return None


def _wanted(shipment: QueuedShipment) -> dict[int, int]:
    wanted: dict[int, int] = {}
    for need in shipment.needs:
        if need.takes_units:
            wanted[need.product_id] = wanted.get(need.product_id, 0) + need.units
    return wanted


def _changed(
    remedies: Iterable[Remedy], supply: Supply, settings: ReleaseSettings
) -> tuple[Supply, ReleaseSettings]:
    """Return the world in which all of ``remedies`` were carried out."""
    for remedy in remedies:
        match remedy.kind:
            case RemedyKind.LIFT_SPLIT_LIMITS:
                settings = replace(
                    settings, max_sources_per_release=None, max_sources_per_line=None
                )
            case RemedyKind.ENABLE_FUTURE_INVENTORY:
                settings = replace(settings, promises_from_future=True)
            case RemedyKind.EXTEND_FUTURE_DATE_LIMIT if remedy.day is not None:
                settings = replace(settings, horizon=max(settings.horizon, remedy.day))
            case RemedyKind.ENABLE_FUTURE_INVENTORY_OF_PRODUCT if remedy.product_id is not None:
                product = replace(supply.products[remedy.product_id], own_future=None)
                products = {**supply.products, product.id: product}
                supply = replace(supply, products=products)
            case _:
                supply = replace(supply, items=tuple(_changed_items(remedy, supply)))
    return supply, settings


def _changed_items(remedy: Remedy, supply: Supply) -> Iterator[ItemFacts]:
    is_known = False
    for item in supply.items:
        if (item.product_id, item.source_id) != (remedy.product_id, remedy.source_id):
            yield item
            continue
        is_known = True
        match remedy.kind:
            case RemedyKind.SET_IN_STOCK:
                yield replace(item, is_in_stock=True)
            case RemedyKind.LOWER_SAFETY_STOCK:
                yield replace(item, safety=remedy.units or 0)
            case _:
                yield replace(item, free=item.free + (remedy.units or 0))
    if not is_known and remedy.product_id is not None and remedy.source_id is not None:
        # Nothing of it was ever at this source: receiving some assigns it there.
        yield ItemFacts(0, remedy.product_id, remedy.source_id, remedy.units or 0, 0, True)
