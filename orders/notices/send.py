"""Sends the customer e-mails that are due."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from core.operations.mail import send_due
from inventory.models import InventoryConfiguration
from inventory.resolution import resolve
from orders.models import Order, OrderEmail
from orders.notices.notice_content import leave_out, left_out
from orders.notices.render import render_emails
from orders.order_links import with_link


def send_queued(*, now: datetime, connections: int = 1) -> int:
    """Send the customer e-mails that are due, and return how many were sent; see ``send_due``.

    Notices of one order within ``notice_delay`` minutes of the first are one e-mail, written when
    these are over. What was tried before, or is sent again by staff, waits for nothing.

    Rule: Notices to customers (§18).
    """
    configuration = InventoryConfiguration.load().overrides()
    minutes = resolve("notice_delay", configuration=configuration).value
    collects = None
    if minutes:
        is_first_over = Q(created_at__lte=now - timedelta(minutes=minutes))
        collects = is_first_over | Q(claimed_at__isnull=False)
    return send_due(OrderEmail, now=now, write=_write, collects=collects, connections=connections)


@transaction.atomic
def _write(emails: Sequence[OrderEmail]) -> OrderEmail | None:
    """Give the notices of one e-mail the text that they are sent with; return the one that is sent.

    The text is kept at each of them, with what it promises. None where nothing of it is true any
    more, or sent. The order is locked, so that nobody moves in between what the text says.
    """
    order = Order.objects.select_for_update().get(pk=emails[0].order_id)
    now = emails[0].claimed_at or emails[0].created_at
    for email in emails:
        email.order = order
    reasons = left_out(emails, now=now)
    leave_out({email: reason for email, reason in zip(emails, reasons, strict=True) if reason})
    written = [email for email, reason in zip(emails, reasons, strict=True) if not reason]
    if not written:
        return None
    sent = written[0]
    subject, body = render_emails(written)
    for email in written:
        email.subject, email.body = subject, body
        email.collected_in = None if email is sent else sent
        email.save(update_fields=["subject", "body", "context", "collected_in"])
    # Only the customer gets a link that works: staff see the text that is kept.
    sent.body = with_link(body, order.pk, email=sent.recipient, now=now)
    return sent
