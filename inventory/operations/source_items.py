"""Counts and settings of source items: set, adjusted, transferred."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import connection, transaction
from django.db.models import BigIntegerField
from django.db.models.expressions import RawSQL

from inventory import downstream
from inventory.models import InventoryConfiguration, SourceItem
from inventory.models.source import SOURCE_ITEM_OPTIONS
from inventory.operations import units
from inventory.options import Backorders, OptionKind
from inventory.resolution import resolve

ZERO = Decimal(0)
NO_VERSIONS: Mapping[tuple[int, int], int] = {}
# PostgreSQL's own version of a row: the transaction that wrote it last.
VERSION = RawSQL("inventory_sourceitem.xmin::text::bigint", [], output_field=BigIntegerField())
TYPES = {
    OptionKind.YES_NO: "boolean",
    OptionKind.CHOICE: "text",
    OptionKind.QUANTITY: "numeric",
    OptionKind.WHOLE: "integer",
    OptionKind.PERIOD: "text",
}
COLUMNS = {
    "quantity": "numeric",
    "safety_stock": "numeric",
    "status": "text",
    "is_status_automatic": "boolean",
    **{option.name: TYPES[option.kind] for option in SOURCE_ITEM_OPTIONS},
}
WRITE = """
UPDATE inventory_sourceitem AS item SET {sets}
FROM unnest(%s::bigint[], {arrays}) AS new(id, {names}) WHERE item.id = new.id
""".format(
    sets=", ".join(f"{name} = new.{name}" for name in COLUMNS),
    arrays=", ".join(f"%s::{kind}[]" for kind in COLUMNS.values()),
    names=", ".join(COLUMNS),
)


class SourceItemError(Exception):
    """What was asked of source items cannot be; nothing was written."""


class StaleSourceItemError(SourceItemError):
    """A source item has changed since it was shown."""


class UnknownSourceItemError(SourceItemError):
    """A product is not held at a source; names (product id, source id)."""


@dataclass(frozen=True, slots=True)
class ItemChange:
    """New values of one product at one source; what is left out stays as it is.

    ``values`` may name ``quantity``, ``safety_stock``, ``status`` and any option of the source
    item's scope (``None`` = use default).
    """

    product_id: int
    source_id: int
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ChangedItems:
    """What a change came to; ``fallen_back`` are shipments that lost their units to a count."""

    created_count: int
    changed_count: int
    fallen_back: tuple[str, ...]


def set_items(
    changes: Sequence[ItemChange],
    *,
    now: datetime,
    actor_id: int | None = None,
    expected_versions: Mapping[tuple[int, int], int] = NO_VERSIONS,
) -> ChangedItems:
    """Set what source items hold and how they sell, all or nothing; opens the transaction.

    A row that does not exist yet is made. A count below what is allocated is allowed: shipments
    fall back, last in queue order first, and are named. A status that a person changes stays;
    one that the system wrote is undone when the quantity rises. ``expected_versions`` are those
    that were shown, by (product id, source id).

    :raises StaleSourceItemError: for a row whose version is another now.
    :raises inventory.downstream.HeldByVirtualLinesError: when virtual lines hold what must go.
    :raises django.db.IntegrityError: for a value that the database refuses, such as a negative.

    Rule: Reservations, counts.
    """
    with transaction.atomic():
        created = _make_missing(changes)
        items = _locked([change.product_id for change in changes])
        _refuse_stale(expected_versions)
        chosen = [(items[change.product_id, change.source_id], change) for change in changes]
        shortfalls = {
            item.pk: item.allocated - max(change.values["quantity"], ZERO)
            for item, change in chosen
            if item.allocated > max(change.values.get("quantity", item.quantity), ZERO)
        }
        fallen_back = _give_way(shortfalls, now=now, actor_id=actor_id)
        site = InventoryConfiguration.load().overrides()
        loosened = [item.product_id for item, change in chosen if _assign(item, change, site)]
        _write([item for item, _change in chosen])
        if loosened:
            downstream.current().units_became_available(sorted(set(loosened)))
    return ChangedItems(created, len(chosen), tuple(fallen_back))


def adjust_items(
    amounts: Mapping[tuple[int, int], Decimal],
    *,
    now: datetime,
    actor_id: int | None = None,
    expected_versions: Mapping[tuple[int, int], int] = NO_VERSIONS,
) -> ChangedItems:
    """Add to (or take from) what is on hand, by (product id, source id); opens the transaction.

    :raises UnknownSourceItemError: for a product that is not held at its source.
    :raises StaleSourceItemError: for a row whose version is another than ``expected_versions`` say.
    :raises SourceItemError: if any item would fall below 0.

    Rule: Reservations, counts.
    """
    with transaction.atomic():
        items = _locked([product_id for product_id, _source in amounts])
        for key, amount in amounts.items():
            if key not in items:
                raise UnknownSourceItemError(key)
            if items[key].quantity + amount < 0:
                raise SourceItemError(f"{items[key]} holds {items[key].quantity:f} only.")
        changes = [
            ItemChange(*key, {"quantity": items[key].quantity + amount})
            for key, amount in amounts.items()
        ]
        return set_items(changes, now=now, actor_id=actor_id, expected_versions=expected_versions)


def transfer(product_id: int, *, from_source_id: int, to_source_id: int, quantity: Decimal) -> None:
    """Move units that are not allocated from one source to another; opens the transaction.

    :raises UnknownSourceItemError: if the product is not held at both.
    :raises SourceItemError: if fewer units are unallocated.

    Rule: Reservations, transfers.
    """
    with transaction.atomic():
        items = _locked([product_id])
        missing = {from_source_id, to_source_id} - {source_id for _product, source_id in items}
        if missing:
            raise UnknownSourceItemError(product_id, *sorted(missing))
        giving, taking = items[product_id, from_source_id], items[product_id, to_source_id]
        if giving.quantity - giving.allocated < quantity:
            raise SourceItemError(
                f"{giving} has {giving.quantity - giving.allocated:f} units that are not allocated."
            )
        units.deduct({giving.pk: quantity}, allocated={})
        units.add({taking.pk: quantity})
        downstream.current().units_became_available([product_id])


def _make_missing(changes: Sequence[ItemChange]) -> int:
    wanted = {(change.product_id, change.source_id) for change in changes}
    present = set(
        SourceItem.objects.filter(product_id__in={product for product, _ in wanted}).values_list(
            "product_id", "source_id"
        )
    )
    missing = sorted(wanted - present)
    SourceItem.objects.bulk_create(
        [
            SourceItem(product_id=product, source_id=source, quantity=ZERO)
            for product, source in missing
        ],
        ignore_conflicts=True,
    )
    return len(missing)


def _locked(product_ids: Collection[int]) -> dict[tuple[int, int], SourceItem]:
    items = SourceItem.objects.filter(product_id__in=set(product_ids)).select_related(
        "product", "source"
    )
    return {(item.product_id, item.source_id): item for item in items.locked()}


def _refuse_stale(expected_versions: Mapping[tuple[int, int], int]) -> None:
    for (product_id, source_id), version in expected_versions.items():
        rows = SourceItem.objects.filter(product_id=product_id, source_id=source_id)
        if rows.annotate(version=VERSION).values_list("version", flat=True).get() != version:
            raise StaleSourceItemError(f"{product_id}, {source_id}")


def _give_way(
    shortfalls: Mapping[int, Decimal], *, now: datetime, actor_id: int | None
) -> list[str]:
    if not shortfalls:
        return []
    return downstream.current().deallocate_shortfall(shortfalls, now=now, actor_id=actor_id)


def _assign(item: SourceItem, change: ItemChange, site: Mapping[str, Any]) -> bool:
    """Give ``item`` its new values; return whether more of it may be sold or released now."""
    before = (item.quantity - item.safety_stock, item.status, item.overrides())
    was_status = item.status
    rises = change.values.get("quantity", item.quantity) > item.quantity
    for name, value in change.values.items():
        setattr(item, name, value)
    if item.status != was_status:
        item.is_status_automatic = False
    elif item.is_status_automatic and (
        (rises and item.quantity > 0) or _takes_backorders(item, site)
    ):
        item.status, item.is_status_automatic = SourceItem.Status.IN_STOCK, False
    after = (item.quantity - item.safety_stock, item.status, item.overrides())
    opens = item.status == SourceItem.Status.IN_STOCK
    return opens and (after[0] > before[0] or after[1:] != before[1:])


def _takes_backorders(item: SourceItem, site: Mapping[str, Any]) -> bool:
    in_force = resolve(
        "backorders",
        configuration=site,
        product=item.product.overrides(),
        source_item=item.overrides(),
    )
    return not item.product.is_virtual and in_force.value != Backorders.NO_BACKORDERS


def _write(items: Sequence[SourceItem]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            WRITE,
            [
                [item.pk for item in items],
                *([getattr(item, name) for item in items] for name in COLUMNS),
            ],
        )
