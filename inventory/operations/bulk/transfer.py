"""Bulk: move units that are not allocated to another source."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from core.quantities import ZERO, format_quantity
from core.text import gettext_noop as _
from inventory.models import SourceItem
from inventory.operations.bulk.fractions import of_error
from inventory.operations.bulk.items import one_row, read_items
from inventory.operations.bulk.rows import BulkRow, RowRefusal, Shift
from inventory.operations.bulk.subject import Subject
from inventory.operations.transfers import TransferredUnits, fractions_in, locked_items, transfer

SAME_SOURCE = _("It is at this source already.")
NOT_ASSIGNED = _("The product is not assigned to the other source. Assign it first.")
TOO_FEW = _("Only %(free)s of its %(quantity)s units are not allocated.")


@dataclass(frozen=True, slots=True)
class Transfer:
    """Where units go, and how many from each item; ``None``: all that are not allocated."""

    to_source_id: int
    quantity: Decimal | None


def plan(item_ids: Sequence[int], request: Transfer) -> list[BulkRow]:
    """Return a row for each source item that gives."""
    items = read_items(item_ids)
    products = {item.product_id for item in items}
    taking = SourceItem.objects.filter(
        product_id__in=products, source_id=request.to_source_id
    ).select_related("product")
    there = {item.product_id: item for item in taking}
    given: dict[int, Decimal] = {}
    rows = []
    for item in items:
        sent = given.get(item.product_id, ZERO)
        row = planned(item, there.get(item.product_id), request, sent=sent)
        if row.refusal is None:
            given[item.product_id] = sent + moved(row)
        rows.append(row)
    return rows


def planned(
    item: SourceItem, taking: SourceItem | None, request: Transfer, *, sent: Decimal
) -> BulkRow:
    """Say what becomes of one item; ``taking`` has been ``sent`` units by other rows. Pure."""
    free = item.quantity - item.allocated
    quantity = free if request.quantity is None else request.quantity
    there = ZERO if taking is None else taking.quantity + sent
    refusal = None
    if item.source_id == request.to_source_id:
        refusal = RowRefusal(SAME_SOURCE)
    elif taking is None:
        refusal = RowRefusal(NOT_ASSIGNED)
    elif found := fractions_in(_move(item, quantity, request), (item, taking)):
        refusal = of_error(found[0].error)
    elif free < quantity:
        values = {"free": format_quantity(free), "quantity": format_quantity(item.quantity)}
        refusal = RowRefusal(TOO_FEW, values)
    shifts = (
        Shift("quantity", item.quantity, item.quantity - quantity),
        Shift("quantity_there", there, there + quantity),
    )
    return BulkRow(item.pk, item.product.sku, item.source.code, shifts, refusal)


def _move(item: SourceItem, quantity: Decimal, request: Transfer) -> TransferredUnits:
    return TransferredUnits(item.product_id, item.source_id, request.to_source_id, quantity)


def moved(row: BulkRow) -> Decimal:
    """Return how many units a planned row moves."""
    quantity = row.shifts[0]
    units: Decimal = quantity.before - quantity.after
    return units


def write(rows: Sequence[BulkRow], request: Transfer, now: datetime, actor_id: int | None) -> None:
    """Move them."""
    items = {item.pk: item for item in read_items([row.key for row in rows])}
    places = {row.key: (items[row.key].product_id, items[row.key].source_id) for row in rows}
    transfer([TransferredUnits(*places[row.key], request.to_source_id, moved(row)) for row in rows])


def lock(item_ids: Sequence[int], request: Transfer) -> None:
    """Lock what gives and what takes, in key order."""
    giving = SourceItem.objects.filter(pk__in=item_ids).order_by("pk")
    places = giving.values_list("product_id", "source_id")
    locked_items(
        TransferredUnits(product, source, request.to_source_id, ZERO) for product, source in places
    )


def read(values: Mapping[str, Any]) -> Transfer:
    quantity = values["quantity"]
    return Transfer(values["to_source_id"], None if quantity is None else Decimal(quantity))


TRANSFER = Subject(
    plan=plan, lock=lock, write=write, read=read, rows_each=one_row, is_difference=True
)
