"""Who changed what, when: one event per changed row, written by triggers.

They see every write, also ``update()``, bulk writes and COPY. What operations move all day long
(``allocated``, and ``version`` with it) is left out: it changes with every order and has its own
ledger.
"""

import pghistory

from inventory.models.configuration import InventoryConfiguration
from inventory.models.future_supply import FutureSupply
from inventory.models.product import Product
from inventory.models.source import Source, SourceItem
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
    Stock,
    StockSource,
)

# After the classes, because the columns of the options are added to them once they exist. A
# statement-level trigger that joins the old rows of an update to the new ones keeps the plan of
# its first, small call, and takes seconds over the thousands of items of a release: where rows
# change all day, updates are seen row by row, behind a condition that costs next to nothing.
for tracked in TRACKED:
    pghistory.track(
        pghistory.InsertEvent(level=pghistory.Statement),
        pghistory.UpdateEvent(level=pghistory.Row if tracked in LEFT_OUT else pghistory.Statement),
        pghistory.DeleteEvent(level=pghistory.Statement),
        exclude=LEFT_OUT.get(tracked, []),
    )(tracked)
