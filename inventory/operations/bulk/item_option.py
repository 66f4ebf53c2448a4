"""Bulk: set an option at sources, or clear it ("use default")."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from inventory.models import InventoryConfiguration, SourceItem
from inventory.operations.bulk.items import lock_items, one_row, read_items
from inventory.operations.bulk.override import SetOption, read, refusal
from inventory.operations.bulk.rows import BulkRow, Shift
from inventory.operations.bulk.subject import Subject
from inventory.operations.source_items import ItemChange, set_items
from inventory.operations.whole_units import hold_products
from inventory.option_rules import Conflict, conflicts
from inventory.options import Scope
from inventory.queries.decimals import conflicts_of_items
from inventory.resolution import Values, uses_decimals


def plan(item_ids: Sequence[int], request: SetOption) -> list[BulkRow]:
    """Return a row for each source item."""
    site = InventoryConfiguration.load().overrides()
    items = read_items(item_ids)
    left = conflicts_of_items(_switched_off(items, request))
    return [planned(item, request, site, left=left.get(item.product_id)) for item in items]


def _switched_off(items: Iterable[SourceItem], request: SetOption) -> list[SourceItem]:
    if request.name != "qty_uses_decimals":
        return []
    wanted = {request.name: request.value}
    return [
        item
        for item in items
        if uses_decimals(item.product.overrides(), item.overrides())
        and not uses_decimals(item.product.overrides(), wanted)
    ]


def planned(
    item: SourceItem, request: SetOption, site: Values, *, left: Conflict | None = None
) -> BulkRow:
    """Say what becomes of one item; ``left`` is why its product still needs decimals. Pure."""
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
    found = told(wanted) if left is None else [left, *told(wanted)]
    refused = refusal(told(own), found)
    return BulkRow(item.pk, item.product.sku, item.source.code, (shift,), refused)


def write(rows: Sequence[BulkRow], request: SetOption, now: datetime, actor_id: int | None) -> None:
    """Set it."""
    items = read_items([row.key for row in rows])
    values = {request.name: request.value}
    changes = [ItemChange(item.product_id, item.source_id, values) for item in items]
    set_items(changes, now=now, actor_id=actor_id)


def lock(item_ids: Sequence[int], request: SetOption) -> None:
    """Lock the items in key order; before them, their products where decimals are at stake."""
    if request.name == "qty_uses_decimals":
        items = SourceItem.objects.filter(pk__in=item_ids)
        hold_products(set(items.values_list("product_id", flat=True)))
    lock_items(item_ids, request)


ITEM_OPTION = Subject(plan=plan, lock=lock, write=write, read=read, rows_each=one_row)
