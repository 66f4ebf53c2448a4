"""Refunds captured units, before or after they left."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from core.acts import Act
from core.quantities import ZERO
from inventory.models import Reservation
from inventory.operations import ledger, returned_units
from orders import ports
from orders.books import OrderBooks, add_to_lines, known_change, locked_books, refresh_status
from orders.changes.change import Change, refuse_stale
from orders.line_fractions import refuse_fractions
from orders.models import Refund, RefundLine, VirtualDelivery
from orders.payments import gateway_operations
from orders.ports import UnitWithdrawal
from orders.queries.units_out import units_out
from orders.refusals import NothingToRefundError


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


@Change
def refund(
    order_id: int,
    act: Act,
    *,
    lines: Mapping[int, RefundRequest],
    is_returned_to_stock: bool,
    expected_version: int | None = None,
) -> tuple[Refund, list[int]]:
    """Refund captured units, by order line id; the gateway pays after the commit.

    Units returned to stock go back to the sources that shipped them; units that did not leave are
    set free, or (not returned) leave the books where they are set aside. The same key again
    returns the same refund.

    :raises orders.refusals.StaleOrderError: if ``expected_version`` is not the order's.
    :raises NotThatManyError: if fewer units were captured, or fewer of either kind are left.
    :raises inventory.operations.whole_units.FractionError: for a fraction of a unit that is sold
        whole.
    :raises NothingToRefundError: if no unit is named.
    :raises UnpaidOrderError: while the order's payment is not decided.

    Rule: Reservations, refunds.
    """
    refuse_fractions({pk: request.fraction for pk, request in lines.items()})
    books = locked_books(order_id)
    order = books.order
    known = known_change(Refund, order, act.key)
    if known is not None:
        return known, []
    refuse_stale(order, expected_version)
    unshipped, shipped = books.split(
        lines, lambda units, chosen: units.split_refund(chosen.quantity, chosen.shipped)
    )
    if not unshipped and not shipped:
        raise NothingToRefundError(order.number)
    written, asked = write_refund(
        books, unshipped, shipped, act, is_returned_to_stock=is_returned_to_stock
    )
    ended = UnitWithdrawal({}, unshipped, is_discarded=not is_returned_to_stock)
    allocated = ports.current().withdraw_units(order, ended, act)
    if is_returned_to_stock:
        _return_to_sources(books, shipped)
    refresh_status(order)
    asked += gateway_operations.give_up_authorizations(order, now=act.at)
    entries = books.entries(unshipped, event=Reservation.Event.REFUNDED, sequence=written.pk)
    ledger.record(entries, act, allocated=allocated)
    return written, asked


def write_refund(
    books: OrderBooks,
    unshipped: Mapping[int, Decimal],
    shipped: Mapping[int, Decimal],
    act: Act,
    *,
    is_returned_to_stock: bool,
    worth: Mapping[int, Decimal] | None = None,
) -> tuple[Refund, list[int]]:
    """Record the refund of units, by order line id, and have their money paid back.

    Runs inside the caller's transaction. Returns the record with the payment operations to send.
    ``worth`` is their money, where it was promised before.
    """
    written = record_refund(
        books, unshipped, shipped, act, is_returned_to_stock=is_returned_to_stock, worth=worth
    )
    key = gateway_operations.refund_key(written.pk)
    return written, gateway_operations.ask_refund(books.order, written.amount, key=key, now=act.at)


def record_refund(
    books: OrderBooks,
    unshipped: Mapping[int, Decimal],
    shipped: Mapping[int, Decimal],
    act: Act,
    *,
    is_returned_to_stock: bool,
    worth: Mapping[int, Decimal] | None = None,
) -> Refund:
    """Record the refund of units, by order line id, and count them on the lines."""
    chosen = {
        pk: unshipped.get(pk, ZERO) + shipped.get(pk, ZERO)
        for pk in books.lines
        if pk in unshipped or pk in shipped
    }
    if worth is None:
        worth = {pk: books.lines[pk].of_captured(quantity) for pk, quantity in chosen.items()}
    written = Refund.objects.create(
        order=books.order,
        is_returned_to_stock=is_returned_to_stock,
        amount=sum(worth.values(), ZERO),
        **act.columns(),
    )
    RefundLine.objects.bulk_create(
        RefundLine(
            refund=written,
            order_line_id=pk,
            quantity=quantity,
            shipped_quantity=shipped.get(pk, ZERO),
            amount=worth[pk],
        )
        for pk, quantity in chosen.items()
    )
    add_to_lines("refunded_quantity", chosen)
    add_to_lines("refunded_unshipped_quantity", unshipped)
    return written


def _return_to_sources(books: OrderBooks, shipped: Mapping[int, Decimal]) -> None:
    """Put units back where they left from, in the order in which they left, never above."""
    reserving = {
        pk: books.lines[pk].units.brought_back(quantity)
        for pk, quantity in shipped.items()
        if books.lines[pk].line.is_reserving
    }
    back: defaultdict[tuple[int, int], Decimal] = defaultdict(Decimal)
    physical = {pk for pk in reserving if not books.lines[pk].line.is_virtual}
    out = units_out(books.lines[pk].line for pk in physical)
    for pk in physical:
        wanted = reserving[pk]
        for part in out.get(pk, []):
            units = min(part.quantity, wanted)
            wanted -= units
            back[books.lines[pk].line.product_id, part.source_id] += units
    _return_virtual(books, {pk: reserving[pk] for pk in reserving.keys() - physical}, back)
    add_to_lines("returned_quantity", reserving)
    returned_units.put_back(back)


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
