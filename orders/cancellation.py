"""The record of canceled units, which leave what an order holds.

Every function runs inside the caller's transaction, the order locked.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from core.acts import Act
from core.quantities import ZERO
from inventory import ports as inventory_ports
from inventory.models import Reservation
from inventory.operations import ledger
from orders import ports
from orders.books import OrderBooks, add_to_lines, books_of, refresh_statuses
from orders.models import Cancellation, CancellationLine, Order
from orders.ports import UnitWithdrawal
from orders.refusals import NotThatManyError

# Units and their worth by order line id.
Worths = Mapping[int, tuple[Decimal, Decimal]]


def write_cancellation(order_id: int, units: Worths, act: Act) -> Cancellation:
    """Record canceled units, each with its worth, by order line id."""
    [written] = write_cancellations([(order_id, units, act)])
    return written


def write_cancellations(asked: Sequence[tuple[int, Worths, Act]]) -> list[Cancellation]:
    """Record canceled units as :func:`write_cancellation`, of many orders in two statements."""
    written = Cancellation.objects.bulk_create(
        Cancellation(order_id=order_id, **act.columns()) for order_id, _units, act in asked
    )
    CancellationLine.objects.bulk_create(
        CancellationLine(cancellation=one, order_line_id=pk, quantity=quantity, amount=amount)
        for one, (_order_id, units, _act) in zip(written, asked, strict=True)
        for pk, (quantity, amount) in units.items()
    )
    return written


@dataclass(frozen=True, slots=True)
class CanceledUnits:
    """Units of an order to cancel that nothing was captured for, by line id."""

    books: OrderBooks
    quantities: Mapping[int, Decimal]
    act: Act

    @property
    def worths(self) -> Worths:
        """The units with what they are worth."""
        lines = self.books.lines
        return {
            pk: (units, lines[pk].of_uncaptured(units)) for pk, units in self.quantities.items()
        }


def cancel_units(asked: Sequence[CanceledUnits]) -> tuple[list[Cancellation], list[ledger.Entry]]:
    """Record canceled units and count them on the lines, each of another order.

    Return the records with the entries that compensate them.
    """
    written = write_cancellations([(one.books.order.pk, one.worths, one.act) for one in asked])
    for record, one in zip(written, asked, strict=True):
        record.order = one.books.order
    counted = {pk: quantity for one in asked for pk, quantity in one.quantities.items()}
    add_to_lines("canceled_quantity", counted)
    event = Reservation.Event.CANCELED
    entries = [
        entry
        for one, record in zip(asked, written, strict=True)
        for entry in one.books.entries(one.quantities, event=event, sequence=record.pk)
    ]
    return written, entries


def withdraw_units(
    withdrawals: Sequence[UnitWithdrawal], entries: Sequence[ledger.Entry], act: Act
) -> None:
    """Take units off what orders hold and wait for; their statuses and the ledger follow.

    :raises NotOnShipmentError: if there are fewer such units.
    """
    allocated = ports.current().withdraw_units(withdrawals, act)
    refresh_statuses(one.order for one in withdrawals)
    ledger.record(entries, act, allocated=allocated)


@dataclass(frozen=True, slots=True)
class ReplacedUnits:
    """Open units of a line that a new line takes the place of, and what they are worth."""

    line_id: int
    quantity: Decimal
    worth: Decimal
    is_captured: bool


def replaced_units(
    books: OrderBooks, line_id: int, quantity: Decimal, *, worth: Decimal | None = None
) -> ReplacedUnits:
    """Return open units of a line with their worth, where they are captured all or not at all.

    ``worth`` is what was kept when they were asked for; else it is reckoned now.

    :raises NotThatManyError: if fewer are.
    """
    book = books.lines[line_id]
    _uncaptured, captured = book.units.split_cancel(quantity)
    if captured not in (ZERO, quantity):
        raise NotThatManyError(quantity - captured)
    if worth is None:
        worth = book.of_captured(quantity) if captured else book.of_uncaptured(quantity)
    return ReplacedUnits(line_id, quantity, worth, is_captured=bool(captured))


def cancel_replaced(books: OrderBooks, replaced: Sequence[ReplacedUnits], act: Act) -> None:
    """Cancel units that new lines take the place of: what was paid for them pays for these.

    Rule: Changing an order, substitute (§20).
    """
    units = {one.line_id: one.quantity for one in replaced}
    worth = {one.line_id: (one.quantity, one.worth) for one in replaced}
    captured = {one.line_id: -one.quantity for one in replaced if one.is_captured}
    add_to_lines("invoiced_quantity", captured)
    written = write_cancellation(books.order.pk, worth, act)
    add_to_lines("canceled_quantity", units)
    event = Reservation.Event.CANCELED
    entries = books.entries(units, event=event, sequence=written.pk)
    products = {books.lines[pk].line.product_id for pk in units}
    inventory_ports.current().note_arrival(sorted(products))
    withdraw_units([UnitWithdrawal(books.order, units)], entries, act)


def cancel_open_units(order: Order, act: Act) -> Cancellation:
    """Cancel everything of an order of which nothing was captured or shipped.

    Rule: Placing an order, a declined payment.
    """
    books = books_of(order)
    quantities = {pk: book.units.open for pk, book in books.lines.items() if book.units.open}
    [written], entries = cancel_units([CanceledUnits(books, quantities, act)])
    withdraw_units([UnitWithdrawal(order, quantities)], entries, act)
    return written
