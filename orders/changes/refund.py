"""Refunds captured units, before or after they left."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import transaction

from core.quantities import ZERO
from inventory.models import Reservation
from inventory.operations import ledger, returns
from orders import ports
from orders.line_units import of_line
from orders.locking import (
    OrderBooks,
    add_to_lines,
    known_change,
    locked_books,
    refresh_status,
    refuse_fractions,
)
from orders.models import Refund, RefundLine, VirtualDelivery
from orders.payments import operations, sending
from orders.ports import EndedUnits
from orders.refusals import NothingToRefundError, NotThatManyError


@dataclass(frozen=True, slots=True)
class RefundRequest:
    """Units of one line to refund; ``shipped`` names how many of them had left.

    Where it does not, units that did not leave are taken first.
    """

    quantity: Decimal
    shipped: Decimal | None = None

    @property
    def fraction(self) -> Decimal:
        """The one of its quantities that is a fraction, if either is."""
        return self.quantity if self.quantity % 1 or self.shipped is None else self.shipped


@dataclass(frozen=True, slots=True)
class RefundParts:
    """Units to refund by order line id, those that had not left apart from those that had."""

    unshipped: Mapping[int, Decimal]
    shipped: Mapping[int, Decimal]

    def total(self, line_id: int) -> Decimal:
        return self.unshipped.get(line_id, ZERO) + self.shipped.get(line_id, ZERO)


def refund(
    order_id: int,
    *,
    lines: Mapping[int, RefundRequest],
    is_returned_to_stock: bool,
    now: datetime,
    actor_id: int | None = None,
    reason: str = "",
    idempotency_key: str | None = None,
) -> Refund:
    """Refund captured units, by order line id; the gateway pays after the commit.

    Opens the transaction. Units returned to stock go back to the sources that shipped them; units
    that did not leave are set free, or (not returned) leave the books where they are set aside.
    The same idempotency key again returns the same refund.

    :raises NotThatManyError: if fewer units were captured, or fewer of either kind are left.
    :raises inventory.operations.whole_units.FractionError: for a fraction of a unit that is sold
        whole.
    :raises NothingToRefundError: if no unit is named.
    :raises UnpaidOrderError: while the order's payment is not decided.

    Rule: Reservations, refunds.
    """
    with transaction.atomic():
        written, asked = refund_in_books(
            order_id,
            lines=lines,
            is_returned_to_stock=is_returned_to_stock,
            now=now,
            actor_id=actor_id,
            reason=reason,
            idempotency_key=idempotency_key,
        )
    sending.send(asked, now=now)
    return written


def refund_in_books(
    order_id: int,
    *,
    lines: Mapping[int, RefundRequest],
    is_returned_to_stock: bool,
    now: datetime,
    actor_id: int | None = None,
    reason: str = "",
    idempotency_key: str | None = None,
) -> tuple[Refund, list[int]]:
    """Write a refund, as :func:`refund`; return it with the payment operations to send.

    Runs inside the caller's transaction.
    """
    refuse_fractions({pk: request.fraction for pk, request in lines.items()})
    books = locked_books(order_id)
    known = known_change(Refund, books.order, idempotency_key)
    if known is not None:
        return known, []
    parts = _split(books, lines)
    written = write_refund(
        books,
        parts,
        is_returned_to_stock=is_returned_to_stock,
        now=now,
        actor_id=actor_id,
        reason=reason,
        idempotency_key=idempotency_key,
    )
    ended = EndedUnits(
        canceled={},
        refunded=parts.unshipped,
        is_discarded=not is_returned_to_stock,
        reason=reason,
    )
    allocated = ports.current().end_units(books.order, ended, now=now, actor_id=actor_id)
    if is_returned_to_stock:
        _return_to_sources(books, parts.shipped)
    refresh_status(books.order)
    refunded = Reservation.Event.REFUNDED
    entries = books.entries(parts.unshipped, event=refunded, sequence=written.pk)
    ledger.record(entries, at=now, actor_id=actor_id, allocated=allocated)
    asked = operations.ask_refund(books.order, written.amount, key=f"refund-{written.pk}", now=now)
    asked += operations.give_up_authorizations(books.order, now=now)
    return written, asked


def write_refund(
    books: OrderBooks,
    parts: RefundParts,
    *,
    is_returned_to_stock: bool,
    now: datetime,
    actor_id: int | None,
    reason: str,
    idempotency_key: str | None = None,
) -> Refund:
    """Write the record of a refund and count it on the lines; in the caller's transaction."""
    chosen = {pk: parts.total(pk) for pk in books.lines if parts.total(pk)}
    worth = {
        pk: books.lines[pk].money.of_captured(quantity, books.lines[pk].units)
        for pk, quantity in chosen.items()
    }
    written = Refund.objects.create(
        order=books.order,
        is_returned_to_stock=is_returned_to_stock,
        reason=reason,
        amount=sum(worth.values(), ZERO),
        actor_id=actor_id,
        created_at=now,
        idempotency_key=idempotency_key,
    )
    RefundLine.objects.bulk_create(
        RefundLine(
            refund=written,
            order_line_id=pk,
            quantity=quantity,
            shipped_quantity=parts.shipped.get(pk, ZERO),
            amount=worth[pk],
        )
        for pk, quantity in chosen.items()
    )
    add_to_lines("refunded_quantity", chosen)
    add_to_lines("refunded_unshipped_quantity", parts.unshipped)
    return written


