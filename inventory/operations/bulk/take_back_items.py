"""Takes changes of source items back; one that was made is removed if nothing used it since."""

from collections.abc import Collection, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from core.acts import Act
from core.operations.bulk.row_plans import BulkRow, Shift
from core.text import Sentence
from core.text import gettext_noop as _
from inventory import ports
from inventory.holders import Holder, why_units_stay
from inventory.models import InventoryConfiguration, Product, Source, SourceItem
from inventory.operations import item_rows
from inventory.operations.bulk.fractions import fraction_refusal, refuse_for_fractions
from inventory.operations.bulk.options import item_refusal
from inventory.operations.bulk.product_assignment import unassignment_row
from inventory.operations.bulk.reversal import (
    CHANGED_SINCE,
    Reversal,
    recreate,
    restore,
)
from inventory.operations.source_items import ItemChange, set_items, stage_changes, unassign
from inventory.options import BY_NAME, Scope, options_for
from inventory.queries.decimals import ItemKey, conflicts_of_items
from inventory.queries.row_changes import RowChange, columns_of, key_of
from inventory.resolution import Values, uses_decimals

USED_SINCE = _("It was used since, so it stays. Unassign it where it is not wanted.")
SOURCE_ITEM_NAMES = tuple(option.name for option in options_for(Scope.SOURCE_ITEM))
STATUS_OUT = SourceItem.Status.OUT_OF_STOCK


@dataclass(frozen=True, slots=True)
class _Now:
    """What is there now: items by key, who holds units of them, what was used since, names."""

    items: Mapping[ItemKey, SourceItem]
    holders: Mapping[int, Sequence[Holder]]
    used: Collection[int]
    products: Mapping[int, Product]
    codes: Mapping[int, str]
    site: Values


def plan(changes: Sequence[RowChange]) -> list[BulkRow]:
    """Return what each source item gets back."""
    now = _read(changes)
    rows = [_row_of(row, now) for row in changes]
    left = conflicts_of_items(_switched_off(changes, rows, now))
    return [
        refuse_for_fractions(
            row, left.get(change.any_values["product_id"]) if _sets_decimals(row) else None
        )
        for change, row in zip(changes, rows, strict=True)
    ]


def _sets_decimals(row: BulkRow) -> bool:
    return row.is_change and any(shift.name == "qty_uses_decimals" for shift in row.shifts)


def _switched_off(
    changes: Sequence[RowChange], rows: Sequence[BulkRow], now: _Now
) -> list[SourceItem]:
    """Return the items that would use decimals no longer, with the quantities they get."""
    found = []
    for change, row in zip(changes, rows, strict=True):
        key = change.any_values["product_id"], change.any_values["source_id"]
        if not _sets_decimals(row) or key not in now.items:
            continue
        item, product = copy(now.items[key]), now.items[key].product.overrides()
        used = uses_decimals(product, item.overrides())
        for shift in row.shifts:
            setattr(item, shift.name, shift.after)
        if used and not uses_decimals(product, item.overrides()):
            found.append(item)
    return found


def lock(changes: Sequence[RowChange]) -> None:
    """Lock shipments that would lose their units, then the items, in key order."""
    there = [
        _change(change, row)
        for change, row in zip(changes, plan(changes), strict=True)
        if row.is_change and change.left is not None
    ]
    if there:
        stage_changes(there)
        item_rows.lock_items()


def write(rows: Sequence[tuple[RowChange, BulkRow]], act: Act, *, today: date) -> None:
    """Write the former values, remove what was made, and make what was removed."""
    made = [row for row, _row in rows if row.before is None]
    new_items = SourceItem.objects.filter(pk__in=[row.row_id for row in made])
    unassign(list(new_items.values_list("pk", flat=True)))
    others = [(change, row) for change, row in rows if change.before is not None]
    # A status is what it was, whoever wrote it; what the system wrote is marked next.
    item_changes = [_change(*pair) for pair in others]
    set_items(item_changes, act, is_by_person=True)
    _mark_as_automatic([row for row, _row in others])


def affected_shipments(rows: Mapping[int, BulkRow], *, today: date) -> set[str]:
    """Return the shipments that would lose their units; ``rows`` are by item id."""
    targets = {pk: quantity for pk, row in rows.items() if (quantity := _target(row)) is not None}
    items = SourceItem.objects.filter(pk__in=targets).values_list("pk", "allocated")
    shortfalls = {pk: held - targets[pk] for pk, held in items if held > targets[pk]}
    return set(ports.current().would_give_way(shortfalls)) if shortfalls else set()


def _target(row: BulkRow) -> Decimal | None:
    """Return the quantity that an item gets, if it gets one."""
    found = [shift.after for shift in row.shifts if shift.name == "quantity"]
    return found[0] if found else None


