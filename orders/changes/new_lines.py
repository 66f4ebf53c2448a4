"""The part of an order change that adds lines."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import ROUND_UP, Decimal, localcontext
from typing import Any

from django.conf import settings
from django.utils import timezone

from core.acts import Act
from core.quantities import ZERO
from core.text import gettext_noop
from inventory.options import PaymentAction
from inventory.queries.salability_facts import context_of_stock, items_with_facts
from orders import ports
from orders.books import LineBook
from orders.cancellation import ReplacedUnits
from orders.changes.change import ChangeRefusedError
from orders.changes.request import ChangePayment
from orders.models import Order, OrderChange, OrderLine, Payment, PaymentOperation
from orders.money import EXACT, rounded, share
from orders.payments.change_settlement import apply_change
from orders.payments.gateway_operations import write_operation
from orders.payments.gateways import ManualGateway, gateway_named
from orders.placing.assessment import assess, routing_problems
from orders.placing.commitment import Worth, amount_due, commit_units, units_not_assigned
from orders.placing.request import Address, Customer, LineRequest, OrderRequest
from orders.placing.validation import OrderProblem, line_problems
from orders.routed_order import AssessedOrder, RoutedOrder, WrittenOrder

# Of shipments that wait for the payment of their change.
HELD_FOR_CHANGE = "CHANGE"
PRICE_MISSING = gettext_noop("Give the unit price: the order is in another currency than the shop.")


@dataclass(frozen=True, slots=True)
class NewLines:
    """Lines that can be added to an order, with what was decided for them."""

    assessed: AssessedOrder
    routed: RoutedOrder

    @property
    def canceled(self) -> Worth:
        """What the after-action cancels of them at once."""
        return units_not_assigned(self.assessed, self.routed)

    @property
    def amount(self) -> Decimal:
        """What they cost in all, whatever is canceled of them."""
        return sum((line.total for line in self.assessed.lines), ZERO)

    @property
    def due(self) -> Decimal:
        return amount_due(self.assessed, self.canceled)


def line_of_worth(
    book: LineBook, replaced: Decimal, worth: Decimal, sku: str, quantity: Decimal
) -> LineRequest:
    """Return a line of ``quantity`` units that costs in all what ``replaced`` units are ``worth``.

    It has their share of the tax of ``book``'s line. Of a unit price in smallest units, the excess
    in all is the discount, so that the remainder stays with the last unit.
    """
    tax = min(share(book.line.tax, replaced, book.line.quantity, unit=book.unit), worth)
    goods = worth - tax
    with localcontext(prec=EXACT):
        unit_price = (goods / quantity).quantize(book.unit, rounding=ROUND_UP)
        in_all = rounded(unit_price * quantity, book.unit)
    return LineRequest(sku, quantity, unit_price, discount=in_all - goods, tax=tax)


def assess_new_lines(order: Order, asked: Sequence[LineRequest], *, today: date) -> NewLines:
    """Check new lines of a locked order as new units, and route them; locks their source items.

    The quantity rules look at all that the order has of the product, the stock at the new units
    alone: nobody is overtaken.

    :raises ChangeRefusedError: with every reason of every line.

    Rule: Changing an order, more units and new lines (§20).
    """
    problems = [
        problem
        for number, line in enumerate(asked, start=1)
        for problem in _line_problems(number, line, order.currency)
    ]
    context = context_of_stock(order.stock.code, {line.sku for line in asked}, today=today)
    if problems or context is None:
        raise ChangeRefusedError(problems)
    items, facts = items_with_facts(context, lock=True)
    as_order = _as_order(order, tuple(asked))
    assessed, problems = assess(
        as_order, context, items, facts, ordered_before=_ordered_before(order)
    )
    if problems:
        raise ChangeRefusedError(problems)
    routed = ports.current().route_order(assessed)
    if problems := routing_problems(assessed, routed):
        raise ChangeRefusedError(problems)
    return NewLines(*_renumbered(assessed, order))


def add_lines(
    order: Order, change: OrderChange, new: NewLines, payment: ChangePayment | None, act: Act
) -> list[int]:
    """Write new lines with what they set aside; return the payment operations to send.

    Where nothing is to be paid, or (without ``payment``) returned units pay for all of it, the
    change is applied. Else it is pending, and its units cannot ship, until the gateway has
    answered.
    """
    due = new.due
    asked: list[int] = []
    if due and payment is not None:
        asked = ask_for_change(order, change, new, payment, due, act)
    write_lines(order, change, new, act)
    if asked:
        ports.current().hold_for_change(order.pk, (), now=act.at)
    else:
        apply_change(order, change, now=act.at, is_paid=True)
    return asked


def write_lines(
    order: Order,
    change: OrderChange,
    new: NewLines,
    act: Act,
    *,
    replaced: Mapping[int, tuple[OrderLine, ReplacedUnits]] | None = None,
) -> None:
    """Write new lines with what they set aside, held until their change is applied.

    ``replaced`` are lines, with the units of them that new lines take the place of, by number.
    Where the change has no payment they are paid as these.
    """
    assessed, routed = new.assessed, new.routed
    lines = _write_lines(order, change, new, replaced or {})
    days = int(str(assessed.configuration["promise_days"]))
    written = WrittenOrder(
        order_id=order.pk,
        number=order.number,
        status=order.status,
        priority=order.priority,
        placed_at=act.at,
        line_ids=lines,
        operation_id=None,
        operation_key=None,
        shipment_count=_shipment_count(order),
        hold_reason=HELD_FOR_CHANGE,
        agreed_on=timezone.localdate(act.at) + timedelta(days=days),
    )
    commit_units(written, assessed, routed, new.canceled, replace(act, key=None))


def _line_problems(number: int, line: LineRequest, currency: str) -> Sequence[OrderProblem]:
    found = list(line_problems(number, line, currency))
    if line.unit_price is None and currency != settings.SITE_CURRENCY:
        found.append(OrderProblem("PRICE_REQUIRED", PRICE_MISSING, number, "unit_price"))
    return found


def _as_order(order: Order, lines: tuple[LineRequest, ...]) -> OrderRequest:
    """Return the new lines as an order of their own, of the same customer and to the same place."""
    pickup = order.pickup_source
    return OrderRequest(
        channel=order.channel.code,
        customer=Customer(order.customer_name, order.customer_email, order.customer_language),
        lines=lines,
        fulfillment_method=order.fulfillment_method,
        pickup_source=None if pickup is None else pickup.code,
        address=Address(**order.address(), latitude=order.latitude, longitude=order.longitude),
        currency=order.currency,
    )


def _ordered_before(order: Order) -> dict[str, Decimal]:
    """Return what the order has of each product, without what was canceled or refunded."""
    found: defaultdict[str, Decimal] = defaultdict(Decimal)
    for line in order.lines.in_force().select_related("product").order_by("pk"):
        found[line.product.sku] += line.quantity - line.canceled_quantity - line.refunded_quantity
    return dict(found)


def _renumbered(assessed: AssessedOrder, order: Order) -> tuple[AssessedOrder, RoutedOrder]:
    """Number the new lines on from those of the order, and route them by these numbers."""
    numbers = order.lines.order_by("-number").values_list("number", flat=True)
    last = numbers.first() or 0
    lines = [replace(line, number=line.number + last) for line in assessed.lines]
    renumbered = replace(assessed, lines=lines)
    return renumbered, ports.current().route_order(renumbered)


def _write_lines(
    order: Order,
    change: OrderChange,
    new: NewLines,
    replaced: Mapping[int, tuple[OrderLine, ReplacedUnits]],
) -> dict[int, int]:
    """Write the lines; return their ids by number."""
    backordered = new.routed.backordered
    written = OrderLine.objects.bulk_create(
        OrderLine(
            order=order,
            change=change,
            **_origin(change, replaced.get(line.number)),
            number=line.number,
            product_id=line.product.product_id,
            sku=line.product.sku,
            name=line.product.name,
            is_virtual=line.product.is_virtual,
            is_reserving=line.is_reserving,
            has_backorder_notice=line.notifies_customer,
            quantity=line.quantity,
            backordered_quantity=backordered.get(line.number, ZERO),
            canceled_quantity=new.routed.canceled.get(line.number, ZERO),
            unit_price=line.unit_price,
            discount=line.discount,
            tax=line.tax,
            total=line.total,
        )
        for line in new.assessed.lines
    )
    return {line.number: line.pk for line in written}


def _origin(
    change: OrderChange, replaced: tuple[OrderLine, ReplacedUnits] | None
) -> dict[str, Any]:
    """Return the columns that say what a new line takes the place of, and who pays for it."""
    if replaced is None:
        return {"paid_by": change}
    former, units = replaced
    return {
        "paid_by_id": former.paid_by_id if change.payment is None else change.pk,
        "replaces": former,
        "replaced_quantity": units.quantity,
        "replaced_amount": units.worth,
    }


def _shipment_count(order: Order) -> int:
    """Return how many shipments the order started with, or changes added."""
    shipments = ports.current().shipments_of(order.pk)
    return sum(1 for shipment in shipments if shipment.parent_id is None)


def ask_for_change(
    order: Order,
    change: OrderChange,
    new: NewLines,
    wanted: ChangePayment,
    due: Decimal,
    act: Act,
    *,
    captures: bool = False,
) -> list[int]:
    """Write down that the money of a change is asked for; return the operation, to be sent.

    The change is pending until the answer. What is due is recorded alone, and captured as it ships;
    with ``captures`` all of it at once, as the rest of the same lines is captured.
    """
    former = order.payments.exclude(state__in=Payment.ATTEMPTED).order_by("-pk")
    moving = [one for one in former if one.gateway != ManualGateway.name]
    last = next(iter(moving or former), None)
    gateway = ManualGateway.name if wanted.is_due or last is None else last.gateway
    token = wanted.token or ("" if last is None or wanted.is_due else last.token)
    action = gateway_named(gateway).payment_action or str(
        new.assessed.configuration["payment_action"] or PaymentAction.AUTHORIZE
    )
    if wanted.is_due:
        action = PaymentAction.AUTHORIZE.value
    if captures:
        action = PaymentAction.AUTHORIZE_AND_CAPTURE.value
    payment = Payment.objects.create(
        order=order,
        gateway=gateway,
        token=token,
        action=action,
        currency=order.currency,
        amount=due,
        created_at=act.at,
    )
    key = f"change-{order.pk}-{payment.pk}"
    kind = PaymentOperation.Kind.AUTHORIZE
    change.payment, change.state, change.decided_at = payment, OrderChange.State.PENDING, None
    change.save(update_fields=["payment", "state", "decided_at"])
    return [write_operation(payment, kind, due, key=key, now=act.at)]
