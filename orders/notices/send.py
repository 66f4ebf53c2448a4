"""Writes and sends the customer e-mails that are due."""

from datetime import datetime

from core.operations.mail import send_due
from orders.models import OrderEmail
from orders.notices.confirmation import add_confirmation_facts
from orders.notices.render import render_email


def send_queued(*, now: datetime, connections: int = 1) -> int:
    """Send the customer e-mails that are due, and return how many were sent; see ``send_due``."""
    return send_due(OrderEmail, now=now, write=_write, connections=connections)


def _write(email: OrderEmail) -> None:
    """Give ``email`` the text that it is sent with, and keep it."""
    add_confirmation_facts(email)
    email.subject, email.body = render_email(email)
    email.save(update_fields=["subject", "body", "context"])