def _change(change: RowChange, row: BulkRow) -> ItemChange:
    """Return what to write; a status that stays is named, so that no rule gives it another."""
    values = change.any_values
    key = values["product_id"], values["source_id"]
    if change.left is None and change.before is not None:
        names = item_rows.COLUMNS
        return ItemChange(*key, {name: change.before[name] for name in names})
    if change.before is None:
        return ItemChange(*key, {})
    wanted = {shift.name: shift.after for shift in row.shifts}
    if "quantity" in wanted and change.before["status"] == values["status"]:
        wanted["status"] = values["status"]
    return ItemChange(*key, wanted)


def _mark_as_automatic(rows: Sequence[RowChange]) -> None:
    """Say of an Out of Stock that the system had written that it did, as before."""
    for row in rows:
        before = row.before or {}
        if before["is_status_automatic"]:
            SourceItem.objects.filter(
                product=before["product_id"], source=before["source_id"], status=STATUS_OUT
            ).update(is_status_automatic=True)


def _read(changes: Sequence[RowChange]) -> _Now:
    products = {row.any_values["product_id"] for row in changes}
    sources = {row.any_values["source_id"] for row in changes}
    found = SourceItem.objects.filter(product__in=products, source__in=sources)
    items = {
        (item.product_id, item.source_id): item
        for item in found.select_related("product", "source")
    }
    allocated = [item.pk for item in items.values() if item.allocated]
    return _Now(
        items=items,
        holders=ports.current().holders(allocated) if allocated else {},
        used=_used([row for row in changes if row.before is None]),
        products=Product.objects.in_bulk(products),
        codes=dict(Source.objects.filter(pk__in=sources).values_list("pk", "code")),
        site=InventoryConfiguration.load().overrides(),
    )


def _used(made: Sequence[RowChange]) -> set[int]:
    """Return those of the items that were made that have been changed after that."""
    if not made:
        return set()
    events: Any = SourceItem._meta.get_field("events").related_model
    found = events.objects.filter(pgh_obj_id__in=[row.row_id for row in made], pgh_label="update")
    return set(found.values_list("pgh_obj_id", flat=True))


def _row_of(row: RowChange, now: _Now) -> BulkRow:
    values = row.any_values
    product_id, source_id = values["product_id"], values["source_id"]
    item = now.items.get((product_id, source_id))
    if item is not None and item.pk != row.row_id and row.left is not None:
        item = None
    found = _reversal(row, item, now)
    product = now.products.get(product_id)
    sku = f"#{product_id}" if product is None else product.sku
    names = sku, now.codes.get(source_id, f"#{source_id}")
    return BulkRow(key_of(SourceItem, row.row_id), names, found.shifts, found.refusal)


def _reversal(row: RowChange, item: SourceItem | None, now: _Now) -> Reversal:
    is_now = None if item is None else {n: getattr(item, n) for n in columns_of(SourceItem)}
    if row.left is None:
        before = row.before or {}
        again = recreate(before, is_now, ("quantity", "status"))
        product = now.products.get(row.any_values["product_id"])
        if is_now is not None or product is None:
            return again
        own = {name: before[name] for name in SOURCE_ITEM_NAMES}
        told = fraction_refusal(before, product=product.overrides(), source_item=own)
        return Reversal(again.shifts, told)
    if row.before is None:
        return _undo_assignment(row.left, item, is_now, now)
    found = restore(row.before, row.left, is_now)
    if found.refusal is not None or item is None:
        return found
    return Reversal(found.shifts, _hindrance(item, found, now))


def _undo_assignment(
    left: Values, item: SourceItem | None, is_now: Values | None, now: _Now
) -> Reversal:
    if item is None or is_now is None:
        return Reversal((Shift("assigned", False, False),))
    since = tuple(Shift(n, left[n], is_now[n]) for n in left if left[n] != is_now[n])
    if since:
        return Reversal(since, Sentence(CHANGED_SINCE))
    ended = unassignment_row(item, now.holders.get(item.pk, []))
    if ended.refusal is None and item.pk in now.used:
        return Reversal(ended.shifts, Sentence(USED_SINCE))
    return Reversal(ended.shifts, ended.refusal)


def _hindrance(item: SourceItem, found: Reversal, now: _Now) -> Sentence | None:
    """Return what forbids the former values by now."""
    values = {shift.name: shift.after for shift in found.shifts}
    if "quantity" in values:
        held = why_units_stay(now.holders.get(item.pk, ()), values["quantity"])
        if held is not None:
            return held
    own = item.overrides()
    becomes = {name: values.get(name, own[name]) for name in own}
    fraction = fraction_refusal(values, product=item.product.overrides(), source_item=becomes)
    if fraction is not None or not values.keys() & BY_NAME.keys():
        return fraction
    return item_refusal(item, becomes, site=now.site)
