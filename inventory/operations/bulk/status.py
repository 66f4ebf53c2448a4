"""Bulk: set source items In Stock or Out of Stock."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.acts import Act
from core.operations.bulk.rows import BulkRow, Shift
from inventory.operations.bulk.items import lock_items, read_items, row_action
from inventory.operations.source_items import ItemChange, set_items


@dataclass(frozen=True, slots=True)
class SetStatus:
    """The status that every chosen source item gets."""

    status: str


def plan(item_ids: Sequence[int], request: SetStatus, _act: Act) -> list[BulkRow]:
    """Return a row for each source item."""
    return [
        BulkRow(
            item.pk,
            (item.product.sku, item.source.code),
            (Shift("status", item.status, request.status),),
        )
        for item in read_items(item_ids)
    ]


def write(rows: Sequence[BulkRow], request: SetStatus, act: Act) -> None:
    """Set it; a status that a person sets stays."""
    items = read_items([row.key for row in rows])
    values = {"status": request.status}
    changes = [ItemChange(item.product_id, item.source_id, values) for item in items]
    set_items(changes, act, is_by_person=True)


def read(values: Mapping[str, Any]) -> SetStatus:
    return SetStatus(values["status"])


STATUS = row_action(plan=plan, lock=lock_items, write=write, read=read)
