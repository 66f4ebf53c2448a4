"""Writes an order with its lines and its payment, in one statement however many lines."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from core.sql import array, prepared_cursor

# A generated number is the row's own key, so that no two orders ask one counter for it.
WRITE = """
WITH placed AS (
    INSERT INTO orders_order (
        id, number, channel_id, stock_id, status, placed_at, priority, customer_name,
        customer_email, customer_language, fulfillment_method, pickup_source_id, recipient,
        street, city, region, postcode, country, latitude, longitude, currency, total,
        backordered_quantity, idempotency_key, request_fingerprint)
    SELECT key.id, COALESCE(%(number)s, to_char(key.id, 'FM000000000')), %(channel_id)s,
        %(stock_id)s, %(status)s, %(placed_at)s, %(priority)s, %(customer_name)s,
        %(customer_email)s, %(customer_language)s, %(fulfillment_method)s, %(pickup_source_id)s,
        %(recipient)s, %(street)s, %(city)s, %(region)s, %(postcode)s, %(country)s, %(latitude)s,
        %(longitude)s, %(currency)s, %(total)s, %(backordered_quantity)s,
        %(idempotency_key)s, %(fingerprint)s
    FROM (SELECT nextval('orders_order_id_seq') AS id) AS key
    RETURNING id, number
), line AS (
    INSERT INTO orders_orderline (
        order_id, number, product_id, sku, name, is_virtual, is_reserving, quantity,
        backordered_quantity, canceled_quantity, invoiced_quantity, shipped_quantity,
        refunded_quantity, refunded_unshipped_quantity, returned_quantity, unit_price, discount,
        tax, total)
    SELECT placed.id, asked.number, product_id, sku, name, is_virtual, is_reserving, quantity,
        backordered, canceled, 0, 0, 0, 0, 0, unit_price, discount, tax, total
    FROM placed, unnest(
        %(numbers)s::int[], %(product_ids)s::bigint[], %(skus)s::text[], %(names)s::text[],
        %(virtual)s::bool[], %(reserving)s::bool[], %(quantities)s::numeric[],
        %(backordered)s::numeric[], %(canceled)s::numeric[], %(unit_prices)s::numeric[],
        %(discounts)s::numeric[], %(taxes)s::numeric[], %(totals)s::numeric[])
        AS asked(number, product_id, sku, name, is_virtual, is_reserving, quantity, backordered,
            canceled, unit_price, discount, tax, total)
    RETURNING id, number
), payment AS (
    INSERT INTO orders_payment (
        order_id, gateway, token, action, state, currency, amount, captured_amount,
        refunded_amount, gateway_reference, expires_at, created_at)
    SELECT placed.id, %(gateway)s, %(token)s, %(action)s, 'PENDING', %(currency)s, %(due)s, 0, 0,
        '', NULL, %(now)s
    FROM placed WHERE %(is_due)s
    RETURNING id, order_id
), operation AS (
    INSERT INTO orders_paymentoperation (
        payment_id, kind, state, amount, idempotency_key, gateway_reference, message,
        attempt_count, created_at, answered_at, next_attempt_at)
    SELECT id, 'AUTHORIZE', 'PENDING', %(due)s, 'authorize-' || order_id || '-' || id, '', '', 1,
        %(now)s, NULL, %(next_attempt_at)s
    FROM payment
    RETURNING id, idempotency_key
)
SELECT placed.id, placed.number, (SELECT id FROM operation),
    (SELECT array_agg(id ORDER BY number) FROM line),
    (SELECT idempotency_key FROM operation)
FROM placed
"""


@dataclass(frozen=True, slots=True)
class NewLine:
    """One line as it is written; ``canceled`` are units that routing could not assign."""

    product_id: int
    sku: str
    name: str
    is_virtual: bool
    is_reserving: bool
    quantity: Decimal
    backordered: Decimal
    canceled: Decimal
    unit_price: Decimal
    discount: Decimal
    tax: Decimal
    total: Decimal


@dataclass(frozen=True, slots=True)
class NewOrder:
    """The columns of an order and of its payment, by name, with its lines in sequence.

    ``due`` is the money asked of the gateway; without any there is no payment.
    """

    columns: Mapping[str, Any]
    lines: Sequence[NewLine]
    due: Decimal


@dataclass(frozen=True, slots=True)
class WrittenRows:
    """The keys of what was written; no operation where nothing is due."""

    order_id: int
    number: str
    line_ids: Sequence[int]
    operation_id: int | None
    operation_key: str | None


def write_order_rows(
    order: NewOrder, *, is_due: bool, now: datetime, next_attempt_at: datetime | None
) -> WrittenRows:
    """Write the rows of an order, its payment pending where one ``is_due``.

    ``next_attempt_at`` is when the gateway is asked again, should no answer be written by then.

    :raises django.db.IntegrityError: when the number or the idempotency key is taken.
    """
    lines = order.lines
    with prepared_cursor() as cursor:
        cursor.execute(
            WRITE,
            {
                **order.columns,
                "due": order.due,
                "is_due": is_due,
                "now": now,
                "next_attempt_at": next_attempt_at,
                "numbers": array(range(1, len(lines) + 1)),
                "product_ids": array(line.product_id for line in lines),
                "skus": array(line.sku for line in lines),
                "names": array(line.name for line in lines),
                "virtual": array(line.is_virtual for line in lines),
                "reserving": array(line.is_reserving for line in lines),
                "quantities": array(line.quantity for line in lines),
                "backordered": array(line.backordered for line in lines),
                "canceled": array(line.canceled for line in lines),
                "unit_prices": array(line.unit_price for line in lines),
                "discounts": array(line.discount for line in lines),
                "taxes": array(line.tax for line in lines),
                "totals": array(line.total for line in lines),
            },
        )
        order_id, number, operation_id, line_ids, operation_key = cursor.fetchone()
    return WrittenRows(order_id, number, line_ids, operation_id, operation_key)
