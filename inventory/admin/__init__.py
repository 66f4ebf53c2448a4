from django.contrib import admin

from inventory.admin import (
    api_keys,
    bulk_changes,
    configuration,
    future_supply,
    import_files,
    jobs,
    low_stock,
    products,
    reservations,
    source_items,
    sources,
    stocks,
)
from inventory.admin.shown_values.deletion import delete_selected

admin.site.disable_action("delete_selected")
admin.site.add_action(delete_selected, "delete_selected")

__all__ = [
    "api_keys",
    "bulk_changes",
    "configuration",
    "future_supply",
    "import_files",
    "jobs",
    "low_stock",
    "products",
    "reservations",
    "source_items",
    "sources",
    "stocks",
]
