"""Writes operations for gateways: captures, refunds, voids, new authorizations.

Every function runs inside the caller's transaction, the order locked; the operations that they
return are sent after the commit (:mod:`orders.payments.gateway_requests`).
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db.models import F, QuerySet

from core.quantities import ZERO
from inventory.options import PaymentAction
from orders.books import OrderBooks
from orders.models import CaptureLine, Order, OrderLine, Payment, PaymentOperation, Refund
from orders.payments.gateways import next_attempt
from orders.refusals import NoAuthorizationError

Kind = PaymentOperation.Kind
LIVE = (Payment.State.AUTHORIZED, Payment.State.CAPTURED, Payment.State.REFUNDED)


@dataclass(frozen=True, slots=True)
class CaptureRequest:
    """Money to capture of an order: units and their worth by line id.

    ``key`` is the idempotency key.
    """

    order: Order
    quantities: Mapping[int, Decimal]
    worth: Mapping[int, Decimal]
    key: str


def ask_capture(
    books: OrderBooks, quantities: Mapping[int, Decimal], *, key: str, now: datetime
) -> list[int]:
    """Write a capture of units, by line id; return the operations to send.

    A free order has nothing to capture.

    :raises NoAuthorizationError: if the order was to be paid, and nothing is authorized.

    Rule: Payments, capturing.
    """
    wanted = {pk: units for pk, units in quantities.items() if units}
    if not wanted:
        return []
    worth = {pk: books.lines[pk].of_uncaptured(units) for pk, units in wanted.items()}
    request = CaptureRequest(books.order, wanted, worth, key)
    return ask_captures([request], now=now, due_at=next_attempt(1, now=now))


def ask_captures(
    requests: Sequence[CaptureRequest], *, now: datetime, due_at: datetime | None
) -> list[int]:
    """Write captures as :func:`ask_capture`, those of many orders in a fixed number of statements.

    Workers send them from ``due_at`` on, unless the caller has sent them by then.

    :raises NoAuthorizationError: for the first order without one.
    """
    payments = authorized_payments({request.order.pk for request in requests})
    asked = [request for request in requests if request.order.pk in payments]
    for request in asked:
        if payments[request.order.pk] is None:
            raise NoAuthorizationError(request.order.number)
    written = PaymentOperation.objects.bulk_create(
        PaymentOperation(
            payment=payments[request.order.pk],
            kind=Kind.CAPTURE,
            amount=sum(request.worth.values(), ZERO),
            idempotency_key=request.key,
            created_at=now,
            next_attempt_at=due_at,
        )
        for request in asked
    )
    CaptureLine.objects.bulk_create(
        CaptureLine(operation=operation, order_line_id=pk, quantity=units, amount=request.worth[pk])
        for operation, request in zip(written, asked, strict=True)
        for pk, units in request.quantities.items()
    )
    return [operation.pk for operation in written]


def authorized_payments(order_ids: Collection[int]) -> dict[int, Payment | None]:
    """Return the newest authorization of each order that has payments; None where none is left."""
    found: dict[int, Payment | None] = {}
    for payment in Payment.objects.filter(order__in=order_ids).order_by("pk"):
        is_live = payment.state == Payment.State.AUTHORIZED
        found[payment.order_id] = payment if is_live else found.get(payment.order_id)
    return found


def ask_refund(order: Order, amount: Decimal, *, key: str, now: datetime) -> list[int]:
    """Write down that ``amount`` is paid back; return the operations to send.

    The oldest payments give first.
    """
    asked = []
    left = amount
    for payment in Payment.objects.filter(order=order, captured_amount__gt=0).order_by("pk"):
        unanswered = payment.operations.filter(
            kind=Kind.REFUND, state__in=PaymentOperation.UNANSWERED
        )
        promised = sum(unanswered.values_list("amount", flat=True), ZERO)
        part = min(left, payment.captured_amount - payment.refunded_amount - promised)
        if part > 0:
            own = f"{key}-{payment.pk}"
            asked.append(write_operation(payment, Kind.REFUND, part, key=own, now=now))
            left -= part
    return asked


def refund_key(refund_id: int) -> str:
    """Return how the keys of the operations of a refund begin; each ends with its payment's id."""
    return f"refund-{refund_id}"


