"""Which source items are low."""

from django.db.models import F, Q, Value
from django.db.models.functions import Coalesce

from inventory.models import InventoryConfiguration
from inventory.queries.product_list import effective


def low_item(*, configuration: InventoryConfiguration) -> Q:
    """Return the condition under which a source item is low, whatever its status.

    Rule: Low stock.
    """
    site = configuration.overrides()
    below = Coalesce(
        F("notify_quantity_below"),
        F("product__notify_quantity_below"),
        Value(effective("notify_quantity_below", site)),
    )
    managed = Q(product__manage_stock=True)
    if effective("manage_stock", site):
        managed |= Q(product__manage_stock=None)
    return managed & Q(quantity__lt=below, source__is_enabled=True, product__is_enabled=True)
