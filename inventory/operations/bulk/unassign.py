"""Bulk: take products off sources; refused while units are allocated there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core.quantities import format_quantity
from core.text import gettext_noop as _
from inventory import ports
from inventory.models import SourceItem
from inventory.operations.assignment import unassign
from inventory.operations.bulk.items import lock_items, one_row, read_items
from inventory.operations.bulk.rows import BulkRow, RowRefusal, Shift
from inventory.operations.bulk.subject import Subject
from inventory.ports import Holder

NAMED = 10
HELD = _("%(units)s units are allocated there: %(holders)s.")
HELD_BY_MORE = _("%(units)s units are allocated there: %(holders)s and %(more)s more.")


@dataclass(frozen=True, slots=True)
class Unassign:
    """Nothing is asked besides which source items."""


def plan(item_ids: Sequence[int], request: Unassign) -> list[BulkRow]:
    """Return a row for each source item."""
    items = read_items(item_ids)
    holding = [item.pk for item in items if item.allocated]
    holders = ports.current().holders(holding) if holding else {}
    return [planned(item, holders.get(item.pk, [])) for item in items]


def planned(item: SourceItem, holders: Sequence[Holder]) -> BulkRow:
    """Say what becomes of one item; pure."""
    shifts = (Shift("assigned", True, False), Shift("quantity", item.quantity, None))
    refusal = None
    if item.allocated:
        names = [holder.shipment_number or holder.order_number for holder in holders]
        values = {
            "units": format_quantity(item.allocated),
            "holders": ", ".join(names[:NAMED]),
            "more": str(len(names) - NAMED),
        }
        refusal = RowRefusal(HELD_BY_MORE if len(names) > NAMED else HELD, values)
    return BulkRow(item.pk, item.product.sku, item.source.code, shifts, refusal)


def write(rows: Sequence[BulkRow], request: Unassign, now: datetime, actor_id: int | None) -> None:
    """Take them off."""
    unassign([row.key for row in rows])


def read(values: Mapping[str, Any]) -> Unassign:
    return Unassign()


UNASSIGN = Subject(plan=plan, lock=lock_items, write=write, read=read, rows_each=one_row)
