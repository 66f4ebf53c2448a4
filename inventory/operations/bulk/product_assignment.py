"""Bulk: assign products to sources, or unassign them where no units are allocated."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.acts import Act
from core.operations.bulk.row_plans import BulkRow, Shift
from core.quantities import format_quantity
from core.text import Sentence
from core.text import gettext_noop as _
from inventory import ports
from inventory.holders import Holder
from inventory.models import InventoryConfiguration, Product, Source, SourceItem
from inventory.operations.bulk.items import lock_items, read_items, row_action
from inventory.operations.source_items import ItemChange, set_items, unassign
from inventory.resolution import Values, policy_in_stock

NAMED = 10
HELD = _("%(units)s units are allocated there: %(holders)s.")
HELD_BY_MORE = _("%(units)s units are allocated there: %(holders)s and %(more)s more.")


@dataclass(frozen=True, slots=True)
class Assign:
    """The sources that every chosen product is assigned to, with nothing on hand yet.

    ``status`` is what the new source items get; Out of Stock counts as written by the system.
    """

    source_ids: tuple[int, ...]
    status: str


def plan_assignment(product_ids: Sequence[int], request: Assign, _act: Act) -> list[BulkRow]:
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
            (products[key].sku, code),
            (Shift("assigned", True, True),)
            if (key, source) in assigned
            else shifts_of_new_item(products[key], request, site),
        )
        for key in product_ids
        if key in products
        for source, code in codes.items()
    ]


def shifts_of_new_item(product: Product, request: Assign, site: Values) -> tuple[Shift, ...]:
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


def write_assignment(rows: Sequence[BulkRow], request: Assign, act: Act) -> None:
    """Make the source items."""
    ids = dict(Source.objects.filter(pk__in=request.source_ids).values_list("code", "pk"))
    changes = [ItemChange(row.key, ids[row.names[1]], {}) for row in rows]
    set_items(changes, act, made_status=request.status)


def read_assignment(values: Mapping[str, Any]) -> Assign:
    return Assign(
        tuple(values["source_ids"]), values.get("status", SourceItem.Status.OUT_OF_STOCK.value)
    )


# Nothing is locked: an item that somebody else makes meanwhile is the one wanted.
ASSIGN = row_action(
    plan=plan_assignment,
    write=write_assignment,
    read=read_assignment,
    rows_each=lambda request: len(request.source_ids),
)


def plan_unassignment(item_ids: Sequence[int], _request: None, _act: Act) -> list[BulkRow]:
    """Return a row for each source item."""
    items = read_items(item_ids)
    holding = [item.pk for item in items if item.allocated]
    holders = ports.current().holders(holding) if holding else {}
    return [unassignment_row(item, holders.get(item.pk, [])) for item in items]


def unassignment_row(item: SourceItem, holders: Sequence[Holder]) -> BulkRow:
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
        refusal = Sentence(HELD_BY_MORE if len(names) > NAMED else HELD, values)
    return BulkRow(item.pk, (item.product.sku, item.source.code), shifts, refusal)


def write_unassignment(rows: Sequence[BulkRow], _request: None, _act: Act) -> None:
    """Take them off."""
    unassign([row.key for row in rows])


UNASSIGN = row_action(
    plan=plan_unassignment,
    lock=lock_items,
    write=write_unassignment,
    read=lambda _values: None,
)
