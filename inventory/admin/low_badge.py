"""How many source items are low, beside the menu's entry; kept a while, for every page asks."""

from django.core.cache import cache
from django.http import HttpRequest

from inventory.models import InventoryConfiguration
from inventory.queries.low_items import low_count

KEY = "inventory.low_count"
KEPT_SECONDS = 300
MOST = 1000


def low_badge(_request: HttpRequest | None) -> str:
    """Return the count as the menu shows it: nothing for 0, and no more than 999+."""
    count: int = cache.get_or_set(KEY, _count, KEPT_SECONDS) or 0
    if count >= MOST:
        return f"{MOST - 1}+"
    return str(count) if count else ""


def _count() -> int:
    return low_count(configuration=InventoryConfiguration.load(), most=MOST)
