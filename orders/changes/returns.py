"""Takes shipped units back: into stock or not, with what becomes of their money."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from core.acts import Act
from core.quantities import ZERO
from inventory.operations.returned_units import put_back
from inventory.operations.whole_units import refuse_fractions_at
from orders.books import (
    OrderBooks,
    add_to_lines,
    known_change,
    locked_books,
    refresh_status,
    refuse_while_pending,
)
from orders.changes.change import Change, refuse_stale
from orders.changes.exchange import exchange, lock_items
from orders.changes.refund import write_refund
from orders.changes.return_request import ReturnedUnits, ReturnMoney, ReturnRequest
from orders.line_fractions import refuse_fractions
from orders.line_units import RETURNABLE, LineUnits
from orders.models import OrderLine, Return, ReturnLine
from orders.money import shares
from orders.payments import gateway_operations
from orders.placing.commitment import hold_products_of
from orders.placing.request import LineRequest
from orders.queries.units_out import units_out
from orders.refusals import (
    ExchangeError,
    NothingToReturnError,
    NotOnShipmentError,
    NotThatManyError,
    SettledReturnError,
)
from orders.shipment_content import ShippedUnits


@dataclass(frozen=True, slots=True)
class ReturnedPart:
    """Units that came back as they were asked for, of one shipment: its part of them."""

    asked: ReturnedUnits
    left: ShippedUnits
    quantity: Decimal

    @property
    def is_to_stock(self) -> bool:
        """Whether the units are put on hand: damaged ones only where that is said."""
        if self.asked.is_to_stock is None:
            return self.asked.condition != ReturnLine.Condition.DAMAGED
        return self.asked.is_to_stock

    @property
    def source_id(self) -> int:
        return self.left.source_id if self.asked.source_id is None else self.asked.source_id


@Change
def take_back(
    order_id: int, act: Act, *, request: ReturnRequest, expected_version: int | None = None
) -> tuple[Return, list[int]]:
    """Take shipped units of an order back; the same key again returns the same return.

    A line never takes back more than it shipped. What goes to stock is on hand at once, and a
    release run may follow. The gateway pays back after the commit.

    :raises StaleOrderError: if ``expected_version`` is not the order's.
    :raises NothingToReturnError: if no unit is named.
    :raises NotThatManyError: if fewer units of a line left and have not come back, or fewer of
        them were paid for and not refunded.
    :raises NotOnShipmentError: if the named shipment has fewer.
    :raises inventory.operations.whole_units.FractionError: for a fraction of a unit that is sold
        whole, or counted whole where it is put on hand.
    :raises ExchangeError: unless something takes the place of the units of each line.
    :raises PendingChangeError: for an exchange, while a change waits for its payment.
    :raises orders.changes.change.ChangeRefusedError: if the new units cannot be had.
    :raises UnpaidOrderError: while the order's payment is not decided.

    Rule: Picking and shipping, returns (§21).
    """
    _refuse_fractions(request)
    books = locked_books(order_id)
    known = known_change(Return, books.order, act.key)
    if known is not None:
        return known, []
    refuse_stale(books.order, expected_version)
    quantities = _quantities(books, request)
    parts = parts_of(books, request)
    if request.money is ReturnMoney.EXCHANGE or request.exchange:
        _prepare_exchange(books, quantities, parts, request)
    written = _write(books, quantities, parts, request.money, act)
    asked: list[int] = []
    if request.money is ReturnMoney.REFUND:
        asked = pay_back(books, written, act)
    elif request.money is ReturnMoney.EXCHANGE:
        exchange(books, written, request.exchange, settled_lines(written)[:2], act)
    refresh_status(books.order)
    return written, asked + gateway_operations.give_up_authorizations([books.order], now=act.at)


@Change
def refund_return(order_id: int, act: Act, *, return_id: int) -> tuple[Return, list[int]]:
    """Refund a return whose money was to be paid back later, as it was worth then.

    The gateway pays after the commit. What is refunded already stays so.

    :raises orders.models.Return.DoesNotExist: if the order has no such return.
    :raises SettledReturnError: if nothing of it is to be refunded.
    :raises UnpaidOrderError: while the order's payment is not decided.

    Rule: Picking and shipping, returns (§21).
    """
    books = locked_books(order_id)
    written = books.order.returns.get(pk=return_id)
    if written.state == Return.State.REFUNDED:
        return written, []
    if written.state != Return.State.OPEN:
        raise SettledReturnError(return_id)
    asked = pay_back(books, written, act)
    refresh_status(books.order)
    return written, asked + gateway_operations.give_up_authorizations([books.order], now=act.at)


def pay_back(books: OrderBooks, written: Return, act: Act) -> list[int]:
    """Refund the units of a return, whose order is locked; return the operations to send."""
    units, worth, is_to_stock = settled_lines(written)
    written.refund, asked = write_refund(
        books, {}, units, replace(act, key=None), is_returned_to_stock=is_to_stock, worth=worth
    )
    written.state = Return.State.REFUNDED
    written.save(update_fields=["refund", "state"])
    return asked


def settled_lines(written: Return) -> tuple[dict[int, Decimal], dict[int, Decimal], bool]:
    """Return the units and the money of a return by order line id, and whether any is in stock."""
    units: defaultdict[int, Decimal] = defaultdict(Decimal)
    worth: defaultdict[int, Decimal] = defaultdict(Decimal)
    lines = list(written.lines.order_by("pk"))
    for line in lines:
        units[line.order_line_id] += line.quantity
        worth[line.order_line_id] += line.amount
    return dict(units), dict(worth), any(line.is_to_stock for line in lines)


def parts_of(books: OrderBooks, request: ReturnRequest) -> list[ReturnedPart]:
    """Return units that come back by the shipment that they left with.

    :raises NotThatManyError: if fewer left and have not come back.
    :raises NotOnShipmentError: if the named shipment has fewer.
    """
    lines = [books.lines[units.line_id].line for units in request.lines]
    out = units_out(lines)
    found: list[ReturnedPart] = []
    for units in request.lines:
        left = units.quantity
        for index, part in enumerate(out.get(units.line_id, [])):
            if units.shipment is not None and units.shipment != part.shipment_number:
                continue
            taken = min(left, part.quantity)
            if taken:
                found.append(ReturnedPart(units, part, taken))
                out[units.line_id][index] = replace(part, quantity=part.quantity - taken)
                left -= taken
        if left:
            raise _too_many(units, units.quantity - left)
    return found


def _too_many(units: ReturnedUnits, available: Decimal) -> Exception:
    if units.shipment is not None:
        return NotOnShipmentError(units.shipment, line_id=units.line_id, available=available)
    error = NotThatManyError(available, RETURNABLE)
    error.line_id = units.line_id
    return error


def _prepare_exchange(
    books: OrderBooks,
    quantities: Mapping[int, Decimal],
    parts: Sequence[ReturnedPart],
    request: ReturnRequest,
) -> None:
    """Check what an exchange names, and lock every source item that it writes."""
    is_exchange = request.money is ReturnMoney.EXCHANGE
    if not is_exchange or request.exchange.keys() != quantities.keys():
        raise ExchangeError(books.order.number)
    refuse_while_pending(books.order)
    lock_items(_to_stock(books, parts), {new.sku for new in request.exchange.values()})


def _refuse_fractions(request: ReturnRequest) -> None:
    """Hold the products of fractions, and new ones, before anything else is locked."""
    refuse_fractions({units.line_id: units.quantity for units in request.lines})
    elsewhere = [units for units in request.lines if units.source_id is not None]
    lines = OrderLine.objects.filter(pk__in=[units.line_id for units in elsewhere])
    products = dict(lines.values_list("pk", "product_id"))
    if request.exchange:
        hold_products_of([LineRequest(new.sku, new.quantity) for new in request.exchange.values()])
    refuse_fractions_at(
        ((products[units.line_id], units.source_id), units.quantity)
        for units in elsewhere
        if units.source_id is not None and units.line_id in products
    )


def _quantities(books: OrderBooks, request: ReturnRequest) -> dict[int, Decimal]:
    """Return the units that come back by line id; what has to be paid for must have been."""
    wanted: defaultdict[int, Decimal] = defaultdict(Decimal)
    for units in request.lines:
        wanted[units.line_id] += units.quantity
    books.split(wanted, LineUnits.split_return)
    quantities = {pk: quantity for pk, quantity in wanted.items() if quantity}
    if not quantities:
        raise NothingToReturnError(books.order.number)
    if request.money is not ReturnMoney.NONE:
        books.split(quantities, LineUnits.split_shipped_refund)
    return quantities


def _write(
    books: OrderBooks,
    quantities: Mapping[int, Decimal],
    parts: Sequence[ReturnedPart],
    money: ReturnMoney,
    act: Act,
) -> Return:
    """Write a return with its lines, and put on hand what goes to stock."""
    is_paid = money is not ReturnMoney.NONE
    worth = {
        pk: books.lines[pk].of_captured(quantity) if is_paid else ZERO
        for pk, quantity in quantities.items()
    }
    written = Return.objects.create(
        order=books.order,
        state=Return.State.OPEN if is_paid else Return.State.CLOSED,
        amount=sum(worth.values(), ZERO),
        **act.columns(),
    )
    ReturnLine.objects.bulk_create(
        ReturnLine(
            of_return=written,
            order_line_id=part.asked.line_id,
            shipment_number=part.left.shipment_number,
            quantity=part.quantity,
            amount=amount,
            condition=part.asked.condition,
            is_to_stock=part.is_to_stock,
            source_id=part.source_id,
        )
        for part, amount in _with_worth(books, worth, parts)
    )
    add_to_lines("returned_quantity", quantities)
    put_back(_to_stock(books, parts))
    return written


def _with_worth(
    books: OrderBooks, worth: Mapping[int, Decimal], parts: Sequence[ReturnedPart]
) -> Iterable[tuple[ReturnedPart, Decimal]]:
    """Yield the parts by line, each with its share of what the line's units are worth."""
    for pk, amount in worth.items():
        own = [part for part in parts if part.asked.line_id == pk]
        split = shares(amount, [part.quantity for part in own], unit=books.lines[pk].unit)
        yield from zip(own, split, strict=True)


def _to_stock(books: OrderBooks, parts: Iterable[ReturnedPart]) -> dict[tuple[int, int], Decimal]:
    """Return the units that are put on hand by (product id, source id)."""
    back: defaultdict[tuple[int, int], Decimal] = defaultdict(Decimal)
    for part in parts:
        line = books.lines[part.asked.line_id].line
        # A line that reserves nothing moves no units anywhere.
        if part.is_to_stock and line.is_reserving:
            back[line.product_id, part.source_id] += part.quantity
    return dict(back)
