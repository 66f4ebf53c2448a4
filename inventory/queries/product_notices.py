"""What is odd about a product, taken all the same: said at every entry."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field

from core.sql import fetch_rows
from core.text import gettext_noop as _
from inventory.codes import CodeError, check_sku
from inventory.models import InventoryConfiguration, Product
from inventory.option_rules import CANNOT_BE_BOUGHT, NothingToBuy
from inventory.queries.buyable import reasons_by_product

# The keys are those of the index product_sku_look_alike.
LOOK_ALIKES = """
SELECT sent.sku, min(product.sku COLLATE "C")
FROM unnest(%s::text[]) AS sent(sku)
JOIN inventory_product AS product
    ON lower(normalize(product.sku, NFKC)) = lower(normalize(sent.sku, NFKC))
    AND product.sku <> sent.sku
GROUP BY sent.sku
"""

LOOKS_LIKE = _("The SKU “%(sku)s” looks like “%(other)s”, which is another product.")


def look_alikes(skus: Collection[str]) -> dict[str, str]:
    """Return, for each SKU that looks like that of another product, the other's SKU.

    Rule: §1, product.
    """
    return dict(fetch_rows(LOOK_ALIKES, [list(skus)]))


@dataclass(frozen=True, slots=True)
class ProductNotice:
    """A sentence with gaps that ``values`` fill; ``code`` names its kind."""

    code: str
    message: str
    values: Mapping[str, object] = field(default_factory=dict)


def notices_of(products: Collection[Product]) -> dict[int, list[ProductNotice]]:
    """Return what is odd about each product, by its key; a few statements for all of them.

    Rule: §1, product; §2, values that together leave nothing to buy.
    """
    site = InventoryConfiguration.load().overrides()
    others = look_alikes([product.sku for product in products])
    reasons = reasons_by_product(products, configuration=site)
    return {
        product.pk: list(_notices(product.sku, others.get(product.sku), reasons.get(product.pk)))
        for product in products
    }


def _notices(sku: str, other: str | None, reason: NothingToBuy | None) -> Iterator[ProductNotice]:
    try:
        check_sku(sku)
    except CodeError as error:
        # From before the rule; a product keeps its SKU.
        yield ProductNotice("SKU_FROM_BEFORE", error.message, error.values)
    if other is not None:
        yield ProductNotice("SKU_LOOKS_LIKE_ANOTHER", LOOKS_LIKE, {"sku": sku, "other": other})
    if reason is not None:
        yield ProductNotice("CANNOT_BE_BOUGHT", CANNOT_BE_BOUGHT[reason.code], reason.values)
