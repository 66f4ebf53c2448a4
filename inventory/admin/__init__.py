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
