"""Decisions of staff about operations that were declined or never answered."""

from datetime import datetime

from django.db import transaction

from orders.locking import locked_books
from orders.models import Order, PaymentOperation
from orders.payments import operations, sending
from orders.payments.protocol import GatewayAnswer, GatewayOutcome
from orders.refusals import NotInReviewError

Kind = PaymentOperation.Kind
State = PaymentOperation.State


def settle(
    operation_id: int, *, has_happened: bool, note: str, now: datetime, actor_id: int | None
) -> None:
    """Settle an operation that was never answered, as the gateway's own books show it.

    Opens the transaction; what it entails is sent after the commit. The effect is that of the
    gateway's answer.

    :raises NotInReviewError: unless its outcome is unknown.

    Rule: Payments, a person decides.
    """
    operation = PaymentOperation.objects.select_related("payment").get(pk=operation_id)
    if operation.state not in PaymentOperation.UNANSWERED:
        raise NotInReviewError(operation_id)
    answer = GatewayAnswer(
        GatewayOutcome.SUCCEEDED if has_happened else GatewayOutcome.DECLINED,
        reference=operation.payment.gateway_reference or operation.idempotency_key,
        message=note,
    )
    with transaction.atomic():
        entailed = sending.apply_answer(operation_id, answer, now=now)
        _reviewed(operation_id, note=note, now=now, actor_id=actor_id)
    sending.send(entailed, now=now)


def close(operation_id: int, *, note: str, now: datetime, actor_id: int | None) -> None:
    """Leave an operation declined: its money is settled in another way, given in ``note``.

    Opens the transaction.

    :raises NotInReviewError: unless it was declined and is still to be decided.

    Rule: Payments, a person decides.
    """
    with transaction.atomic():
        _locked_declined(operation_id)
        _reviewed(operation_id, note=note, now=now, actor_id=actor_id)


def try_again(operation_id: int, *, note: str, now: datetime, actor_id: int | None) -> list[int]:
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
                asked = operations.ask_capture(books, units, key=key, now=now)
            case Kind.REFUND:
                asked = operations.ask_refund(books.order, operation.amount, key=key, now=now)
            case _void:
                void = operations.write_operation(
                    operation.payment, Kind.VOID, operation.amount, key=key, now=now
                )
                asked = [void.pk]
        _reviewed(operation_id, note=note, now=now, actor_id=actor_id)
    sending.send(asked, now=now)
    return asked


def _locked_declined(operation_id: int) -> PaymentOperation:
    owner = PaymentOperation.objects.filter(pk=operation_id).values("payment__order_id")
    Order.objects.select_for_update().get(pk__in=owner)
    waiting = PaymentOperation.objects.in_review().filter(pk=operation_id, state=State.DECLINED)
    operation = waiting.select_related("payment").order_by("pk").first()
    if operation is None:
        raise NotInReviewError(operation_id)
    return operation


def _reviewed(operation_id: int, *, note: str, now: datetime, actor_id: int | None) -> None:
    PaymentOperation.objects.filter(pk=operation_id).update(
        reviewed_at=now, reviewed_by_id=actor_id, review_note=note
    )
