"""What bulk actions share: rows, locks, the batch."""

from collections.abc import Callable, Sequence
from typing import Any

from core.operations.bulk.row_plans import RowAction, lock_nothing
from inventory.models import InventoryConfiguration, SourceItem


def read_items(item_ids: Sequence[int]) -> list[SourceItem]:
    """Return the items in the order of their keys given; those that are gone are left out."""
    found = SourceItem.objects.select_related("product", "source").in_bulk(list(item_ids))
    return [found[key] for key in item_ids if key in found]


def lock_items(item_ids: Sequence[int], _request: Any) -> None:
    """Lock the items in key order, in the caller's transaction."""
    list(SourceItem.objects.filter(pk__in=item_ids).locked().values_list("pk"))


def row_action(
    *, lock: Callable[[Sequence[int], Any], None] = lock_nothing, **described: Any
) -> RowAction[Any]:
    """Return an action that is all or nothing up to a batch; no option changes meanwhile."""

    def hold_and_lock(keys: Sequence[int], request: Any) -> None:
        InventoryConfiguration.hold()
        lock(keys, request)

    return RowAction(
        lock=hold_and_lock,
        at_once=batch_size,
        is_all_or_nothing=True,
        has_history=True,
        **described,
    )


def batch_size() -> int:
    """Return how many rows are changed at once; a worker changes more."""
    size: int = InventoryConfiguration.load().in_force("bulk_batch_size")
    return size
