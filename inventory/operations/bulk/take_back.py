"""Bulk: give the rows of an import or a bulk change their former values back."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from core.acts import Act
from core.models import BulkChange
from core.operations.bulk.row_plans import BulkRow
from inventory.models import FutureSupply, ImportFile, Product, SourceItem
from inventory.operations.bulk import (
    take_back_items,
    take_back_products,
    take_back_supply,
    take_back_transit,
)
from inventory.operations.bulk.actions import Action
from inventory.operations.bulk.items import row_action
from inventory.operations.bulk.transfer import TransferBack, lock_back, plan_back, write_back
from inventory.queries.row_changes import changed_keys, ids_by_model, key_of, row_changes

PARTS: Mapping[type, Any] = {
    Product: take_back_products,
    SourceItem: take_back_items,
    FutureSupply: take_back_supply,
}


@dataclass(frozen=True, slots=True)
class TakeBack:
    """The entries of history that are taken back; ``moved`` for a transfer, which is a difference:
    its units are moved back; of one that ``is_sent`` what is still on its way is canceled.
    ``today`` is the site's, when it was asked for.
    """

    entry_ids: tuple[UUID, ...]
    today: date
    moved: TransferBack | None = None
    is_sent: bool = False


def is_sent(change: BulkChange | ImportFile) -> bool:
    """Whether it is a transfer whose units were sent, to be received later."""
    return (
        isinstance(change, BulkChange)
        and change.action == Action.TRANSFER
        and change.values.get("expected_on") is not None
    )


def values_of(change: BulkChange | ImportFile, *, today: date) -> dict[str, Any]:
    """Return the request to take an import or a bulk change back, as it is kept."""
    kind = "bulk_change" if isinstance(change, BulkChange) else "import_file"
    return {kind: change.pk, "today": today.isoformat()}


def read(values: Mapping[str, Any]) -> TakeBack:
    today = date.fromisoformat(values["today"])
    if "import_file" in values:
        file = ImportFile.objects.only("context_id").get(pk=values["import_file"])
        return TakeBack(() if file.context_id is None else (file.context_id,), today)
    change = BulkChange.objects.defer("row_ids").get(pk=values["bulk_change"])
    entry_ids = tuple(change.entry_ids)
    if change.action != Action.TRANSFER:
        return TakeBack(entry_ids, today)
    if is_sent(change):
        return TakeBack(entry_ids, today, is_sent=True)
    earlier = BulkChange.objects.filter(action=Action.TAKE_BACK, values__bulk_change=change.pk)
    found = earlier.order_by("pk").values_list("entry_ids", flat=True)
    returned = tuple(entry_id for ids in found for entry_id in ids)
    return TakeBack(entry_ids, today, TransferBack(change.values["to_source_id"], returned))


def keys_of(request: TakeBack) -> list[int]:
    """Return the keys of the rows that were changed and can be taken back."""
    keys = changed_keys(request.entry_ids)
    if request.is_sent:
        return [key_of(FutureSupply, pk) for pk in _supply_ids(keys)]
    if request.moved is None:
        return keys
    ids = ids_by_model(keys).get(SourceItem, [])
    rows = row_changes(SourceItem, ids, request.entry_ids).values()
    target = request.moved.to_source_id
    return [key_of(SourceItem, r.row_id) for r in rows if r.any_values["source_id"] != target]


def plan(keys: Sequence[int], request: TakeBack, _act: Act | None = None) -> list[BulkRow]:
    """Return a row for each row that was changed, in the order of the keys."""
    if request.is_sent:
        return take_back_transit.plan(_supply_ids(keys))
    planned: dict[int, BulkRow] = {}
    for model, ids in ids_by_model(keys).items():
        changes = row_changes(model, ids, request.entry_ids)
        if request.moved is None:
            rows = PARTS[model].plan([changes[pk] for pk in ids if pk in changes])
        else:
            rows = plan_back(changes, request.moved)
        planned.update((row.key, row) for row in rows)
    return [planned[key] for key in keys if key in planned]


def lock(keys: Sequence[int], request: TakeBack) -> None:
    """Lock what will change: products, then shipments that lose units, then items and supply."""
    if request.is_sent:
        take_back_transit.lock(_supply_ids(keys))
        return
    for model, ids in ids_by_model(keys).items():
        changes = row_changes(model, ids, request.entry_ids)
        if request.moved is None:
            PARTS[model].lock([changes[pk] for pk in ids if pk in changes])
        else:
            lock_back(changes, request.moved)


def write(rows: Sequence[BulkRow], request: TakeBack, act: Act) -> None:
    """Write the values that rows had."""
    if request.is_sent:
        take_back_transit.write(_supply_ids(row.key for row in rows), act)
        return
    by_key = {row.key: row for row in rows}
    for model, ids in ids_by_model(by_key).items():
        changes = row_changes(model, ids, request.entry_ids)
        changing = [(changes[pk], by_key[key_of(model, pk)]) for pk in ids]
        if request.moved is None:
            PARTS[model].write(changing, act, today=request.today)
        else:
            write_back([row for _change, row in changing], changes, request.moved)


def affected_shipments(keys: Sequence[int], request: TakeBack) -> list[str]:
    """Return the shipments that would lose their units, or their promise."""
    if request.moved is not None:
        return []
    if request.is_sent:
        ids = _supply_ids(keys)
        return sorted(take_back_transit.affected_shipments(plan(keys, request), ids))
    changing = {row.key: row for row in plan(keys, request) if row.is_change}
    affected: set[str] = set()
    for model, ids in ids_by_model(changing).items():
        rows = {pk: changing[key_of(model, pk)] for pk in ids}
        affected |= PARTS[model].affected_shipments(rows, today=request.today)
    return sorted(affected)


def _supply_ids(keys: Iterable[int]) -> list[int]:
    return ids_by_model(keys).get(FutureSupply, [])


TAKE_BACK = row_action(plan=plan, lock=lock, write=write, read=read)
