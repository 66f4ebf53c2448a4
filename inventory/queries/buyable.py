"""Which products no quantity of could be bought, because of their options."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import BooleanField
from django.db.models.expressions import RawSQL

from inventory.models import Product, SourceItem
from inventory.option_rules import LIMITING_OPTIONS, NothingToBuy, nothing_to_buy
from inventory.resolution import Values, resolve

SHOWN = 20

# The rule of nothing_to_buy over the outer product. Decimals are used where the product or one of
# its source items uses them.
NOTHING_TO_BUY = """
EXISTS (
    SELECT FROM (
        SELECT COALESCE(inventory_product.min_cart_qty, %s) AS minimum,
            COALESCE(inventory_product.max_cart_qty, %s) AS maximum,
            COALESCE(inventory_product.enable_qty_increments, %s) AS has_increments,
            GREATEST(COALESCE(inventory_product.qty_increments, %s), 0.0001) AS increment,
            COALESCE(inventory_product.qty_uses_decimals, %s) OR EXISTS (
                SELECT FROM inventory_sourceitem AS item
                WHERE item.product_id = inventory_product.id AND item.qty_uses_decimals
            ) AS uses_decimals
    ) AS own
    CROSS JOIN LATERAL (
        SELECT CASE WHEN uses_decimals THEN 0.0001 ELSE 1 END AS quantum
    ) AS fraction
    CROSS JOIN LATERAL (
        SELECT CASE WHEN has_increments THEN lcm(quantum, increment) ELSE quantum END AS step
    ) AS multiple
    WHERE maximum > 0 AND (
        minimum > maximum
        OR step * GREATEST(1, div(minimum, step) + (mod(minimum, step) > 0)::int) > maximum)
)
"""


@dataclass(frozen=True, slots=True)
class UnbuyableProducts:
    """The products that a global change would leave with nothing to buy: how many, the first."""

    count: int
    skus: tuple[str, ...]


def cannot_be_bought(*, configuration: Values) -> RawSQL:
    """Return the condition of having nothing to buy, over products.

    Rule: §2, values that together leave nothing to buy.
    """
    parameters = [
        resolve(name, configuration=configuration).value
        for name in ("min_cart_qty", "max_cart_qty", "enable_qty_increments", "qty_increments")
    ]
    uses_decimals = resolve("qty_uses_decimals", configuration={}).value
    # A constant of this module; every value is a parameter.
    return RawSQL(  # noqa: S611
        NOTHING_TO_BUY, [*parameters, uses_decimals], output_field=BooleanField()
    )


def left_with_nothing(*, before: Values, after: Values) -> UnbuyableProducts:
    """Return the products that could be bought under ``before`` and not under ``after``.

    Both are the stored global values.

    Rule: §2, values that together leave nothing to buy.
    """
    if all(before.get(name) == after.get(name) for name in LIMITING_OPTIONS):
        return UnbuyableProducts(0, ())
    products = Product.objects.filter(cannot_be_bought(configuration=after)).exclude(
        cannot_be_bought(configuration=before)
    )
    skus = tuple(products.order_by("sku").values_list("sku", flat=True)[:SHOWN])
    return UnbuyableProducts(len(skus) if len(skus) < SHOWN else products.count(), skus)


def reasons_by_product(
    products: Collection[Product], *, configuration: Values
) -> dict[int, NothingToBuy]:
    """Return why products cannot be bought, by key; the others are left out. One statement."""
    items = SourceItem.objects.filter(
        product__in=[product.pk for product in products], qty_uses_decimals=True
    )
    with_decimals = set(items.values_list("product_id", flat=True).order_by())
    found = {}
    for product in products:
        effective = _effective(product.overrides(), configuration)
        effective["qty_uses_decimals"] |= product.pk in with_decimals
        reason = nothing_to_buy(effective)
        if reason is not None:
            found[product.pk] = reason
    return found


def _effective(product: Values, configuration: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: resolve(name, configuration=configuration, product=product).value
        for name in LIMITING_OPTIONS
    }
