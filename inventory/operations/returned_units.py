"""Puts returned units back on hand."""

from collections.abc import Mapping
from decimal import Decimal

from inventory import ports
from inventory.models import InventoryConfiguration
from inventory.operations import units
from inventory.operations.missing_items import locked_item_ids


def put_back(quantities: Mapping[tuple[int, int], Decimal]) -> None:
    """Add units on hand, by (product id, source id); a row that is gone is made again.

    An Out of Stock that the system wrote is undone only if `set_in_stock_on_return` says so. A
    release run follows. Runs inside the caller's transaction.

    Rule: Reservations, refunded and returned to stock.
    """
    wanted = {key: quantity for key, quantity in quantities.items() if quantity}
    if not wanted:
        return
    ids = locked_item_ids(wanted)
    restores = InventoryConfiguration.load().in_force("set_in_stock_on_return")
    units.add({ids[key]: quantity for key, quantity in wanted.items()}, restores_status=restores)
    ports.current().note_arrival(sorted({product_id for product_id, _source in wanted}))
