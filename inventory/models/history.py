"""Whose history is kept.

What operations move all day long (``allocated``, and ``version`` with it) is left out: it changes
with every order and has its own ledger.
"""

from core.models.history import keep_history
from inventory.models.configuration import InventoryConfiguration
from inventory.models.future_supply import FutureSupply
from inventory.models.product import Product
from inventory.models.sales_channel import SalesChannel
from inventory.models.source import Source
from inventory.models.source_item import SourceItem
from inventory.models.stock import Stock, StockSource

LEFT_OUT: dict[type, list[str]] = {
    SourceItem: ["allocated", "version"],
    FutureSupply: ["allocated_quantity"],
}
TRACKED = (
    InventoryConfiguration,
    Product,
    Source,
    SourceItem,
    FutureSupply,
    SalesChannel,
    Stock,
    StockSource,
)

# After the classes, because the columns of the options are added to them once they exist.
for tracked in TRACKED:
    keep_history(tracked, left_out=LEFT_OUT.get(tracked, []), by_row=tracked in LEFT_OUT)
