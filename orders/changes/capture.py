"""Captures units of an authorized order."""

from collections.abc import Mapping
from decimal import Decimal
from uuid import uuid4

from django.db.models import QuerySet

from core.acts import Act
from inventory.models import Reservation
from orders.books import locked_books
from orders.changes.change import Change, refuse_stale
from orders.line_fractions import refuse_fractions
from orders.line_units import LineUnits
from orders.models import Order, PaymentOperation
from orders.payments import gateway_operations
from orders.payments.virtual_delivery import invoice
from orders.refusals import NothingToCaptureError


@Change
def capture(
    order_id: int,
    act: Act,
    *,
    quantities: Mapping[int, Decimal] | None = None,
    expected_version: int | None = None,
) -> tuple[None, list[int]]:
    """Capture units, by order line id (all that are not captured when left out).

    The same key again has no second effect, and asks the gateway again while its answer is not
    known.

    :raises orders.refusals.StaleOrderError: if ``expected_version`` is not the order's.
    :raises NotThatManyError: if a line has fewer units that are not captured.
    :raises inventory.operations.whole_units.FractionError: for a fraction of a unit that is sold
        whole.
    :raises NothingToCaptureError: if no line has any.
    :raises NoAuthorizationError: if what was authorized has expired.
    :raises UnpaidOrderError: while the order's payment is not decided.

    Rule: Payments, capturing.
    """
    refuse_fractions(quantities)
    books = locked_books(order_id)
    key = act.key or str(uuid4())
    asked = list(captures_by(books.order, key).order_by("pk").values_list("pk", flat=True))
    if asked:
        return None, asked
    refuse_stale(books.order, expected_version)
    if quantities is None:
        quantities = {pk: book.units.capturable for pk, book in books.lines.items()}
    captured, _ = books.split(quantities, LineUnits.split_capture)
    if not captured:
        raise NothingToCaptureError(books.order.number)
    asked = gateway_operations.ask_capture(books, captured, key=_own_key(order_id, key), now=act.at)
    if not asked:
        # The order has no payment, so no gateway is asked.
        event = Reservation.Event.INVOICED
        earlier = Reservation.objects.filter(order_line_id__in=captured, event=event)
        invoice(books.order, captured, sequence=earlier.count() + 1, now=act.at)
    return None, asked


def captures_by(order: Order, key: str) -> QuerySet[PaymentOperation]:
    """Return the payment operations of the capture of an order that was made with ``key``."""
    return PaymentOperation.objects.filter(
        payment__order=order, idempotency_key=_own_key(order.pk, key)
    )


def _own_key(order_id: int, key: str) -> str:
    return f"capture-{order_id}-{key}"
