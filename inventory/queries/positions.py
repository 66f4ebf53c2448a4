"""What every stock can sell of some products, in facts for any page."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from core.quantities import ZERO
from inventory.models import (
    InventoryConfiguration,
    Product,
    SourceItem,
    Stock,
    StockBalance,
    StockSource,
)
from inventory.queries.salability_facts import facts_by_sku
from inventory.salability import (
    LinkedSource,
    SalabilityFacts,
    SalableItem,
    SalableProduct,
    SellingContext,
    owed_quantity,
)

# As many products are looked at together.
AT_ONCE = 5_000


@dataclass(frozen=True, slots=True)
class StockPosition:
    """A product in one stock, with the facts that the rules of salability are asked about."""

    stock_id: int
    stock_code: str
    facts: SalabilityFacts


def stock_positions(
    products: Collection[Product],
    *,
    configuration: InventoryConfiguration,
    today: date,
    items: Iterable[SalableItem] | None = None,
) -> dict[str, list[StockPosition]]:
    """Return the products' positions in every stock, by SKU, stocks by code.

    Three statements however many products; a stock that no source of the product is linked to is
    left out. ``products`` and ``items`` may hold values that are not saved, to see what would
    result; without ``items`` those in the database count.
    """
    salable = {product.sku: salable_product(product) for product in products}
    ids = [product.product_id for product in salable.values()]
    held = list(_stored_items(ids) if items is None else items)
    waiting: defaultdict[int, dict[int, Decimal]] = defaultdict(dict)
    waiting_anywhere: defaultdict[int, Decimal] = defaultdict(Decimal)
    balances = StockBalance.objects.filter(product_id__in=ids)
    for stock_id, product_id, quantity in balances.values_list(
        "stock_id", "product_id", "waiting_quantity"
    ):
        waiting[stock_id][product_id] = quantity
        waiting_anywhere[product_id] += quantity
    positions: dict[str, list[StockPosition]] = {sku: [] for sku in salable}
    for stock, links in _links_by_stock().values():
        context = SellingContext(
            stock_id=stock.pk,
            stock_code=stock.code,
            channel_id=None,
            today=today,
            links=tuple(links),
            configuration=configuration.overrides(),
            products=salable,
        )
        linked = {link.source_id for link in links}
        reachable = [item for item in held if item.source_id in linked]
        of_stock = waiting[stock.pk] | {
            product_id: waiting_anywhere[product_id] for product_id in context.preordered_ids
        }
        for sku, facts in facts_by_sku(context, reachable, of_stock).items():
            if facts.items:
                positions[sku].append(StockPosition(stock.pk, stock.code, facts))
    return positions


def owed_without_backorders(
    products: Collection[Product], *, configuration: InventoryConfiguration, today: date
) -> Decimal:
    """Return the units of products that are sold and not covered where no more are backordered."""
    found = stock_positions(products, configuration=configuration, today=today)
    return sum(
        (
            owed_quantity(position.facts)
            for positions in found.values()
            for position in positions
            if not position.facts.policy.takes_backorders
        ),
        ZERO,
    )


def owed_by_followers(*, configuration: InventoryConfiguration, today: date) -> Decimal:
    """Return the units owed without backorders, of all products that follow the configuration."""
    waiting = StockBalance.objects.filter(waiting_quantity__gt=0).values("product")
    followers = Product.objects.filter(pk__in=waiting, backorders=None).order_by("pk")
    keys = list(followers.values_list("pk", flat=True))
    owed = ZERO
    for first in range(0, len(keys), AT_ONCE):
        part = followers.filter(pk__in=keys[first : first + AT_ONCE])
        owed += owed_without_backorders(list(part), configuration=configuration, today=today)
    return owed


def salable_product(product: Product) -> SalableProduct:
    """Return a product, saved or not, as selling sees it."""
    return SalableProduct(
        product_id=product.pk or 0,
        sku=product.sku,
        name=product.name,
        is_enabled=product.is_enabled,
        is_virtual=product.is_virtual,
        price=product.price,
        overrides=product.overrides(),
        release_on=product.release_on,
        preorder_limit=product.preorder_limit,
    )


def salable_item(item: SourceItem) -> SalableItem:
    """Return a source item, saved or not, as selling sees it."""
    return SalableItem(
        item_id=item.pk or 0,
        product_id=item.product_id or 0,
        source_id=item.source_id,
        quantity=item.quantity,
        allocated=item.allocated,
        safety_stock=item.safety_stock,
        is_in_stock=item.status == SourceItem.Status.IN_STOCK,
        overrides=item.overrides(),
    )


def _stored_items(product_ids: list[int]) -> Iterable[SalableItem]:
    items = SourceItem.objects.filter(product_id__in=product_ids).order_by("pk")
    return (salable_item(item) for item in items)


def _links_by_stock() -> dict[int, tuple[Stock, list[LinkedSource]]]:
    links = StockSource.objects.select_related("stock", "source")
    found: dict[int, tuple[Stock, list[LinkedSource]]] = {}
    for link in links.order_by("stock__code", "priority", "source__code"):
        source = link.source
        _stock, linked = found.setdefault(link.stock_id, (link.stock, []))
        linked.append(
            LinkedSource(
                source_id=source.pk,
                code=source.code,
                priority=link.priority,
                is_enabled=source.is_enabled,
                ships_to_home=source.ships_to_home,
                is_pickup_location=source.is_pickup_location,
                latitude=source.latitude,
                longitude=source.longitude,
            )
        )
    return found
