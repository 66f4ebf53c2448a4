"""A locked order with what is left on its lines: every change starts here."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, TypeVar

from django.db import connection
from django.db.models import QuerySet, Sum

from core.currencies import smallest_unit
from core.quantities import ZERO
from core.sql import array, execute_prepared
from inventory.models import Reservation
from inventory.operations import ledger
from inventory.options import PaymentAction
from orders.line_units import LineMoney, LineUnits
from orders.models import (
    Cancellation,
    CancellationLine,
    CaptureLine,
    Order,
    OrderChange,
    OrderLine,
    Payment,
    PaymentOperation,
    Refund,
    RefundLine,
    Return,
    ReturnLine,
    leaving_sum,
)
from orders.money import share
from orders.order_status import LineOutcome, status_of
from orders.refusals import (
    KeyOfAnotherOrderError,
    NotThatManyError,
    PendingChangeError,
    UnpaidOrderError,
)

Change = TypeVar("Change", Cancellation, Refund, OrderChange, Return)
Chosen = TypeVar("Chosen")
Parts = tuple[Decimal, Decimal]

ADD_TO_LINES = """
UPDATE orders_orderline AS line SET {column} = line.{column} + change.quantity
FROM unnest(%s::bigint[], %s::numeric[]) AS change(line_id, quantity)
WHERE line.id = change.line_id
"""


@dataclass(frozen=True, slots=True)
class LineBook:
    """A line with its units and its money; ``unit`` is the smallest amount of its currency.

    ``is_paid_at_once``: it was paid whole, for its payment was captured as it was made.
    """

    line: OrderLine
    units: LineUnits
    money: LineMoney
    unit: Decimal
    is_paid_at_once: bool = False

    def of_uncaptured(self, quantity: Decimal) -> Decimal:
        """Return what ``quantity`` units that are not captured, and stay, are worth."""
        leaving = self.units.leaving_uncaptured
        left = self.money.uncaptured - (self.money.leaving if leaving else ZERO)
        return share(left, quantity, self.units.capturable - leaving, unit=self.unit)

    def shipped(self, quantity: Decimal) -> "LineBook":
        """Return the line after ``quantity`` units have left, and their money was asked for.

        :attr:`LineUnits.shipped_uncaptured` of it, before, is what is to be captured.
        """
        units = replace(self.units, deducted=self.units.deducted + quantity)
        due = units.shipped_uncaptured
        return replace(
            self,
            units=replace(units, pending=units.pending + due),
            money=replace(self.money, pending=self.money.pending + self.of_uncaptured(due)),
        )

    def of_captured(self, quantity: Decimal) -> Decimal:
        """Return what is paid back for ``quantity`` captured units, with their share of the tax.

        Units that leave with a change, or await a refund, keep their worth, and are none of these.
        """
        leaving = self.units.leaving_captured
        paid_for = self.units.invoiced - self.units.refunded - self.units.awaiting_refund
        left = self.money.captured - self.money.refunded - self.money.awaiting_refund
        left -= self.money.leaving if leaving else ZERO
        return share(left, quantity, paid_for - leaving, unit=self.unit)


@dataclass(frozen=True, slots=True)
class OrderBooks:
    """An order that is locked, and its lines by id."""

    order: Order
    lines: Mapping[int, LineBook]

    def split(
        self, chosen: Mapping[int, Chosen], parts: Callable[[LineUnits, Chosen], Parts]
    ) -> tuple[dict[int, Decimal], dict[int, Decimal]]:
        """Return both parts of the chosen units of each line, by line id; none that is 0.

        :raises NotThatManyError: as ``parts`` does, with the line's id.
        :raises PendingChangeError: for a line whose payment is not decided.
        """
        found: tuple[dict[int, Decimal], dict[int, Decimal]] = ({}, {})
        for pk, choice in chosen.items():
            try:
                # Lines of a change that waits for its payment are none of the order's yet.
                if pk not in self.lines:
                    raise PendingChangeError(self.order.number)
                split = parts(self.lines[pk].units, choice)
            except NotThatManyError as error:
                error.line_id = pk
                raise
            for units, quantity in zip(found, split, strict=True):
                if quantity:
                    units[pk] = quantity
        return found

    def entries(
        self, quantities: Mapping[int, Decimal], *, event: Reservation.Event, sequence: int
    ) -> list[ledger.Entry]:
        """Return the ledger entries by which ended units, by line id, are compensated."""
        lines = [self.lines[pk].line for pk in quantities]
        return entries_of(self.order, lines, quantities, event=event, sequence=sequence)


def entries_of(
    order: Order,
    lines: Iterable[OrderLine],
    quantities: Mapping[int, Decimal],
    *,
    event: Reservation.Event,
    sequence: int,
) -> list[ledger.Entry]:
    """Return the ledger entries of ``lines`` that reserve, with units by line id."""
    return [
        ledger.Entry(
            stock_id=order.stock_id,
            product_id=line.product_id,
            quantity=quantities[line.pk],
            event=event,
            order_line_id=line.pk,
            order_number=order.number,
            sequence=sequence,
        )
        for line in lines
        if line.is_reserving
    ]


def locked_books(order_id: int) -> OrderBooks:
    """Lock an order and read its lines; runs inside the caller's transaction.

    :raises UnpaidOrderError: while its payment is pending, or in review.
    """
    order = Order.objects.select_for_update().get(pk=order_id)
    if not order.is_paid_for:
        raise UnpaidOrderError(order.number)
    return books_of(order)


def books_of(order: Order, *, added_by: int | None = None) -> OrderBooks:
    """Read the lines of an order with the units and money left, in a fixed number of statements.

    For pages; a change reads them under lock (:func:`locked_books`). ``added_by`` reads the lines
    of one order change, whether it is applied or not; else they are those in force.
    """
    return books_of_orders([order], added_by=added_by)[order.pk]


def books_of_orders(
    orders: Collection[Order], *, added_by: int | None = None
) -> dict[int, OrderBooks]:
    """Read the lines of orders as :func:`books_of`, by order id, in as many statements."""
    by_id = {order.pk: order for order in orders}
    rows = OrderLine.objects.filter(order__in=by_id).order_by("pk")
    chosen = rows.in_force() if added_by is None else rows.filter(change=added_by)
    lines = list(
        chosen.annotate(
            leaving_quantity=leaving_sum("replaced_quantity"),
            leaving_amount=leaving_sum("replaced_amount"),
        )
    )
    canceled = _sums(CancellationLine.objects.filter(order_line__order__in=by_id))
    refunded = _sums(RefundLine.objects.filter(order_line__order__in=by_id))
    asked = CaptureLine.objects.filter(order_line__order__in=by_id)
    captured = _sums(asked.filter(operation__state=PaymentOperation.State.SUCCEEDED))
    pending = _sums(asked.filter(operation__state__in=PaymentOperation.UNANSWERED))
    paid = Payment.objects.filter(
        order__in=by_id,
        action=PaymentAction.AUTHORIZE_AND_CAPTURE,
        state__in=[Payment.State.CAPTURED, Payment.State.REFUNDED],
    )
    paid_at_once = set(paid.values_list("order_id", "order_change")) | _exchanges(lines)
    awaiting = _awaiting_refund(lines)
    books: dict[int, dict[int, LineBook]] = {pk: {} for pk in by_id}
    for line in lines:
        unit = smallest_unit(by_id[line.order_id].currency)
        _, canceled_amount = canceled.get(line.pk, (ZERO, ZERO))
        pending_units, pending_amount = pending.get(line.pk, (ZERO, ZERO))
        is_paid_at_once = (line.order_id, line.paid_by_id) in paid_at_once
        at_once = line.total - canceled_amount if is_paid_at_once else ZERO
        books[line.order_id][line.pk] = LineBook(
            line=line,
            units=LineUnits(
                ordered=line.quantity,
                canceled=line.canceled_quantity,
                invoiced=line.invoiced_quantity,
                pending=pending_units,
                deducted=line.deducted_quantity,
                refunded=line.refunded_quantity,
                refunded_unshipped=line.refunded_unshipped_quantity,
                leaving=vars(line)["leaving_quantity"],
                returned=line.returned_quantity,
                awaiting_refund=awaiting.get(line.pk, (ZERO, ZERO))[0],
            ),
            money=LineMoney(
                total=line.total,
                canceled=canceled_amount,
                captured=captured.get(line.pk, (ZERO, at_once))[1],
                pending=pending_amount,
                refunded=refunded.get(line.pk, (ZERO, ZERO))[1],
                awaiting_refund=awaiting.get(line.pk, (ZERO, ZERO))[1],
                leaving=vars(line)["leaving_amount"],
            ),
            unit=unit,
            is_paid_at_once=is_paid_at_once,
        )
    return {pk: OrderBooks(order, books[pk]) for pk, order in by_id.items()}


def known_change(model: type[Change], order: Order, idempotency_key: str | None) -> Change | None:
    """Return the change that was made with this key, if any.

    :raises KeyOfAnotherOrderError: when it was made to another order.
    """
    if idempotency_key is None:
        return None
    known = model.objects.filter(idempotency_key=idempotency_key).order_by("pk").first()
    if known is not None and known.order_id != order.pk:
        raise KeyOfAnotherOrderError(idempotency_key)
    return known


def refuse_while_pending(order: Order) -> None:
    """Refuse what a change that waits for its payment, of the locked order, could not follow.

    :raises PendingChangeError: while there is one.

    Rule: Changing an order, one pending change per order (§20).
    """
    if order.orderchanges.filter(state=OrderChange.State.PENDING).exists():
        raise PendingChangeError(order.number)


def refresh_status(order: Order) -> None:
    """Give the order the status that its lines say; runs inside the caller's transaction."""
    refresh_statuses([order])


