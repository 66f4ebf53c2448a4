"""Bulk: set an option at sources, or clear it ("use default")."""

from collections.abc import Sequence
from datetime import datetime

from inventory.models import InventoryConfiguration, SourceItem
from inventory.operations.bulk.items import lock_items, one_row, read_items
from inventory.operations.bulk.override import SetOption, read, refusal
from inventory.operations.bulk.rows import Row, Shift
from inventory.operations.bulk.subject import Subject
from inventory.operations.source_items import ItemChange, set_items
from inventory.option_rules import Conflict, conflicts
from inventory.options import Scope
from inventory.resolution import Values


def plan(item_ids: Sequence[int], request: SetOption) -> list[Row]:
    """Return a row for each source item."""
    site = InventoryConfiguration.load().overrides()
    return [planned(item, request, site) for item in read_items(item_ids)]


def planned(item: SourceItem, request: SetOption, site: Values) -> Row:
    """Say what becomes of one item; pure."""
    own = item.overrides()
    wanted = {**own, request.name: request.value}

    def told(values: Values) -> list[Conflict]:
        return conflicts(
            Scope.SOURCE_ITEM,
            configuration=site,
            product=item.product.overrides(),
            source_item=values,
            is_virtual=item.product.is_virtual,
        )

    shift = Shift(request.name, own[request.name], request.value)
    refused = refusal(told(own), told(wanted))
    return Row(item.pk, item.product.sku, item.source.code, (shift,), refused)


def write(rows: Sequence[Row], request: SetOption, now: datetime, actor_id: int | None) -> None:
    """Set it."""
    items = read_items([row.key for row in rows])
    values = {request.name: request.value}
    changes = [ItemChange(item.product_id, item.source_id, values) for item in items]
    set_items(changes, now=now, actor_id=actor_id)


ITEM_OPTION = Subject(plan=plan, lock=lock_items, write=write, read=read, rows_each=one_row)
