"""What a file of products would do: counts, steps row by row, problems."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from heapq import merge
from itertools import groupby
from operator import attrgetter
from typing import Any

from django.conf import settings

from core.currencies import exact_text
from core.sql import fetch_column, fetch_rows, listed
from core.text import gettext_noop as _
from inventory.codes import CodeError, check_sku
from inventory.files.cells import EMPTY, STATUS_CELLS, cell_of, option_cell
from inventory.files.findings import (
    CellStep,
    ImportPlan,
    PlannedStep,
    RowProblem,
    fraction_problem,
    problem_of,
    shortened,
)
from inventory.files.product_columns import OPTION_COLUMNS
from inventory.files.staging import BECOMES, NEXT, problems_in, rows_by_parts
from inventory.files.stock_sources import LINES_WITH_CHANGES, plan_items
from inventory.models import ImportStep, InventoryConfiguration, Product
from inventory.models.barcode_key import barcode_key
from inventory.operations.product_rows import BECOMING, COLUMNS, IS_CHANGED, IS_NEW, switched_off
from inventory.option_rules import RULED_OPTIONS, Conflict, conflicts
from inventory.options import Scope
from inventory.queries.decimals import conflicts_of_products, own_values_of_items
from inventory.queries.product_notices import LOOKS_LIKE
from inventory.resolution import Values

# What a file says of the default source: of a product it does not hold, a quantity is needed.
Kind = ImportStep.Kind
HELD_AT_DEFAULT = """
SELECT line, incoming.sku AS name, product.id AS product_id, source.id AS source_id,
    qty AS quantity, incoming.status
FROM staged_row AS incoming
JOIN inventory_product AS product ON product.sku = incoming.sku
JOIN inventory_source AS source ON source.code = 'default'
WHERE qty IS NOT NULL OR incoming.status IS NOT NULL
"""
NEW_SKUS = f"""
SELECT line, sku FROM staged_row AS wanted WHERE sku IS NOT NULL AND {IS_NEW} ORDER BY line
"""  # noqa: S608 - constants alone
LOOK_ALIKES = f"""
SELECT line, sku, min(other COLLATE "C") FROM (
    SELECT wanted.line, wanted.sku, product.sku AS other
    FROM staged_row AS wanted JOIN inventory_product AS product
        ON lower(normalize(product.sku, NFKC)) = lower(normalize(wanted.sku, NFKC))
    WHERE {IS_NEW}
    UNION ALL
    SELECT wanted.line, wanted.sku, earlier.sku
    FROM staged_row AS wanted JOIN staged_row AS earlier
        ON lower(normalize(earlier.sku, NFKC)) = lower(normalize(wanted.sku, NFKC))
        AND earlier.line < wanted.line
    WHERE {IS_NEW}
) AS found WHERE other <> sku GROUP BY line, sku ORDER BY line
"""  # noqa: S608 - constants alone
# A barcode that a product would have besides the row's own, when the file is written.
BARCODE_TAKEN = f"""
SELECT wanted.line, wanted.barcode FROM staged_row AS wanted
WHERE wanted.sets_barcode AND (
    EXISTS (
        SELECT FROM inventory_product AS product
        WHERE {barcode_key("product.barcode")} = {barcode_key("wanted.barcode")}
            AND product.sku <> wanted.sku
            AND NOT EXISTS (
                SELECT FROM staged_row AS former
                WHERE former.sku = product.sku AND former.sets_barcode))
    OR EXISTS (
        SELECT FROM staged_row AS earlier
        WHERE {barcode_key("earlier.barcode")} = {barcode_key("wanted.barcode")}
            AND earlier.line < wanted.line))
ORDER BY wanted.line
"""  # noqa: S608 - constants alone
# Increments of 0, as Magento writes them, have no effect while increments are off.
INCREMENTS_OF_0 = """
SELECT wanted.line, '0' FROM staged_row AS wanted LEFT JOIN inventory_product AS product USING (sku)
WHERE wanted.has_increments_of_0 AND COALESCE(
    CASE WHEN wanted.sets_enable_qty_increments THEN wanted.enable_qty_increments
        ELSE product.enable_qty_increments END, %s)
ORDER BY wanted.line
"""
FRACTIONS = """
SELECT wanted.line, wanted.qty FROM staged_row AS wanted
LEFT JOIN inventory_product AS product ON product.sku = wanted.sku
LEFT JOIN inventory_source AS source ON source.code = 'default'
LEFT JOIN inventory_sourceitem AS item
    ON item.product_id = product.id AND item.source_id = source.id
