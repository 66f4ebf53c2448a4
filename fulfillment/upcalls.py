"""What fulfillment answers to the apps it builds on."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from fulfillment.operations.placing import route_order, write_routed_order
from fulfillment.operations.unpaid import cancel_unpaid_order
from fulfillment.operations.virtual_lines import end_virtual_allocations
from orders.downstream import OrderToRoute, RoutedOrder, WrittenOrder


class OrdersDownstream:
    """The upcalls of orders (:class:`orders.downstream.Downstream`)."""

    def route(self, order: OrderToRoute) -> RoutedOrder:
        return route_order(order)

    def write_shipments(
        self,
        written: WrittenOrder,
        order: OrderToRoute,
        routed: RoutedOrder,
        *,
        now: datetime,
        actor_id: int | None,
    ) -> None:
        write_routed_order(written, order, routed, now=now, actor_id=actor_id)

    def end_virtual_allocations(self, quantities: Mapping[int, Decimal]) -> Mapping[int, Decimal]:
        return end_virtual_allocations(quantities)

    def cancel_open(
        self, order_id: int, *, now: datetime, actor_id: int | None, reason: str
    ) -> None:
        cancel_unpaid_order(order_id, now=now, actor_id=actor_id, reason=reason)
