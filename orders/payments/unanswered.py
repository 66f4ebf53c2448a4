"""Asks the gateway again what became of payments whose outcome is not known."""

from datetime import datetime

from django.db.models import F

from orders.models import Order, PaymentOperation
from orders.payments.protocol import GatewayRequest
from orders.payments.settlement import Authorization, authorize


def ask_again(order_id: int, *, now: datetime) -> str:
    """Send the order's unanswered authorization once more, with its own key; return the status.

    The attempt is counted, and committed, before it is sent. An order without an unanswered
    authorization is left as it is.
    """
    operation = (
        PaymentOperation.objects.filter(
            payment__order_id=order_id,
            kind=PaymentOperation.Kind.AUTHORIZE,
            state__in=[PaymentOperation.State.PENDING, PaymentOperation.State.UNKNOWN],
        )
        .select_related("payment")
        .order_by("pk")
        .first()
    )
    if operation is None:
        return Order.objects.values_list("status", flat=True).get(pk=order_id)
    PaymentOperation.objects.filter(pk=operation.pk).update(attempt_count=F("attempt_count") + 1)
    payment = operation.payment
    pending = Authorization(
        order_id=order_id,
        operation_id=operation.pk,
        idempotency_key=operation.idempotency_key,
        gateway=payment.gateway,
        captures=payment.action == "AUTHORIZE_AND_CAPTURE",
        has_virtual_lines=payment.order.lines.filter(is_virtual=True).exists(),
        request=GatewayRequest(
            idempotency_key=operation.idempotency_key,
            amount=operation.amount,
            currency=payment.currency,
            token=payment.token,
            attempt=operation.attempt_count + 1,
        ),
    )
    return authorize(pending, now=now)
