"""Captures, refunds and voids: written first, sent after the commit, applied once."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import F, QuerySet

from orders.models import CaptureLine, Order, OrderLine, Payment, PaymentOperation
from orders.order_books import UNANSWERED, OrderBooks, add_to_lines
from orders.payments.protocol import Gateway, GatewayAnswer, GatewayRequest, Outcome
from orders.payments.registry import gateway_named
from orders.payments.virtual_delivery import deliver

ZERO = Decimal(0)
NOTHING_TO_MOVE = GatewayAnswer(Outcome.SUCCEEDED)


def ask_capture(
    books: OrderBooks, quantities: Mapping[int, Decimal], *, key: str, now: datetime
) -> list[int]:
    """Write down a capture of units, by line id; return the operations to send.

    Runs inside the caller's transaction, the order locked. An order without an authorization
    has nothing to capture.

    Rule: Payments, capturing.
    """
    payment = (
        Payment.objects.filter(order=books.order, state=Payment.State.AUTHORIZED)
        .order_by("-pk")
        .first()
    )
    wanted = {pk: units for pk, units in quantities.items() if units}
    if payment is None or not wanted:
        return []
    worth = {
        pk: books.lines[pk].money.of_uncaptured(units, books.lines[pk].units)
        for pk, units in wanted.items()
    }
    operation = _ask(
        payment, PaymentOperation.Kind.CAPTURE, sum(worth.values(), ZERO), key=key, now=now
    )
    CaptureLine.objects.bulk_create(
        CaptureLine(operation=operation, order_line_id=pk, quantity=units, amount=worth[pk])
        for pk, units in wanted.items()
    )
    return [operation.pk]


def ask_refund(order: Order, amount: Decimal, *, key: str, now: datetime) -> list[int]:
    """Write down that ``amount`` is paid back; return the operations to send.

    Runs inside the caller's transaction, the order locked. The oldest payments give first.
    """
    asked = []
    left = amount
    for payment in Payment.objects.filter(order=order, captured_amount__gt=0).order_by("pk"):
        unanswered = payment.operations.filter(
            kind=PaymentOperation.Kind.REFUND, state__in=UNANSWERED
        )
        promised = sum(unanswered.values_list("amount", flat=True), ZERO)
        part = min(left, payment.captured_amount - payment.refunded_amount - promised)
        if part > 0:
            refund = PaymentOperation.Kind.REFUND
            asked.append(_ask(payment, refund, part, key=f"{key}-{payment.pk}", now=now).pk)
            left -= part
    return asked


def give_up_authorizations(order: Order, *, now: datetime) -> list[int]:
    """Close authorizations of which no more will be captured; return the voids to send.

    Runs inside the caller's transaction, the order locked. One that was captured in part is over
    without a void: its rest lapses.
    """
    if _uncaptured(order).exists():
        return []
    authorized = Payment.objects.filter(order=order, state=Payment.State.AUTHORIZED)
    waiting = {"kind": PaymentOperation.Kind.CAPTURE, "state__in": UNANSWERED}
    idle = authorized.exclude(operations__in=PaymentOperation.objects.filter(**waiting))
    void = PaymentOperation.Kind.VOID
    asked = [
        _ask(payment, void, payment.amount, key=f"void-{payment.pk}", now=now).pk
        for payment in idle.filter(captured_amount=0).exclude(operations__kind=void).order_by("pk")
    ]
    idle.filter(captured_amount__gt=0).update(state=Payment.State.CAPTURED)
    return asked


def send(operation_ids: Sequence[int], *, now: datetime) -> None:
    """Send operations that have no final answer yet, and apply what comes back, once.

    Opens its own short transactions, never around the call. Sending again asks what became of an
    operation: it keeps its key, so nothing is charged or paid back twice.

    Rule: Payments.
    """
    for operation_id in operation_ids:
        PaymentOperation.objects.filter(pk=operation_id).update(
            attempt_count=F("attempt_count") + 1
        )
        operation = PaymentOperation.objects.select_related("payment").get(pk=operation_id)
        if operation.state not in UNANSWERED:
            continue
        answer = _answer_of(operation, now=now) if operation.amount else NOTHING_TO_MOVE
        for _ in range(answer.deliveries):
            apply_answer(operation_id, answer, now=now)


def apply_answer(operation_id: int, answer: GatewayAnswer, *, now: datetime) -> None:
    """Apply what came of a capture, a refund or a void; opens the transaction.

    A second delivery, or one after a final answer, changes nothing. A capture that succeeded
    invoices its lines. One that was declined leaves its units uncaptured, for a person to see.
    """
    with transaction.atomic():
        order_id = PaymentOperation.objects.values_list("payment__order_id", flat=True).get(
            pk=operation_id
        )
        order = Order.objects.select_for_update().get(pk=order_id)
        unanswered = PaymentOperation.objects.filter(pk=operation_id, state__in=UNANSWERED)
        written = unanswered.update(
            state=PaymentOperation.State(answer.outcome),
            gateway_reference=answer.reference,
            message=answer.message,
            answered_at=now,
        )
        if not written or answer.outcome != Outcome.SUCCEEDED:
            return
        operation = PaymentOperation.objects.select_related("payment").get(pk=operation_id)
        match operation.kind:
            case PaymentOperation.Kind.CAPTURE:
                _captured(order, operation, now=now)
            case PaymentOperation.Kind.REFUND:
                Payment.objects.filter(pk=operation.payment_id).update(
                    refunded_amount=F("refunded_amount") + operation.amount
                )
            case PaymentOperation.Kind.VOID:
                Payment.objects.filter(pk=operation.payment_id).update(state=Payment.State.VOIDED)


def invoice(
    order: Order, quantities: Mapping[int, Decimal], *, sequence: int, now: datetime
) -> None:
    """Invoice units, by line id; virtual ones are delivered. Runs in the caller's transaction."""
    add_to_lines("invoiced_quantity", quantities)
    virtual = order.lines.filter(pk__in=quantities, is_virtual=True)
    if virtual.exists():
        deliver(order, quantities, sequence=sequence, now=now)


