"""Cancels open units of an order; those that were paid for are refunded."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from functools import partial

from django.db import transaction

from core.acts import Act
from core.broker import call_worker
from inventory import ports as inventory_ports
from inventory.models import Reservation
from orders import ports
from orders.books import (
    OrderBooks,
    books_of_orders,
    known_change,
    locked_books,
    refuse_while_pending,
)
from orders.cancellation import CanceledUnits, cancel_units, withdraw_units
from orders.changes.change import Change, refuse_stale
from orders.changes.refund import RefundedUnits, write_refunds
from orders.line_fractions import refuse_fractions
from orders.line_units import LineUnits
from orders.models import Cancellation, Order, Refund
from orders.notices.email_queue import CancelCause, tell_all_canceled
from orders.payments import gateway_operations
from orders.payments.outcome_inquiry import ASK_GATEWAYS
from orders.ports import UnitWithdrawal
from orders.refusals import NothingToCancelError, OrderChangeError, UnpaidOrderError


@Change
def cancel(
    order_id: int,
    act: Act,
    *,
    quantities: Mapping[int, Decimal] | None = None,
    shipment_number: str | None = None,
    expected_version: int | None = None,
    shipment_version: int | None = None,
    cause: CancelCause = CancelCause.NOT_NAMED,
) -> tuple[Cancellation, list[int]]:
    """Cancel open units, by order line id (all, or all on the shipment that is named).

    Units not captured go first; captured ones are refunded, and returned to stock. Units that
    wait are taken before ready ones, unless one shipment is named. The same key again returns the
    same cancellation. ``cause`` is what the customer reads.

    :raises NotThatManyError: if fewer units of a line are open.
    :raises inventory.operations.whole_units.FractionError: for a fraction of a unit that is sold
        whole.
    :raises NothingToCancelError: if nothing is open.
    :raises NotOnShipmentError: if the named shipment has fewer.
    :raises StaleError: if ``shipment_version`` is not that shipment's.
    :raises orders.refusals.StaleOrderError: if ``expected_version`` is not the order's.
    :raises PendingChangeError: if all is to be canceled while a change waits for its payment.
    :raises UnpaidOrderError: while the order's payment is not decided.

    Rule: Order status, canceling.
    """
    refuse_fractions(quantities)
    books = locked_books(order_id)
    order = books.order
    known = known_change(Cancellation, order, act.key)
    if known is not None:
        return known, []
    refuse_stale(order, expected_version)
    if shipment_number is not None:
        there = ports.current().units_on(order, shipment_number, expected_version=shipment_version)
        quantities = there if quantities is None else quantities
    if quantities is None:
        refuse_while_pending(order)
        quantities = {pk: book.units.open for pk, book in books.lines.items()}
    chosen = _chosen(books, quantities, shipment_number, act)
    [written], asked = _write([chosen], act, cause=cause)
    return written, asked


@dataclass(frozen=True, slots=True)
class ShipmentCancel:
    """All that is open on one shipment, to be canceled: ``quantities`` by order line id."""

    order_id: int
    shipment_number: str
    quantities: Mapping[int, Decimal]


def cancel_shipments(
    asked: Sequence[ShipmentCancel], act: Act, *, cause: CancelCause = CancelCause.NOT_NAMED
) -> dict[str, OrderChangeError]:
    """Cancel shipments as :func:`cancel` does one; return why others stay, by number.

    Runs in the caller's transaction, which has locked the shipments and their orders. One that
    cannot be canceled keeps no other from it. Workers ask gateways after the commit.

    Rule: Order status, canceling.
    """
    refused: dict[str, OrderChangeError] = {}
    left = list(asked)
    while left:
        # Of two shipments of one order, the second finds what the first has left.
        wave = {one.order_id: one for one in reversed(left)}
        left = [one for one in left if wave[one.order_id] is not one]
        chosen = []
        for books in _books_of(wave).values():
            one = wave[books.order.pk]
            try:
                _refuse_unpaid(books.order)
                chosen.append(_chosen(books, one.quantities, one.shipment_number, act))
            except OrderChangeError as error:
                refused[one.shipment_number] = error
        if chosen:
            _written, operations = _write(chosen, act, cause=cause, due_at=act.at)
            if operations:
                transaction.on_commit(partial(call_worker, ASK_GATEWAYS))
    return refused


def _books_of(order_ids: Collection[int]) -> dict[int, OrderBooks]:
    orders = Order.objects.filter(pk__in=order_ids).order_by("pk").select_for_update()
    return books_of_orders(orders)


def _refuse_unpaid(order: Order) -> None:
    if not order.is_paid_for:
        raise UnpaidOrderError(order.number)


@dataclass(frozen=True, slots=True)
class _ChosenUnits:
    """Units of one order to cancel, by line id: those not captured, and those to pay back."""

    books: OrderBooks
    canceled: Mapping[int, Decimal]
    refunded: Mapping[int, Decimal]
    shipment_number: str | None
    act: Act


def _chosen(
    books: OrderBooks, quantities: Mapping[int, Decimal], shipment_number: str | None, act: Act
) -> _ChosenUnits:
    canceled, refunded = books.split(quantities, LineUnits.split_cancel)
    if not canceled and not refunded:
        raise NothingToCancelError(books.order.number)
    return _ChosenUnits(books, canceled, refunded, shipment_number, act)


def _write(
    chosen: Sequence[_ChosenUnits],
    act: Act,
    *,
    cause: CancelCause,
    due_at: datetime | None = None,
) -> tuple[list[Cancellation], list[int]]:
    """Cancel units, of each order once; return the records and the payment operations to send."""
    written, entries = cancel_units(
        [CanceledUnits(one.books, one.canceled, one.act) for one in chosen]
    )
    refunds, asked = _refunds([one for one in chosen if one.refunded], due_at=due_at)
    for one in chosen:
        if one.refunded:
            event, refund = Reservation.Event.REFUNDED, refunds[one.books.order.pk]
            entries += one.books.entries(one.refunded, event=event, sequence=refund.pk)
    orders = [one.books.order for one in chosen]
    asked += gateway_operations.give_up_authorizations(orders, now=act.at, due_at=due_at)
    products = {
        one.books.lines[pk].line.product_id
        for one in chosen
        for pk in {*one.canceled, *one.refunded}
    }
    inventory_ports.current().note_arrival(sorted(products))
    withdrawals = [
        UnitWithdrawal(
            one.books.order, one.canceled, one.refunded, shipment_number=one.shipment_number
        )
        for one in chosen
    ]
    withdraw_units(withdrawals, entries, act)
    ended = [(record, refunds.get(record.order_id)) for record in written]
    tell_all_canceled(ended, cause=cause, now=act.at)
    return written, asked


def _refunds(
    chosen: Sequence[_ChosenUnits], *, due_at: datetime | None
) -> tuple[dict[int, Refund], list[int]]:
    """Pay units back; return the refunds by order id, and the payment operations to send."""
    if not chosen:
        return {}, []
    # Units that were paid for are kept on the refund, not on the cancellation too.
    units = [
        RefundedUnits(one.books, one.refunded, {}, replace(one.act, key=None)) for one in chosen
    ]
    refunds, asked = write_refunds(units, is_returned_to_stock=True, due_at=due_at)
    return {refund.order_id: refund for refund in refunds}, asked
