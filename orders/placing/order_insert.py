"""Writes an order with all its parts in one statement, however many lines."""

from dataclasses import asdict
from decimal import Decimal

from core.acts import Act
from core.quantities import ZERO
from core.sql import arrays, execute_prepared, listed
from orders.models import Order, Payment, PaymentOperation
from orders.payments.gateways import next_attempt
from orders.placing.assessment import stored_country
from orders.placing.request import OrderRequest
from orders.routed_order import AssessedOrder, RoutedOrder, WrittenOrder

# The columns of an order that are written as they are sent.
ORDER = (
    "channel_id", "stock_id", "status", "placed_at", "priority", "customer_name", "customer_email",
    "customer_language", "fulfillment_method", "pickup_source_id", "recipient", "street", "city",
    "region", "postcode", "country", "latitude", "longitude", "currency", "total",
    "backordered_quantity", "idempotency_key", "request_fingerprint", "ship_complete",
)  # fmt: skip
# The columns of its lines, and their types.
LINE = {
    "number": "int",
    "product_id": "bigint",
    "sku": "text",
    "name": "text",
    "is_virtual": "bool",
    "is_reserving": "bool",
    "has_backorder_notice": "bool",
    "quantity": "numeric",
    "backordered_quantity": "numeric",
    "canceled_quantity": "numeric",
    "unit_price": "numeric",
    "discount": "numeric",
    "tax": "numeric",
    "total": "numeric",
}
# A generated number is the row's own key, so that no two orders ask one counter for it.
WRITE = f"""
WITH placed AS (
    INSERT INTO orders_order (id, number, {", ".join(ORDER)})
    SELECT key.id, COALESCE(%(number)s, to_char(key.id, 'FM000000000')), {listed("%({})s", ORDER)}
    FROM (SELECT nextval('orders_order_id_seq') AS id) AS key
    RETURNING id, number
), line AS (
    INSERT INTO orders_orderline (
        order_id, invoiced_quantity, shipped_quantity, refunded_quantity,
        refunded_unshipped_quantity, returned_quantity, {", ".join(LINE)})
    SELECT placed.id, 0, 0, 0, 0, 0, {listed("asked.{}", LINE)}
    FROM placed, unnest({", ".join(f"%(line_{name})s::{kind}[]" for name, kind in LINE.items())})
        AS asked({", ".join(LINE)})
    RETURNING id, number
), payment AS (
    INSERT INTO orders_payment (
        order_id, gateway, token, action, state, currency, amount, captured_amount,
        refunded_amount, gateway_reference, expires_at, created_at)
    SELECT placed.id, %(gateway)s, %(token)s, %(action)s, '{Payment.State.PENDING}', %(currency)s,
        %(due)s, 0, 0, '', NULL, %(now)s
    FROM placed WHERE %(is_due)s
    RETURNING id, order_id
), operation AS (
    INSERT INTO orders_paymentoperation (
        payment_id, kind, state, amount, idempotency_key, gateway_reference, message,
        attempt_count, created_at, answered_at, next_attempt_at)
    SELECT id, '{PaymentOperation.Kind.AUTHORIZE}', '{PaymentOperation.State.PENDING}', %(due)s,
        'authorize-' || order_id || '-' || id, '', '', 1, %(now)s, NULL, %(next_attempt_at)s
    FROM payment
    RETURNING id, idempotency_key
)
SELECT placed.id, placed.number, (SELECT id FROM operation),
    (SELECT array_agg(id ORDER BY number) FROM line),
    (SELECT idempotency_key FROM operation)
FROM placed
"""  # noqa: S608 - constants


def write_order(
    request: OrderRequest,
    assessed: AssessedOrder,
    routed: RoutedOrder,
    act: Act,
    *,
    due: Decimal,
    action: str,
    fingerprint: str,
) -> WrittenOrder:
    """Write the rows of an order; an order that is not wholly canceled has its payment pending.

    ``due`` is the amount to authorize. The gateway is asked again later if no answer is written.

    :raises django.db.IntegrityError: when the number or the idempotency key is taken.
    """
    lines = assessed.lines
    backordered, canceled = routed.backordered, routed.canceled
    is_due = any(canceled.get(line.number) != line.quantity for line in lines)
    status = Order.Status.PENDING_PAYMENT if is_due else Order.Status.CANCELED
    placed_at = request.placed_at or act.at
    ship_complete = request.ship_complete
    if ship_complete is None:
        ship_complete = bool(assessed.configuration["ship_complete"])
    rows = [
        (
            line.number,
            line.product.product_id,
            line.product.sku,
            line.product.name,
            line.product.is_virtual,
            line.is_reserving,
            line.notifies_customer,
            line.quantity,
            backordered.get(line.number, ZERO),
            canceled.get(line.number, ZERO),
            line.unit_price,
            line.discount,
            line.tax,
            line.total,
        )
        for line in lines
    ]
    cursor = execute_prepared(
        WRITE,
        {
            "number": request.number,
            "channel_id": assessed.context.channel_id,
            "stock_id": assessed.context.stock_id,
            "status": status,
            "placed_at": placed_at,
            "priority": request.priority,
            "customer_name": request.customer.name,
            "customer_email": request.customer.email,
            "customer_language": request.customer.language,
            "fulfillment_method": request.fulfillment_method,
            "pickup_source_id": assessed.pickup_source_id,
            **asdict(request.address),
            "country": stored_country(request.address.country),
            "currency": request.currency,
            "total": sum((line.total for line in lines), ZERO),
            "backordered_quantity": sum(backordered.values(), ZERO),
            "idempotency_key": act.key,
            "request_fingerprint": fingerprint,
            "ship_complete": ship_complete,
            "gateway": request.payment.gateway,
            "token": request.payment.token,
            "action": action,
            "due": due,
            "is_due": is_due,
            "now": act.at,
            "next_attempt_at": next_attempt(1, now=act.at),
            **dict(zip([f"line_{name}" for name in LINE], arrays(rows), strict=True)),
        },
    )
    order_id, number, operation_id, line_ids, operation_key = cursor.fetchone()
    return WrittenOrder(
        order_id=order_id,
        number=number,
        status=status,
        priority=request.priority,
        placed_at=placed_at,
        line_ids=dict(enumerate(line_ids, start=1)),
        operation_id=operation_id,
        operation_key=operation_key,
        ship_complete=ship_complete,
    )
