"""Applies a gateway's answer to an order; safe when the same answer comes twice or late."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Case, Value, When
from django.db.models.functions import Coalesce

from core.acts import Act
from core.sql import execute_prepared, literals
from core.text import gettext_noop
from orders import ports
from orders.cancellation import cancel_open_units
from orders.models import Order, OrderEmail, Payment, PaymentOperation
from orders.notices.email_queue import CancelCause, tell_canceled
from orders.payments.gateways import GatewayAnswer, GatewayOutcome, GatewayRequest, gateway_named
from orders.payments.virtual_delivery import deliver

DECLINED_REASON = gettext_noop("Payment declined")

UNANSWERED = literals(*PaymentOperation.UNANSWERED)
OperationState, PaymentState = PaymentOperation.State, Payment.State
# The whole effect of a success on an order that still waits for its money, in one statement.
SUCCEED = f"""
WITH placed AS MATERIALIZED (
    SELECT id, customer_language, customer_email FROM orders_order
    WHERE id = %(order_id)s AND status IN ({literals(*Order.UNPAID)})
    FOR UPDATE
), answered AS (
    UPDATE orders_paymentoperation AS operation
    SET state = '{OperationState.SUCCEEDED}', gateway_reference = %(reference)s,
        message = %(message)s, answered_at = %(now)s, next_attempt_at = NULL,
        reviewed_at = CASE WHEN operation.review_since IS NOT NULL THEN %(now)s::timestamptz END
    FROM placed
    WHERE operation.id = %(operation_id)s AND operation.state IN ({UNANSWERED})
    RETURNING operation.payment_id
), paid AS (
    UPDATE orders_payment AS payment
    SET state = CASE WHEN %(captures)s THEN '{PaymentState.CAPTURED}'
            ELSE '{PaymentState.AUTHORIZED}' END,
        captured_amount = CASE WHEN %(captures)s THEN payment.amount ELSE 0 END,
        gateway_reference = %(reference)s, expires_at = %(expires_at)s
    FROM answered WHERE payment.id = answered.payment_id
    RETURNING payment.order_id
), invoiced AS (
    UPDATE orders_orderline AS line SET invoiced_quantity = line.quantity - line.canceled_quantity
    FROM paid WHERE %(captures)s AND line.order_id = paid.order_id
), notice AS (
    INSERT INTO orders_orderemail (
        order_id, kind, event_key, state, language, recipient, context, subject, body,
        attempt_count, last_error, created_at, next_attempt_at)
    SELECT placed.id, '{OrderEmail.Kind.CONFIRMATION}', 'placed', '{OrderEmail.State.QUEUED}',
        placed.customer_language, placed.customer_email, '{{}}', '', '', 0, '', %(now)s, %(now)s
    FROM placed JOIN paid ON paid.order_id = placed.id
    WHERE %(tells_customer)s AND placed.customer_email <> ''
    ON CONFLICT DO NOTHING
)
UPDATE orders_order AS updated SET status = '{Order.Status.PROCESSING}' FROM paid
WHERE updated.id = paid.order_id
RETURNING updated.status
"""  # noqa: S608 - constants


@dataclass(frozen=True, slots=True)
class Authorization:
    """An operation that was written as pending and is to be sent to its gateway.

    ``waits``: units of it may wait. ``tells_customer``: the result is sent to the customer by
    e-mail.
    """

    order_id: int
    operation_id: int
    gateway: str
    captures: bool
    has_virtual_lines: bool
    request: GatewayRequest
    waits: bool = True
    tells_customer: bool = True


def authorize(pending: Authorization, *, now: datetime) -> str:
    """Ask the gateway for the money of an order and apply its answer; return the order's status.

    Opens its own short transaction after the gateway has answered, never around the call.

    Rule: Payments.
    """
    gateway = gateway_named(pending.gateway)
    answer = gateway.authorize(pending.request, capture=pending.captures, now=now)
    status = apply_authorization(pending, answer, now=now)
    for _ in range(1, answer.deliveries):
        status = apply_authorization(pending, answer, now=now)
    return status


def follow_orders(order_ids: Collection[int], *, now: datetime) -> None:
    """Have one run follow the payments of many orders whose ``waits`` was left out.

    Opens a short transaction.

    Rule: Routing at placement (§13).
    """
    with transaction.atomic():
        ports.current().follow_payments(order_ids, now=now)


def apply_authorization(pending: Authorization, answer: GatewayAnswer, *, now: datetime) -> str:
    """Apply the answer to an authorization, once, however often it is delivered.

    Declined: the order is canceled with full compensation. Unknown: PAYMENT_REVIEW, until the
    gateway is asked again or a person decides. Returns the order's status.
    """
    if answer.outcome is not GatewayOutcome.SUCCEEDED:
        return _fail(pending, answer, now=now)
    if not pending.has_virtual_lines and not pending.waits:
        return _succeed(pending, answer, now=now) or _status(pending)
    with transaction.atomic():
        status = _succeed(pending, answer, now=now)
        if status is not None and pending.has_virtual_lines and pending.captures:
            _deliver_virtual_lines(pending.order_id, now=now)
        if status is not None and pending.waits:
            ports.current().follow_payments([pending.order_id], now=now)
    return _status(pending)


def _succeed(pending: Authorization, answer: GatewayAnswer, *, now: datetime) -> str | None:
    cursor = execute_prepared(
        SUCCEED,
        {
            "order_id": pending.order_id,
            "operation_id": pending.operation_id,
            "reference": answer.reference,
            "message": answer.message,
            "expires_at": answer.expires_at,
            "captures": pending.captures,
            "tells_customer": pending.tells_customer,
            "now": now,
        },
    )
    row = cursor.fetchone()
    return None if row is None else row[0]


def _status(pending: Authorization) -> str:
    return Order.objects.values_list("status", flat=True).get(pk=pending.order_id)


def _deliver_virtual_lines(order_id: int, *, now: datetime) -> None:
    order = Order.objects.get(pk=order_id)
    invoiced = order.lines.filter(is_virtual=True, invoiced_quantity__gt=0).order_by("pk")
    deliver(order, dict(invoiced.values_list("pk", "invoiced_quantity")), sequence=0, now=now)


def _fail(pending: Authorization, answer: GatewayAnswer, *, now: datetime) -> str:
    """Apply a declined or unknown outcome."""
    with transaction.atomic():
        order = Order.objects.select_for_update().get(pk=pending.order_id)
        kind = PaymentOperation.Kind.AUTHORIZE
        if write_answer(pending.operation_id, kind, answer, now=now):
            payments = Payment.objects.filter(operations=pending.operation_id)
            payments.update(state=Payment.State(answer.outcome))
            if answer.outcome is GatewayOutcome.DECLINED and not order.is_paid_for:
                canceled = cancel_open_units(order, Act(now, reason=DECLINED_REASON))
                if pending.tells_customer:
                    tell_canceled(canceled, cause=CancelCause.PAYMENT_DECLINED, now=now)
            elif order.status == Order.Status.PENDING_PAYMENT:
                order.status = Order.Status.PAYMENT_REVIEW
                order.save(update_fields=["status"])
    return _status(pending)


def write_answer(operation_id: int, kind: str, answer: GatewayAnswer, *, now: datetime) -> bool:
    """Write the answer to an operation unless a final one is there; return whether it was written.

    What was declined after goods or promises had moved is in review then; a final answer ends the
    review of an operation.
    """
    columns: dict[str, Any] = {
        "state": PaymentOperation.State(answer.outcome),
        "gateway_reference": answer.reference,
        "message": answer.message,
        "answered_at": now,
    }
    if answer.outcome != GatewayOutcome.UNKNOWN:
        columns["next_attempt_at"] = None
    if answer.outcome == GatewayOutcome.DECLINED and kind != PaymentOperation.Kind.AUTHORIZE:
        columns["review_since"] = Coalesce("review_since", Value(now))
    elif answer.outcome != GatewayOutcome.UNKNOWN:
        columns["reviewed_at"] = Case(When(review_since__isnull=False, then=Value(now)))
    unanswered = PaymentOperation.objects.filter(
        pk=operation_id, state__in=PaymentOperation.UNANSWERED
    )
    return bool(unanswered.update(**columns))
