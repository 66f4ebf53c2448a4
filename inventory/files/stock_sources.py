"""Stock sources: ``source_code,sku,status,quantity``, what each source holds of each product.

Append makes items and changes the others; an empty cell leaves a value as it is. Replace starts
an item as new, without safety stock and overrides. Delete unassigns.
"""

from collections.abc import Iterator, Mapping, Set
from dataclasses import replace
from datetime import date
from functools import partial
from typing import Any

from django.db import connection
from django.db.models import QuerySet

from core.sql import fetch_rows, listed
from core.text import FaultError
from core.text import gettext_noop as _
from inventory import ports
from inventory.codes import SKU_MAX_LENGTH
from inventory.files.cells import (
    EMPTY,
    STATUS_CELLS,
    RowCells,
    Staged,
    Value,
    cell_of,
    code_of,
    on_hand_of,
    option_cell,
    read_status,
)
from inventory.files.file_format import FileFormat
from inventory.files.findings import (
    CellStep,
    ImportPlan,
    PlannedStep,
    RowProblem,
    fraction_problem,
)
from inventory.files.staging import (
    BECOMES,
    INCOMING,
    ImportRun,
    problems_in,
    rows_by_parts,
    unknown_codes,
)
from inventory.holders import why_units_stay
from inventory.models import ImportFile, ImportStep, SourceItem
from inventory.operations.item_rows import (
    BECOMING,
    COLUMNS,
    IN_STOCK,
    IS_CHANGED,
    MAKE_TABLE,
    items_ending_decimals,
    lock_items,
    staged_fractions,
    staged_fractions_left,
    staged_shortfalls,
    write_locked_items,
)
from inventory.operations.source_items import unassign
from inventory.options import BY_NAME

Behavior = ImportFile.Behavior
Kind = ImportStep.Kind
CODES = ("source_code", "sku")

KNOWN = f"""
SELECT line, incoming.sku || ' @ ' || incoming.source_code AS name, product.id AS product_id,
    source.id AS source_id, incoming.quantity, incoming.status
FROM {INCOMING}
"""  # noqa: S608 - constants alone
NOT_ASSIGNED = f"""
SELECT line, incoming.sku FROM {INCOMING}
WHERE NOT EXISTS (
    SELECT FROM inventory_sourceitem AS item
    WHERE item.product_id = product.id AND item.source_id = source.id)
ORDER BY line
"""  # noqa: S608 - constants alone
ITEMS = f"""{INCOMING}
JOIN inventory_sourceitem AS item ON item.product_id = product.id AND item.source_id = source.id"""
DELETED = f"""
SELECT incoming.line, incoming.sku || ' @ ' || incoming.source_code, item.id, item.quantity,
    item.allocated
FROM {ITEMS} ORDER BY incoming.line
"""  # noqa: S608 - constants alone
STORED_VALUES = listed("COALESCE(item.{}::text, '-')", COLUMNS)
STORED_DELETED = f"""
SELECT incoming.line, hashtextextended(concat_ws('|', item.id, {STORED_VALUES}), 1)
FROM {ITEMS}
"""  # noqa: S608 - constants alone
NO_ITEM = _("“%(value)s” is not assigned to this source, so there is nothing to delete.")
HELD = _("Units are allocated here, to %(holders)s; release or move those first.")

SAME_NAMES: Mapping[str, str] = {}

# What the file does not name stays, or is reset.
OTHERS = [name for name in COLUMNS if name not in {"quantity", "status"}]
SETS_OTHERS = listed("sets_{}", OTHERS)
RESETS_OTHERS = ", ".join("%(is_replaced)s" for _other in OTHERS)
COUNTS = f"""
SELECT count(*) FILTER (WHERE {IS_CHANGED}),
    (SELECT count(*) FROM wanted_item) - count(*)
FROM ({BECOMING}) AS becoming
"""  # noqa: S608 - constants alone
# Items that are made or changed: what each column was, and becomes.
STEPS = f"""
SELECT wanted.line, wanted.name, becoming.id IS NULL, {listed(BECOMES, COLUMNS)}
FROM wanted_item AS wanted LEFT JOIN ({BECOMING}) AS becoming USING (product_id, source_id)
WHERE becoming.id IS NULL OR {IS_CHANGED} ORDER BY wanted.line
"""  # noqa: S608 - constants alone
NEW_WITHOUT_QUANTITY = """
SELECT line, '' FROM wanted_item AS wanted
WHERE quantity IS NULL AND NOT EXISTS (
    SELECT FROM inventory_sourceitem AS item
    WHERE item.product_id = wanted.product_id AND item.source_id = wanted.source_id)
ORDER BY line
"""
# The lines of the staged items that make an item or change one.
LINES_WITH_CHANGES = f"""
SELECT wanted.line FROM wanted_item AS wanted
LEFT JOIN ({BECOMING}) AS becoming USING (product_id, source_id)
WHERE becoming.id IS NULL OR {IS_CHANGED}
"""  # noqa: S608 - constants alone
STAGED_ITEMS = "SELECT line, product_id, source_id FROM wanted_item"
VALUES_SET = listed("CASE WHEN wanted.sets_{0} THEN COALESCE(item.{0}::text, '-') END", COLUMNS)
# Each line of the staged items with a number for the stored values that it sets.
STORED_ITEMS = f"""
SELECT wanted.line, CASE WHEN item.id IS NULL THEN 0
    ELSE hashtextextended(concat_ws('|', {VALUES_SET}), 1) END
FROM wanted_item AS wanted
LEFT JOIN inventory_sourceitem AS item USING (product_id, source_id)
"""  # noqa: S608 - constants alone
LINES_OF_ITEMS = """
SELECT item.id, wanted.line, wanted.quantity, item.allocated
FROM wanted_item AS wanted JOIN inventory_sourceitem AS item USING (product_id, source_id)
WHERE item.id = ANY(%s)
"""


