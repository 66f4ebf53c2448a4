"""What an order costs; what of it was paid."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Q, Sum

from core.quantities import ZERO
from orders.models import CancellationLine, Order, Payment, PaymentOperation, Return


@dataclass(frozen=True, slots=True)
class OrderMoney:
    """What an order costs, and what of it was captured, refunded, or is authorized still.

    ``canceled`` is what canceled units would have cost. ``due`` is to be paid back by hand, or for
    returns that are refunded later; ``exchanged`` is what returned units pay for.
    """

    currency: str
    lines: Decimal
    discount: Decimal
    tax: Decimal
    total: Decimal
    canceled: Decimal
    captured: Decimal
    refunded: Decimal
    authorized: Decimal
    due: Decimal
    exchanged: Decimal


def money_of(order: Order, payments: Sequence[Payment]) -> OrderMoney:
    """Return the money of an order; what it is billed before discount and tax adds up to it."""
    summed = order.lines.in_force().aggregate(discount=Sum("discount"), tax=Sum("tax"))
    discount, tax = summed["discount"] or ZERO, summed["tax"] or ZERO
    authorized = [
        payment.amount - payment.captured_amount
        for payment in payments
        if payment.state == Payment.State.AUTHORIZED
    ]
    due = PaymentOperation.objects.filter(
        payment__in=[payment.pk for payment in payments], state=PaymentOperation.State.DUE
    )
    canceled = CancellationLine.objects.filter(order_line__in=order.lines.in_force())
    returned = order.returns.aggregate(
        exchanged=Sum("amount", filter=Q(state=Return.State.EXCHANGED), default=ZERO),
        due=Sum("amount", filter=Q(state=Return.State.OPEN), default=ZERO),
    )
    return OrderMoney(
        currency=order.currency,
        lines=order.total + discount - tax,
        discount=discount,
        tax=tax,
        total=order.total,
        canceled=canceled.aggregate(amount=Sum("amount", default=ZERO))["amount"],
        captured=sum((payment.captured_amount for payment in payments), ZERO),
        refunded=sum((payment.refunded_amount for payment in payments), ZERO),
        authorized=sum(authorized, ZERO),
        due=due.aggregate(amount=Sum("amount", default=ZERO))["amount"] + returned["due"],
        exchanged=returned["exchanged"],
    )
