"""Queues e-mails to customers, one per event."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from decimal import Decimal
from enum import StrEnum
from typing import Any

from django.db.models import Manager

from core.quantities import ZERO
from inventory.models import Source
from orders.models import (
    Cancellation,
    CancellationLine,
    Order,
    OrderEmail,
    OrderLine,
    Payment,
    Refund,
    RefundLine,
)


class CancelCause(StrEnum):
    """Why units were canceled, as customers read it; a reason that staff typed is never sent."""

    NOT_NAMED = ""
    PAYMENT_DECLINED = "PAYMENT_DECLINED"
    NOT_AVAILABLE = "NOT_AVAILABLE"
    DELAYED = "DELAYED"
    CUSTOMER_ASKED = "CUSTOMER_ASKED"


# What staff may choose.
STAFF_CAUSES = (CancelCause.NOT_AVAILABLE, CancelCause.DELAYED, CancelCause.CUSTOMER_ASKED)


class Together(StrEnum):
    """How an order that ships complete leaves, once nothing of it waits."""

    SENT = "SENT"
    COLLECTED = "COLLECTED"

    @classmethod
    def of(cls, order: Order) -> "Together":
        return cls.COLLECTED if order.is_pickup else cls.SENT


@dataclass(frozen=True, slots=True)
class Notice:
    """One event of an order for its customer.

    ``context`` holds what the text needs as JSON values. Every kind has ``lines``, each as
    :func:`line_facts` has it; beside them:

    What is so when it is written decides (:mod:`orders.notices.notice_content`): a notice names its
    ``shipments`` by id where it is about some.

    - CONFIRMATION: ``total``; of a line ``backordered_quantity``, ``expected_on`` and
      ``canceled_quantity``; ``together`` (a :class:`Together`) where units wait and the order
      ships complete; ``is_sent`` where some of it is sent, and ``stores`` where some is collected.
      Its facts are added when it is written.
    - EXPECTED_DATE_CHANGED: ``expected_on`` (null: no date yet), ``former_expected_on``;
      ``undated_at``, when the customer was told last that there is none, if that is what they
      know; ``is_ready`` and ``sets_agreed_date`` as it was queued; ``no_date_reason`` and
      ``may_cancel`` are added when it is written, and its date and lines are as they are then.
    - DELAYED: ``delays``, one for each question; they are read when it is written.
    - DISPATCHED, TRACKING: ``parcels`` with a number, read when it is written: ``carrier``,
      ``number``, ``link`` (empty where there is none).
    - SHIPPING_UNDONE: nothing more.
    - READY_TO_COLLECT: ``stores`` (:func:`store_facts` of its one), and ``until``, the last day.
    - COLLECT_REMINDER: as READY_TO_COLLECT; the day has passed.
    - CANCELED: ``cause`` (a :class:`CancelCause`), ``refund_amount`` (null: nothing is paid back),
      ``is_uncharged`` (units among them were not charged) and ``refund``, its id, or null.
    - REFUNDED: ``amount``, and ``refund``, its id.
    - PAYMENT_NEEDED: ``until``, the day on which the authorization ends (null: it was declined, or
      has ended), and ``payment``, its id.
    """

    order: Order
    event_key: str
    context: Mapping[str, Any]


def line_facts(line: OrderLine, quantity: Decimal) -> dict[str, Any]:
    """Return what a text says of units of a line, as JSON values."""
    return {"sku": line.sku, "name": line.name, "quantity": str(quantity)}


# What customers read of a store.
STORE = ("name", "street", "city", "region", "postcode", "country", "phone", "opening_hours")


def store_facts(store: Source) -> dict[str, str]:
    """Return what a text says of a store where units are collected, as JSON values."""
    return {name: getattr(store, name) for name in STORE}


def unpaid_facts(lines: Iterable[OrderLine]) -> list[dict[str, Any]]:
    """Return what a text says of the units of lines that are not paid for."""
    unpaid = ((ln, ln.quantity - ln.canceled_quantity - ln.invoiced_quantity) for ln in lines)
    return [line_facts(line, quantity) for line, quantity in unpaid if quantity > 0]


def queue_emails(notices: Iterable[Notice], *, kind: OrderEmail.Kind, now: datetime) -> None:
    """Queue an e-mail for each notice, in one statement of the caller's transaction.

    A second for the same event is ignored.

    Rule: Telling customers.
    """
    OrderEmail.objects.bulk_create(
        (
            OrderEmail(
                order=notice.order,
                kind=kind,
                event_key=notice.event_key,
                language=notice.order.customer_language,
                recipient=notice.order.customer_email,
                context=dict(notice.context),
                created_at=now,
                next_attempt_at=now,
            )
            for notice in notices
            if notice.order.customer_email
        ),
        ignore_conflicts=True,
    )


def tell_canceled(
    cancellation: Cancellation,
    *,
    cause: CancelCause,
    refund: Refund | None = None,
    now: datetime,
) -> None:
    """Queue the e-mail about a cancellation, in the caller's transaction.

    ``refund`` has the units that ended with it, and are paid back.

    Rule: Notices to customers, canceled (§18).
    """
    tell_all_canceled([(cancellation, refund)], cause=cause, now=now)


def tell_all_canceled(
    ended: Sequence[tuple[Cancellation, Refund | None]], *, cause: CancelCause, now: datetime
) -> None:
    """Queue the e-mails about cancellations as :func:`tell_canceled`, in few statements."""
    cancellations = [cancellation for cancellation, _refund in ended]
    refunds = [refund for _cancellation, refund in ended if refund is not None]
    canceled = _units_by("cancellation", CancellationLine.objects, cancellations)
    refunded = _units_by("refund", RefundLine.objects, refunds)
    orders = [cancellation.order_id for cancellation in cancellations]
    with_payments = set(Payment.objects.filter(order__in=orders).values_list("order_id", flat=True))
    lines: defaultdict[int, list[OrderLine]] = defaultdict(list)
    for line in OrderLine.objects.filter(order__in=orders).order_by("number"):
        lines[line.order_id].append(line)
    notices = []
    for cancellation, refund in ended:
        uncharged = canceled[cancellation.pk]
        paid_back = {} if refund is None else refunded[refund.pk]
        context = {
            "lines": [
                line_facts(line, uncharged.get(line.pk, ZERO) + paid_back.get(line.pk, ZERO))
                for line in lines[cancellation.order_id]
                if line.pk in uncharged or line.pk in paid_back
            ],
            "cause": cause.value,
            "refund_amount": str(refund.amount) if refund is not None and refund.amount else None,
            "is_uncharged": bool(uncharged) and cancellation.order_id in with_payments,
            "refund": refund and refund.pk,
        }
        notices.append(Notice(cancellation.order, f"cancel-{cancellation.pk}", context))
    queue_emails(notices, kind=OrderEmail.Kind.CANCELED, now=now)


def _units_by(
    name: str, rows: Manager[Any], of: Sequence[Cancellation] | Sequence[Refund]
) -> defaultdict[int, dict[int, Decimal]]:
    """Return the units of changes by order line id, by the change's id."""
    found: defaultdict[int, dict[int, Decimal]] = defaultdict(dict)
    chosen = rows.filter(**{f"{name}__in": of}).order_by("pk")
    for change_id, line_id, quantity in chosen.values_list(name, "order_line", "quantity"):
        found[change_id][line_id] = quantity
    return found


