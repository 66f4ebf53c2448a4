"""Writes any number of products in a fixed number of statements.

The key of a row is ``sku``; it may set each of ``COLUMNS``.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import connection

from core.operations.stale_rows import nothing_compared
from core.sql import listed
from inventory import ports
from inventory.models import Product
from inventory.models.product import PRODUCT_OPTIONS
from inventory.operations.options import (
    RELEASE_OPTIONS,
    STATUS_OPTIONS,
    OptionConflictError,
    restore_automatic_statuses,
)
from inventory.operations.row_values import (
    OPTION_TYPES,
    RowValues,
    arrays_of,
    differs,
    relation_of_arrays,
)
from inventory.queries.decimals import conflicts_of_products

OWN_COLUMNS = {
    "barcode": "text",
    "name": "text",
    "product_type": "text",
    "price": "numeric",
    "is_enabled": "boolean",
}
COLUMNS = {
    **OWN_COLUMNS,
    **{option.name: OPTION_TYPES[option.kind] for option in PRODUCT_OPTIONS},
}

# Each column's values, and whether each row sets it.
SENT = relation_of_arrays({"sku": "text"}, COLUMNS)

INSERT = """
INSERT INTO inventory_product (sku, barcode, name, product_type, price, is_enabled, $options)
SELECT sku, barcode, name, COALESCE(product_type, $simple), COALESCE(price, 0),
    COALESCE(is_enabled, TRUE), $options
FROM $wanted AS wanted WHERE $is_new
ORDER BY sku
ON CONFLICT (sku) DO NOTHING
"""

LOCK = """
SELECT count(*) FROM (
    SELECT product.id FROM inventory_product AS product JOIN $wanted AS wanted USING (sku)
    ORDER BY product.id FOR NO KEY UPDATE OF product
) AS locked
"""

BECOMING = """
SELECT product.id, sku, $was_values, $next_values
FROM inventory_product AS product JOIN $wanted AS wanted USING (sku)
"""

SWITCHED_OFF = """
SELECT becoming.id FROM ($becoming) AS becoming
WHERE becoming.was_qty_uses_decimals AND becoming.qty_uses_decimals IS NOT TRUE
ORDER BY becoming.id
"""

UPDATE = """
WITH becoming AS MATERIALIZED ($becoming)
UPDATE inventory_product AS product SET $sets
FROM becoming WHERE product.id = becoming.id AND $is_changed
RETURNING product.id, $is_status_touched, $is_release_touched
"""


NAMES = {
    "simple": f"'{Product.Type.SIMPLE}'",
    "is_new": "NOT EXISTS (SELECT FROM inventory_product AS known WHERE known.sku = wanted.sku)",
    "options": ", ".join(option.name for option in PRODUCT_OPTIONS),
    "was_values": listed("product.{0} AS was_{0}", COLUMNS),
    "next_values": listed(
        "CASE WHEN wanted.sets_{0} THEN wanted.{0} ELSE product.{0} END AS {0}", COLUMNS
    ),
    "sets": listed("{0} = becoming.{0}", COLUMNS),
    "is_changed": differs(COLUMNS),
    "is_status_touched": differs(name for name in COLUMNS if name in STATUS_OPTIONS),
    "is_release_touched": differs(
        name for name in COLUMNS if name in STATUS_OPTIONS | RELEASE_OPTIONS
    ),
}


@dataclass(frozen=True, slots=True)
class ProductValues(RowValues):
    """New values of products; ``$is_new`` holds for those of ``$wanted AS wanted`` to be made."""

    becoming = BECOMING
    names = NAMES


def changes_of(changes: Mapping[str, Mapping[str, Any]]) -> ProductValues:
    """Return the relation of products that are there, by SKU with their new values by column."""
    return ProductValues(SENT, [list(changes), *arrays_of(changes.values(), COLUMNS)])


def switched_off(wanted: ProductValues) -> list[int]:
    """Return the products, by id, that would use decimals no longer."""
    return [product_id for (product_id,) in wanted.rows(SWITCHED_OFF)]


def refuse_fractions_left(wanted: ProductValues) -> None:
    """Refuse to switch Qty Uses Decimals off where there are fractions.

    :raises inventory.operations.options.OptionConflictError: naming the places.

    Rule: Qty Uses Decimals, §2.
    """
    products = switched_off(wanted)
    found = conflicts_of_products(products) if products else {}
    if found:
        raise OptionConflictError(list(found.values()))


def write_products(
    wanted: ProductValues, *, compare: Callable[[], None] = nothing_compared
) -> None:
    """Make what is missing, and give every product its new values.

    ``compare`` is called once those that are there are locked, and may refuse them.
    Runs in the caller's transaction, which holds the configuration. What follows from a changed
    option is as for :func:`inventory.operations.options.save_product`.

    :raises inventory.operations.options.OptionConflictError: where decimals would be used no
        longer, and there are fractions.
    """
    with connection.cursor() as cursor:
        # Barcodes may change places among rows that are made and rows that change.
        cursor.execute("SET CONSTRAINTS product_barcode_once DEFERRED")
        wanted.rows(LOCK)
        compare()
        cursor.execute(wanted.sql(INSERT), wanted.parameters)
        wanted.rows(LOCK)
        refuse_fractions_left(wanted)
        changed = wanted.rows(UPDATE)
        cursor.execute("SET CONSTRAINTS product_barcode_once IMMEDIATE")
    statuses = sorted(pk for pk, is_status_touched, _is_release in changed if is_status_touched)
    if statuses:
        restore_automatic_statuses(statuses)
    released = sorted(pk for pk, _is_status, is_release_touched in changed if is_release_touched)
    if released:
        ports.current().note_arrival(released)