class StockSources(FileFormat):
    """The format; each source may have a product once in a file."""

    columns = ("source_code", "sku", "status", "quantity")
    exported = columns
    staged = {
        "line": "integer",
        "source_code": "text",
        "sku": "text",
        "status": "text",
        "quantity": "numeric",
    }
    behaviors = {
        Behavior.APPEND.value: (*CODES, "quantity"),
        Behavior.REPLACE.value: (*CODES, "quantity"),
        Behavior.DELETE.value: CODES,
    }
    other_names = {"qty": "quantity", "source": "source_code", "is_in_stock": "status"}
    example = {"source_code": "default", "sku": "MUG", "status": "1", "quantity": "12"}
    key_length = 2
    parts = ("items",)

    def read(self, cells: RowCells, behavior: str) -> Staged:
        """Read a row; of those to delete, only the codes."""
        source_code = cells.read("source_code", code_of, limit=SKU_MAX_LENGTH)
        sku = cells.read("sku", code_of, limit=SKU_MAX_LENGTH)
        status = quantity = None
        if behavior != Behavior.DELETE:
            status = cells.read_if_given("status", read_status)
            quantity = cells.read_number_if_given("quantity", on_hand_of)
            if behavior == Behavior.REPLACE and not cells.has("quantity"):
                cells.refuse("quantity", FaultError(EMPTY))
        return (cells.line, source_code, sku, status, quantity)

    def plan(self, behavior: str, *, today: date, faulty: Set[int]) -> ImportPlan:
        """Return what would be made, changed and unassigned, and what is not known or held."""
        if behavior == Behavior.DELETE:
            found = _plan_deletion()
        else:
            stage_items(KNOWN, is_replaced=behavior == Behavior.REPLACE)
            found = plan_items()
        return replace(found, problems=[*unknown_codes(), *found.problems])

    def stored(self, behavior: str, part: str) -> list[tuple[int, int]]:
        """Return what stands in the items; of those to unassign, all that a person can set."""
        return fetch_rows(STORED_DELETED if behavior == Behavior.DELETE else STORED_ITEMS)

    def write(self, behavior: str, run: ImportRun) -> tuple[str, ...]:
        """Write what :meth:`plan` noted, or unassign."""
        if behavior == Behavior.DELETE:
            item_ids = [item_id for _line, _name, item_id, *_rest in fetch_rows(DELETED)]
            unassign(item_ids, compare=partial(run.compare, "items"))
            return ()
        return write_staged_items(run)

    def export(self, items: QuerySet[SourceItem]) -> Iterator[tuple[Value, ...]]:
        """Yield a row for each source item, by SKU and source."""
        names = ("source__code", "product__sku", "status", "quantity")
        rows = items.order_by("product__sku", "source__code").values_list(*names)
        for source_code, sku, status, quantity in rows.iterator(chunk_size=2000):
            yield source_code, sku, int(STATUS_CELLS[status]), quantity


def _plan_deletion() -> ImportPlan:
    problems = problems_in(NOT_ASSIGNED, column="sku", message=NO_ITEM)
    found = fetch_rows(DELETED)
    held = {item_id: line for line, _name, item_id, _quantity, allocated in found if allocated}
    holders = ports.current().holders(list(held)) if held else {}
    for item_id, line in held.items():
        names = {holder.shipment_number or holder.order_number for holder in holders[item_id]}
        values = {"holders": ", ".join(sorted(names))}
        problems.append(RowProblem(line, "sku", "", HELD, values))
    steps = tuple(
        PlannedStep(line, name, Kind.DELETED, (CellStep("quantity", cell_of(quantity), ""),))
        for line, name, _item_id, quantity, _allocated in found
    )
    return ImportPlan(deleted_count=len(found), steps=steps, problems=problems)


