"""Cancels open units of an order; those that were paid for are refunded."""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal

from core.acts import Act
from inventory import ports as inventory_ports
from inventory.models import Reservation
from orders import ports
from orders.books import known_change, locked_books, refuse_while_pending
from orders.cancellation import cancel_units, withdraw_units
from orders.changes.change import Change, refuse_stale
from orders.changes.refund import write_refund
from orders.line_fractions import refuse_fractions
from orders.line_units import LineUnits
from orders.models import Cancellation
from orders.notices.email_queue import CancelCause, tell_canceled
from orders.payments import gateway_operations
from orders.ports import UnitWithdrawal
from orders.refusals import NothingToCancelError


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
    canceled, refunded = books.split(quantities, LineUnits.split_cancel)
    if not canceled and not refunded:
        raise NothingToCancelError(order.number)
    written, entries = cancel_units(books, canceled, act)
    asked: list[int] = []
    refund = None
    if refunded:
        # Units that were paid for are kept on the refund, not on the cancellation too.
        refund, asked = write_refund(
            books, refunded, {}, replace(act, key=None), is_returned_to_stock=True
        )
        event = Reservation.Event.REFUNDED
        entries += books.entries(refunded, event=event, sequence=refund.pk)
    asked += gateway_operations.give_up_authorizations(order, now=act.at)
    products = {books.lines[pk].line.product_id for pk in {*canceled, *refunded}}
    inventory_ports.current().note_arrival(sorted(products))
    withdraw_units(
        books, UnitWithdrawal(canceled, refunded, shipment_number=shipment_number), entries, act
    )
    tell_canceled(written, cause=cause, refund=refund, now=act.at)
    return written, asked
