"""SKUs that differ from another only in case, or in how Unicode writes the same characters."""

from collections.abc import Collection

from core.sql import rows_of

# The keys are those of the index product_sku_look_alike.
LOOK_ALIKES = """
SELECT sent.sku, min(product.sku COLLATE "C")
FROM unnest(%s::text[]) AS sent(sku)
JOIN inventory_product AS product
    ON lower(normalize(product.sku, NFKC)) = lower(normalize(sent.sku, NFKC))
    AND product.sku <> sent.sku
GROUP BY sent.sku
"""


def look_alikes(skus: Collection[str]) -> dict[str, str]:
    """Return, for each SKU that looks like that of another product, the other's SKU.

    Rule: §1, product.
    """
    return dict(rows_of(LOOK_ALIKES, [list(skus)]))
