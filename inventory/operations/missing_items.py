"""Missing source items: made where units are put to one that is gone."""

from collections.abc import Collection

from inventory.models import SourceItem
from inventory.models.source_item import SourceItemQuerySet
from inventory.queries.decimals import ItemKey


def make_items(keys: Collection[ItemKey]) -> SourceItemQuerySet:
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


def locked_item_ids(keys: Collection[ItemKey]) -> dict[ItemKey, int]:
    """Return the source items of (product id, source id), locked; one that was missing is made.

    Runs inside the caller's transaction.
    """
    wanted = set(keys)
    found = make_items(wanted).filter(source_id__in={source_id for _product, source_id in wanted})
    by_key = {(item.product_id, item.source_id): item.pk for item in found.order_by("pk")}
    ids = {key: by_key[key] for key in wanted}
    list(SourceItem.objects.filter(pk__in=ids.values()).locked().values_list("pk"))
    return ids
