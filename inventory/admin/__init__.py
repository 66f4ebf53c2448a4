from inventory.admin import (
    configuration,
    future_supply,
    products,
    reservations,
    source_items,
    sources,
    stocks,
)

__all__ = [
    "configuration",
    "future_supply",
    "products",
    "reservations",
    "source_items",
    "sources",
    "stocks",
]
