"""The source items that bulk actions look at."""

from collections.abc import Sequence
from typing import Any

from inventory.models import SourceItem


def read_items(item_ids: Sequence[int]) -> list[SourceItem]:
    """Return the items in the order of their keys given; those that are gone are left out."""
    found = SourceItem.objects.select_related("product", "source").in_bulk(list(item_ids))
    return [found[key] for key in item_ids if key in found]


def lock_items(item_ids: Sequence[int], _request: Any) -> None:
    """Lock the items in key order, in the caller's transaction."""
    list(SourceItem.objects.filter(pk__in=item_ids).locked().values_list("pk"))
