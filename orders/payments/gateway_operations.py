"""Writes operations for gateways: captures, refunds, voids, new authorizations.

Every function runs inside the caller's transaction, the order locked; the operations that they
return are sent after the commit (:mod:`orders.payments.gateway_requests`).
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Sum

from core.quantities import ZERO
from inventory.options import PaymentAction
from orders.books import OrderBooks
from orders.models import CaptureLine, Order, OrderLine, Payment, PaymentOperation, Refund
from orders.payments.gateways import next_attempt
from orders.refusals import NoAuthorizationError

Kind = PaymentOperation.Kind
LIVE = (Payment.State.AUTHORIZED, Payment.State.CAPTURED, Payment.State.REFUNDED)


@dataclass(frozen=True, slots=True)
class CaptureRequest:
    """Money to capture of an order: units and their worth by line id.

    ``key`` is the idempotency key; where several payments give, the others end in their id.
    """

    books: OrderBooks
    quantities: Mapping[int, Decimal]
    worth: Mapping[int, Decimal]
    key: str


def ask_capture(
    books: OrderBooks, quantities: Mapping[int, Decimal], *, key: str, now: datetime
) -> list[int]:
    """Write a capture of units, by line id; return the operations to send.

    A free order has nothing to capture. Each line is captured on the authorization that was made
    for it.

    :raises NoAuthorizationError: if the order was to be paid, and nothing is authorized.

    Rule: Payments, capturing.
    """
    wanted = {pk: units for pk, units in quantities.items() if units}
    if not wanted:
        return []
    worth = {pk: books.lines[pk].of_uncaptured(units) for pk, units in wanted.items()}
    request = CaptureRequest(books, wanted, worth, key)
    return ask_captures([request], now=now, due_at=next_attempt(1, now=now))


def ask_captures(
    requests: Sequence[CaptureRequest], *, now: datetime, due_at: datetime | None
) -> list[int]:
    """Write captures as :func:`ask_capture`, those of many orders in a fixed number of statements.

    Workers send them from ``due_at`` on, unless the caller has sent them by then.

    :raises NoAuthorizationError: for the first order without one.
    """
    authorizations = authorizations_of({request.books.order.pk for request in requests})
    parts = [
        part
        for request in requests
        for part in _by_payment(request, authorizations[request.books.order.pk])
    ]
    written = PaymentOperation.objects.bulk_create(
        PaymentOperation(
            payment=payment,
            kind=Kind.CAPTURE,
            amount=sum((request.worth[pk] for pk in line_ids), ZERO),
            idempotency_key=key,
            created_at=now,
            next_attempt_at=due_at,
        )
        for request, payment, line_ids, key in parts
    )
    CaptureLine.objects.bulk_create(
        CaptureLine(
            operation=operation,
            order_line_id=pk,
            quantity=request.quantities[pk],
            amount=request.worth[pk],
        )
        for operation, (request, _payment, line_ids, _key) in zip(written, parts, strict=True)
        for pk in line_ids
    )
    return [operation.pk for operation in written]


@dataclass(frozen=True, slots=True)
class Authorizations:
    """The payments of an order, the oldest first, each with the change that asked for it.

    What a change added is paid by the change's own payment, a substitute as what it replaces; all
    else by what was asked for at placement. Money that was authorized again stands behind it all.
    """

    payments: Sequence[tuple[int | None, Payment]] = ()

    @property
    def is_whole(self) -> bool:
        """Whether something stands behind every line: each payment is authorized, or none is."""
        return all(
            payment.state == Payment.State.AUTHORIZED or payment.state in Payment.ATTEMPTED
            for _change_id, payment in self.payments
        )

    def lacks_any(self, lines: Iterable[OrderLine]) -> bool:
        """Whether money of one of the lines is to be captured, and nothing is authorized for it."""
        return any(self.has_price(line) and self.of(line) is None for line in lines)

    def has_price(self, line: OrderLine) -> bool:
        """Whether money was ever asked for a line; nothing is where it came free."""
        return any(
            change_id == line.paid_by_id and payment.replaces_id is None
            for change_id, payment in self.payments
        )

    def of(self, line: OrderLine) -> Payment | None:
        """Return the authorization on which a line is captured; None where none is left."""
        own = [payment for change_id, payment in self.payments if change_id == line.paid_by_id]
        # What was asked for at placement is for what was ordered then, and for nothing else.
        again = [payment for change_id, payment in self.payments if payment.replaces_id is not None]
        later = [payment for payment in again if not own or payment.pk > own[0].pk]
        live = [one for one in own if one.state == Payment.State.AUTHORIZED]
        others = [one for one in later if one.state == Payment.State.AUTHORIZED]
        if live:
            others = [one for one in others if one.gateway == live[-1].gateway]
        return max([*live, *others], key=lambda payment: payment.pk, default=None)


def authorizations_of(order_ids: Collection[int]) -> dict[int, Authorizations]:
    """Return the payments of orders by order id, in one statement."""
    found: dict[int, list[tuple[int | None, Payment]]] = {pk: [] for pk in order_ids}
    rows = Payment.objects.filter(order__in=order_ids).annotate(change_id=F("order_change"))
    for payment in rows.order_by("pk"):
        found[payment.order_id].append((payment.change_id, payment))
    return {pk: Authorizations(payments) for pk, payments in found.items()}


def _by_payment(
    request: CaptureRequest, authorizations: Authorizations
) -> list[tuple[CaptureRequest, Payment, list[int], str]]:
    """Share a request out to payments, the oldest first: each with its line ids and key."""
    lines: dict[int, list[int]] = {}
    payments: dict[int, Payment] = {}
    for pk in request.quantities:
        line = request.books.lines[pk].line
        if not authorizations.has_price(line):
            continue
        payment = authorizations.of(line)
        if payment is None:
            raise NoAuthorizationError(request.books.order.number)
        payments[payment.pk] = payment
        lines.setdefault(payment.pk, []).append(pk)
    ordered = sorted(payments)
    keys = [request.key, *(f"{request.key}-{pk}" for pk in ordered[1:])]
    return [(request, payments[pk], lines[pk], key) for pk, key in zip(ordered, keys, strict=False)]


@dataclass(frozen=True, slots=True)
class AmountToRefund:
    """Money to pay back of an order; the keys of its operations begin with ``key``."""

    order: Order
    amount: Decimal
    key: str


def ask_refunds(
    requests: Sequence[AmountToRefund], *, now: datetime, due_at: datetime | None = None
) -> list[int]:
    """Write down what is paid back, each of another order; return the operations to send.

    The oldest payments of an order give first. Where ``due_at`` is given, workers send them from
    then on. However many orders, the number of statements is the same.
    """
    orders = [request.order for request in requests]
    payments: defaultdict[int, list[Payment]] = defaultdict(list)
    captured = Payment.objects.filter(order__in=orders, captured_amount__gt=0)
    for payment in captured.order_by("pk"):
        payments[payment.order_id].append(payment)
    unanswered = PaymentOperation.objects.filter(
        payment__order__in=orders, kind=Kind.REFUND, state__in=PaymentOperation.UNANSWERED
    )
    sums = unanswered.order_by().values_list("payment").annotate(promised=Sum("amount"))
    promised = dict(sums)
    wanted = []
    for request in requests:
        left = request.amount
        for payment in payments[request.order.pk]:
            available = payment.captured_amount - payment.refunded_amount
            part = min(left, available - promised.get(payment.pk, ZERO))
            if part > 0:
                wanted.append((payment, part, f"{request.key}-{payment.pk}"))
                left -= part
    return write_operations(Kind.REFUND, wanted, now=now, due_at=due_at)


def refund_key(refund_id: int) -> str:
    """Return how the keys of the operations of a refund begin; each ends with its payment's id."""
    return f"refund-{refund_id}"


