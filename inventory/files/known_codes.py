"""Rows of a file whose SKU or source is not there."""

from core.text import gettext_noop as _
from inventory.files.problems import RowProblem
from inventory.files.staging import problems_in

UNKNOWN_SKUS = """
SELECT line, sku FROM incoming_file AS incoming
WHERE incoming.sku IS NOT NULL
  AND NOT EXISTS (SELECT FROM inventory_product AS product WHERE product.sku = incoming.sku)
ORDER BY line
"""
UNKNOWN_SOURCES = """
SELECT line, source_code FROM incoming_file AS incoming
WHERE incoming.source_code IS NOT NULL AND NOT EXISTS (
    SELECT FROM inventory_source AS source WHERE source.code = incoming.source_code)
ORDER BY line
"""
NO_PRODUCT = _("There is no product with the SKU “%(value)s”; add it first.")
NO_SOURCE = _("There is no source with the code “%(value)s”; add it first.")


def unknown_codes() -> list[RowProblem]:
    """Return a problem for each staged row whose source or product is not known."""
    return [
        *problems_in(UNKNOWN_SOURCES, column="source_code", message=NO_SOURCE),
        *problems_in(UNKNOWN_SKUS, column="sku", message=NO_PRODUCT),
    ]
