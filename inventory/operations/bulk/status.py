"""Bulk: set source items In Stock or Out of Stock."""

from collections.abc import Sequence
from operator import itemgetter

from core.acts import Act
from core.operations.bulk.row_plans import BulkRow, Shift
from inventory.operations.bulk.items import lock_items, read_items, row_action
from inventory.operations.source_items import ItemChange, set_items


def plan(item_ids: Sequence[int], status: str, _act: Act) -> list[BulkRow]:
    """Return a row for each source item, with the status that all of them get."""
    return [
        BulkRow(
            item.pk,
            (item.product.sku, item.source.code),
            (Shift("status", item.status, status),),
        )
        for item in read_items(item_ids)
    ]


def write(rows: Sequence[BulkRow], status: str, act: Act) -> None:
    """Set it; a status that a person sets stays."""
    items = read_items([row.key for row in rows])
    changes = [ItemChange(item.product_id, item.source_id, {"status": status}) for item in items]
    set_items(changes, act, is_by_person=True)


STATUS = row_action(plan=plan, lock=lock_items, write=write, read=itemgetter("status"))
