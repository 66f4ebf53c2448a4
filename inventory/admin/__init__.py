from inventory.admin import (
    back_in_stock,
    configuration,
    future_supply,
    import_files,
    low_stock,
    products,
    reservations,
    source_items,
    sources,
    stocks,
)
from inventory.admin.bulk import bulk_changes

__all__ = [
    "back_in_stock",
    "bulk_changes",
    "configuration",
    "future_supply",
    "import_files",
    "low_stock",
    "products",
    "reservations",
    "source_items",
    "sources",
    "stocks",
]
