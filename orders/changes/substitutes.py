"""The part of an order change that puts other products in the place of open units."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from core.acts import Act
from core.quantities import ZERO
from core.text import gettext_noop
from inventory.models import SourceItem
from orders import ports
from orders.books import LineBook, OrderBooks
from orders.cancellation import ReplacedUnits, replaced_units
from orders.changes.change import ChangeRefusedError
from orders.changes.new_lines import (
    NewLines,
    ask_for_change,
    assess_new_lines,
    line_of_worth,
    write_lines,
)
from orders.changes.request import ChangePayment, SubstitutePrice, Substitution
from orders.line_units import LineUnits
from orders.models import OrderChange, Refund
from orders.payments import gateway_operations
from orders.payments.change_settlement import apply_change
from orders.payments.virtual_delivery import invoice
from orders.placing.request import LineRequest
from orders.placing.validation import OrderProblem

SUBSTITUTE = "substitute"
# Where a problem of the new line is shown, by its path there.
PATHS = {"quantity": "new_quantity", "sku": "sku"}
NAMED_TWICE = gettext_noop("Another row names this line. Name each line once.")
SAME_PRODUCT = gettext_noop("Choose another product than the one that is replaced.")
PARTLY_PAID = gettext_noop(
    "Some of these units are captured and others are not. Substitute %(uncaptured)s units first."
)
CAPTURED_APART = gettext_noop(
    "These units were captured apart from the rest. Cancel them, and add a line."
)
PAID_APART = gettext_noop(
    "Some of the replaced units are captured and others are not. Substitute them in changes of "
    "their own, for the substitutes cost more."
)
NOT_WHOLE = gettext_noop("Not all of these units can be sent by the sources of this order.")


@dataclass(frozen=True, slots=True)
class Substitutes:
    """New lines, with the units that each takes the place of, in the same order."""

    new: NewLines
    replaced: Sequence[ReplacedUnits]

    def left_over(self, *, is_captured: bool) -> Decimal:
        """Return what the replaced units of one kind are worth beyond what replaces them."""
        pairs = zip(self.new.assessed.lines, self.replaced, strict=True)
        return sum(
            (its.worth - line.total for line, its in pairs if its.is_captured == is_captured), ZERO
        )

    @property
    def due(self) -> Decimal:
        """What is asked of the gateway: what captured money lacks, or what is to be authorized.

        An authorization is for the substitutes whole, and takes the place of the former one.
        """
        pairs = zip(self.new.assessed.lines, self.replaced, strict=True)
        if any(line.total > its.worth for line, its in pairs if not its.is_captured):
            return self.new.due
        return max(-self.left_over(is_captured=True), ZERO)


def assess_substitutes(
    books: OrderBooks, asked: Sequence[Substitution], *, today: date
) -> Substitutes:
    """Check substitutes as new units, and route them; locks shipments and source items.

    At the former price a substitute costs in all what the units cost that it replaces; the
    remainder of a smallest unit is a discount, so that it stays with the last unit.

    :raises NotThatManyError: if fewer units of a line are open.
    :raises ChangeRefusedError: with every reason of every line.

    Rule: Changing an order, substitute (§20).
    """
    order = books.order
    canceled, captured = books.split(
        {one.line_id: one.quantity for one in asked}, LineUnits.split_cancel
    )
    problems = [
        problem
        for number, one in enumerate(asked, start=1)
        for problem in _problems(number, one, asked, books, canceled, captured)
    ]
    if problems:
        raise ChangeRefusedError(problems, SUBSTITUTE)
    replaced = [replaced_units(books, one.line_id, one.quantity) for one in asked]
    _lock(books, asked)
    lines = [
        _line(one, books.lines[one.line_id], its) for one, its in zip(asked, replaced, strict=True)
    ]
    try:
        new = assess_new_lines(order, lines, today=today)
    except ChangeRefusedError as error:
        raise ChangeRefusedError([_moved(one) for one in error.problems], SUBSTITUTE) from error
    found = Substitutes(new, replaced)
    if problems := list(_problems_together(found)):
        raise ChangeRefusedError(problems, SUBSTITUTE)
    return found


def substitute(
    books: OrderBooks, change: OrderChange, found: Substitutes, payment: ChangePayment, act: Act
) -> list[int]:
    """Write substitutes; return the payment operations to send.

    What was captured for the replaced units pays for them, and what is left of it is refunded.
    Where more is to be paid the change is pending, and the units that it would take away cannot
    ship, until the gateway has answered.
    """
    order, part = books.order, replace(act, key=None)
    due, asked = found.due, list[int]()
    if due:
        captures = all(its.is_captured for its in found.replaced)
        asked = ask_for_change(order, change, found.new, payment, due, act, captures=captures)
    numbered = zip(found.new.assessed.lines, found.replaced, strict=True)
    former = {line.number: (books.lines[its.line_id].line, its) for line, its in numbered}
    write_lines(order, change, found.new, act, replaced=former)
    if due:
        taken = [its.line_id for its in found.replaced]
        ports.current().hold_for_change(order.pk, taken, now=act.at)
        return asked
    apply_change(order, change, now=act.at, is_paid=False)
    _invoice(books, change, found, act)
    left = found.left_over(is_captured=True)
    if left:
        refund = Refund.objects.create(
            order=order, is_returned_to_stock=True, amount=left, **part.columns()
        )
        key = gateway_operations.refund_key(refund.pk)
        wanted = gateway_operations.AmountToRefund(order, left, key)
        asked += gateway_operations.ask_refunds([wanted], now=act.at)
    return asked + gateway_operations.give_up_authorizations([order], now=act.at)


def _invoice(books: OrderBooks, change: OrderChange, found: Substitutes, act: Act) -> None:
    """Count the units as captured that captured money pays for."""
    captured = {its.line_id for its in found.replaced if its.is_captured}
    lines = change.added_lines.filter(replaces__in=captured).order_by("pk")
    units = {line.pk: line.quantity for line in lines}
    if units:
        invoice(books.order, units, sequence=change.pk, now=act.at)


def _problems(
    number: int,
    one: Substitution,
    asked: Sequence[Substitution],
    books: OrderBooks,
    canceled: Mapping[int, Decimal],
    captured: Mapping[int, Decimal],
) -> Iterator[OrderProblem]:
    book = books.lines[one.line_id]
    if sum(1 for other in asked if other.line_id == one.line_id) > 1:
        yield OrderProblem("NAMED_TWICE", NAMED_TWICE, number, "line")
    if one.sku == book.line.sku:
        yield OrderProblem("SAME_PRODUCT", SAME_PRODUCT, number, "sku")
    if one.line_id not in captured:
        return
    if one.line_id in canceled:
        at = {"uncaptured": canceled[one.line_id]}
        yield OrderProblem("PARTLY_CAPTURED", PARTLY_PAID, number, "quantity", at)
    elif not book.is_paid_at_once:
        yield OrderProblem("CAPTURED_APART", CAPTURED_APART, number, "quantity")


def _lock(books: OrderBooks, asked: Sequence[Substitution]) -> None:
    """Lock the open shipments of the order, then the items of the former and the new products."""
    ports.current().lock_open_shipments(books.order.pk)
    former = [books.lines[one.line_id].line.product_id for one in asked]
    items = SourceItem.objects.filter(product__in=former) | SourceItem.objects.filter(
        product__sku__in=[one.sku for one in asked]
    )
    list(items.locked().values_list("pk"))


def _line(one: Substitution, book: LineBook, its: ReplacedUnits) -> LineRequest:
    """Return the new line; at the former price it costs in all what the replaced units cost."""
    if one.price == SubstitutePrice.PRODUCT or one.new_quantity <= 0:
        return LineRequest(one.sku, one.new_quantity)
    return line_of_worth(book, one.quantity, its.worth, one.sku, one.new_quantity)


def _moved(problem: OrderProblem) -> OrderProblem:
    """Return a problem of a new line where the substitute says that."""
    return replace(problem, path=PATHS.get(problem.path, "price"))


def _problems_together(found: Substitutes) -> Iterator[OrderProblem]:
    """Yield what the after-action would cancel at once, and what no single payment pays for."""
    for number, line in enumerate(found.new.assessed.lines, start=1):
        if line.number in found.new.canceled:
            yield OrderProblem("NOT_ENOUGH_ITEMS", NOT_WHOLE, number, "new_quantity")
    if found.due and len({its.is_captured for its in found.replaced}) > 1:
        yield OrderProblem("PAID_APART", PAID_APART, path=SUBSTITUTE)
