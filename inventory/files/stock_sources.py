"""Stock sources: ``source_code,sku,status,quantity``, what each source holds of each product.

Append makes items and changes the others; an empty cell leaves a value as it is. Replace starts
an item as new, without safety stock and overrides. Delete unassigns.
"""

from collections.abc import Iterator, Set
from dataclasses import replace
from datetime import date
from functools import partial

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
    read_status,
)
from inventory.files.file_format import FileFormat
from inventory.files.findings import CellStep, ImportPlan, PlannedStep, RowProblem
from inventory.files.item_plan import plan_items, stage_items, stored_items, write_staged_items
from inventory.files.staging import INCOMING, ImportRun, problems_in, unknown_codes
from inventory.models import ImportFile, SourceItem
from inventory.operations.item_rows import COLUMNS
from inventory.operations.source_items import unassign

Behavior = ImportFile.Behavior

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
    behaviors = (Behavior.APPEND, Behavior.REPLACE, Behavior.DELETE)
    other_names = {"qty": "quantity", "source": "source_code", "is_in_stock": "status"}
    parts = ("items",)

    def required(self, behavior: str) -> tuple[str, ...]:
        """Return the columns that a file needs; to unassign, the codes are enough."""
        codes = ("source_code", "sku")
        return codes if behavior == Behavior.DELETE else (*codes, "quantity")

    def read(self, cells: RowCells, behavior: str) -> Staged:
        """Read a row; of those to delete, only the codes."""
        source_code = cells.read("source_code", code_of, limit=SKU_MAX_LENGTH)
        sku = cells.read("sku", code_of, limit=SKU_MAX_LENGTH)
        status = quantity = None
        if behavior != Behavior.DELETE:
            status = cells.read_if_given("status", read_status)
            quantity = cells.read_if_given("quantity", on_hand_of)
            if behavior == Behavior.REPLACE and not cells.has("quantity"):
                cells.refuse("quantity", FaultError(EMPTY))
        return (cells.line, source_code, sku, status, quantity)

    def key(self, staged: Staged) -> tuple[str, ...]:
        """Return the source and the SKU."""
        return (staged[1], staged[2])

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
        return fetch_rows(STORED_DELETED) if behavior == Behavior.DELETE else stored_items()

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
        PlannedStep(line, name, "DELETED", (CellStep("quantity", cell_of(quantity), ""),))
        for line, name, _item_id, quantity, _allocated in found
    )
    return ImportPlan(deleted_count=len(found), steps=steps, problems=problems)
