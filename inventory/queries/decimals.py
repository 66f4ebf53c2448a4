"""Where quantities may have fractions, or have some that they may not have any more."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from core.quantities import QuantityError, fraction_refusal
from core.sql import fetch_column, fetch_rows
from inventory import ports
from inventory.models import FutureSupply, Product, SourceItem
from inventory.option_rules import Conflict, fractions_left
from inventory.resolution import Values, uses_decimals

# A product and a source, by id: the key of a source item, whether it exists yet or not.
ItemKey = tuple[int, int]

WHOLE_ITEMS = """
SELECT asked.product_id, asked.source_id
FROM unnest(%s::bigint[], %s::bigint[]) AS asked(product_id, source_id)
JOIN inventory_product AS product ON product.id = asked.product_id
LEFT JOIN inventory_sourceitem AS item USING (product_id, source_id)
WHERE NOT COALESCE(item.qty_uses_decimals, product.qty_uses_decimals, FALSE)
"""
# The most permissive value over the items of a product; without any, its own.
WHOLE_PRODUCTS = """
SELECT product.id FROM inventory_product AS product
WHERE product.id = ANY(%s) AND NOT COALESCE(
    (SELECT bool_or(COALESCE(item.qty_uses_decimals, product.qty_uses_decimals, FALSE))
     FROM inventory_sourceitem AS item WHERE item.product_id = product.id),
    product.qty_uses_decimals, FALSE)
"""
OWN_VALUES = """
SELECT product_id, array_agg(DISTINCT qty_uses_decimals) FROM inventory_sourceitem
WHERE product_id = ANY(%s) GROUP BY product_id
"""

# The source items of these products that use decimals because the product does.
INHERITING = f"""
SELECT item.product_id, item.source_id FROM inventory_sourceitem AS item
WHERE item.product_id = ANY(%s) AND item.qty_uses_decimals IS NULL
UNION
SELECT supply.product_id, place.source_id FROM inventory_futuresupply AS supply
CROSS JOIN LATERAL (VALUES (supply.source_id), (supply.sent_from_id)) AS place(source_id)
WHERE supply.product_id = ANY(%s) AND supply.state = '{FutureSupply.State.OPEN}'
  AND place.source_id IS NOT NULL AND NOT EXISTS (
    SELECT FROM inventory_sourceitem AS item
    WHERE item.product_id = supply.product_id AND item.source_id = place.source_id)
"""  # noqa: S608 - constants alone
ENDING = "unnest(%s::bigint[], %s::bigint[]) AS ending(product_id, source_id)"
ON_HAND = f"""
SELECT item.product_id, source.code FROM {ENDING}
JOIN inventory_sourceitem AS item USING (product_id, source_id)
JOIN inventory_source AS source ON source.id = item.source_id
WHERE item.quantity %% 1 <> 0 OR item.safety_stock %% 1 <> 0 OR item.allocated %% 1 <> 0
ORDER BY source.code
"""  # noqa: S608 - constants alone
# Units of a transfer may go back, so it counts at the source that they left, too.
INCOMING = f"""
SELECT DISTINCT supply.product_id, source.code FROM {ENDING}
JOIN inventory_futuresupply AS supply ON supply.product_id = ending.product_id
    AND ending.source_id IN (supply.source_id, supply.sent_from_id)
JOIN inventory_source AS source ON source.id = supply.source_id
WHERE supply.state = '{FutureSupply.State.OPEN}'
  AND (supply.allocated_quantity %% 1 <> 0 AND ending.source_id = supply.source_id
       OR (supply.quantity - supply.received_quantity) %% 1 <> 0)
ORDER BY source.code
"""  # noqa: S608 - constants alone
STILL_IN_USE = f"""
SELECT DISTINCT item.product_id FROM inventory_sourceitem AS item
JOIN inventory_product AS product ON product.id = item.product_id
WHERE item.product_id = ANY(%s)
  AND COALESCE(item.qty_uses_decimals, product.qty_uses_decimals, FALSE)
  AND (item.product_id, item.source_id) NOT IN (SELECT * FROM {ENDING})
