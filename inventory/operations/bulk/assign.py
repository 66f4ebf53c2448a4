"""Bulk: assign products to sources."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from inventory.models import InventoryConfiguration, Product, Source, SourceItem
from inventory.operations.bulk.rows import BulkRow, Shift
from inventory.operations.bulk.subject import Subject
from inventory.operations.source_items import ItemChange, set_items
from inventory.resolution import Values, policy_in_stock


@dataclass(frozen=True, slots=True)
class Assign:
    """The sources that every chosen product is assigned to, with nothing on hand yet.

    ``status`` is what the new source items get; Out of Stock counts as written by the system.
    """

    source_ids: tuple[int, ...]
    status: str


def plan(product_ids: Sequence[int], request: Assign) -> list[BulkRow]:
    """Return a row for each product and source."""
    site = InventoryConfiguration.load().overrides()
    products = Product.objects.in_bulk(list(product_ids))
    codes = dict(
        Source.objects.filter(pk__in=request.source_ids).order_by("code").values_list("pk", "code")
    )
    held = SourceItem.objects.filter(product_id__in=products, source_id__in=codes)
    assigned = set(held.values_list("product_id", "source_id"))
    return [
        BulkRow(
            key,
            products[key].sku,
            code,
            (Shift("assigned", True, True),)
            if (key, source) in assigned
            else made(products[key], request, site),
        )
        for key in product_ids
        if key in products
        for source, code in codes.items()
    ]


def made(product: Product, request: Assign, site: Values) -> tuple[Shift, ...]:
    """Say what a new source item is; In Stock, it may sell what no source has. Pure."""
    shifts = (Shift("assigned", False, True), Shift("status", None, request.status))
    policy = policy_in_stock(
        configuration=site,
        product=product.overrides(),
        in_stock_items=[],
        is_virtual=product.is_virtual,
    )
    sells = not policy.manage_stock or policy.takes_backorders
    if request.status != SourceItem.Status.IN_STOCK or not sells:
        return shifts
    return (*shifts, Shift("sells_without_units", False, True))


def write(rows: Sequence[BulkRow], request: Assign, now: datetime, actor_id: int | None) -> None:
    """Make the source items."""
    ids = dict(Source.objects.filter(pk__in=request.source_ids).values_list("code", "pk"))
    changes = [ItemChange(row.key, ids[row.source_code], {}) for row in rows]
    set_items(changes, now=now, actor_id=actor_id, made_status=request.status)


def lock(product_ids: Sequence[int], _request: Assign) -> None:
    """Nothing to lock: an item that somebody else makes meanwhile is the one wanted."""


def read(values: Mapping[str, Any]) -> Assign:
    return Assign(
        tuple(values["source_ids"]), values.get("status", SourceItem.Status.OUT_OF_STOCK.value)
    )


def rows_each(request: Assign) -> int:
    return len(request.source_ids)


ASSIGN = Subject(plan=plan, lock=lock, write=write, read=read, rows_each=rows_each)
