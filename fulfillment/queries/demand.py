"""Demand: what waits for each product, what is coming, what to order."""

import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from django.db.models import QuerySet
from django.db.models.expressions import RawSQL

from core.quantities import ZERO
from core.sql import fetch_rows, literals
from fulfillment.demand.proposals import ProductNeed, proposed_units
from fulfillment.models import Shipment
from inventory.models import BackInStockRequest, FutureSupply, InventoryConfiguration, Product
from inventory.queries.product_list import effective

# What a statement takes by name.
NAMED = re.compile(r"%\((\w+)\)s")
# As many products are looked at together for a file.
AT_ONCE = 1_000

# Units below the notify quantity at each item, as §8 counts them, but of what is available. Few
# items are below: those of the site's quantity, or their own, are found before their products are
# looked at, and those of a product's own from the few products that have one.
BELOW = """
SELECT item.product_id, item.source_id,
    {below} - GREATEST(item.quantity - item.allocated - item.safety_stock, 0) AS quantity
FROM inventory_sourceitem AS item
JOIN inventory_product AS product ON product.id = item.product_id
JOIN inventory_source AS source ON source.id = item.source_id
WHERE source.is_enabled AND product.is_enabled
    AND COALESCE(product.manage_stock, %(is_managed)s)
    AND {below} > GREATEST(item.quantity - item.allocated - item.safety_stock, 0)
    AND {whose}
"""
BELOW_NOTIFY = " UNION ALL ".join(
    (
        BELOW.format(
            below="COALESCE(item.notify_quantity_below, %(notify)s::numeric)",
            whose="(item.notify_quantity_below IS NOT NULL"
            " OR product.notify_quantity_below IS NULL)",
        ),
        BELOW.format(
            below="product.notify_quantity_below",
            whose="item.notify_quantity_below IS NULL"
            " AND product.notify_quantity_below IS NOT NULL",
        ),
    )
)
WAITING = "SELECT product_id, quantity FROM fulfillment_waitingbalance WHERE quantity > 0"
COMING = f"""
SELECT product_id, source_id, quantity - received_quantity AS quantity
FROM inventory_futuresupply
WHERE state = '{FutureSupply.State.OPEN}' AND quantity > received_quantity
"""  # noqa: S608 - constants alone
UNITS = f"""
SELECT product.id, product.sku, COALESCE(waiting.quantity, 0) AS waiting,
    COALESCE(coming.quantity, 0) AS coming, COALESCE(below.quantity, 0) AS below
FROM (SELECT product_id, SUM(quantity) AS quantity FROM ({WAITING}) AS rows
    GROUP BY product_id) AS waiting
FULL JOIN (SELECT product_id, SUM(quantity) AS quantity FROM ({BELOW_NOTIFY}) AS rows
    GROUP BY product_id) AS below USING (product_id)
LEFT JOIN (SELECT product_id, SUM(quantity) AS quantity FROM ({COMING}) AS rows
    GROUP BY product_id) AS coming USING (product_id)
JOIN inventory_product AS product ON product.id = product_id
WHERE waiting.quantity > 0
    OR COALESCE(below.quantity, 0) > COALESCE(coming.quantity, 0)
"""  # noqa: S608 - constants alone
# What is short after all that comes stands first.
LISTED = f"""
SELECT id, count(*) OVER (), sum(waiting) OVER (), sum(coming) OVER () FROM ({UNITS}) AS units
WHERE strpos(upper(sku), upper(%(words)s)) > 0
ORDER BY GREATEST(waiting - coming, 0) DESC, waiting DESC, sku
LIMIT %(count)s OFFSET %(first)s
"""  # noqa: S608 - constants alone
WAITING_LINES = f"""
SELECT part.product_id, placed.currency, MIN(shipment.backordered_since), SUM(part.amount)
FROM fulfillment_shipmentline AS part
JOIN fulfillment_shipment AS shipment ON shipment.id = part.shipment_id
JOIN orders_orderline AS line ON line.id = part.order_line_id
JOIN orders_order AS placed ON placed.id = shipment.order_id
WHERE part.product_id = ANY(%(products)s) AND part.quantity > 0 AND line.is_reserving
    AND shipment.state IN ({literals(*Shipment.WAITING_STATES)})
    AND part.quantity > COALESCE((
        SELECT SUM(allocation.quantity) FROM fulfillment_allocation AS allocation
        WHERE allocation.shipment_line_id = part.id AND allocation.source_item_id IS NOT NULL), 0)
GROUP BY part.product_id, placed.currency ORDER BY part.product_id, placed.currency
"""  # noqa: S608 - constants alone
# The source of each stock to which units are ordered that are not for pickup.
FIRST_SOURCES = """
SELECT DISTINCT ON (link.stock_id) link.stock_id, link.source_id
FROM inventory_stocksource AS link JOIN inventory_source AS source ON source.id = link.source_id
ORDER BY link.stock_id, (source.is_enabled AND source.ships_to_home) DESC, link.priority,
    source.code
"""
STOCKS_OF_SOURCES = """
SELECT DISTINCT ON (link.source_id) link.source_id, link.stock_id
FROM inventory_stocksource AS link JOIN inventory_stock AS stock ON stock.id = link.stock_id
ORDER BY link.source_id, stock.code
"""
QUEUES = """
SELECT product_id, stock_id, pickup_source_id, quantity FROM fulfillment_waitingbalance
WHERE product_id = ANY(%(products)s) AND quantity > 0
ORDER BY product_id, pickup_source_id NULLS FIRST, stock_id
"""
AT_SOURCES = """
SELECT product_id, source_id, SUM(quantity) FROM ({}) AS rows WHERE product_id = ANY(%(products)s)
GROUP BY product_id, source_id ORDER BY product_id, source_id
"""


