"""Moves the units of a bulk transfer back, if they are there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from core.quantities import ZERO, format_quantity
from inventory.models import SourceItem
from inventory.operations.bulk.fractions import of_error
from inventory.operations.bulk.rows import BulkRow, RowRefusal, Shift
from inventory.operations.bulk.transfer import NOT_ASSIGNED, TOO_FEW
from inventory.operations.transfers import TransferredUnits, fractions_in, locked_items, transfer
from inventory.queries.touched_rows import TouchedRow, key_of, touched_rows

Place = tuple[int, int]


@dataclass(frozen=True, slots=True)
class MovedBack:
    """Where the units went, and the entries of history of those that were moved back already."""

    to_source_id: int
    returned_entry_ids: tuple[UUID, ...]


def plan_back(touched: Mapping[int, TouchedRow], moved: MovedBack) -> list[BulkRow]:
    """Return a row for each source item that gave units."""
    giving = {pk: row for pk, row in touched.items() if _gave(row, moved)}
    done = set(touched_rows(SourceItem, list(giving), moved.returned_entry_ids))
    products = {row.any_values["product_id"] for row in giving.values()}
    found = SourceItem.objects.filter(product__in=products).select_related("product", "source")
    items = {(item.product_id, item.source_id): item for item in found}
    taken: dict[Place, Decimal] = {}
    return [_planned(row, items, taken, moved, is_done=pk in done) for pk, row in giving.items()]


def lock_back(touched: Mapping[int, TouchedRow], moved: MovedBack) -> None:
    """Lock what gives and what takes, in key order."""
    locked_items(_move(row, moved, ZERO) for row in touched.values() if _gave(row, moved))


def write_back(
    rows: Sequence[BulkRow], touched: Mapping[int, TouchedRow], moved: MovedBack
) -> None:
    """Move them."""
    by_key = {key_of(SourceItem, pk): row for pk, row in touched.items()}
    transfer([_move(by_key[row.key], moved, _quantity(by_key[row.key])) for row in rows])


def _gave(row: TouchedRow, moved: MovedBack) -> bool:
    return row.any_values["source_id"] != moved.to_source_id and row.before is not None


def _quantity(row: TouchedRow) -> Decimal:
    before, left = row.before or {}, row.left or {}
    quantity: Decimal = before["quantity"] - left["quantity"]
    return quantity


def _move(row: TouchedRow, moved: MovedBack, quantity: Decimal) -> TransferredUnits:
    values = row.any_values
    return TransferredUnits(values["product_id"], moved.to_source_id, values["source_id"], quantity)


def _planned(
    row: TouchedRow,
    items: Mapping[Place, SourceItem],
    taken: dict[Place, Decimal],
    moved: MovedBack,
    *,
    is_done: bool,
) -> BulkRow:
    values = row.any_values
    there_at = values["product_id"], moved.to_source_id
    item = items.get((values["product_id"], values["source_id"]))
    there = items.get(there_at)
    key, quantity = key_of(SourceItem, row.row_id), _quantity(row)
    if item is None or there is None:
        left = (Shift("quantity", (row.left or {})["quantity"], None),)
        known = item or there
        sku = known.product.sku if known else f"#{values['product_id']}"
        return BulkRow(key, sku, item.source.code if item else "", left, RowRefusal(NOT_ASSIGNED))
    names = item.product.sku, item.source.code
    if is_done:
        return BulkRow(key, *names, (Shift("quantity", item.quantity, item.quantity),))
    sent = taken.get(there_at, ZERO)
    free = there.quantity - there.allocated - sent
    refusal = None
    if free < quantity:
        told = {"free": format_quantity(free), "quantity": format_quantity(there.quantity)}
        refusal = RowRefusal(TOO_FEW, told)
    elif found := fractions_in(_move(row, moved, quantity), (item, there)):
        refusal = of_error(found[0].error)
    else:
        taken[there_at] = sent + quantity
    shifts = (
        Shift("quantity", item.quantity, item.quantity + quantity),
        Shift("quantity_there", there.quantity - sent, there.quantity - sent - quantity),
    )
    return BulkRow(key, *names, shifts, refusal)
