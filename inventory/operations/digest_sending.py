"""Sends the digests that are due; a mail server that is down is asked again, less and less."""

from datetime import datetime, timedelta
from smtplib import SMTPException

from django.core.mail import EmailMessage, get_connection
from django.db import transaction

from inventory.models import LowStockDigest

FIRST_PAUSE = timedelta(minutes=5)
MAX_ATTEMPTS = 8
BATCH_SIZE = 50


def send_digests(*, now: datetime) -> int:
    """Send the digests that are due, and return how many went out.

    Each is claimed in a transaction of its own before it is sent, so that none is sent twice; a
    sender that dies in between leaves it *being sent*. One that the server refuses is tried again
    after a pause that doubles (five minutes, ten, twenty …); after eight attempts it is FAILED.
    """
    return sum(_send(digest, now=now) for digest in _claimed(now))


def _claimed(now: datetime) -> list[LowStockDigest]:
    with transaction.atomic():
        digests = list(
            LowStockDigest.objects.filter(
                state=LowStockDigest.State.QUEUED, next_attempt_at__lte=now
            )
            .select_for_update(skip_locked=True)
            .order_by("next_attempt_at", "pk")[:BATCH_SIZE]
        )
        for digest in digests:
            digest.state = LowStockDigest.State.SENDING
            digest.attempt_count += 1
        LowStockDigest.objects.bulk_update(digests, ["state", "attempt_count"])
    return digests


def _send(digest: LowStockDigest, *, now: datetime) -> bool:
    message = EmailMessage(
        subject=digest.subject,
        body=digest.body,
        to=[digest.recipient],
        headers={"Auto-Submitted": "auto-generated"},
        connection=get_connection(),
    )
    try:
        message.send()
    except (SMTPException, OSError) as error:
        digest.last_error = str(error)[:500]
        digest.next_attempt_at = now + FIRST_PAUSE * 2 ** (digest.attempt_count - 1)
        is_last = digest.attempt_count >= MAX_ATTEMPTS
        digest.state = LowStockDigest.State.FAILED if is_last else LowStockDigest.State.QUEUED
    else:
        digest.state = LowStockDigest.State.SENT
        digest.sent_at = now
        digest.last_error = ""
    digest.save(update_fields=["state", "last_error", "next_attempt_at", "sent_at"])
    return digest.state == LowStockDigest.State.SENT
