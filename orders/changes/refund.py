"""Refunds captured units, before or after they left."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
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
    ended = UnitWithdrawal(order, {}, unshipped, is_discarded=not is_returned_to_stock)
    allocated = ports.current().withdraw_units([ended], act)
    if is_returned_to_stock:
        _return_to_sources(books, shipped)
    refresh_status(order)
    asked += gateway_operations.give_up_authorizations([order], now=act.at)
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
    units = RefundedUnits(books, unshipped, shipped, act, worth)
    [written], asked = write_refunds([units], is_returned_to_stock=is_returned_to_stock)
    return written, asked


def write_refunds(
    asked: Sequence["RefundedUnits"], *, is_returned_to_stock: bool, due_at: datetime | None = None
) -> tuple[list[Refund], list[int]]:
    """Record refunds as :func:`write_refund`, each of another order, in a number of statements.

    Where ``due_at`` is given, workers send the payment operations from then on.
    """
    written = record_refunds(asked, is_returned_to_stock=is_returned_to_stock)
    wanted = [
        gateway_operations.AmountToRefund(
            refund.order, refund.amount, gateway_operations.refund_key(refund.pk)
        )
        for refund in written
    ]
    now = asked[0].act.at
    return written, gateway_operations.ask_refunds(wanted, now=now, due_at=due_at)


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
    units = RefundedUnits(books, unshipped, shipped, act, worth)
    [written] = record_refunds([units], is_returned_to_stock=is_returned_to_stock)
    return written


@dataclass(frozen=True, slots=True)
class RefundedUnits:
    """Units of an order to pay back, by line id; ``worth`` is their money if it was promised."""

    books: OrderBooks
    unshipped: Mapping[int, Decimal]
    shipped: Mapping[int, Decimal]
    act: Act
    worth: Mapping[int, Decimal] | None = None

    @property
    def chosen(self) -> dict[int, Decimal]:
        """All units, by line id."""
        return {
            pk: self.unshipped.get(pk, ZERO) + self.shipped.get(pk, ZERO)
            for pk in self.books.lines
            if pk in self.unshipped or pk in self.shipped
        }

    @property
    def worths(self) -> Mapping[int, Decimal]:
        """What they are worth, by line id."""
        if self.worth is not None:
            return self.worth
        lines = self.books.lines
        return {pk: lines[pk].of_captured(quantity) for pk, quantity in self.chosen.items()}


def record_refunds(asked: Sequence[RefundedUnits], *, is_returned_to_stock: bool) -> list[Refund]:
    """Record refunds as :func:`record_refund`, each of another order."""
    worths = [one.worths for one in asked]
    written = Refund.objects.bulk_create(
        Refund(
            order=one.books.order,
            is_returned_to_stock=is_returned_to_stock,
            amount=sum(worth.values(), ZERO),
            **one.act.columns(),
        )
        for one, worth in zip(asked, worths, strict=True)
    )
    RefundLine.objects.bulk_create(
        RefundLine(
            refund=refund,
            order_line_id=pk,
            quantity=quantity,
            shipped_quantity=one.shipped.get(pk, ZERO),
            amount=worth[pk],
        )
        for refund, one, worth in zip(written, asked, worths, strict=True)
        for pk, quantity in one.chosen.items()
    )
    add_to_lines(
        "refunded_quantity", {pk: units for one in asked for pk, units in one.chosen.items()}
    )
    add_to_lines(
        "refunded_unshipped_quantity",
        {pk: units for one in asked for pk, units in one.unshipped.items()},
    )
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
