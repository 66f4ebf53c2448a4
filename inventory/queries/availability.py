"""What can be sold of many products in one stock, in three statements however many."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from inventory.models.configuration import GLOBAL_OPTIONS
from inventory.queries.selling import (
    context_of_stock,
    items_of,
    waiting_quantities,
)
from inventory.resolution import ProductPolicy, Values, policy_in_stock, resolve
from inventory.salability import ItemFacts, SalabilityFacts
from inventory.selling import SalableItem, SalableProduct, SellingContext

NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True)
class Availability:
    """A product in a stock, with the facts that the rules of salability are asked about."""

    product: SalableProduct
    facts: SalabilityFacts


@dataclass(frozen=True, slots=True)
class StockAvailability:
    """What a stock can sell: by SKU, with the effective global options."""

    configuration: Mapping[str, object]
    products: Mapping[str, Availability]


def availability_in_stock(stock: str, skus: Collection[str]) -> StockAvailability | None:
    """Return what a stock can sell of these SKUs, or None if there is no such stock.

    SKUs that no product has are left out.
    """
    context = context_of_stock(stock, skus)
    if context is None:
        return None
    _items, facts = items_with_facts(context, lock=False)
    return StockAvailability(
        configuration=effective_configuration(context),
        products={
            sku: Availability(product, facts[sku]) for sku, product in context.products.items()
        },
    )


def effective_configuration(context: SellingContext) -> dict[str, object]:
    """Return every global option in force, by name."""
    return {
        option.name: resolve(option.name, configuration=context.configuration).value
        for option in GLOBAL_OPTIONS
    }


def facts_by_sku(
    context: SellingContext, items: Iterable[SalableItem], waiting: Mapping[int, Decimal]
) -> dict[str, SalabilityFacts]:
    """Return what salability is decided on, by SKU.

    ``waiting`` is what the stock has sold and no source has set aside, by product id.
    """
    enabled = {link.source_id for link in context.links if link.is_enabled}
    held: defaultdict[int, list[SalableItem]] = defaultdict(list)
    for item in items:
        held[item.product_id].append(item)
    policies = _Policies(context.configuration)
    return {
        sku: SalabilityFacts(
            policy=policies.of(
                product,
                [
                    item
                    for item in held[product.product_id]
                    if item.is_in_stock and item.source_id in enabled
                ],
            ),
            items=tuple(
                ItemFacts(
                    quantity=item.quantity,
                    allocated=item.allocated,
                    safety_stock=item.safety_stock,
                    is_in_stock=item.is_in_stock,
                    is_source_enabled=item.source_id in enabled,
                )
                for item in held[product.product_id]
            ),
            waiting=waiting.get(product.product_id, NOTHING),
            is_enabled=product.is_enabled,
        )
        for sku, product in context.products.items()
    }


def items_with_facts(
    context: SellingContext, *, lock: bool
) -> tuple[list[SalableItem], dict[str, SalabilityFacts]]:
    """Return the source items of a stock's products, and the facts that salability is decided on.

    ``lock`` holds the items, in key order, to the end of the caller's transaction.
    """
    items = items_of(context, lock=lock)
    product_ids = [product.product_id for product in context.products.values()]
    waiting = waiting_quantities(context.stock_id, product_ids)
    return items, facts_by_sku(context, items, waiting)


class _Policies:
    """The rules of each product; those that set the same values share theirs."""

    def __init__(self, configuration: Values) -> None:
        self.configuration = configuration
        self.known: dict[tuple[Any, ...], ProductPolicy] = {}

    def of(self, product: SalableProduct, in_stock: Sequence[SalableItem]) -> ProductPolicy:
        """Return the rules in force over the items In Stock; they are resolved once each."""
        own = {tuple(item.overrides.values()) for item in in_stock}
        key = (product.is_virtual, frozenset(own), *product.overrides.values())
        if key not in self.known:
            self.known[key] = policy_in_stock(
                configuration=self.configuration,
                product=product.overrides,
                in_stock_items=[item.overrides for item in in_stock],
                is_virtual=product.is_virtual,
            )
        return self.known[key]
