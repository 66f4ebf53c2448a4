"""The recommended sources of a stock for some needs."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from core.quantities import ZERO
from fulfillment.queries.queues import pickup_sources_of, waiting_by_queue
from fulfillment.sourcing.assignment import LineNeed, assign
from fulfillment.sourcing.choices import SplitLimits
from fulfillment.sourcing.eligibility import all_of, available_units, in_order_of_choice
from inventory.options import SourceSelection
from inventory.queries.salability_facts import (
    context_of_stock,
    effective_configuration,
    facts_by_sku,
    items_of,
)
from inventory.salability import SellingContext, items_with_decimals


@dataclass(frozen=True, slots=True)
class RequestedUnits:
    """Units of one SKU."""

    sku: str
    quantity: Decimal


@dataclass(frozen=True, slots=True)
class RecommendedSource:
    """Units of one SKU to take from one source, which has so many available."""

    source: str
    sku: str
    quantity: Decimal
    available: Decimal


@dataclass(frozen=True, slots=True)
class Recommendation:
    """What to take where, sources in the order of use; whether that covers everything."""

    is_covered: bool
    takes: tuple[RecommendedSource, ...]


class UnknownStockError(Exception):
    """There is no such stock."""


class UnknownSkusError(Exception):
    """No product has these SKUs."""

    def __init__(self, skus: frozenset[str]) -> None:
        super().__init__(", ".join(sorted(skus)))
        self.skus = skus


def recommend(
    stock: str,
    wanted: Sequence[RequestedUnits],
    *,
    algorithm: SourceSelection,
    today: date,
    destination: tuple[Decimal, Decimal] | None = None,
) -> Recommendation:
    """Return from which enabled sources of a stock to take these units; writes nothing.

    Products whose stock is not managed need no units, and are not part of it. Nothing is taken of
    products before their release date; ``today`` is the date of the site.

    :raises UnknownStockError: if there is no such stock.
    :raises UnknownSkusError: if no product has one of the SKUs.

    Rule: Choosing sources.
    """
    context = context_of_stock(stock, {want.sku for want in wanted}, today=today)
    if context is None:
        raise UnknownStockError(stock)
    unknown = {want.sku for want in wanted} - context.products.keys()
    if unknown:
        raise UnknownSkusError(frozenset(unknown))
    items = items_of(context, lock=False)
    facts = facts_by_sku(context, items, {})
    needs = [
        LineNeed(number, context.products[want.sku].product_id, want.quantity)
        for number, want in enumerate(wanted)
        if facts[want.sku].policy.manage_stock
    ]
    available = available_units(items, context.links, closed=context.preordered_ids)
    waiting = waiting_by_queue(context.stock_id, [need.product_id for need in needs])
    sources = in_order_of_choice(
        [link for link in context.links if link.is_enabled],
        algorithm=algorithm,
        destination=destination,
        last=pickup_sources_of(waiting),
    )
    takes = assign(
        needs,
        all_of(available, items_with_decimals(context, items)),
        [source.source_id for source in sources],
        SplitLimits.of(effective_configuration(context)),
        needed_whole={need.line for need in needs},
    )
    return _recommendation(needs, takes, available, context)


def _recommendation(
    needs: Sequence[LineNeed],
    takes: Mapping[int, Mapping[int, Decimal]],
    available: Mapping[tuple[int, int], Decimal],
    context: SellingContext,
) -> Recommendation:
    products = {need.line: need.product_id for need in needs}
    skus = {product.product_id: sku for sku, product in context.products.items()}
    codes = {link.source_id: link.code for link in context.links}
    recommended = []
    for source_id, by_line in takes.items():
        by_product: defaultdict[int, Decimal] = defaultdict(Decimal)
        for line, units in by_line.items():
            by_product[products[line]] += units
        recommended += [
            RecommendedSource(codes[source_id], skus[product], units, available[source_id, product])
            for product, units in by_product.items()
        ]
    taken = sum((take.quantity for take in recommended), ZERO)
    is_covered = taken == sum((need.quantity for need in needs), ZERO)
    return Recommendation(is_covered, tuple(recommended))
