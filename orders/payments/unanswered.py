"""Asks gateways again what became of operations whose outcome is not known."""

from datetime import datetime

from django.db import transaction

from orders import ports
from orders.models import Order, PaymentOperation
from orders.payments import sending
from orders.payments.retries import MAX_ATTEMPTS

BATCH_SIZE = 200


def ask_due(*, now: datetime) -> int:
    """Ask once more for every operation that is due; return of how many something was done.

    Also those that were never sent, because their worker died. Opens its own short transactions;
    several workers may do so at once. What has been asked too often is put in review.

    Rule: Payments, outcome unknown.
    """
    due = PaymentOperation.objects.due(now).order_by("next_attempt_at", "pk")
    rows = list(due.values_list("pk", "attempt_count")[:BATCH_SIZE])
    return sum(
        _put_in_review(pk, now=now)
        if attempts >= MAX_ATTEMPTS
        else sending.send_if_due(pk, now=now)
        for pk, attempts in rows
    )


def ask_again(order_id: int, *, now: datetime) -> str:
    """Send what is unanswered of an order once more, each with its own key; return the status.

    For a person who does not want to wait.
    """
    unanswered = PaymentOperation.objects.filter(
        payment__order_id=order_id, state__in=PaymentOperation.UNANSWERED
    )
    sending.send(list(unanswered.order_by("pk").values_list("pk", flat=True)), now=now)
    return Order.objects.values_list("status", flat=True).get(pk=order_id)


def _put_in_review(operation_id: int, *, now: datetime) -> bool:
    """Leave an operation to a person; what waited for it gives its units back."""
    with transaction.atomic():
        order_id = PaymentOperation.objects.values_list("payment__order_id", flat=True).get(
            pk=operation_id
        )
        Order.objects.select_for_update().get(pk=order_id)
        due = PaymentOperation.objects.filter(pk=operation_id).due(now)
        if not due.update(next_attempt_at=None, review_since=now):
            return False
        operation = PaymentOperation.objects.select_related("payment").get(pk=operation_id)
        if operation.payment.replaces_id and operation.kind == PaymentOperation.Kind.AUTHORIZE:
            ports.current().refuse(order_id, is_final=True, now=now)
    return True