def refund_paid_with(order: Order, operation: PaymentOperation) -> Refund | None:
    """Return the refund that is paid back in full now that ``operation`` has succeeded.

    None while another of its operations has not, and for what no refund asked.
    """
    for refund in Refund.objects.filter(order=order).order_by("pk"):
        key = refund_key(refund.pk)
        if operation.idempotency_key == f"{key}-{operation.payment_id}":
            others = PaymentOperation.objects.filter(
                kind=Kind.REFUND, idempotency_key__startswith=f"{key}-", payment__order=order
            )
            is_paid = not others.exclude(state=PaymentOperation.State.SUCCEEDED).exists()
            return refund if is_paid else None
    return None


def ask_authorization(books: OrderBooks, replaced: Payment, *, now: datetime) -> list[int]:
    """Write down a new authorization of all that is not captured; return it, to be sent.

    Those that it takes the place of live on until the new one has succeeded. Nothing is asked where
    no money is left to capture; what a gateway only records as due is none of it.

    Rule: Void and reauthorize.
    """
    amount = sum((book.money.uncaptured for book in books.lines.values()), ZERO)
    amount -= _recorded_elsewhere(books.order, replaced)
    if amount <= 0:
        return []
    payment = Payment.objects.create(
        order=books.order,
        replaces=replaced,
        gateway=replaced.gateway,
        token=replaced.token,
        action=PaymentAction.AUTHORIZE.value,
        currency=replaced.currency,
        amount=amount,
        created_at=now,
    )
    key = f"reauthorize-{books.order.pk}-{payment.pk}"
    return [write_operation(payment, Kind.AUTHORIZE, amount, key=key, now=now)]