WHERE mod(wanted.qty, 1) <> 0 AND wanted.qty IS DISTINCT FROM item.quantity
  AND NOT COALESCE(
    item.qty_uses_decimals,
    CASE WHEN wanted.sets_qty_uses_decimals THEN wanted.qty_uses_decimals
         ELSE product.qty_uses_decimals END,
    FALSE)
ORDER BY wanted.line
"""
NEW_COUNT = f"SELECT count(*) FROM staged_row AS wanted WHERE {IS_NEW}"  # noqa: S608
NAMELESS = f"""
SELECT line, '' FROM staged_row AS wanted
WHERE name IS NULL AND sku IS NOT NULL AND {IS_NEW} ORDER BY line
"""  # noqa: S608 - constants alone
WITHOUT_QUANTITY = f"""
SELECT line, '' FROM staged_row AS wanted
WHERE qty IS NULL AND status IS NOT NULL AND {IS_NEW} ORDER BY line
"""  # noqa: S608 - constants alone
# Products that are made or changed: what each column was, and becomes.
STEPS = f"""
SELECT wanted.line, wanted.sku, becoming.id IS NULL, wanted.qty, wanted.status,
    {listed(BECOMES, COLUMNS)}
FROM staged_row AS wanted LEFT JOIN ({BECOMING}) AS becoming USING (sku)
WHERE becoming.id IS NULL OR {IS_CHANGED} ORDER BY wanted.line
"""  # noqa: S608 - constants alone
STORED_VALUES = listed(
    "CASE WHEN incoming.sets_{0} THEN COALESCE(product.{0}::text, '-') END", COLUMNS
)
# Each line with a number for the values that it sets, as they stand.
STORED_PRODUCTS = f"""
SELECT incoming.line, CASE WHEN product.id IS NULL THEN 0
    ELSE hashtextextended(concat_ws('|', {STORED_VALUES}), 1) END
FROM staged_row AS incoming LEFT JOIN inventory_product AS product USING (sku)
"""  # noqa: S608 - constants alone
CHANGED_LINES = f"""
SELECT incoming.line FROM ({BECOMING}) AS becoming
JOIN staged_row AS incoming USING (sku) WHERE {IS_CHANGED}
"""  # noqa: S608 - constants alone
TAKEN = _("Another product has the barcode “%(value)s”. Zeros before a code do not count.")
NO_INCREMENTS = _(
    "Increments are on for this product, so the increment cannot be 0. Write more than "
    "0, or write 0 in enable_qty_increments."
)
NAME_NEEDED = _("A new product needs a name.")
LABELS = {"is_enabled": "product_online"}
OPTIONS = {columns.option.name: columns for columns in OPTION_COLUMNS}

RULED = ("product_type", *RULED_OPTIONS)
OPTIONS_SET = f"""
SELECT wanted.line, becoming.id, {listed(BECOMES, RULED)}
FROM staged_row AS wanted LEFT JOIN ({BECOMING}) AS becoming USING (sku)
WHERE (becoming.id IS NULL OR {IS_CHANGED})
  AND (num_nonnulls({listed(NEXT, RULED_OPTIONS)}) > 0 OR becoming.was_qty_uses_decimals)