def stage_items(source_sql: str, *, is_replaced: bool = False) -> None:
    """Stage the values that a file sets on source items, in the caller's transaction.

    ``source_sql`` selects line, name, product_id, source_id, quantity and status. With
    ``is_replaced``, safety stock and overrides are reset, and so is a status left out.
    """
    stage = f"""{MAKE_TABLE}
        INSERT INTO wanted_item (line, name, product_id, source_id, quantity, sets_quantity, status,
            sets_status, names_status, is_by_person, safety_stock, {SETS_OTHERS})
        SELECT line, name, product_id, source_id, quantity, quantity IS NOT NULL,
            COALESCE(status, %(made_status)s), %(is_replaced)s OR status IS NOT NULL,
            status IS NOT NULL, FALSE, CASE WHEN %(is_replaced)s THEN 0 END,
            {RESETS_OTHERS}
        FROM ({source_sql}) AS rows;
        ANALYZE wanted_item
    """  # noqa: S608 - constants alone
    made_status = IN_STOCK.value if is_replaced else None
    with connection.cursor() as cursor:
        cursor.execute(stage, {"made_status": made_status, "is_replaced": is_replaced})


def write_staged_items(run: ImportRun) -> tuple[str, ...]:
    """Write the staged items; return the shipments that lose units to lower counts."""
    locked = lock_items(compare=partial(run.compare, "items"))
    return write_locked_items(locked, run.act).fallen_back


def plan_items(
    names: Mapping[str, str] = SAME_NAMES, *, checks_fractions: bool = True
) -> ImportPlan:
    """Return what the staged items would become; ``names`` are the file's for some columns.

    A file that sets Qty Uses Decimals checks its fractions itself.
    """
    labels = {name: names.get(name, name) for name in COLUMNS}
    changed_count, new_count = fetch_rows(COUNTS)[0]
    problems = problems_in(NEW_WITHOUT_QUANTITY, column=labels["quantity"], message=EMPTY)
    if checks_fractions:
        problems += _fractions(labels)
    shortfalls = staged_shortfalls()
    problems += _held_units(list(shortfalls), labels["quantity"])
    fallen_back: list[str] = []
    if shortfalls and not problems:
        fallen_back = ports.current().would_give_way(shortfalls)
    return ImportPlan(
        new_count=new_count,
        changed_count=changed_count,
        steps=_steps(labels),
        problems=problems,
        fallen_back=tuple(fallen_back),
    )


def _fractions(labels: Mapping[str, str]) -> list[RowProblem]:
    """Return a problem for each fraction, new or left, of products sold in whole units."""
    found = staged_fractions()
    left = staged_fractions_left()
    if not found and not left:
        return []
    lines = {(product, source): line for line, product, source in fetch_rows(STAGED_ITEMS)}
    problems = []
    for fraction in found:
        line = lines[fraction.product_id, fraction.source_id]
        problems.append(fraction_problem(line, labels[fraction.name], fraction.quantity))
    for product_id, source_id in items_ending_decimals() if left else ():
        if product_id in left:
            conflict = left[product_id]
            line = lines[product_id, source_id]
            problems.append(RowProblem(line, "", "", conflict.message, conflict.values))
    return problems


def _held_units(item_ids: list[int], column: str) -> list[RowProblem]:
    """Return a problem for each count below what virtual lines and packed shipments hold."""
    if not item_ids:
        return []
    holders = ports.current().holders(item_ids)
    problems = []
    for item_id, line, quantity, _allocated in fetch_rows(LINES_OF_ITEMS, [item_ids]):
        if (held := why_units_stay(holders.get(item_id, ()), quantity)) is not None:
            problems.append(RowProblem(line, column, cell_of(quantity), held.message, held.values))
    return problems


def _steps(labels: Mapping[str, str]) -> Iterator[PlannedStep]:
    """Yield the steps of the staged items, by line."""
    for line, name, is_new, *values in rows_by_parts("items", STEPS):
        cells = tuple(
            CellStep(labels[column], _cell(column, was), _cell(column, becomes))
            for column, was, becomes in zip(COLUMNS, values[::2], values[1::2], strict=True)
            if was != becomes
        )
        yield PlannedStep(line, name, Kind.NEW if is_new else Kind.CHANGED, cells)


def _cell(name: str, value: Any) -> str:
    if name == "status" and value is not None:
        return STATUS_CELLS[value]
    return option_cell(BY_NAME[name], value) if name in BY_NAME else cell_of(value)
