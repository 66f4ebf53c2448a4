"""Sees to the money behind what is ready: expired authorizations, and new ones."""

from datetime import datetime

from django.db import transaction

from fulfillment.models import Shipment
from fulfillment.operations.payments.holds import end_pauses, hold_for_payment
from orders.models import Order, Payment
from orders.payments.reauthorization import ask_again
from orders.payments.sending import send

BATCH_SIZE = 200


def secure_payments(*, now: datetime) -> int:
    """Hold what expired, end the pauses that are over, and authorize anew what is due.

    Return how many orders had one of the first and the last, and how many shipments' pauses ended.
    """
    return hold_expired(now=now) + end_pauses(now=now) + authorize_due(now=now)


def hold_expired(*, now: datetime) -> int:
    """Mark authorizations that have expired, and hold what is READY of their orders for PAYMENT.

    Opens a short transaction an order. Returns how many authorizations expired. With
    ``void_and_reauthorize`` they are asked for anew; without, a person asks for it.

    Rule: Shipment states, an authorization that expires.
    """
    expired = Payment.objects.filter(state=Payment.State.AUTHORIZED, expires_at__lte=now)
    rows = list(expired.order_by("expires_at", "pk").values_list("pk", "order_id")[:BATCH_SIZE])
    for payment_id, order_id in rows:
        with transaction.atomic():
            Order.objects.select_for_update().get(pk=order_id)
            if not expired.filter(pk=payment_id).update(state=Payment.State.EXPIRED):
                continue
            ready = Shipment.objects.filter(order=order_id, state=Shipment.State.READY)
            hold_for_payment(ready.locked().values_list("pk", flat=True), now=now)
    return len(rows)


def authorize_due(*, now: datetime) -> int:
    """Ask for new authorizations for what is held for PAYMENT; return for how many orders.

    Opens its own transactions, one an order; safe to run twice, and twice at once.

    Rule: Void and reauthorize.
    """
    due = Shipment.objects.filter(
        state=Shipment.State.READY,
        hold_reason=Shipment.HoldReason.PAYMENT,
        awaits_payment=True,
        payment_retry_at__lte=now,
    ).exclude(order__status__in=Order.UNPAID)
    orders = due.order_by("order_id").values_list("order_id", flat=True).distinct()
    order_ids = list(orders[:BATCH_SIZE])
    for order_id in order_ids:
        asked: list[int] = []
        with transaction.atomic():
            Order.objects.select_for_update().get(pk=order_id)
            # Another worker may have seen to it since it was listed.
            if due.filter(order=order_id).exists():
                asked = ask_again(order_id, now=now)
        send(asked, now=now)
    return len(order_ids)