def refund_paid_with(order: Order, operation: PaymentOperation) -> Refund | None:
    """Return the refund that is paid back in full now that ``operation`` has succeeded.

    None while another of its operations has not, and for what no refund asked.
    """
    for refund in Refund.objects.filter(order=order).order_by("pk"):
        key = refund_key(refund.pk)
        if operation.idempotency_key == f"{key}-{operation.payment_id}":
            others = PaymentOperation.objects.filter(
                kind=Kind.REFUND, idempotency_key__startswith=f"{key}-", payment__order=order
            )
            is_paid = not others.exclude(state=PaymentOperation.State.SUCCEEDED).exists()
            return refund if is_paid else None
    return None


def ask_authorization(books: OrderBooks, replaced: Payment, *, now: datetime) -> list[int]:
    """Write down a new authorization of all that is not captured; return it, to be sent.

    The one that it takes the place of lives on until the new one has succeeded. Nothing is asked
    where no money is left to capture.

    Rule: Void and reauthorize.
    """
    amount = sum((book.money.uncaptured for book in books.lines.values()), ZERO)
    if not amount:
        return []
    payment = Payment.objects.create(
        order=books.order,
        replaces=replaced,
        gateway=replaced.gateway,
        token=replaced.token,
        action=PaymentAction.AUTHORIZE.value,
        currency=replaced.currency,
        amount=amount,
        created_at=now,
    )
    key = f"reauthorize-{books.order.pk}-{payment.pk}"
    return [write_operation(payment, Kind.AUTHORIZE, amount, key=key, now=now)]


def give_up_authorizations(order: Order, *, now: datetime) -> list[int]:
    """Close the finished payments of an order; return the voids to send.

    An authorization is closed when nothing is left to capture, or when another has replaced it.
    One that was captured in part needs no void: its rest lapses. Payments that are paid back
    whole become REFUNDED.
    """
    authorized = Payment.objects.filter(order=order, state=Payment.State.AUTHORIZED)
    if uncaptured_lines(order).exists():
        authorized = authorized.filter(replacements__state__in=LIVE)
    waiting = {"kind": Kind.CAPTURE, "state__in": PaymentOperation.UNANSWERED}
    idle = authorized.exclude(operations__in=PaymentOperation.objects.filter(**waiting))
    unused = idle.filter(captured_amount=0).exclude(operations__kind=Kind.VOID)
    asked = [
        write_operation(payment, Kind.VOID, payment.amount, key=f"void-{payment.pk}", now=now)
        for payment in unused.distinct().order_by("pk")
    ]
    partly_used = list(idle.filter(captured_amount__gt=0).order_by("pk"))
    Payment.objects.filter(pk__in=[payment.pk for payment in partly_used]).update(
        state=Payment.State.CAPTURED
    )
    Payment.objects.filter(
        order=order,
        state=Payment.State.CAPTURED,
        captured_amount__gt=0,
        refunded_amount=F("captured_amount"),
    ).update(state=Payment.State.REFUNDED)
    return asked


def write_operation(
    payment: Payment, kind: PaymentOperation.Kind, amount: Decimal, *, key: str, now: datetime
) -> int:
    """Write one operation, to be sent after the commit or later; return its id."""
    operation = PaymentOperation.objects.create(
        payment=payment,
        kind=kind,
        amount=amount,
        idempotency_key=key,
        created_at=now,
        next_attempt_at=next_attempt(1, now=now),
    )
    return operation.pk


def uncaptured_lines(order: Order) -> QuerySet[OrderLine]:
    """Return the lines with units that may still be captured."""
    asked_for = F("canceled_quantity") + F("invoiced_quantity")
    return OrderLine.objects.filter(order=order, quantity__gt=asked_for)
