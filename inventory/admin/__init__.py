from inventory.admin import (
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
from inventory.admin.bulk import changes

__all__ = [
    "changes",
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