class CurrencyValue(NamedTuple):
    """An amount in a currency."""

    currency: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class ProposalLine:
    """Units to order of a product for a source; no date where no lead time is known."""

    source_id: int
    source_code: str
    quantity: Decimal
    expected_on: date | None


@dataclass(frozen=True, slots=True)
class ProductDemand:
    """What is wanted of a product.

    ``asked_count`` customers asked to hear when it can be bought again (§18c).
    ``waiting`` units wait since ``since``; ``values`` are the amounts of their shipment lines by
    currency. ``coming`` units are outstanding of open supply. ``below_notify`` units are
    missing at all items together up to the notify quantity.
    """

    product: Product
    waiting: Decimal
    since: datetime | None
    values: tuple[CurrencyValue, ...]
    coming: Decimal
    below_notify: Decimal
    asked_count: int
    lines: tuple[ProposalLine, ...]

    @property
    def short(self) -> Decimal:
        """What still waits when all that is coming has come."""
        return max(self.waiting - self.coming, ZERO)

    @property
    def proposed(self) -> Decimal:
        """How many units to order."""
        return sum((line.quantity for line in self.lines), ZERO)


@dataclass(frozen=True, slots=True)
class DemandPage:
    """Some products by what is short, with the sums of all ``count``."""

    product_ids: tuple[int, ...]
    count: int
    waiting: Decimal
    coming: Decimal


def demand_page(*, words: str, first: int, count: int) -> DemandPage:
    """Return products that are waited for or that an order is proposed for, what is short first.

    ``words``: only those with it in their SKU.

    Rule: §23, demand.
    """
    rows = fetch_rows(LISTED, {**_site(), "words": words, "first": first, "count": count})
    _id, total, waiting, coming = rows[0] if rows else (0, 0, ZERO, ZERO)
    return DemandPage(tuple(row[0] for row in rows), total, waiting, coming)


def wanted_products() -> QuerySet[Product]:
    """Return the products of :func:`demand_page`, in no order."""
    site = _site()
    wanted = RawSQL(  # noqa: S611 - constants alone
        NAMED.sub("%s", f"SELECT id FROM ({UNITS}) AS units"),  # noqa: S608
        [site[name] for name in NAMED.findall(UNITS)],
    )
    return Product.objects.filter(pk__in=wanted)


