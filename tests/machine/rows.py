"""Everything that a change of shipments may write, without the keys that the database counts up."""

from typing import Any

from tests.machine.judge import rows_of

ROWS = {
    "orders": "SELECT id, status FROM orders_order ORDER BY id",
    "order lines": """
        SELECT id, canceled_quantity, refunded_quantity, refunded_unshipped_quantity,
            invoiced_quantity, shipped_quantity, returned_quantity
        FROM orders_orderline ORDER BY id
    """,
    "shipments": """
        SELECT own.number, own.state, own.source_id, own.pickup_source_id, own.amount, own.priority,
            own.expected_on, own.is_expected_on_fixed, own.is_held, own.hold_reason, own.hold_note,
            own.care_reason, own.awaits_payment, own.released_at, own.backordered_since,
            own.fulfilled_at, own.packed_at, own.set_aside_at, own.slip_printed_at,
            own.is_slip_out_of_date, own.missed_promise_count, own.spell, parent.number
        FROM fulfillment_shipment AS own
        LEFT JOIN fulfillment_shipment AS parent ON parent.id = own.parent_id
        ORDER BY own.number
    """,
    "parts": """
        SELECT shipment.number, part.order_line_id, part.quantity, part.amount,
            part.original_quantity, part.original_amount, part.moved_quantity, part.moved_amount,
            part.canceled_quantity, part.canceled_amount, part.refunded_quantity,
            part.refunded_amount, part.promised_on, part.agreed_on, part.delay_request_id
        FROM fulfillment_shipmentline AS part
        JOIN fulfillment_shipment AS shipment ON shipment.id = part.shipment_id
        ORDER BY shipment.number, part.order_line_id
    """,
    "allocations": """
        SELECT shipment.number, allocation.order_line_id, allocation.source_item_id,
            allocation.future_supply_id, SUM(allocation.quantity)
        FROM fulfillment_allocation AS allocation
        JOIN fulfillment_shipmentline AS part ON part.id = allocation.shipment_line_id
        JOIN fulfillment_shipment AS shipment ON shipment.id = part.shipment_id
        GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4
    """,
    "timelines": """
        SELECT shipment.number, event.kind, event.reason, event.detail::text, event.actor_id,
            event.created_at
        FROM fulfillment_shipmentevent AS event
        JOIN fulfillment_shipment AS shipment ON shipment.id = event.shipment_id
        ORDER BY shipment.number, event.created_at, event.kind, event.id
    """,
    "cancellations": """
        SELECT whole.order_id, whole.reason, whole.actor_id, whole.created_at, part.order_line_id,
            part.quantity, part.amount
        FROM orders_cancellation AS whole
        LEFT JOIN orders_cancellationline AS part ON part.cancellation_id = whole.id
        ORDER BY whole.order_id, whole.id, part.order_line_id
    """,
    "refunds": """
        SELECT whole.order_id, whole.reason, whole.actor_id, whole.amount, part.order_line_id,
            part.quantity, part.shipped_quantity, part.amount
        FROM orders_refund AS whole JOIN orders_refundline AS part ON part.refund_id = whole.id
        ORDER BY whole.order_id, whole.id, part.order_line_id
    """,
    "payments": """
        SELECT id, state, captured_amount, refunded_amount FROM orders_payment ORDER BY id
    """,
    "operations": """
        SELECT payment_id, kind, state, amount, created_at FROM orders_paymentoperation
        ORDER BY payment_id, kind, amount, state, created_at
    """,
    "e-mails": """
        SELECT order_id, kind, state, recipient, language, (context - 'refund' - 'payment')::text
        FROM orders_orderemail ORDER BY order_id, kind, 6, 3
    """,
    "ledger": """
        SELECT order_line_id, stock_id, product_id, event, quantity
        FROM inventory_reservation ORDER BY order_line_id, event, quantity
    """,
    "stock balances": """
        SELECT stock_id, product_id, reserved, allocated FROM inventory_stockbalance
        ORDER BY stock_id, product_id
    """,
    "waiting balances": """
        SELECT product_id, stock_id, pickup_source_id, quantity FROM fulfillment_waitingbalance
        WHERE quantity <> 0 ORDER BY product_id, stock_id, pickup_source_id
    """,
    "source items": "SELECT id, quantity, allocated FROM inventory_sourceitem ORDER BY id",
    "supply": """
        SELECT id, quantity, allocated_quantity, state FROM inventory_futuresupply ORDER BY id
    """,
    "delay requests": "SELECT id, state, closed_at FROM fulfillment_delayrequest ORDER BY id",
    "picks": """
        SELECT pick_list_id, shipment_line_id, quantity, picked_quantity, is_open, is_put_back
        FROM fulfillment_pickline ORDER BY 1, 2, 5, 6, 3
    """,
    "pick lists": "SELECT id, state FROM fulfillment_picklist ORDER BY id",
    "arrivals": "SELECT product_id FROM fulfillment_arrivalnotice ORDER BY product_id",
}


def all_rows() -> dict[str, list[tuple[Any, ...]]]:
    return {name: rows_of(query) for name, query in ROWS.items()}
