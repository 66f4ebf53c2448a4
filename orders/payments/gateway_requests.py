"""Sends operations to gateways after the commit; each answer is applied once."""

from collections import deque
from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import F

from orders import ports
from orders.models import Order, Payment, PaymentOperation
from orders.notices.email_queue import tell_refunded
from orders.payments.change_settlement import is_of_change, settle_change
from orders.payments.gateway_operations import (
    give_up_authorizations,
    refund_paid_with,
    uncaptured_lines,
)
from orders.payments.gateways import (
    Gateway,
    GatewayAnswer,
    GatewayOutcome,
    GatewayRequest,
    gateway_named,
    next_attempt,
)
from orders.payments.settlement import Authorization, apply_authorization, write_answer
from orders.payments.virtual_delivery import invoice

NOTHING_TO_MOVE = GatewayAnswer(GatewayOutcome.SUCCEEDED)
Kind = PaymentOperation.Kind


def send(operation_ids: Sequence[int], *, now: datetime) -> None:
    """Send operations that have no final answer yet, and apply each answer once.

    Opens its own short transactions, never around the call. Sending again asks what became of an
    operation: it keeps its key, so nothing is charged or paid back twice. What an answer entails
    (the void of an authorization that another replaced) is sent after it.

    Rule: Payments.
    """
    queue = deque(operation_ids)
    while queue:
        operation = _claimed(queue.popleft(), now=now, is_due_only=False)
        if operation is not None:
            queue.extend(_ask(operation, now=now))


def send_if_due(operation_id: int, *, now: datetime) -> bool:
    """Send an operation again unless another worker has just done so; return whether it was."""
    operation = _claimed(operation_id, now=now, is_due_only=True)
    if operation is not None:
        send(_ask(operation, now=now), now=now)
    return operation is not None


def apply_answer(operation_id: int, answer: GatewayAnswer, *, now: datetime) -> list[int]:
    """Apply the answer to an operation; opens the transaction. Returns further ones to send.

    A second delivery, or one after a final answer, changes nothing. The answer to a change of an
    order applies it, or withdraws it. A capture that succeeded
    invoices its lines. A capture, refund or void that was declined is left for staff to review.
    """
    operation = PaymentOperation.objects.select_related("payment").get(pk=operation_id)
    if is_of_change(operation):
        return settle_change(operation, answer, now=now)
    if operation.kind == Kind.AUTHORIZE and operation.payment.replaces_id is None:
        apply_authorization(authorization_of(operation), answer, now=now)
        return []
    with transaction.atomic():
        order = Order.objects.select_for_update().get(pk=operation.payment.order_id)
        if not write_answer(operation.pk, operation.kind, answer, now=now):
            return []
        operation.refresh_from_db()
        match operation.kind:
            case Kind.AUTHORIZE:
                _apply_reauthorization(order, operation, answer, now=now)
            case Kind.CAPTURE if answer.outcome == GatewayOutcome.SUCCEEDED:
                _captured(order, operation, now=now)
            case Kind.REFUND if answer.outcome == GatewayOutcome.SUCCEEDED:
                _paid_back(order, operation, now=now)
            case Kind.VOID if answer.outcome == GatewayOutcome.SUCCEEDED:
                Payment.objects.filter(pk=operation.payment_id).update(state=Payment.State.VOIDED)
        return give_up_authorizations([order], now=now)


def authorization_of(operation: PaymentOperation) -> Authorization:
    """Return an order's first authorization as it is sent."""
    payment = operation.payment
    return Authorization(
        order_id=payment.order_id,
        operation_id=operation.pk,
        gateway=payment.gateway,
        captures=payment.captures_at_once,
        has_virtual_lines=payment.order.lines.filter(is_virtual=True).exists(),
        request=_request(operation),
    )


def _claimed(operation_id: int, *, now: datetime, is_due_only: bool) -> PaymentOperation | None:
    """Count an attempt before it is made; None where there is nothing to ask."""
    with transaction.atomic():
        rows = PaymentOperation.objects.select_for_update(of=("self",)).select_related("payment")
        operation = rows.get(pk=operation_id)
        is_due = operation.next_attempt_at is not None and operation.next_attempt_at <= now
        if operation.state not in PaymentOperation.UNANSWERED or (is_due_only and not is_due):
            return None
        operation.attempt_count += 1
        operation.next_attempt_at = next_attempt(operation.attempt_count, now=now)
        operation.save(update_fields=["attempt_count", "next_attempt_at"])
    return operation


def _ask(operation: PaymentOperation, *, now: datetime) -> list[int]:
    answer = _answer_of(operation, now=now) if operation.amount else NOTHING_TO_MOVE
    entailed: list[int] = []
    for _ in range(answer.deliveries):
        entailed += apply_answer(operation.pk, answer, now=now)
    return entailed


def _answer_of(operation: PaymentOperation, *, now: datetime) -> GatewayAnswer:
    payment = operation.payment
    gateway: Gateway = gateway_named(payment.gateway)
    request = _request(operation)
    match operation.kind:
        case Kind.AUTHORIZE:
            return gateway.authorize(request, capture=payment.captures_at_once, now=now)
        case Kind.CAPTURE:
            return gateway.capture(request, now=now)
        case Kind.REFUND:
            return gateway.refund(request, now=now)
        case _void:
            return gateway.void(request, now=now)


def _request(operation: PaymentOperation) -> GatewayRequest:
    payment = operation.payment
    replaced = payment.replaces
    return GatewayRequest(
        idempotency_key=operation.idempotency_key,
        amount=operation.amount,
        currency=payment.currency,
        token=payment.token,
        reference=payment.gateway_reference,
        replaces=replaced.gateway_reference if replaced else "",
        attempt=operation.attempt_count,
    )


def _apply_reauthorization(
    order: Order, operation: PaymentOperation, answer: GatewayAnswer, *, now: datetime
) -> None:
    payment = Payment.objects.filter(pk=operation.payment_id)
    if answer.outcome != GatewayOutcome.SUCCEEDED:
        payment.update(state=Payment.State(answer.outcome))
        if answer.outcome == GatewayOutcome.DECLINED:
            ports.current().refuse_authorization(order.pk, is_final=False, now=now)
        return
    payment.update(
        state=Payment.State.AUTHORIZED,
        gateway_reference=answer.reference,
        expires_at=answer.expires_at,
    )
    ports.current().lift_payment_holds(order.pk, now=now)


def _paid_back(order: Order, operation: PaymentOperation, *, now: datetime) -> None:
    """Count what was paid back; the customer is told once it is all of a refund."""
    payment = operation.payment
    Payment.objects.filter(pk=payment.pk).update(
        refunded_amount=F("refunded_amount") + operation.amount
    )
    refund = refund_paid_with(order, operation)
    if refund is not None:
        tell_refunded(refund, now=now)


def _captured(order: Order, operation: PaymentOperation, *, now: datetime) -> None:
    lines = dict(operation.lines.order_by("order_line").values_list("order_line", "quantity"))
    invoice(order, lines, sequence=operation.pk, now=now)
    payment = Payment.objects.filter(pk=operation.payment_id)
    payment.update(captured_amount=F("captured_amount") + operation.amount)
    is_used_up = payment.filter(captured_amount__gte=F("amount")).exists()
    if is_used_up or not uncaptured_lines([order]).exists():
        payment.update(state=Payment.State.CAPTURED)
