"""What fulfillment answers to orders (:class:`orders.ports.Downstream`)."""

from fulfillment.operations.moves.withdrawal import end_units, units_on
from fulfillment.operations.payments.holds import refuse, secure
from fulfillment.operations.placing.routing import route_order
from fulfillment.operations.placing.shipment_rows import write_routed_order
from fulfillment.operations.placing.virtual_lines import end_virtual_allocations
from fulfillment.queries.order_shipments import (
    expected_dates,
    happenings_of,
    orders_served_by,
    shipments_of,
    shipments_of_orders,
    shipped_from,
    waiting_orders,
)

__all__ = [
    "end_units",
    "end_virtual_allocations",
    "expected_dates",
    "happenings_of",
    "orders_served_by",
    "refuse",
    "route_order",
    "secure",
    "shipments_of",
    "shipments_of_orders",
    "shipped_from",
    "units_on",
    "waiting_orders",
    "write_routed_order",
]