def _ask(
    payment: Payment, kind: PaymentOperation.Kind, amount: Decimal, *, key: str, now: datetime
) -> PaymentOperation:
    return PaymentOperation.objects.create(
        payment=payment, kind=kind, amount=amount, idempotency_key=key, created_at=now
    )


def _answer_of(operation: PaymentOperation, *, now: datetime) -> GatewayAnswer:
    payment = operation.payment
    gateway: Gateway = gateway_named(payment.gateway)
    request = GatewayRequest(
        idempotency_key=operation.idempotency_key,
        amount=operation.amount,
        currency=payment.currency,
        token=payment.token,
        reference=payment.gateway_reference,
        attempt=operation.attempt_count,
    )
    match operation.kind:
        case PaymentOperation.Kind.CAPTURE:
            return gateway.capture(request, now=now)
        case PaymentOperation.Kind.REFUND:
            return gateway.refund(request, now=now)
        case _void:
            return gateway.void(request, now=now)


def _captured(order: Order, operation: PaymentOperation, *, now: datetime) -> None:
    payment = operation.payment
    lines = dict(operation.lines.order_by("order_line").values_list("order_line", "quantity"))
    invoice(order, lines, sequence=operation.pk, now=now)
    state = Payment.State.AUTHORIZED if _uncaptured(order).exists() else Payment.State.CAPTURED
    Payment.objects.filter(pk=payment.pk).update(
        captured_amount=F("captured_amount") + operation.amount, state=state
    )


def _uncaptured(order: Order) -> QuerySet[OrderLine]:
    asked_for = F("canceled_quantity") + F("invoiced_quantity")
    return OrderLine.objects.filter(order=order, quantity__gt=asked_for)
