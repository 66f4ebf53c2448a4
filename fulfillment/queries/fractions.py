"""Which orders need fractions of a product's units."""

from collections.abc import Collection

from core.sql import fetch_rows

ORDERS = """
SELECT product_id, array_agg(number ORDER BY number COLLATE "C") FROM (
    SELECT line.product_id, parent.number
    FROM fulfillment_allocation AS allocation
    JOIN orders_orderline AS line ON line.id = allocation.order_line_id
    JOIN orders_order AS parent ON parent.id = line.order_id
    LEFT JOIN inventory_sourceitem AS item ON item.id = allocation.source_item_id
    LEFT JOIN inventory_futuresupply AS supply ON supply.id = allocation.future_supply_id
    WHERE line.product_id = ANY(%s) AND mod(allocation.quantity, 1) <> 0
      AND (line.product_id, COALESCE(item.source_id, supply.source_id)) IN (
          SELECT * FROM unnest(%s::bigint[], %s::bigint[]))
    UNION
    SELECT line.product_id, parent.number
    FROM orders_orderline AS line JOIN orders_order AS parent ON parent.id = line.order_id
    WHERE line.product_id = ANY(%s) AND mod(line.open_quantity, 1) <> 0
) AS found GROUP BY product_id
"""


def orders_of_fractions(
    keys: Collection[tuple[int, int]], product_ids: Collection[int]
) -> dict[int, list[str]]:
    """Return the numbers of the orders that need fractions of products, by product id.

    Those that have a fraction set aside at, or promised to, one of these source items, by (product
    id, source id), and those that have a fraction of one of the products open.

    Rule: Qty Uses Decimals, §2.
    """
    products, sources = [product for product, _ in keys], [source for _, source in keys]
    return dict(fetch_rows(ORDERS, [products, products, sources, list(product_ids)]))