def _split(books: OrderBooks, lines: Mapping[int, RefundRequest]) -> RefundParts:
    unshipped, shipped = {}, {}
    for pk, request in lines.items():
        with of_line(pk):
            if request.quantity < 0:
                raise NotThatManyError(books.lines[pk].units.invoiced)
            unshipped[pk], shipped[pk] = books.lines[pk].units.split_refund(
                request.quantity, request.shipped
            )
    if not any([*unshipped.values(), *shipped.values()]):
        raise NothingToRefundError(books.order.number)
    return RefundParts(
        {pk: units for pk, units in unshipped.items() if units},
        {pk: units for pk, units in shipped.items() if units},
    )


def _return_to_sources(books: OrderBooks, shipped: Mapping[int, Decimal]) -> None:
    """Put units back where they left from, in the order in which they left, never above."""
    reserving = {
        pk: quantity for pk, quantity in shipped.items() if books.lines[pk].line.is_reserving
    }
    back: defaultdict[tuple[int, int], Decimal] = defaultdict(Decimal)
    physical = {pk for pk in reserving if not books.lines[pk].line.is_virtual}
    left_from = ports.current().shipped_from(physical)
    for pk in physical:
        line, wanted = books.lines[pk].line, reserving[pk]
        skipped = line.returned_quantity
        for source_id, quantity in left_from.get(pk, []):
            passed = min(quantity, skipped)
            skipped -= passed
            units = min(quantity - passed, wanted)
            wanted -= units
            back[line.product_id, source_id] += units
    _return_virtual(books, {pk: reserving[pk] for pk in reserving.keys() - physical}, back)
    add_to_lines("returned_quantity", reserving)
    returns.put_back(back)


def _return_virtual(
    books: OrderBooks,
    quantities: Mapping[int, Decimal],
    back: defaultdict[tuple[int, int], Decimal],
) -> None:
    left = dict(quantities)
    deliveries = list(VirtualDelivery.objects.filter(order_line__in=left).order_by("pk"))
    for delivery in deliveries:
        units = min(delivery.quantity - delivery.returned_quantity, left[delivery.order_line_id])
        left[delivery.order_line_id] -= units
        delivery.returned_quantity += units
        product_id = books.lines[delivery.order_line_id].line.product_id
        back[product_id, delivery.source_id] += units
    VirtualDelivery.objects.bulk_update(deliveries, ["returned_quantity"])