def refresh_statuses(orders: Iterable[Order]) -> None:
    """Give orders the status that their lines say, as :func:`refresh_status`.

    One statement, and one more for each status that they have then.
    """
    outcomes: defaultdict[int, list[LineOutcome]] = defaultdict(list)
    rows = list(orders)
    for line in OrderLine.objects.filter(order__in=[row.pk for row in rows]).order_by("pk"):
        outcome = LineOutcome(
            open=line.open_quantity,
            shipped=line.shipped_quantity,
            deducted=line.deducted_quantity,
            taken_back=line.refunded_quantity - line.refunded_unshipped_quantity,
        )
        outcomes[line.order_id].append(outcome)
    changed: defaultdict[str, list[int]] = defaultdict(list)
    for order in rows:
        order.status = status_of(outcomes[order.pk], current=order.status)
        changed[order.status].append(order.pk)
    for status, pks in changed.items():
        Order.objects.filter(pk__in=pks).update(status=status)


def add_to_lines(column: str, quantities: Mapping[int, Decimal]) -> None:
    """Add units to one column of order lines, by line id; their orders are locked."""
    changed = {pk: units for pk, units in quantities.items() if units}
    if changed:
        statement = ADD_TO_LINES.format(column=connection.ops.quote_name(column))
        execute_prepared(statement, [array(changed), array(changed.values())])


def _exchanges(lines: Iterable[OrderLine]) -> set[tuple[int, int | None]]:
    """Return (order id, change id) of the exchanges by which lines are paid."""
    changes = {line.paid_by_id for line in lines if line.paid_by_id is not None}
    if not changes:
        return set()
    return set(Return.objects.filter(exchange__in=changes).values_list("order_id", "exchange_id"))


def _awaiting_refund(lines: Iterable[OrderLine]) -> dict[int, tuple[Decimal, Decimal]]:
    """Return the units and the money, by line id, of returns that are refunded later."""
    returned = {line.pk for line in lines if line.returned_quantity}
    if not returned:
        return {}
    rows = ReturnLine.objects.filter(order_line__in=returned, of_return__state=Return.State.OPEN)
    return _sums(rows)


def _sums(rows: QuerySet[Any]) -> dict[int, tuple[Decimal, Decimal]]:
    totals = rows.values("order_line").annotate(units=Sum("quantity"), worth=Sum("amount"))
    return {row["order_line"]: (row["units"], row["worth"]) for row in totals.order_by()}
