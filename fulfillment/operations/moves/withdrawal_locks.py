"""Locks what several withdrawals of one transaction need, each kind of row at once.

Rule: Rows are locked in one order: order, shipments, source items, future supply, counters.
"""

from collections.abc import Sequence

from fulfillment.models import ShipmentLine
from fulfillment.operations.shipments.allocation_counters import QUEUES, QueueKey
from inventory.models import FutureSupply, SourceItem
from inventory.operations.ledger import BALANCES
from orders.models import OrderLine


def lock_for_withdrawals(lines: Sequence[ShipmentLine]) -> None:
    """Lock what units on these shipment lines hold, and the queues that they wait in.

    Runs in the caller's transaction, which has locked the orders with their open shipments and is
    to take the lines off one after another: each withdrawal alone would lock its own supply and
    counters after those of the one before it. The lines have their ``shipment``.
    """
    keys = {(line.product_id, line.shipment.stock_id) for line in lines}
    orders = {line.shipment.order_id for line in lines}
    of_orders = OrderLine.objects.filter(order__in=orders).values("product_id")
    list(SourceItem.objects.filter(product_id__in=of_orders).locked().values_list("pk"))
    promised = FutureSupply.objects.filter(allocations__shipment_line__in=lines)
    supply = FutureSupply.objects.filter(pk__in=promised.values("pk"))
    list(supply.locked().values_list("pk"))
    QUEUES.hold(
        {
            QueueKey(line.product_id, line.shipment.stock_id, line.shipment.pickup_source_id)
            for line in lines
        }
    )
    BALANCES.hold(keys)
