"""Writes and sends the customer e-mails that are due."""

from datetime import datetime

from django.db import transaction
from django.db.models import Sum

from core.operations.mail import send_due
from core.quantities import ZERO
from orders import ports
from orders.models import CancellationLine, Order, OrderEmail
from orders.notices.queue import line_facts
from orders.notices.render import render_email
from orders.order_links import with_link


def send_queued(*, now: datetime, connections: int = 1) -> int:
    """Send the customer e-mails that are due, and return how many were sent; see ``send_due``."""
    return send_due(OrderEmail, now=now, write=_write, connections=connections)


@transaction.atomic
def _write(email: OrderEmail) -> None:
    """Give ``email`` the text that it is sent with, and keep it with what it promises."""
    _add_confirmation_facts(email)
    _add_delays(email)
    email.subject, email.body = render_email(email)
    email.save(update_fields=["subject", "body", "context"])
    # Only the customer gets a link that works: staff see the text that is kept.
    email.body = with_link(
        email.body,
        email.order_id,
        email=email.recipient,
        now=email.claimed_at or email.created_at,
    )


def _add_confirmation_facts(email: OrderEmail) -> None:
    """Add lines and their dates to a confirmation before it is written.

    The statement that records the payment queues it, and does not read shipments. The dates that
    it states are promised with it: nobody moves them in between, for the order is locked.

    Rule: Notices to customers, order confirmation (§18).
    """
    if email.kind != OrderEmail.Kind.CONFIRMATION or email.context:
        return
    Order.objects.select_for_update().get(pk=email.order_id)
    promised = ports.current().confirm_dates(
        email.order_id, now=email.claimed_at or email.created_at
    )
    canceled = CancellationLine.objects.filter(cancellation__order=email.order_id)
    off = canceled.aggregate(amount=Sum("amount", default=ZERO))["amount"]
    email.context = {
        "lines": [
            {
                **line_facts(line, line.quantity),
                "canceled_quantity": str(line.canceled_quantity),
                **_backordered(promised.get(line.pk)),
            }
            for line in email.order.lines.order_by("number")
        ],
        "total": str(email.order.total - off),
    }


def _add_delays(email: OrderEmail) -> None:
    """Let an e-mail about delays say what is asked at its writing.

    Rule: Notices to customers (§18).
    """
    if email.kind == OrderEmail.Kind.DELAYED:
        now = email.claimed_at or email.created_at
        facts = ports.current().write_delays(email.order_id, email.pk, now=now)
        email.context = dict(facts or email.context)


def _backordered(promised: ports.PromisedLine | None) -> dict[str, str | None]:
    """Return what a confirmation says of the units of a line that wait, as JSON values."""
    if promised is None:
        return {"backordered_quantity": "0", "expected_on": None}
    day = promised.promised_on
    return {
        "backordered_quantity": str(promised.quantity),
        "expected_on": None if day is None else day.isoformat(),
    }
