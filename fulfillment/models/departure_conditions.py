"""Which shipments may leave, as conditions of their rows."""

from django.db.models import F, Q

from orders.models import Order
from orders.ports import ShipmentState

# What may be picked, packed and shipped, as :attr:`fulfillment.models.Shipment.may_leave`.
MAY_LEAVE = (
    Q(state=ShipmentState.READY, is_held=False)
    & ~Q(order__status__in=Order.UNPAID)
    & (Q(pickup_source=None) | Q(pickup_source=F("source")))
)
# What staff can ship now; pickups that are set aside wait for their customers.
TO_SHIP = MAY_LEAVE & Q(set_aside_at=None)
