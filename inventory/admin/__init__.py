from inventory.admin import (
    bulk_changes,
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

__all__ = [
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
