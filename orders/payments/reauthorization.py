"""Authorizes again the open units of an order that are not captured."""

from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from orders import ports
from orders.books import locked_books
from orders.models import Payment, PaymentOperation
from orders.payments import gateway_operations, gateway_requests
from orders.payments.gateways import ManualGateway


def ask_again(order_id: int, *, now: datetime) -> list[int]:
    """Write a new authorization in place of the order's last; return it, to be sent.

    Runs inside the caller's transaction, and locks the order. Success voids the old one and lets
    the shipments that wait for it go on; where nothing is left to capture they go on at once.
    While an earlier request is not answered no second one is made: that one is asked about by
    its own schedule, so that a worker that died never lets another authorize twice.

    :raises UnpaidOrderError: while the order's first payment is not decided.

    Rule: Void and reauthorize.
    """
    books = locked_books(order_id)
    payments = Payment.objects.filter(order=books.order)
    unanswered = PaymentOperation.objects.filter(
        payment__in=payments.filter(replaces__isnull=False),
        kind=PaymentOperation.Kind.AUTHORIZE,
        state__in=PaymentOperation.UNANSWERED,
    )
    if unanswered.exists():
        return []
    last = _to_replace(payments)
    asked = gateway_operations.ask_authorization(books, last, now=now) if last else []
    if not asked:
        ports.current().lift_payment_holds(order_id, now=now)
    return asked


def _to_replace(payments: QuerySet[Payment]) -> Payment | None:
    """Return the newest payment that stood, one that moves money before one that records it."""
    stood = list(payments.exclude(state__in=Payment.ATTEMPTED).order_by("-pk"))
    moving = [payment for payment in stood if payment.gateway != ManualGateway.name]
    return next(iter(moving or stood), None)


def authorize_again(order_id: int, *, now: datetime) -> None:
    """Authorize an order again now, as staff decided, not after a pause.

    Opens the transaction; the gateway is asked after the commit.

    :raises UnpaidOrderError: while the order's first payment is not decided.

    Rule: Shipment states, an authorization that expires.
    """
    with transaction.atomic():
        asked = ask_again(order_id, now=now)
    gateway_requests.send(asked, now=now)
