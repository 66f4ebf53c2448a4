"""What fulfillment answers to the inventory (:class:`inventory.ports.InventoryPort`)."""

from fulfillment.operations.moves.bars import end_bars
from fulfillment.operations.moves.preorders import move_preorders
from fulfillment.operations.shipments.arrivals import note_arrival
from fulfillment.operations.shipments.shortfalls import (
    deallocate_shortfall,
    holders,
    lock_giving_way,
    would_give_way,
)
from fulfillment.operations.supply.lost_dates import free_dates
from fulfillment.operations.supply.promises import (
    break_promises,
    lock_promises,
    lock_with_supply,
    move_promises,
    promises,
    supply_arrived,
)
from fulfillment.operations.supply.receipts import served_by, take_from_served
from fulfillment.queries.fractions import orders_of_fractions

__all__ = [
    "break_promises",
    "deallocate_shortfall",
    "end_bars",
    "free_dates",
    "holders",
    "lock_giving_way",
    "lock_promises",
    "lock_with_supply",
    "move_preorders",
    "move_promises",
    "note_arrival",
    "orders_of_fractions",
    "promises",
    "served_by",
    "supply_arrived",
    "take_from_served",
    "would_give_way",
]
