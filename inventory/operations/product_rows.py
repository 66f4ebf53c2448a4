"""Writes any number of products in a fixed number of statements.

The key of a row is ``sku``; it may set each of ``COLUMNS``.
"""

from collections.abc import Callable, Mapping
from typing import Any

from django.db import connection

from core.acts import Act
from core.operations.stale_rows import nothing_compared
from core.sql import fetch_column, fetch_rows, listed, make_staging_table
from inventory import ports
from inventory.models import Product
from inventory.models.product import PRODUCT_OPTIONS
from inventory.operations.options import (
    RELEASE_DATE,
    RELEASE_OPTIONS,
    STATUS_OPTIONS,
    OptionConflictError,
    restore_automatic_statuses,
)
from inventory.operations.row_values import OPTION_TYPES, arrays_of, differs
from inventory.queries.decimals import conflicts_of_products

OWN_COLUMNS = {
    "barcode": "text",
    "name": "text",
    "product_type": "text",
    "price": "numeric",
    "is_enabled": "boolean",
    "order_multiple": "integer",
    "lead_time_days": "integer",
    "release_on": "date",
    "preorder_limit": "integer",
}
COLUMNS = {
    **OWN_COLUMNS,
    **{option.name: OPTION_TYPES[option.kind] for option in PRODUCT_OPTIONS},
}

STAGED = {"sku": "text", **COLUMNS, **{f"sets_{name}": "boolean" for name in COLUMNS}}
OPTIONS = ", ".join(option.name for option in PRODUCT_OPTIONS)

STAGE = f"""
INSERT INTO staged_row (sku, {listed("{0}, sets_{0}", COLUMNS)})
SELECT * FROM unnest(%s::text[], {listed("%s::{}[], %s::boolean[]", COLUMNS.values())})
"""  # noqa: S608 - constants alone

# Holds for a staged row whose product is not there yet.
IS_NEW = "NOT EXISTS (SELECT FROM inventory_product AS known WHERE known.sku = wanted.sku)"
INSERT = f"""
INSERT INTO inventory_product (sku, barcode, name, product_type, price, is_enabled,
    order_multiple, lead_time_days, release_on, preorder_limit, {OPTIONS})
SELECT sku, barcode, name, COALESCE(product_type, '{Product.Type.SIMPLE}'), COALESCE(price, 0),
    COALESCE(is_enabled, TRUE), COALESCE(order_multiple, 1), lead_time_days, release_on,
    preorder_limit, {OPTIONS}
FROM staged_row AS wanted WHERE {IS_NEW}
ORDER BY sku
ON CONFLICT (sku) DO NOTHING
"""  # noqa: S608 - constants alone

LOCK = """
SELECT count(*) FROM (
    SELECT product.id FROM inventory_product AS product JOIN staged_row AS wanted USING (sku)
    ORDER BY product.id FOR NO KEY UPDATE OF product
) AS locked
"""

# What each product becomes, beside what it was.
NEXT_VALUE = "CASE WHEN wanted.sets_{0} THEN wanted.{0} ELSE product.{0} END AS {0}"
BECOMING = f"""
SELECT product.id, sku, {listed("product.{0} AS was_{0}", COLUMNS)}, {listed(NEXT_VALUE, COLUMNS)}
FROM inventory_product AS product JOIN staged_row AS wanted USING (sku)
"""  # noqa: S608 - constants alone
IS_CHANGED = differs(COLUMNS)

SWITCHED_OFF = f"""
SELECT becoming.id FROM ({BECOMING}) AS becoming
WHERE becoming.was_qty_uses_decimals AND becoming.qty_uses_decimals IS NOT TRUE
ORDER BY becoming.id
"""  # noqa: S608 - constants alone

UPDATE = f"""
WITH becoming AS MATERIALIZED ({BECOMING})
UPDATE inventory_product AS product SET {listed("{0} = becoming.{0}", COLUMNS)}
FROM becoming WHERE product.id = becoming.id AND {IS_CHANGED}
RETURNING product.id, {differs([name for name in COLUMNS if name in STATUS_OPTIONS])},
    {differs([name for name in COLUMNS if name in STATUS_OPTIONS | RELEASE_OPTIONS])},
    {differs(RELEASE_DATE)}
"""  # noqa: S608 - constants alone


def stage_products(changes: Mapping[str, Mapping[str, Any]]) -> None:
    """Stage new values of products that are there, by SKU and column; in a transaction."""
    make_staging_table("staged_row", STAGED)
    with connection.cursor() as cursor:
        cursor.execute(STAGE, [list(changes), *arrays_of(changes.values(), COLUMNS)])


def switched_off() -> list[int]:
    """Return the products, by id, that would use decimals no longer."""
    return fetch_column(SWITCHED_OFF)


def refuse_fractions_left() -> None:
    """Refuse to switch Qty Uses Decimals off where there are fractions.

    :raises inventory.operations.options.OptionConflictError: naming the sources and orders.

    Rule: Qty Uses Decimals, §2.
    """
    products = switched_off()
    found = conflicts_of_products(products) if products else {}
    if found:
        raise OptionConflictError(list(found.values()))


def write_products(act: Act, *, compare: Callable[[], None] = nothing_compared) -> None:
    """Make what is missing, and give every staged product its new values.

    ``compare`` is called once those that are there are locked, and may refuse them.
    Runs in the caller's transaction, which holds the configuration. What follows from a changed
    option is as for :func:`inventory.operations.options.save_product`.

    :raises inventory.operations.options.OptionConflictError: where decimals would be used no
        longer, and there are fractions.
    """
    with connection.cursor() as cursor:
        # Barcodes may be exchanged among rows that are made and rows that change.
        cursor.execute("SET CONSTRAINTS product_barcode_once DEFERRED")
        fetch_rows(LOCK)
        compare()
        cursor.execute(INSERT)
        fetch_rows(LOCK)
        refuse_fractions_left()
        changed = fetch_rows(UPDATE)
        cursor.execute("SET CONSTRAINTS product_barcode_once IMMEDIATE")
    redated = sorted(pk for pk, *_touched, is_redated in changed if is_redated)
    if redated:
        ports.current().move_preorders(redated, act)
    statuses = sorted(pk for pk, is_status_touched, *_others in changed if is_status_touched)
    if statuses:
        restore_automatic_statuses(statuses)
    released = sorted(
        pk for pk, _is_status, is_touched, is_redated in changed if is_touched or is_redated
    )
    if released:
        ports.current().note_arrival(released)
