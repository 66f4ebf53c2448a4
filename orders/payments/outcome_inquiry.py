"""Asks gateways again about operations whose outcome is not known."""

from datetime import datetime

from django.db import transaction

from orders import ports
from orders.models import Order, PaymentOperation
from orders.payments import gateway_requests
from orders.payments.gateways import MAX_ATTEMPTS

BATCH_SIZE = 200
# The task that does it.
ASK_GATEWAYS = "orders.ask_gateways"


def ask_due(*, now: datetime) -> int:
    """Ask once more for every operation that is due; return how many changed.

    These include operations that were never sent because their worker died. Opens its own short
    transactions; several workers may do so at once. After the last attempt an operation is put
    in review.

    Rule: Payments, outcome unknown.
    """
    due = PaymentOperation.objects.due(now).order_by("next_attempt_at", "pk")
    rows = list(due.values_list("pk", "attempt_count")[:BATCH_SIZE])
    return sum(
        _put_in_review(pk, now=now)
        if attempts >= MAX_ATTEMPTS
        else gateway_requests.send_if_due(pk, now=now)
        for pk, attempts in rows
    )


def _put_in_review(operation_id: int, *, now: datetime) -> bool:
    """Put an operation in review; shipments that waited for it are deallocated."""
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
            ports.current().refuse_authorization(order_id, is_final=True, now=now)
    return True
