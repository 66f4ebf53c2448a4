"""Which rows of a file of products would set options that contradict each other."""

from collections.abc import Collection, Sequence
from typing import Any

from core.sql import fetch_rows
from inventory.files.option_cells import option_cell
from inventory.files.problems import RowProblem
from inventory.files.product_columns import OPTION_COLUMNS
from inventory.models import InventoryConfiguration
from inventory.operations.product_rows import ProductValues, switched_off
from inventory.option_rules import RULED_OPTIONS, Conflict, conflicts
from inventory.options import Scope
from inventory.queries.decimals import conflicts_of_products, own_values_of_items
from inventory.resolution import Values

NAMES = ("product_type", *RULED_OPTIONS)
# Of products that change, what they were and become; of new ones, what they become.
CHANGED = """
SELECT incoming.line, becoming.id, $was, $becomes FROM ($becoming) AS becoming
JOIN incoming_file AS incoming USING (sku)
WHERE $is_changed AND (num_nonnulls($own) > 0 OR becoming.was_qty_uses_decimals)
ORDER BY incoming.line
"""
NEW = """
SELECT line, NULL, $nothing, $named FROM $wanted AS wanted
WHERE $is_new AND num_nonnulls($named_own) > 0 ORDER BY line
"""


def conflicts_in(wanted: ProductValues) -> list[RowProblem]:
    """Return the conflicts that the staged rows would make; what a product had before stays.

    Rule: A value without a meaning is refused.
    """
    site = InventoryConfiguration.load().overrides()
    columns = {pair.option.name: pair for pair in OPTION_COLUMNS}
    found = []
    rows = _rows(wanted)
    items = own_values_of_items([row[1] for row in rows if row[1] is not None])
    left = conflicts_of_products(switched_off(wanted))
    for line, product_id, *values in rows:
        was = dict(zip(NAMES, values[: len(NAMES)], strict=True))
        becomes = dict(zip(NAMES, values[len(NAMES) :], strict=True))
        own = items.get(product_id, ())
        known = _conflicts(was, site, own)
        needed = [left[product_id]] if product_id in left else []
        for told in [*needed, *_conflicts(becomes, site, own)]:
            if told not in known:
                pair = columns[told.name]
                cell = option_cell(pair.option, becomes[told.name])
                found.append(RowProblem(line, pair.value, cell, told.message, told.values))
    return found


def _conflicts(product: Values, site: Values, items: Collection[Values]) -> list[Conflict]:
    return conflicts(
        Scope.PRODUCT,
        configuration=site,
        product=product,
        is_virtual=product["product_type"] == "VIRTUAL",
        items=items,
    )


def _rows(wanted: ProductValues) -> Sequence[tuple[Any, ...]]:
    own = ", ".join(f"becoming.{name}" for name in RULED_OPTIONS)
    changed = (
        CHANGED.replace("$was", ", ".join(f"becoming.was_{name}" for name in NAMES))
        .replace("$becomes", ", ".join(f"becoming.{name}" for name in NAMES))
        .replace("$own", own)
    )
    new = (
        NEW.replace("$nothing", ", ".join("NULL" for _name in NAMES))
        .replace("$named_own", ", ".join(f"wanted.{name}" for name in RULED_OPTIONS))
        .replace("$named", ", ".join(f"wanted.{name}" for name in NAMES))
    )
    return [*fetch_rows(wanted.sql(changed)), *fetch_rows(wanted.sql(new))]
