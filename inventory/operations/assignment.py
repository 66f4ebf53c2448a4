"""Takes products off sources."""

from collections.abc import Callable, Collection, Mapping
from typing import Any

from django.db import transaction

from core.operations.stale_rows import nothing_compared
from inventory.models import SourceItem
from inventory.operations.source_items import SourceItemError, StaleSourceItemError

NOTHING_EXPECTED: Mapping[int, Mapping[str, Any]] = {}


class StillAllocatedError(SourceItemError):
    """Units are allocated there; ``items`` are the source items that hold them."""

    def __init__(self, items: list[SourceItem]) -> None:
        super().__init__(", ".join(str(item) for item in items))
        self.items = items


def unassign(
    source_item_ids: Collection[int],
    *,
    expected: Mapping[int, Mapping[str, Any]] = NOTHING_EXPECTED,
    compare: Callable[[], None] = nothing_compared,
) -> None:
    """Unassign source items, all or none; opens the transaction.

    ``expected`` are the values that an item must still have, by id; ``compare`` is called once
    the items are locked, and may refuse them.

    :raises StaleSourceItemError: for an item with another value than expected.
    :raises StillAllocatedError: while units are allocated at any of them.

    Rule: Bulk work, unassign.
    """
    with transaction.atomic():
        chosen = SourceItem.objects.filter(pk__in=source_item_ids)
        items = list(chosen.select_related("product", "source").locked())
        compare()
        holding = [item for item in items if item.allocated]
        if any(
            getattr(item, name) != value
            for item in items
            for name, value in expected.get(item.pk, {}).items()
        ):
            raise StaleSourceItemError(", ".join(map(str, items)))
        if holding:
            raise StillAllocatedError(holding)
        SourceItem.objects.filter(pk__in=[item.pk for item in items]).delete()
