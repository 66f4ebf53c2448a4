"""Celery's way into orders: read the clock, make one call, log the result."""

from celery import shared_task
from celery.utils.log import get_task_logger
from django.conf import settings
from django.utils import timezone

from core.broker import call_worker
from orders.notices.send import send_queued
from orders.payments.outcome_inquiry import ASK_GATEWAYS, ask_due

logger = get_task_logger(__name__)


SEND_EMAILS = "orders.send_emails"


@shared_task(name=SEND_EMAILS, acks_late=True)
def send_emails() -> None:
    """Send the customer e-mails that are due."""
    sent = send_queued(now=timezone.now(), connections=settings.EMAIL_CONNECTIONS)
    if sent:
        logger.info("Sent %d customer e-mails", sent)
        # A task is short, so that a worker ends soon when it is asked to; the next goes on.
        call_worker(SEND_EMAILS)


@shared_task(name=ASK_GATEWAYS, acks_late=True)
def ask_gateways() -> None:
    """Send payment operations that are due: those of many shipments, and unanswered ones again."""
    asked = ask_due(now=timezone.now())
    if asked:
        logger.info("Asked gateways about %d operations", asked)
        # A task is short, so that a worker ends soon when it is asked to; the next goes on.
        call_worker(ASK_GATEWAYS)