"""  # noqa: S608 - constants alone


@dataclass(frozen=True, slots=True)
class Fraction:
    """A quantity that is a fraction of a product sold in whole units; of no source: source None."""

    product_id: int
    source_id: int | None
    quantity: Decimal
    name: str = "quantity"

    @property
    def error(self) -> QuantityError:
        """What is wrong with it."""
        return fraction_refusal(self.quantity)


def whole_items(keys: Collection[ItemKey]) -> set[ItemKey]:
    """Return those of these source items that do not use decimals.

    Rule: Qty Uses Decimals, §2: what counts is the value in force at the source item.
    """
    return {(product, source) for product, source in fetch_rows(WHOLE_ITEMS, _columns(keys))}


def whole_products(product_ids: Collection[int]) -> set[int]:
    """Return those of these products that use decimals nowhere.

    Rule: Qty Uses Decimals, §2: for the product itself the most permissive value counts.
    """
    return set(fetch_column(WHOLE_PRODUCTS, [list(product_ids)]))


def fractions_at(quantities: Iterable[tuple[ItemKey, Decimal]]) -> list[Fraction]:
    """Return the fractions among quantities of source items that do not use decimals."""
    fractions = [(key, quantity) for key, quantity in quantities if quantity % 1]
    whole = whole_items([key for key, _quantity in fractions]) if fractions else set()
    return [Fraction(*key, quantity) for key, quantity in fractions if key in whole]


def fractions_of(quantities: Iterable[tuple[int, Decimal]]) -> list[Fraction]:
    """Return the fractions among quantities of products, by id, that use decimals nowhere."""
    fractions = [(product_id, quantity) for product_id, quantity in quantities if quantity % 1]
    whole = whole_products([pk for pk, _quantity in fractions]) if fractions else set()
    return [Fraction(pk, None, quantity) for pk, quantity in fractions if pk in whole]


def own_values_of_items(product_ids: Collection[int]) -> dict[int, list[Values]]:
    """Return the different own values that the items of each product have of the option."""
    return {
        product_id: [{"qty_uses_decimals": value} for value in values]
        for product_id, values in fetch_rows(OWN_VALUES, [list(product_ids)])
    }


def items_of(product: Product) -> Sequence[Values]:
    """Return what :func:`own_values_of_items` returns of one product; a new one has none."""
    return () if product.pk is None else own_values_of_items([product.pk]).get(product.pk, ())


def conflicts_of_change(product_id: int, before: Values, after: Values) -> list[Conflict]:
    """Return what forbids to change the own values of a product, as for decimals."""
    if not uses_decimals(before) or uses_decimals(after):
        return []
    return list(conflicts_of_products([product_id]).values())


def conflicts_of_products(product_ids: Collection[int]) -> dict[int, Conflict]:
    """Return what forbids to switch Qty Uses Decimals off on each of these products."""
    ids = list(product_ids)
    if not ids:
        return {}
    keys = [(product_id, source_id) for product_id, source_id in fetch_rows(INHERITING, [ids, ids])]
    on_hand = fetch_rows(ON_HAND, _columns(keys))
    return conflicts_at(keys, on_hand=on_hand, product_ids=ids)


def conflicts_of_items(items: Collection[SourceItem]) -> dict[int, Conflict]:
    """Return what forbids that these items use decimals no longer, by product id."""
    if not items:
        return {}
    on_hand = [
        (item.product_id, item.source.code)
        for item in items
        if item.quantity % 1 or item.safety_stock % 1 or item.allocated % 1
    ]
    keys = [(item.product_id, item.source_id) for item in items]
    return conflicts_at(keys, on_hand=on_hand)


def conflicts_at(
    keys: Collection[ItemKey],
    *,
    on_hand: Iterable[Sequence[Any]],
    product_ids: Collection[int] = (),
) -> dict[int, Conflict]:
    """Return what forbids that these source items use decimals no longer, by product id.

    ``on_hand`` names the source items, by product id and source code, that would still hold a
    fraction. A product of which no item is left that uses decimals may be ordered in whole units
    only.

    Rule: Qty Uses Decimals, §2.
    """
    products = {product_id for product_id, _source in keys}.union(product_ids)
    columns = _columns(keys)
    in_use = set(fetch_column(STILL_IN_USE, [list(products), *columns]))
    held = _codes_by_product(on_hand)
    incoming = _codes_by_product(fetch_rows(INCOMING, columns))
    ordered = ports.current().orders_of_fractions(keys, products - in_use)
    return {
        product_id: fractions_left(
            on_hand=held.get(product_id, ()),
            incoming=incoming.get(product_id, ()),
            ordered=ordered.get(product_id, ()),
        )
        for product_id in sorted({*held, *incoming, *ordered})
    }


def _codes_by_product(rows: Iterable[Sequence[Any]]) -> dict[int, list[str]]:
    codes: dict[int, list[str]] = {}
    for product_id, code in rows:
        codes.setdefault(product_id, []).append(code)
    return codes


def _columns(keys: Collection[ItemKey]) -> list[list[int]]:
    return [[product for product, _source in keys], [source for _product, source in keys]]