ORDER BY wanted.line
"""  # noqa: S608 - constants alone


def plan_products() -> ImportPlan:
    """Return what the staged products and items of the default source would do."""
    items = plan_items({"quantity": "qty", "status": "is_in_stock"}, checks_fractions=False)
    problems = problems_in(NAMELESS, column="name", message=NAME_NEEDED)
    problems += problems_in(WITHOUT_QUANTITY, column="qty", message=EMPTY)
    problems += conflicts_in()
    is_on = InventoryConfiguration.load().in_force("enable_qty_increments")
    problems += problems_in(
        INCREMENTS_OF_0,
        [is_on],
        column="qty_increments",
        message=NO_INCREMENTS,
    )
    problems += _fractions_on_hand()
    problems += _refused_skus()
    problems += problems_in(BARCODE_TAKEN, column="barcode", message=TAKEN)
    changed = set(fetch_column(CHANGED_LINES))
    return ImportPlan(
        new_count=fetch_column(NEW_COUNT)[0],
        changed_count=len(changed | {*fetch_column(LINES_WITH_CHANGES)}),
        steps=_merged(items.steps),
        problems=[*problems, *items.problems],
        notices=_look_alikes(),
        fallen_back=items.fallen_back,
    )


def _fractions_on_hand() -> list[RowProblem]:
    """Return a problem for each fractional quantity of a product sold in whole units.

    Qty Uses Decimals is taken from the default source's item, else from the row.
    """
    return [fraction_problem(line, "qty", quantity) for line, quantity in fetch_rows(FRACTIONS)]


def _refused_skus() -> list[RowProblem]:
    """Return a problem for each new SKU that is not allowed; older products keep theirs."""
    found = []
    for line, sku in fetch_rows(NEW_SKUS):
        try:
            check_sku(sku)
        except CodeError as error:
            found.append(problem_of(line, "sku", error, cell=shortened(sku)))
    return found


def _look_alikes() -> list[RowProblem]:
    return [
        RowProblem(line, "sku", sku, LOOKS_LIKE, {"sku": sku, "other": other})
        for line, sku, other in fetch_rows(LOOK_ALIKES)
    ]


def _steps() -> Iterator[PlannedStep]:
    rows = rows_by_parts("products", STEPS)
    for line, sku, is_new, quantity, status, *values in rows:
        cells = _cell_steps(values)
        if is_new and quantity is not None:
            cells.append(CellStep("qty", "", cell_of(quantity)))
        if is_new and status is not None:
            cells.append(CellStep("is_in_stock", "", STATUS_CELLS[status]))
        yield PlannedStep(line, sku, Kind.NEW if is_new else Kind.CHANGED, tuple(cells))


def _merged(of_items: Iterable[PlannedStep]) -> Iterator[PlannedStep]:
    """Yield one step a line: the product's cells, then those of its default source."""
    changed = (replace(step, kind=Kind.CHANGED) for step in of_items)
    by_line = attrgetter("line")
    for _line, together in groupby(merge(_steps(), changed, key=by_line), key=by_line):
        found = list(together)
        yield replace(found[-1], cells=tuple(cell for step in found for cell in step.cells))


def _cell_steps(values: Sequence[Any]) -> list[CellStep]:
    found = []
    for name, before, after in zip(COLUMNS, values[::2], values[1::2], strict=True):
        if before == after:
            continue
        columns = OPTIONS.get(name)
        if columns is not None and columns.use_config and (before is None or after is None):
            uses = [cell_of(value is None) for value in (before, after)]
            found.append(CellStep(columns.use_config, *uses))
        label = columns.value if columns else LABELS.get(name, name)
        found.append(CellStep(label, _cell(name, before), _cell(name, after)))
    return found


def _cell(name: str, value: Any) -> str:
    if value is None:
        return ""
    if name in OPTIONS:
        return option_cell(OPTIONS[name].option, value)
    match name:
        case "product_type":
            return str(value).lower()
        case "price":
            return exact_text(value, settings.SITE_CURRENCY)
        case "is_enabled":
            return "1" if value else "2"
    return str(value)


def conflicts_in() -> list[RowProblem]:
    """Return the conflicts that the staged rows would make; what a product had before stays.

    Rule: A value without a meaning is refused.
    """
    site = InventoryConfiguration.load().overrides()
    columns = {pair.option.name: pair for pair in OPTION_COLUMNS}
    found = []
    rows = fetch_rows(OPTIONS_SET)
    items = own_values_of_items(
        [product_id for _line, product_id, *_ in rows if product_id is not None]
    )
    left = conflicts_of_products(switched_off())
    for line, product_id, *values in rows:
        was = dict(zip(RULED, values[::2], strict=True))
        becomes = dict(zip(RULED, values[1::2], strict=True))
        own = items.get(product_id, ())
        known = _conflicts(was, site, own)
        needed = [left[product_id]] if product_id in left else []
        for conflict in [*needed, *_conflicts(becomes, site, own)]:
            if conflict not in known:
                pair = columns[conflict.name]
                cell = option_cell(pair.option, becomes[conflict.name])
                found.append(RowProblem(line, pair.value, cell, conflict.message, conflict.values))
    return found


def _conflicts(product: Values, site: Values, items: Collection[Values]) -> list[Conflict]:
    return conflicts(
        Scope.PRODUCT,
        configuration=site,
        product=product,
        is_virtual=product["product_type"] == Product.Type.VIRTUAL,
        items=items,
    )
