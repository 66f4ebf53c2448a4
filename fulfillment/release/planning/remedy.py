"""Changes that may release a waiting shipment, with supply or settings as they would be; PURE."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from core.quantities import format_quantity, quantity_of
from fulfillment.release.planning.values import (
    QueuedShipment,
    ReleaseSettings,
    SourceItemFacts,
    Supply,
)
from fulfillment.sourcing.choices import NO_LIMITS


class RemedyKind(StrEnum):
    """The kind of change."""

    RECEIVE = "RECEIVE"
    SET_IN_STOCK = "SET_IN_STOCK"
    LOWER_SAFETY_STOCK = "LOWER_SAFETY_STOCK"
    ENABLE_FUTURE_INVENTORY = "ENABLE_FUTURE_INVENTORY"
    ENABLE_FUTURE_INVENTORY_OF_PRODUCT = "ENABLE_FUTURE_INVENTORY_OF_PRODUCT"
    EXTEND_FUTURE_DATE_LIMIT = "EXTEND_FUTURE_DATE_LIMIT"
    USE_DECIMALS = "USE_DECIMALS"
    LIFT_SPLIT_LIMITS = "LIFT_SPLIT_LIMITS"
    ENABLE_SOURCE = "ENABLE_SOURCE"
    SHIP_TO_HOME = "SHIP_TO_HOME"
    LINK_SOURCE = "LINK_SOURCE"
    LIFT_BAR = "LIFT_BAR"
    SET_RELEASE_DATE = "SET_RELEASE_DATE"
    LIFT_HOLD = "LIFT_HOLD"
    SETTLE_PAYMENT = "SETTLE_PAYMENT"
    SHIP_WHAT_IS_READY = "SHIP_WHAT_IS_READY"


@dataclass(frozen=True, slots=True)
class Remedy:
    """One change: product, source, units and day, where its kind has them.

    ``units`` are whole ten-thousandths: those to receive, or the safety stock to set.
    """

    kind: RemedyKind
    product_id: int | None = None
    source_id: int | None = None
    units: int | None = None
    day: date | None = None

    def as_json(self, supply: Supply) -> dict[str, object]:
        """Return the change with SKU and source code."""
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


def applied(
    remedies: Iterable[Remedy], supply: Supply, settings: ReleaseSettings, *, stock_id: int
) -> tuple[Supply, ReleaseSettings]:
    """Return supply and settings with all of ``remedies`` applied, for orders of a stock."""
    for remedy in remedies:
        match remedy.kind:
            case RemedyKind.LIFT_SPLIT_LIMITS:
                settings = replace(settings, limits=NO_LIMITS)
            case RemedyKind.ENABLE_FUTURE_INVENTORY:
                settings = replace(settings, promises_from_future=True)
            case RemedyKind.EXTEND_FUTURE_DATE_LIMIT if remedy.day is not None:
                settings = replace(settings, horizon=max(settings.horizon, remedy.day))
            case RemedyKind.ENABLE_FUTURE_INVENTORY_OF_PRODUCT | RemedyKind.SET_RELEASE_DATE:
                supply = _with_product(remedy, supply)
            case RemedyKind.LINK_SOURCE if remedy.source_id is not None:
                linked = (*supply.links.get(stock_id, ()), remedy.source_id)
                supply = replace(supply, links={**supply.links, stock_id: linked})
            case RemedyKind.ENABLE_SOURCE | RemedyKind.SHIP_TO_HOME if remedy.source_id is not None:
                source = supply.sources[remedy.source_id]
                changed = (
                    replace(source, is_enabled=True)
                    if remedy.kind == RemedyKind.ENABLE_SOURCE
                    else replace(source, ships_to_home=True)
                )
                supply = replace(supply, sources={**supply.sources, source.source_id: changed})
            case RemedyKind.USE_DECIMALS:
                supply = _with_decimals(remedy, supply)
            case RemedyKind.LIFT_BAR:
                continue
            case _:
                supply = _with_units(remedy, supply)
    return supply, settings


def release_today(product_ids: Iterable[int], supply: Supply, today: date) -> tuple[Remedy, ...]:
    """Return the changes that let units of these products go before their release date."""
    closed = supply.before_release(today)
    return tuple(
        Remedy(RemedyKind.SET_RELEASE_DATE, product_id, day=today)
        for product_id in sorted(closed.keys() & {*product_ids})
    )


def gives_fractions(source_id: int | None, product_id: int | None, supply: Supply) -> bool:
    """Return whether a source gives fractions of a product's units, or would with its first units.

    A new source item uses decimals as its product does.

    Rule: Qty Uses Decimals, §2.
    """
    if source_id is None or product_id is None:
        return False
    if (source_id, product_id) in supply.with_decimals:
        return True
    return supply.products[product_id].uses_decimals and not any(
        (item.source_id, item.product_id) == (source_id, product_id) for item in supply.items
    )


def _with_product(remedy: Remedy, supply: Supply) -> Supply:
    if remedy.product_id is None:
        return supply
    product = supply.products[remedy.product_id]
    if remedy.kind == RemedyKind.SET_RELEASE_DATE:
        product = replace(product, release_on=remedy.day)
    else:
        product = replace(product, own_future=None)
    return replace(supply, products={**supply.products, product.id: product})


def _with_units(remedy: Remedy, supply: Supply) -> Supply:
    if gives_fractions(remedy.source_id, remedy.product_id, supply):
        supply = _with_decimals(remedy, supply)
    return replace(supply, items=tuple(_changed_items(remedy, supply)))


def _with_decimals(remedy: Remedy, supply: Supply) -> Supply:
    if remedy.source_id is None or remedy.product_id is None:
        return supply
    item = remedy.source_id, remedy.product_id
    return replace(supply, with_decimals=supply.with_decimals | {item})


def queue_without_bars(
    remedies: Iterable[Remedy], queue: Sequence[QueuedShipment]
) -> list[QueuedShipment]:
    """Return ``queue`` without the bars that ``remedies`` end.

    A receipt ends all bars there; staff lift those of the last shipment.

    Rule: Shipment states, a bar ends.
    """
    received = {
        (remedy.source_id, remedy.product_id)
        for remedy in remedies
        if remedy.kind == RemedyKind.RECEIVE
    }
    lifted = received | {
        (remedy.source_id, remedy.product_id)
        for remedy in remedies
        if remedy.kind == RemedyKind.LIFT_BAR
    }
    *earlier, last = queue
    return [
        *(
            replace(each, barred=each.barred - received) if each.barred else each
            for each in earlier
        ),
        replace(last, barred=last.barred - lifted),
    ]


def _changed_items(remedy: Remedy, supply: Supply) -> Iterator[SourceItemFacts]:
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
                yield replace(item, safety_stock=remedy.units or 0)
            case _:
                yield replace(item, unallocated=item.unallocated + (remedy.units or 0))
    if not is_known and remedy.product_id is not None and remedy.source_id is not None:
        # The first receipt of a product at a source assigns it there.
        yield SourceItemFacts(0, remedy.product_id, remedy.source_id, remedy.units or 0, 0, True)
