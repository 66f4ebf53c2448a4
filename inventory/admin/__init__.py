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
from inventory.admin.bulk import changes

__all__ = [
    "back_in_stock",
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
