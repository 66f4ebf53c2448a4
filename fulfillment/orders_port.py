"""What fulfillment answers to orders (:class:`orders.ports.OrdersPort`)."""

from fulfillment.operations.delays.customer_page import answer_delays, asked_delays
from fulfillment.operations.delays.notice import write_delays
from fulfillment.operations.delays.requests import ask_delays_again
from fulfillment.operations.moves.change_holds import confirm_added_lines, hold_for_change
from fulfillment.operations.moves.method_change import route_again
from fulfillment.operations.moves.packing_slips import mark_slips_out_of_date
from fulfillment.operations.moves.reassignment import choose_sources_again
from fulfillment.operations.moves.withdrawal import units_on, withdraw_units
from fulfillment.operations.payments import lift_payment_holds, refuse_authorization
from fulfillment.operations.placing.routing import route_order
from fulfillment.operations.placing.shipment_rows import write_routed_order
from fulfillment.operations.placing.virtual_lines import end_virtual_allocations
from fulfillment.operations.shipments.arrivals import follow_payments
from fulfillment.operations.shipments.complete_orders import follow_ship_complete
from fulfillment.operations.shipments.date_emails import keep_undated, restate_date
from fulfillment.operations.shipments.dates import confirm_dates
from fulfillment.operations.shipments.locking import lock_open_shipments
from fulfillment.queries.delay_requests import delay_requests_of
from fulfillment.queries.order_shipments import (
    orders_served_by,
    orders_to_ship,
    orders_with_exceptions,
    shipment_history,
    shipments_of,
    shipments_of_orders,
    shipped_from,
    waiting_orders,
)

__all__ = [
    "answer_delays",
    "ask_delays_again",
    "asked_delays",
    "choose_sources_again",
    "confirm_added_lines",
    "confirm_dates",
    "delay_requests_of",
    "end_virtual_allocations",
    "follow_payments",
    "follow_ship_complete",
    "hold_for_change",
    "keep_undated",
    "lift_payment_holds",
    "lock_open_shipments",
    "mark_slips_out_of_date",
    "orders_served_by",
    "orders_to_ship",
    "orders_with_exceptions",
    "refuse_authorization",
    "restate_date",
    "route_again",
    "route_order",
    "shipment_history",
    "shipments_of",
    "shipments_of_orders",
    "shipped_from",
    "units_on",
    "waiting_orders",
    "withdraw_units",
    "write_delays",
    "write_routed_order",
]