def tell_refunded(refund: Refund, *, now: datetime) -> None:
    """Queue the e-mail about a refund of which all was paid back, in the caller's transaction.

    Rule: Notices to customers, refunded (§18).
    """
    units = dict(refund.lines.values_list("order_line", "quantity"))
    context = {
        "lines": _facts(refund.order, units),
        "amount": str(refund.amount),
        "refund": refund.pk,
    }
    notice = Notice(refund.order, f"refund-{refund.pk}", context)
    queue_emails([notice], kind=OrderEmail.Kind.REFUNDED, now=now)


def tell_payment_needed(payments: Iterable[Payment], *, zone: tzinfo, now: datetime) -> None:
    """Queue the e-mails that ask for money in place of authorizations, in the caller's transaction.

    Once per authorization, whether it is about to end, has ended, or was declined when it was
    renewed. Nothing is asked where all is paid for. The payments come with their orders; ``zone``
    is the site's.

    Rule: Notices to customers, payment needed (§18).
    """
    wanted = list(payments)
    lines: defaultdict[int, list[OrderLine]] = defaultdict(list)
    found = OrderLine.objects.in_force().filter(order__in=[payment.order_id for payment in wanted])
    for line in found.order_by("order", "number"):
        lines[line.order_id].append(line)
    notices = []
    for payment in wanted:
        unpaid = unpaid_facts(lines[payment.order_id])
        if not unpaid:
            continue
        ends_at = payment.expires_at
        until = ends_at.astimezone(zone).date() if ends_at and ends_at > now else None
        context = {
            "lines": unpaid,
            "until": until and until.isoformat(),
            "payment": payment.pk,
        }
        notices.append(Notice(payment.order, f"authorization-{payment.pk}", context))
    queue_emails(notices, kind=OrderEmail.Kind.PAYMENT_NEEDED, now=now)


def _facts(order: Order, units: Mapping[int, Decimal]) -> list[dict[str, Any]]:
    """Return what a text says of units, by order line id."""
    lines = order.lines.filter(pk__in=units).order_by("number")
    return [line_facts(line, units[line.pk]) for line in lines]
