"""Puts returned units back on hand."""

from collections.abc import Collection, Mapping
from decimal import Decimal

from inventory import ports
from inventory.models import InventoryConfiguration, SourceItem
from inventory.models.source_item import SourceItemQuerySet
from inventory.operations import units


def put_back(quantities: Mapping[tuple[int, int], Decimal]) -> None:
    """Add units on hand, by (product id, source id); a row that is gone is made again.

    An Out of Stock that the system wrote is undone only if `set_in_stock_on_return` says so. A
    release run follows. Runs inside the caller's transaction.

    Rule: Reservations, refunded and returned to stock.
    """
    wanted = {key: quantity for key, quantity in quantities.items() if quantity}
    if not wanted:
        return
    held = make_items(wanted)
    ids = {(item.product_id, item.source_id): item.pk for item in held.locked()}
    restores = InventoryConfiguration.load().in_force("set_in_stock_on_return")
    units.add({ids[key]: quantity for key, quantity in wanted.items()}, restores_status=restores)
    ports.current().note_arrival(sorted({product_id for product_id, _source in wanted}))


def make_items(keys: Collection[tuple[int, int]]) -> SourceItemQuerySet:
    """Make the source items, by (product id, source id), that there are none of yet.

    Returns all items of these products. Runs inside the caller's transaction.
    """
    held = SourceItem.objects.filter(product_id__in={product_id for product_id, _source in keys})
    present = set(held.values_list("product_id", "source_id"))
    SourceItem.objects.bulk_create(
        [
            SourceItem(product_id=product_id, source_id=source_id)
            for product_id, source_id in sorted(set(keys) - present)
        ],
        ignore_conflicts=True,
    )
    return held
