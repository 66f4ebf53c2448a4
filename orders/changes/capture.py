"""Captures units of an authorized order."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from django.db import transaction

from inventory.models import Reservation
from orders.line_units import of_line
from orders.locking import OrderBooks, locked_books, refuse_fractions
from orders.models import PaymentOperation
from orders.payments import operations, sending
from orders.refusals import NothingToCaptureError, NotThatManyError


def capture(
    order_id: int,
    *,
    quantities: Mapping[int, Decimal] | None = None,
    now: datetime,
    idempotency_key: str,
) -> None:
    """Capture units, by order line id (all that are not captured when left out).

    Opens the transaction; the gateway is asked after the commit. The same key again has no
    second effect, and asks the gateway again while its answer is not known.

    :raises NotThatManyError: if a line has fewer units that are not captured.
    :raises inventory.operations.whole_units.FractionError: for a fraction of a unit that is sold
        whole.
    :raises NothingToCaptureError: if no line has any.
    :raises NoAuthorizationError: if what was authorized has expired.
    :raises UnpaidOrderError: while the order's payment is not decided.

    Rule: Payments, capturing.
    """
    with transaction.atomic():
        asked = capture_in_books(
            order_id, quantities=quantities, now=now, idempotency_key=idempotency_key
        )
    sending.send(asked, now=now)


def capture_in_books(
    order_id: int,
    *,
    quantities: Mapping[int, Decimal] | None,
    now: datetime,
    idempotency_key: str,
) -> list[int]:
    """Write a capture, as :func:`capture`; return the payment operations to send.

    Runs inside the caller's transaction.
    """
    key = f"capture-{order_id}-{idempotency_key}"
    refuse_fractions(quantities)
    books = locked_books(order_id)
    known = PaymentOperation.objects.filter(idempotency_key=key)
    asked = list(known.order_by("pk").values_list("pk", flat=True))
    if not asked:
        wanted = _checked(books, quantities)
        asked = operations.ask_capture(books, wanted, key=key, now=now)
        if not asked:
            _invoice_what_is_free(books, wanted, now=now)
    return asked


def _checked(books: OrderBooks, quantities: Mapping[int, Decimal] | None) -> Mapping[int, Decimal]:
    if quantities is None:
        quantities = {pk: book.units.capturable for pk, book in books.lines.items()}
    for pk, quantity in quantities.items():
        with of_line(pk):
            if quantity < 0 or quantity > books.lines[pk].units.capturable:
                raise NotThatManyError(books.lines[pk].units.capturable)
    if not any(quantities.values()):
        raise NothingToCaptureError(books.order.number)
    return {pk: quantity for pk, quantity in quantities.items() if quantity}


def _invoice_what_is_free(
    books: OrderBooks, quantities: Mapping[int, Decimal], *, now: datetime
) -> None:
    """Invoice lines of an order that no payment stands behind: there is nothing to ask for."""
    earlier = Reservation.objects.filter(
        order_line_id__in=quantities, event=Reservation.Event.INVOICED
    )
    sending.invoice(books.order, quantities, sequence=earlier.count() + 1, now=now)
