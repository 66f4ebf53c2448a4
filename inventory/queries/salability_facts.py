"""The facts that selling decides on: a channel's stock, its sources, products, items.

Two statements however many products: one for everything that is configured, one for the items
(locked, where a decision follows). Raw SQL, because this is the busiest read there is.
"""

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from core.column_limits import is_storable
from core.quantities import ZERO
from core.sql import array, execute_prepared, fetch_rows, listed
from inventory.models import Product, SourceItem
from inventory.models.configuration import GLOBAL_OPTIONS
from inventory.models.product import PRODUCT_OPTIONS
from inventory.models.source_item import SOURCE_ITEM_OPTIONS
from inventory.resolution import (
    ProductPolicy,
    Values,
    before_release,
    policy_in_stock,
    resolve,
)
from inventory.salability import (
    LinkedSource,
    SalabilityFacts,
    SalableItem,
    SalableProduct,
    SellingContext,
)


def _statement(channel: str, origin: str) -> str:
    return f"""
SELECT stock.id, stock.code, {channel},
    (SELECT (json_agg(json_build_object(
        'source_id', source.id, 'code', source.code, 'priority', link.priority,
        'is_enabled', source.is_enabled, 'ships_to_home', source.ships_to_home,
        'is_pickup_location', source.is_pickup_location,
        'latitude', source.latitude::text, 'longitude', source.longitude::text)
        ORDER BY link.priority, source.code))::text
     FROM inventory_stocksource AS link JOIN inventory_source AS source
         ON source.id = link.source_id
     WHERE link.stock_id = stock.id),
    (SELECT to_json(configuration)::text FROM inventory_inventoryconfiguration AS configuration
     WHERE configuration.id = 1),
    (SELECT json_agg(to_json(product))::text FROM inventory_product AS product
     WHERE product.sku = ANY(%s::text[]))
FROM {origin}
"""  # noqa: S608 - constants


BY_CHANNEL = _statement(
    "channel.id",
    "inventory_saleschannel AS channel JOIN inventory_stock AS stock "
    "ON stock.id = channel.stock_id WHERE channel.code = %s",
)
BY_STOCK = _statement("NULL::bigint", "inventory_stock AS stock WHERE stock.code = %s")

ITEM_OPTION_NAMES = [option.name for option in SOURCE_ITEM_OPTIONS]
PRODUCT_OPTION_NAMES = [option.name for option in PRODUCT_OPTIONS]
ITEMS = f"""
SELECT item.id, item.product_id, item.source_id, item.quantity, item.allocated,
       item.safety_stock, item.status = '{SourceItem.Status.IN_STOCK}',
       {listed("item.{}", ITEM_OPTION_NAMES)}
FROM inventory_sourceitem AS item
WHERE item.product_id = ANY(%s::bigint[]) AND item.source_id = ANY(%s::bigint[])
ORDER BY item.id
"""  # noqa: S608 - constants

BALANCES = """
SELECT product_id, waiting_quantity FROM inventory_stockbalance
WHERE stock_id = %s AND product_id = ANY(%s::bigint[])
"""

# The limit of pre-orders counts what every stock has sold.
BALANCES_OF_ALL = """
SELECT product_id, sum(waiting_quantity) FROM inventory_stockbalance
WHERE product_id = ANY(%s::bigint[]) GROUP BY product_id
"""


def context_of_channel(code: str, skus: Collection[str], *, today: date) -> SellingContext | None:
    """Return what selling these SKUs through a channel depends on, or None if there is none."""
    return _context(BY_CHANNEL, code, skus, today)


def context_of_stock(code: str, skus: Collection[str], *, today: date) -> SellingContext | None:
    """Return what selling these SKUs from a stock depends on, or None if there is none."""
    return _context(BY_STOCK, code, skus, today)


def items_of(context: SellingContext, *, lock: bool) -> list[SalableItem]:
    """Return the items of the context's products at its linked sources, in key order.

    With ``lock`` they are held until the transaction ends: stocks that share sources then decide
    one after the other, and none oversells.
    """
    products = array([product.product_id for product in context.products.values()])
    sources = array([link.source_id for link in context.links])
    cursor = execute_prepared(ITEMS + ("FOR UPDATE" if lock else ""), [products, sources])
    return [_item(row) for row in cursor.fetchall()]


