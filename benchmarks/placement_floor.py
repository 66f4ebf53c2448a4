"""The least SQL that places an order with the same rows, under the same guarantee."""

from datetime import UTC, datetime
from os import getpid

import psycopg

# The hot rows last, in key order; the guard refuses to allocate what is not available.
WRITE = """
WITH placed AS (
    INSERT INTO orders_order (number, channel_id, stock_id, status, placed_at, priority,
        customer_name, customer_email, customer_language, fulfillment_method, recipient, street,
        city, region, postcode, country, currency, total, request_fingerprint)
    VALUES (%(number)s, %(channel)s, %(stock)s, 'PENDING_PAYMENT', %(now)s, 0, 'Ada Example',
        'ada@example.com', 'en', 'SHIP_TO_HOME', '', '', '', '', '', '', 'USD', %(total)s, '')
    RETURNING id
), line AS (
    INSERT INTO orders_orderline (order_id, number, product_id, sku, name, is_virtual,
        is_reserving, quantity, backordered_quantity, canceled_quantity,
        invoiced_quantity, shipped_quantity, refunded_quantity, refunded_unshipped_quantity,
        returned_quantity, unit_price, discount, tax, total)
    SELECT placed.id, asked.number, asked.product_id, asked.sku, 'Bench', FALSE, TRUE, 1,
        0, 0, 0, 0, 0, 0, 0, 10, 0, 0, 10
    FROM placed, unnest(%(products)s::bigint[], %(skus)s::text[]) WITH ORDINALITY
        AS asked(product_id, sku, number)
    RETURNING id, product_id
), payment AS (
    INSERT INTO orders_payment (order_id, gateway, token, action, state, currency, amount,
        captured_amount, refunded_amount, gateway_reference, created_at)
    SELECT id, 'manual', '', 'AUTHORIZE_AND_CAPTURE', 'PENDING', 'USD', %(total)s, 0, 0, '',
        %(now)s FROM placed
    RETURNING id
), operation AS (
    INSERT INTO orders_paymentoperation (payment_id, kind, state, amount, idempotency_key,
        gateway_reference, message, attempt_count, created_at, next_attempt_at)
    SELECT id, 'AUTHORIZE', 'PENDING', %(total)s, 'floor-' || id, '', '', 1, %(now)s, %(now)s
    FROM payment
    RETURNING id
), shipment AS (
    INSERT INTO fulfillment_shipment (number, order_id, stock_id, source_id, state, is_held,
        hold_reason, hold_note, care_reason, priority, is_expected_on_fixed, amount,
        created_at)
    SELECT %(number)s || '-1', id, %(stock)s, %(source)s, 'READY', FALSE, '', '', '', 0, FALSE,
        %(total)s, %(now)s FROM placed
    RETURNING id
), part AS (
    INSERT INTO fulfillment_shipmentline (shipment_id, order_line_id, product_id,
        original_quantity, quantity, moved_quantity, canceled_quantity, refunded_quantity,
        original_amount, amount, moved_amount, canceled_amount, refunded_amount)
    SELECT shipment.id, line.id, line.product_id, 1, 1, 0, 0, 0, 10, 10, 0, 0, 0
    FROM shipment, line
    RETURNING id, order_line_id, product_id
), held AS (
    INSERT INTO fulfillment_allocation (order_line_id, shipment_line_id, source_item_id, quantity)
    SELECT part.order_line_id, part.id, item.id, 1
    FROM part JOIN inventory_sourceitem AS item
        ON item.product_id = part.product_id AND item.source_id = %(source)s
), event AS (
    INSERT INTO fulfillment_shipmentevent (shipment_id, kind, reason, detail, created_at)
    SELECT id, 'CREATED', '', '{}', %(now)s FROM shipment
), entry AS (
    INSERT INTO inventory_reservation (stock_id, product_id, quantity, event, order_line_id,
        order_number, sequence, reason, created_at)
    SELECT %(stock)s, product_id, -1, 'PLACED', id, %(number)s, 0, '', %(now)s FROM line
)
SELECT placed.id, (SELECT id FROM operation) FROM placed
"""
LOCK = """
SELECT id FROM inventory_sourceitem WHERE product_id = ANY(%s) ORDER BY id FOR UPDATE
"""
ALLOCATE = """
UPDATE inventory_sourceitem SET allocated = allocated + 1
WHERE product_id = ANY(%s) AND source_id = %s AND quantity - allocated - safety_stock >= 1
"""
BALANCE = """
INSERT INTO inventory_stockbalance AS balance (stock_id, product_id, reserved, allocated)
SELECT %s, product_id, -1, 1 FROM unnest(%s::bigint[]) AS product_id ORDER BY product_id
ON CONFLICT (product_id, stock_id) DO UPDATE
SET reserved = balance.reserved - 1, allocated = balance.allocated + 1
"""
PAY = """
WITH answered AS (
    UPDATE orders_paymentoperation
    SET state = 'SUCCEEDED', answered_at = %(now)s, next_attempt_at = NULL
    WHERE id = %(operation)s RETURNING payment_id
), paid AS (
    UPDATE orders_payment AS payment SET state = 'CAPTURED', captured_amount = amount
    FROM answered WHERE payment.id = answered.payment_id
), invoiced AS (
    UPDATE orders_orderline SET invoiced_quantity = quantity WHERE order_id = %(order)s
), told AS (
    INSERT INTO orders_orderemail (order_id, kind, event_key, state, language, recipient, context,
        subject, body, attempt_count, last_error, created_at, next_attempt_at)
    VALUES (%(order)s, 'CONFIRMATION', 'placed', 'QUEUED', 'en', 'ada@example.com', '{}', '', '',
        0, '', %(now)s, %(now)s)
)
UPDATE orders_order SET status = 'PROCESSING' WHERE id = %(order)s
"""


class NotEnoughError(Exception):
    """An item could not give the unit asked for."""


class FloorClient:
    """Places orders of one unit a line from the first source, with every key known beforehand."""

    def __init__(self, client: psycopg.Connection, channel: str) -> None:
        self._client = client
        row = client.execute(
            "SELECT id, stock_id FROM inventory_saleschannel WHERE code = %s", [channel]
        ).fetchone()
        if row is None:
            raise LookupError(channel)
        self._channel, self._stock = row
        source = client.execute(
            "SELECT source_id FROM inventory_stocksource WHERE stock_id = %s ORDER BY priority",
            [self._stock],
        ).fetchone()
        self._source = source[0] if source else None
        self._products: dict[str, int] = dict(
            client.execute("SELECT sku, id FROM inventory_product").fetchall()
        )
        client.commit()

    def place(self, skus: list[str]) -> None:
        """Place one order and record its payment: five statements, two commits."""
        products = [self._products[sku] for sku in skus]
        now = datetime.now(UTC)
        with self._client.transaction():
            self._client.execute(LOCK, [products])
            row = self._client.execute(
                WRITE,
                {
                    "number": f"F{time_key(now)}-{getpid()}",
                    "channel": self._channel,
                    "stock": self._stock,
                    "source": self._source,
                    "now": now,
                    "total": 10 * len(skus),
                    "products": products,
                    "skus": skus,
                },
            ).fetchone()
            if self._client.execute(ALLOCATE, [products, self._source]).rowcount != len(skus):
                raise NotEnoughError
            self._client.execute(BALANCE, [self._stock, products])
        if row is not None:
            with self._client.transaction():
                self._client.execute(PAY, {"order": row[0], "operation": row[1], "now": now})


def time_key(now: datetime) -> str:
    """Return a text that is new for every microsecond."""
    return now.strftime("%y%m%d%H%M%S%f")