def _recorded_elsewhere(order: Order, replaced: Payment) -> Decimal:
    """Return what is authorized with other gateways than that of the payment to be replaced."""
    others = Payment.objects.filter(order=order, state=Payment.State.AUTHORIZED)
    left = others.exclude(gateway=replaced.gateway).aggregate(
        left=Sum("amount") - Sum("captured_amount")
    )["left"]
    return left or ZERO


def give_up_authorizations(
    orders: Collection[Order], *, now: datetime, due_at: datetime | None = None
) -> list[int]:
    """Close the finished payments of orders; return the voids to send.

    An authorization is closed when nothing is left to capture on it, or when a later one has
    replaced it together with all that were open.
    One that was captured in part needs no void: its rest lapses. Payments that are paid back
    whole become REFUNDED. Where ``due_at`` is given, workers send the voids from then on. However
    many orders, the number of statements is the same.
    """
    authorizations = authorizations_of([order.pk for order in orders])
    needed = {
        payment.pk
        for line in uncaptured_lines(orders)
        if (payment := authorizations[line.order_id].of(line))
    }
    later = Payment.objects.filter(
        order=OuterRef("order"),
        gateway=OuterRef("gateway"),
        replaces__isnull=False,
        state__in=LIVE,
        pk__gt=OuterRef("pk"),
    )
    authorized = Payment.objects.filter(order__in=orders, state=Payment.State.AUTHORIZED)
    authorized = authorized.filter(~Q(pk__in=needed) | Exists(later))
    waiting = {"kind": Kind.CAPTURE, "state__in": PaymentOperation.UNANSWERED}
    idle = authorized.exclude(operations__in=PaymentOperation.objects.filter(**waiting))
    unused = idle.filter(captured_amount=0).exclude(operations__kind=Kind.VOID)
    wanted = [
        (payment, payment.amount, f"void-{payment.pk}")
        for payment in unused.distinct().order_by("pk")
    ]
    asked = write_operations(Kind.VOID, wanted, now=now, due_at=due_at)
    partly_used = list(idle.filter(captured_amount__gt=0).order_by("pk"))
    Payment.objects.filter(pk__in=[payment.pk for payment in partly_used]).update(
        state=Payment.State.CAPTURED
    )
    Payment.objects.filter(
        order__in=orders,
        state=Payment.State.CAPTURED,
        captured_amount__gt=0,
        refunded_amount=F("captured_amount"),
    ).update(state=Payment.State.REFUNDED)
    return asked


def write_operation(
    payment: Payment, kind: PaymentOperation.Kind, amount: Decimal, *, key: str, now: datetime
) -> int:
    """Write one operation, to be sent after the commit or later; return its id."""
    [operation_id] = write_operations(kind, [(payment, amount, key)], now=now)
    return operation_id


def write_operations(
    kind: PaymentOperation.Kind,
    wanted: Sequence[tuple[Payment, Decimal, str]],
    *,
    now: datetime,
    due_at: datetime | None = None,
) -> list[int]:
    """Write operations, each with its amount and key, in one statement; return their ids.

    Workers send those that nobody has sent from ``due_at`` on; left out, in a moment.
    """
    written = PaymentOperation.objects.bulk_create(
        PaymentOperation(
            payment=payment,
            kind=kind,
            amount=amount,
            idempotency_key=key,
            created_at=now,
            next_attempt_at=due_at or next_attempt(1, now=now),
        )
        for payment, amount, key in wanted
    )
    return [operation.pk for operation in written]


def uncaptured_lines(orders: Collection[Order]) -> QuerySet[OrderLine]:
    """Return the lines of orders with units that may still be captured."""
    asked_for = F("canceled_quantity") + F("invoiced_quantity")
    return OrderLine.objects.in_force().filter(order__in=orders, quantity__gt=asked_for)
