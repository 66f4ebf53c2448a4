"""Bulk: move units that are not allocated to another source, at once or on their way; or back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from core.acts import Act
from core.operations.bulk.apply import KEY_OF_CHANGE
from core.operations.bulk.row_plans import BulkRow, Shift
from core.quantities import ZERO, format_quantity
from core.text import Sentence
from core.text import gettext_noop as _
from inventory.models import SourceItem
from inventory.operations.bulk.fractions import refusal_of
from inventory.operations.bulk.items import read_items, row_action
from inventory.operations.transfers import (
    Consignment,
    TransferredUnits,
    fractions_in,
    locked_items,
    send,
    transfer,
)
from inventory.queries.decimals import ItemKey
from inventory.queries.row_changes import RowChange, key_of, row_changes

SAME_SOURCE = _("At this source already.")
OTHER_NOT_ASSIGNED = _("The product is not assigned to the other source. Assign it first.")
TOO_FEW = _("Only %(free)s of its %(quantity)s units are not allocated.")


@dataclass(frozen=True, slots=True)
class Transfer:
    """Where units go, and how many from each item; ``None``: all that are not allocated.

    They are received at once, unless there is a day on which they are ``expected_on``: then they
    are sent now, under the ``reference``, or one that is made of the number of the change.
    """

    to_source_id: int
    quantity: Decimal | None
    expected_on: date | None = None
    reference: str = ""


def plan_transfer(item_ids: Sequence[int], request: Transfer, _act: Act) -> list[BulkRow]:
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
        row = transfer_row(item, there.get(item.product_id), request, sent=sent)
        if row.refusal is None:
            given[item.product_id] = sent + moved_quantity(row)
        rows.append(row)
    return rows


def transfer_row(
    item: SourceItem, taking: SourceItem | None, request: Transfer, *, sent: Decimal
) -> BulkRow:
    """Say what becomes of one item; ``taking`` has been ``sent`` units by other rows. Pure."""
    free = item.quantity - item.allocated
    quantity = free if request.quantity is None else request.quantity
    there = ZERO if taking is None else taking.quantity + sent
    refusal = None
    if item.source_id == request.to_source_id:
        refusal = Sentence(SAME_SOURCE)
    elif taking is None:
        refusal = Sentence(OTHER_NOT_ASSIGNED)
    elif found := fractions_in(
        TransferredUnits(item.product_id, item.source_id, request.to_source_id, quantity),
        (item, taking),
    ):
        refusal = refusal_of(found[0].error)
    elif free < quantity:
        values = {"free": format_quantity(free), "quantity": format_quantity(item.quantity)}
        refusal = Sentence(TOO_FEW, values)
    there_shift = (
        Shift("quantity_there", there, there + quantity)
        if request.expected_on is None
        else Shift("quantity_on_its_way", ZERO, quantity)
    )
    shifts = (Shift("quantity", item.quantity, item.quantity - quantity), there_shift)
    return BulkRow(item.pk, (item.product.sku, item.source.code), shifts, refusal)


def moved_quantity(row: BulkRow) -> Decimal:
    """Return how many units a planned row moves."""
    quantity = row.shifts[0]
    units: Decimal = quantity.before - quantity.after
    return units


def write_transfer(rows: Sequence[BulkRow], request: Transfer, act: Act) -> None:
    """Move them, or send them on their way."""
    items = {item.pk: item for item in read_items([row.key for row in rows])}
    keys = {row.key: (items[row.key].product_id, items[row.key].source_id) for row in rows}
    moves = [
        TransferredUnits(*keys[row.key], request.to_source_id, moved_quantity(row)) for row in rows
    ]
    if request.expected_on is None:
        transfer(moves)
    else:
        send(moves, Consignment(request.reference or made_reference(act), request.expected_on))


def made_reference(act: Act) -> str:
    """Return the reference of what one change sends, where none was given: one for all of it."""
    return f"TR-{(act.key or '').removeprefix(KEY_OF_CHANGE)}"


def lock_transfer(item_ids: Sequence[int], request: Transfer) -> None:
    """Lock what gives and what takes, in key order."""
    giving = SourceItem.objects.filter(pk__in=item_ids).order_by("pk")
    keys = giving.values_list("product_id", "source_id")
    locked_items(
        TransferredUnits(product, source, request.to_source_id, ZERO) for product, source in keys
    )


def read_transfer(values: Mapping[str, Any]) -> Transfer:
    quantity, expected_on = values["quantity"], values.get("expected_on")
    return Transfer(
        values["to_source_id"],
        None if quantity is None else Decimal(quantity),
        None if expected_on is None else date.fromisoformat(expected_on),
        values.get("reference", ""),
    )


TRANSFER = row_action(
    plan=plan_transfer,
    lock=lock_transfer,
    write=write_transfer,
    read=read_transfer,
    is_difference=True,
)


@dataclass(frozen=True, slots=True)
class TransferBack:
    """Where the units went, and the entries of history of those that were moved back already."""

    to_source_id: int
    returned_entry_ids: tuple[UUID, ...]


def plan_back(changes: Mapping[int, RowChange], moved: TransferBack) -> list[BulkRow]:
    """Return a row for each source item that gave units."""
    giving = {pk: row for pk, row in changes.items() if _gave(row, moved)}
    done = set(row_changes(SourceItem, list(giving), moved.returned_entry_ids))
    products = {row.any_values["product_id"] for row in giving.values()}
    found = SourceItem.objects.filter(product__in=products).select_related("product", "source")
    items = {(item.product_id, item.source_id): item for item in found}
    taken: dict[ItemKey, Decimal] = {}
    return [_row_back(row, items, taken, moved, is_done=pk in done) for pk, row in giving.items()]


def lock_back(changes: Mapping[int, RowChange], moved: TransferBack) -> None:
    """Lock what gives and what takes, in key order."""
    locked_items(_units_back(row, moved, ZERO) for row in changes.values() if _gave(row, moved))


def write_back(
    rows: Sequence[BulkRow], changes: Mapping[int, RowChange], moved: TransferBack
) -> None:
    """Move them."""
    by_key = {key_of(SourceItem, pk): row for pk, row in changes.items()}
    transfer([_units_back(by_key[row.key], moved, _quantity_back(by_key[row.key])) for row in rows])


def _gave(row: RowChange, moved: TransferBack) -> bool:
    return row.any_values["source_id"] != moved.to_source_id and row.before is not None


def _quantity_back(row: RowChange) -> Decimal:
    before, left = row.before or {}, row.left or {}
    quantity: Decimal = before["quantity"] - left["quantity"]
    return quantity


def _units_back(row: RowChange, moved: TransferBack, quantity: Decimal) -> TransferredUnits:
    values = row.any_values
    return TransferredUnits(values["product_id"], moved.to_source_id, values["source_id"], quantity)


def _row_back(
    row: RowChange,
    items: Mapping[ItemKey, SourceItem],
    taken: dict[ItemKey, Decimal],
    moved: TransferBack,
    *,
    is_done: bool,
) -> BulkRow:
    values = row.any_values
    there_at = values["product_id"], moved.to_source_id
    item = items.get((values["product_id"], values["source_id"]))
    there = items.get(there_at)
    key, quantity = key_of(SourceItem, row.row_id), _quantity_back(row)
    if item is None or there is None:
        left = (Shift("quantity", (row.left or {})["quantity"], None),)
        known = item or there
        sku = known.product.sku if known else f"#{values['product_id']}"
        names = (sku, item.source.code if item else "")
        return BulkRow(key, names, left, Sentence(OTHER_NOT_ASSIGNED))
    names = item.product.sku, item.source.code
    if is_done:
        return BulkRow(key, names, (Shift("quantity", item.quantity, item.quantity),))
    sent = taken.get(there_at, ZERO)
    free = there.quantity - there.allocated - sent
    refusal = None
    if free < quantity:
        told = {"free": format_quantity(free), "quantity": format_quantity(there.quantity)}
        refusal = Sentence(TOO_FEW, told)
    elif found := fractions_in(_units_back(row, moved, quantity), (item, there)):
        refusal = refusal_of(found[0].error)
    else:
        taken[there_at] = sent + quantity
    shifts = (
        Shift("quantity", item.quantity, item.quantity + quantity),
        Shift("quantity_there", there.quantity - sent, there.quantity - sent - quantity),
    )
    return BulkRow(key, names, shifts, refusal)
