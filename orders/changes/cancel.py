"""Cancels open units of an order; those that were paid for are refunded."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from django.db import transaction

from inventory import ports as inventory_ports
from inventory.models import Reservation
from inventory.operations import ledger
from orders import ports
from orders.changes.refund import RefundParts, write_refund
from orders.line_units import of_line
from orders.locking import (
    OrderBooks,
    add_to_lines,
    known_change,
    locked_books,
    refresh_status,
    refuse_fractions,
)
from orders.models import Cancellation, CancellationLine
from orders.notices.queue import tell_canceled
from orders.payments import operations, sending
from orders.ports import EndedUnits
from orders.refusals import NothingToCancelError, NotThatManyError


def cancel(
    order_id: int,
    *,
    quantities: Mapping[int, Decimal] | None = None,
    shipment_number: str | None = None,
    expected_version: int | None = None,
    now: datetime,
    actor_id: int | None = None,
    reason: str = "",
    idempotency_key: str | None = None,
) -> Cancellation:
    """Cancel open units, by order line id (all, or all on the shipment that is named).

    Opens the transaction. Units not captured go first; captured ones are refunded, and returned
    to stock. Units that wait are taken before ready ones, unless one shipment is named. The same
    idempotency key again returns the same cancellation.

    :raises NotThatManyError: if fewer units of a line are open.
    :raises inventory.operations.whole_units.FractionError: for a fraction of a unit that is sold
        whole.
    :raises NothingToCancelError: if nothing is open.
    :raises orders.refusals.NotOnShipmentError: if the named shipment has fewer.
    :raises orders.refusals.StaleError: if ``expected_version`` is not that shipment's.
    :raises UnpaidOrderError: while the order's payment is not decided.

    Rule: Order status, canceling.
    """
    with transaction.atomic():
        written, asked = cancel_in_books(
            order_id,
            quantities=quantities,
            shipment_number=shipment_number,
            expected_version=expected_version,
            now=now,
            actor_id=actor_id,
            reason=reason,
            idempotency_key=idempotency_key,
        )
    sending.send(asked, now=now)
    return written


def cancel_in_books(
    order_id: int,
    *,
    quantities: Mapping[int, Decimal] | None,
    shipment_number: str | None = None,
    expected_version: int | None = None,
    now: datetime,
    actor_id: int | None = None,
    reason: str = "",
    idempotency_key: str | None = None,
) -> tuple[Cancellation, list[int]]:
    """Write a cancel, as :func:`cancel`; return it with the payment operations to send.

    Runs inside the caller's transaction.
    """
    refuse_fractions(quantities)
    books = locked_books(order_id)
    known = known_change(Cancellation, books.order, idempotency_key)
    if known is not None:
        return known, []
    if shipment_number is not None:
        there = ports.current().units_on(
            books.order, shipment_number, expected_version=expected_version
        )
        quantities = there if quantities is None else quantities
    canceled, refunded = _split(books, quantities)
    ended = EndedUnits(canceled, refunded, shipment_number=shipment_number, reason=reason)
    written = _write_cancellation(books, ended, now=now, actor_id=actor_id, key=idempotency_key)
    asked = _apply(books, written, ended, now=now, actor_id=actor_id)
    tell_canceled(written, refunded=refunded, now=now)
    return written, asked


def _apply(
    books: OrderBooks,
    written: Cancellation,
    ended: EndedUnits,
    *,
    now: datetime,
    actor_id: int | None,
) -> list[int]:
    order = books.order
    asked: list[int] = []
    event = Reservation.Event
    entries = books.entries(ended.canceled, event=event.CANCELED, sequence=written.pk)
    if ended.refunded:
        refund = write_refund(
            books,
            RefundParts(ended.refunded, {}),
            is_returned_to_stock=True,
            now=now,
            actor_id=actor_id,
            reason=ended.reason,
        )
        entries += books.entries(ended.refunded, event=event.REFUNDED, sequence=refund.pk)
        asked += operations.ask_refund(order, refund.amount, key=f"refund-{refund.pk}", now=now)
    allocated = ports.current().end_units(order, ended, now=now, actor_id=actor_id)
    refresh_status(order)
    asked += operations.give_up_authorizations(order, now=now)
    products = {books.lines[pk].line.product_id for pk in {*ended.canceled, *ended.refunded}}
    inventory_ports.current().note_arrival(sorted(products))
    ledger.record(entries, at=now, actor_id=actor_id, allocated=allocated)
    return asked


def _split(
    books: OrderBooks, quantities: Mapping[int, Decimal] | None
) -> tuple[Mapping[int, Decimal], Mapping[int, Decimal]]:
    """Return the units of each line that are canceled, and those that are (paid for) refunded."""
    if quantities is None:
        quantities = {pk: book.units.open for pk, book in books.lines.items()}
    canceled, refunded = {}, {}
    for pk, quantity in quantities.items():
        with of_line(pk):
            if quantity < 0:
                raise NotThatManyError(books.lines[pk].units.cancelable)
            canceled[pk], refunded[pk] = books.lines[pk].units.split_cancel(quantity)
    if not any([*canceled.values(), *refunded.values()]):
        raise NothingToCancelError(books.order.number)
    return (
        {pk: units for pk, units in canceled.items() if units},
        {pk: units for pk, units in refunded.items() if units},
    )


def _write_cancellation(
    books: OrderBooks,
    ended: EndedUnits,
    *,
    now: datetime,
    actor_id: int | None,
    key: str | None,
) -> Cancellation:
    """Write the record; units that were paid for are kept on the refund, not here too."""
    written = Cancellation.objects.create(
        order=books.order,
        reason=ended.reason,
        actor_id=actor_id,
        created_at=now,
        idempotency_key=key,
    )
    CancellationLine.objects.bulk_create(
        CancellationLine(
            cancellation=written,
            order_line_id=pk,
            quantity=quantity,
            amount=books.lines[pk].money.of_uncaptured(quantity, books.lines[pk].units),
        )
        for pk, quantity in ended.canceled.items()
    )
    add_to_lines("canceled_quantity", ended.canceled)
    return written
