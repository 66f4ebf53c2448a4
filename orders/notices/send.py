"""Writes and sends the customer e-mails that are due."""

from datetime import datetime

from core.operations.mail import send_due
from orders import ports
from orders.models import OrderEmail
from orders.notices.queue import line_facts
from orders.notices.render import render_email


def send_queued(*, now: datetime, connections: int = 1) -> int:
    """Send the customer e-mails that are due, and return how many were sent; see ``send_due``."""
    return send_due(OrderEmail, now=now, write=_write, connections=connections)


def _write(email: OrderEmail) -> None:
    """Give ``email`` the text that it is sent with, and keep it."""
    _add_confirmation_facts(email)
    email.subject, email.body = render_email(email)
    email.save(update_fields=["subject", "body", "context"])


def _add_confirmation_facts(email: OrderEmail) -> None:
    """Add lines and expected dates to a confirmation before it is written.

    The statement that records the payment queues it, and does not read shipments.

    Rule: Telling customers, order confirmation.
    """
    if email.kind != OrderEmail.Kind.CONFIRMATION or email.context:
        return
    dates = ports.current().expected_dates([email.order_id])
    lines = []
    for line in email.order.lines.order_by("number"):
        expected_on = dates.get(line.pk)
        lines.append(
            {
                **line_facts(line, line.quantity),
                "backordered_quantity": str(line.backordered_quantity),
                "expected_on": expected_on.isoformat() if expected_on else None,
            }
        )
    email.context = {"lines": lines}
