"""Sends what is queued; a mail server that is down is asked again after growing pauses."""

from datetime import datetime, timedelta
from smtplib import SMTPException

from django.core.mail import EmailMessage, get_connection
from django.db import transaction

from orders.models import OrderEmail
from orders.notices.confirmation import add_confirmation_facts
from orders.notices.render import render_email

FIRST_PAUSE = timedelta(minutes=1)
MAX_ATTEMPTS = 10
BATCH_SIZE = 50


def send_queued(*, now: datetime) -> int:
    """Send the e-mails that are due, and return how many went out.

    Each is claimed in a transaction of its own before it is sent, so no other sender takes it,
    and a sender that dies in between leaves that one *being sent*, for staff to see, rather than
    sending it twice. One that is refused, and one that finds the server down, is tried again
    after a pause that doubles (a minute, two, four …); after ten attempts it is FAILED.
    """
    sent = 0
    for _ in range(BATCH_SIZE):
        email = _claimed(now)
        if email is None or not _send(email, now=now):
            break
        sent += 1
    return sent


def _claimed(now: datetime) -> OrderEmail | None:
    with transaction.atomic():
        email = (
            OrderEmail.objects.filter(state=OrderEmail.State.QUEUED, next_attempt_at__lte=now)
            .select_related("order")
            .select_for_update(skip_locked=True, of=("self",))
            .order_by("next_attempt_at", "pk")
            .first()
        )
        if email is None:
            return None
        add_confirmation_facts(email)
        email.state = OrderEmail.State.SENDING
        email.attempt_count += 1
        email.subject, email.body = render_email(email)
        email.save(update_fields=["state", "attempt_count", "subject", "body", "context"])
    return email


def _send(email: OrderEmail, *, now: datetime) -> bool:
    message = EmailMessage(
        subject=email.subject,
        body=email.body,
        to=[email.recipient],
        headers={"Content-Language": email.language, "Auto-Submitted": "auto-generated"},
        connection=get_connection(),
    )
    try:
        message.send()
    except (SMTPException, OSError) as error:
        email.last_error = str(error)[:500]
        email.next_attempt_at = now + FIRST_PAUSE * 2 ** (email.attempt_count - 1)
        is_last = email.attempt_count >= MAX_ATTEMPTS
        email.state = OrderEmail.State.FAILED if is_last else OrderEmail.State.QUEUED
    else:
        email.state = OrderEmail.State.SENT
        email.sent_at = now
        email.last_error = ""
    email.save(update_fields=["state", "last_error", "next_attempt_at", "sent_at"])
    return email.state == OrderEmail.State.SENT
