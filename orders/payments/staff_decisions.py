"""Decisions of staff about operations that were declined or never answered."""

from django.db import transaction

from core.acts import Act
from orders.books import locked_books
from orders.models import Order, PaymentOperation
from orders.payments import gateway_operations, gateway_requests
from orders.payments.gateways import GatewayAnswer, GatewayOutcome
from orders.refusals import NotInReviewError

Kind = PaymentOperation.Kind
State = PaymentOperation.State


def settle(operation_id: int, act: Act, *, has_happened: bool) -> None:
    """Settle an operation that was never answered, or a refund that was due, as people know it.

    Opens the transaction; what it entails is sent after the commit. The effect is that of the
    gateway's answer: of a refund that was paid, the customer is told.

    :raises NotInReviewError: unless its outcome is unknown, or it is due.

    Rule: Payments, a person decides.
    """
    operation = PaymentOperation.objects.select_related("payment").get(pk=operation_id)
    if operation.state not in PaymentOperation.UNANSWERED:
        raise NotInReviewError(operation_id)
    answer = GatewayAnswer(
        GatewayOutcome.SUCCEEDED if has_happened else GatewayOutcome.DECLINED,
        reference=operation.payment.gateway_reference or operation.idempotency_key,
        message=act.reason,
    )
    with transaction.atomic():
        entailed = gateway_requests.apply_answer(operation_id, answer, now=act.at)
        _write_review(operation_id, act)
    gateway_requests.send(entailed, now=act.at)


def close(operation_id: int, act: Act) -> None:
    """Leave an operation declined: its money is settled in another way, as its reason says.

    Opens the transaction.

    :raises NotInReviewError: unless it was declined and is still to be decided.

    Rule: Payments, a person decides.
    """
    with transaction.atomic():
        _locked_declined(operation_id)
        _write_review(operation_id, act)


def try_again(operation_id: int, act: Act) -> list[int]:
    """Send a declined operation again, with a new key; return the ids of the new operations.

    Opens the transaction; they are sent after the commit. A capture asks for those of its units
    that no later capture has asked for.

    :raises NotInReviewError: unless it was declined and is still to be decided.

    Rule: Payments, a person decides.
    """
    with transaction.atomic():
        operation = _locked_declined(operation_id)
        key = f"again-{operation.pk}"
        books = locked_books(operation.payment.order_id)
        match operation.kind:
            case Kind.CAPTURE:
                units = {
                    line.order_line_id: min(
                        line.quantity, books.lines[line.order_line_id].units.capturable
                    )
                    for line in operation.lines.order_by("order_line_id")
                }
                asked = gateway_operations.ask_capture(books, units, key=key, now=act.at)
            case Kind.REFUND:
                wanted = gateway_operations.AmountToRefund(books.order, operation.amount, key)
                asked = gateway_operations.ask_refunds([wanted], now=act.at)
            case _void:
                payment, amount = operation.payment, operation.amount
                asked = [
                    gateway_operations.write_operation(
                        payment, Kind.VOID, amount, key=key, now=act.at
                    )
                ]
        _write_review(operation_id, act)
    gateway_requests.send(asked, now=act.at)
    return asked


def _locked_declined(operation_id: int) -> PaymentOperation:
    owner = PaymentOperation.objects.filter(pk=operation_id).values("payment__order_id")
    Order.objects.select_for_update().get(pk__in=owner)
    waiting = PaymentOperation.objects.in_review().filter(pk=operation_id, state=State.DECLINED)
    operation = waiting.select_related("payment").order_by("pk").first()
    if operation is None:
        raise NotInReviewError(operation_id)
    return operation


def _write_review(operation_id: int, act: Act) -> None:
    PaymentOperation.objects.filter(pk=operation_id).update(
        reviewed_at=act.at, reviewed_by_id=act.actor_id, review_note=act.reason
    )
