"""Celery's way into orders: read the clock, make one call, log the result."""

from celery import shared_task
from celery.utils.log import get_task_logger
from django.utils import timezone

from orders.notices.send import send_queued

logger = get_task_logger(__name__)


@shared_task(name="orders.send_emails", acks_late=True)
def send_emails() -> None:
    """Send the customer e-mails that are due."""
    sent = send_queued(now=timezone.now())
    if sent:
        logger.info("Sent %d customer e-mails", sent)
