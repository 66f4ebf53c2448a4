"""Applies a change of an order that asked for money, or withdraws it, as its gateway answers."""

from datetime import datetime

from django.db import transaction
from django.db.models import Sum

from core.acts import Act
from core.quantities import ZERO
from core.text import gettext_noop
from inventory import ports as inventory_ports
from orders import ports
from orders.books import books_of, refresh_status
from orders.cancellation import (
    CanceledUnits,
    cancel_replaced,
    cancel_units,
    replaced_units,
    withdraw_units,
)
from orders.models import Order, OrderChange, Payment, PaymentOperation
from orders.payments.gateway_operations import give_up_authorizations
from orders.payments.gateways import GatewayAnswer, GatewayOutcome
from orders.payments.settlement import write_answer
from orders.payments.virtual_delivery import invoice
from orders.ports import UnitWithdrawal

DECLINED_REASON = gettext_noop("Payment of the change declined")
State = OrderChange.State


def is_of_change(operation: PaymentOperation) -> bool:
    """Whether an operation asks for the money of a change of its order."""
    if operation.kind != PaymentOperation.Kind.AUTHORIZE:
        return False
    return OrderChange.objects.filter(payment=operation.payment_id).exists()


def settle_change(
    operation: PaymentOperation, answer: GatewayAnswer, *, now: datetime
) -> list[int]:
    """Apply the answer about the money of a change, once; return further operations to send.

    Opens the transaction. Accepted: the change is applied. Declined: it is withdrawn, and fully
    compensated. Unknown: it waits, and its units with it.

    Rule: Changing an order, a change that asks for money (§20).
    """
    with transaction.atomic():
        order = Order.objects.select_for_update().get(pk=operation.payment.order_id)
        if not write_answer(operation.pk, operation.kind, answer, now=now):
            return []
        change = OrderChange.objects.get(payment=operation.payment_id)
        payments = Payment.objects.filter(pk=operation.payment_id)
        match answer.outcome:
            case GatewayOutcome.SUCCEEDED:
                _authorized(operation.payment, answer)
                apply_change(order, change, now=now, is_paid=operation.payment.captures_at_once)
            case GatewayOutcome.DECLINED:
                payments.update(state=Payment.State.DECLINED)
                _withdraw(order, change, now=now)
            case GatewayOutcome.UNKNOWN:
                payments.update(state=Payment.State.UNKNOWN)
        return give_up_authorizations([order], now=now)


def apply_change(order: Order, change: OrderChange, *, now: datetime, is_paid: bool) -> None:
    """Apply a change of a locked order: its lines are in force, and may ship.

    What they replace is canceled. ``is_paid``: their money was taken, or there was none to take.
    """
    change.state, change.decided_at = State.APPLIED, now
    change.save(update_fields=["state", "decided_at"])
    lines = change.added_lines.order_by("pk")
    sums = lines.aggregate(total=Sum("total"), backordered=Sum("backordered_quantity"))
    order.total += sums["total"] or ZERO
    order.backordered_quantity += sums["backordered"] or ZERO
    order.save(update_fields=["total", "backordered_quantity"])
    refresh_status(order)
    replacing = [(line.replaces_id, line) for line in lines if line.replaces_id is not None]
    if replacing:
        books = books_of(order)
        replaced = [
            replaced_units(books, pk, line.replaced_quantity, worth=line.replaced_amount)
            for pk, line in replacing
        ]
        cancel_replaced(books, replaced, Act(now, change.actor_id, change.reason))
    ports.current().confirm_added_lines(order.pk, [line.pk for line in lines], now=now)
    if is_paid:
        open_units = {line.pk: line.quantity - line.canceled_quantity for line in lines}
        paid = {pk: quantity for pk, quantity in open_units.items() if quantity}
        invoice(order, paid, sequence=change.pk, now=now)


def _authorized(payment: Payment, answer: GatewayAnswer) -> None:
    taken = payment.captures_at_once
    Payment.objects.filter(pk=payment.pk).update(
        state=Payment.State.CAPTURED if taken else Payment.State.AUTHORIZED,
        captured_amount=payment.amount if taken else ZERO,
        gateway_reference=answer.reference,
        expires_at=answer.expires_at,
    )


def _withdraw(order: Order, change: OrderChange, *, now: datetime) -> None:
    """Cancel the lines of a change that was declined; nobody was told of them."""
    change.state, change.decided_at = State.DECLINED, now
    change.save(update_fields=["state", "decided_at"])
    books = books_of(order, added_by=change.pk)
    quantities = {pk: book.units.open for pk, book in books.lines.items() if book.units.open}
    if quantities:
        act = Act(now, reason=DECLINED_REASON)
        _written, entries = cancel_units([CanceledUnits(books, quantities, act)])
        products = {book.line.product_id for book in books.lines.values()}
        inventory_ports.current().note_arrival(sorted(products))
        withdraw_units([UnitWithdrawal(order, quantities)], entries, act)
    # What it would have taken away may ship.
    ports.current().confirm_added_lines(order.pk, [], now=now)