def all_demand(*, words: str, today: date) -> Iterator[ProductDemand]:
    """Yield the demand of all products that :func:`demand_page` lists, in its order."""
    ids = demand_page(words=words, first=0, count=2**31).product_ids
    for first in range(0, len(ids), AT_ONCE):
        yield from demand_of(ids[first : first + AT_ONCE], today=today)


def demand_of(product_ids: Sequence[int], *, today: date) -> list[ProductDemand]:
    """Return the demand of products, by id, in that order; a fixed number of statements.

    Rule: §23, demand.
    """
    chosen = {**_site(), "products": list(product_ids)}
    products = Product.objects.in_bulk(list(product_ids))
    sources = {
        pk: (code, lead_time)
        for pk, code, lead_time in fetch_rows(
            "SELECT id, code, lead_time_days FROM inventory_source"
        )
    }
    since, values = _waiting_lines(chosen)
    coming = _by_product(fetch_rows(AT_SOURCES.format(COMING), chosen))
    below = _by_product(fetch_rows(AT_SOURCES.format(BELOW_NOTIFY), chosen))
    queues = fetch_rows(QUEUES, chosen)
    needs = _needs(queues, below)
    asked = BackInStockRequest.objects.count_by_product(product_ids)
    waiting: defaultdict[int, Decimal] = defaultdict(lambda: ZERO)
    for product_id, _stock, _pickup, quantity in queues:
        waiting[product_id] += quantity
    found = []
    for pk in product_ids:
        product = products[pk]
        lines = []
        for units in proposed_units(needs[pk], coming[pk], multiple=product.order_multiple):
            code, lead_time = sources[units.source_id]
            days = lead_time if product.lead_time_days is None else product.lead_time_days
            expected_on = None if days is None else today + timedelta(days=days)
            lines.append(ProposalLine(units.source_id, code, units.quantity, expected_on))
        found.append(
            ProductDemand(
                product=product,
                waiting=waiting[pk],
                since=since.get(pk),
                values=tuple(values[pk]),
                coming=sum(coming[pk].values(), ZERO),
                asked_count=asked[pk],
                below_notify=sum(below[pk].values(), ZERO),
                lines=tuple(lines),
            )
        )
    return found


def _site() -> dict[str, Any]:
    site = InventoryConfiguration.load().overrides()
    return {
        "notify": effective("notify_quantity_below", site),
        "is_managed": effective("manage_stock", site),
    }


def _waiting_lines(
    chosen: dict[str, Any],
) -> tuple[dict[int, datetime], dict[int, list[CurrencyValue]]]:
    since: dict[int, datetime] = {}
    values: defaultdict[int, list[CurrencyValue]] = defaultdict(list)
    for product_id, currency, first, amount in fetch_rows(WAITING_LINES, chosen):
        values[product_id].append(CurrencyValue(currency, amount))
        if first is not None:
            since[product_id] = min(first, since.get(product_id, first))
    return since, values


def _by_product(rows: Collection[tuple[Any, ...]]) -> defaultdict[int, dict[int, Decimal]]:
    found: defaultdict[int, dict[int, Decimal]] = defaultdict(dict)
    for product_id, source_id, quantity in rows:
        found[product_id][source_id] = quantity
    return found


def _needs(
    queues: Collection[tuple[Any, ...]], below: dict[int, dict[int, Decimal]]
) -> defaultdict[int, list[ProductNeed]]:
    """Return where units are needed: pickups at their source, all else at a stock's first one."""
    first_sources = dict(fetch_rows(FIRST_SOURCES))
    stocks = dict(fetch_rows(STOCKS_OF_SOURCES))
    needs: defaultdict[int, list[ProductNeed]] = defaultdict(list)
    for product_id, stock_id, pickup_id, quantity in queues:
        if pickup_id is not None:
            needs[product_id].append(ProductNeed(pickup_id, quantity, is_pickup=True))
        elif stock_id in first_sources:
            needs[product_id].append(ProductNeed(first_sources[stock_id], quantity))
    for product_id, by_source in below.items():
        for source_id, quantity in by_source.items():
            needed_at = first_sources[stocks[source_id]] if source_id in stocks else source_id
            needs[product_id].append(ProductNeed(needed_at, quantity))
    return needs