def waiting_quantities(stock_id: int, product_ids: Collection[int]) -> dict[int, Decimal]:
    """Return what the stock has sold and no source has set aside, by product id."""
    cursor = execute_prepared(BALANCES, [stock_id, array(product_ids)])
    return dict(cursor.fetchall())


def _context(
    statement: str, code: str, skus: Collection[str], today: date
) -> SellingContext | None:
    if not is_storable(code):
        return None
    cursor = execute_prepared(statement, [array([sku for sku in skus if is_storable(sku)]), code])
    row = cursor.fetchone()
    if row is None:
        return None
    stock_id, stock_code, channel_id, links, configuration, products = row
    return SellingContext(
        stock_id=stock_id,
        stock_code=stock_code,
        channel_id=channel_id,
        today=today,
        links=tuple(_link(link) for link in _parsed(links) or ()),
        configuration=_parsed(configuration) or {},
        products={found["sku"]: _product(found) for found in _parsed(products) or ()},
    )


def _parsed(text: Any) -> Any:
    return None if text is None else json.loads(text, parse_float=Decimal)


def _link(row: Mapping[str, Any]) -> LinkedSource:
    coordinates = {name: row[name] and Decimal(row[name]) for name in ("latitude", "longitude")}
    return LinkedSource(**{**row, **coordinates})


def _item(row: tuple[Any, ...]) -> SalableItem:
    item_id, product_id, source_id, quantity, allocated, safety_stock, is_in_stock, *own = row
    overrides = dict(zip(ITEM_OPTION_NAMES, own, strict=True))
    return SalableItem(
        item_id, product_id, source_id, quantity, allocated, safety_stock, is_in_stock, overrides
    )


def _product(row: Mapping[str, Any]) -> SalableProduct:
    return SalableProduct(
        product_id=row["id"],
        sku=row["sku"],
        name=row["name"],
        is_enabled=row["is_enabled"],
        is_virtual=row["product_type"] == Product.Type.VIRTUAL,
        price=row["price"],
        overrides={name: row[name] for name in PRODUCT_OPTION_NAMES},
        release_on=row["release_on"] and date.fromisoformat(row["release_on"]),
        preorder_limit=row["preorder_limit"],
    )


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


def availability_in_stock(
    stock: str, skus: Collection[str], *, today: date
) -> StockAvailability | None:
    """Return what a stock can sell of these SKUs, or None if there is no such stock.

    SKUs that no product has are left out.
    """
    context = context_of_stock(stock, skus, today=today)
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

    ``waiting`` is what the stock (of pre-ordered products: every stock) has sold and no source has
    set aside, by product id.
    """
    enabled = {link.source_id for link in context.links if link.is_enabled}
    held: defaultdict[int, list[SalableItem]] = defaultdict(list)
    for item in items:
        is_enabled = item.source_id in enabled
        linked = item if is_enabled else replace(item, is_source_enabled=False)
        held[item.product_id].append(linked)
    policies = _Policies(context.configuration)
    return {
        sku: _facts(
            product,
            policies,
            held[product.product_id],
            waiting.get(product.product_id, ZERO),
            today=context.today,
        )
        for sku, product in context.products.items()
    }


def _facts(
    product: SalableProduct,
    policies: "_Policies",
    items: Sequence[SalableItem],
    waiting: Decimal,
    *,
    today: date,
) -> SalabilityFacts:
    policy = policies.of(
        product, [item for item in items if item.is_in_stock and item.is_source_enabled]
    )
    if not policy.manage_stock or not product.is_preordered(today=today):
        return SalabilityFacts(policy, items, waiting, product.is_enabled)
    policy = before_release(policy, product.preorder_limit)
    return SalabilityFacts(policy, items, waiting, product.is_enabled, product.release_on)


def items_with_facts(
    context: SellingContext, *, lock: bool
) -> tuple[list[SalableItem], dict[str, SalabilityFacts]]:
    """Return the source items of a stock's products, and the facts that salability is decided on.

    ``lock`` holds the items, in key order, to the end of the caller's transaction.
    """
    items = items_of(context, lock=lock)
    product_ids = [product.product_id for product in context.products.values()]
    waiting = waiting_quantities(context.stock_id, product_ids)
    if preordered := context.preordered_ids:
        waiting |= dict(fetch_rows(BALANCES_OF_ALL, [array(preordered)]))
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
