"""Celery's way into orders: read the clock, make one call, log the result."""

from celery import shared_task
from celery.utils.log import get_task_logger
from django.conf import settings
from django.utils import timezone

from orders.notices.send import send_queued
from orders.payments.unanswered import ask_due

logger = get_task_logger(__name__)


@shared_task(name="orders.send_emails", acks_late=True)
def send_emails() -> None:
    """Send the customer e-mails that are due."""
    sent = send_queued(now=timezone.now(), connections=settings.EMAIL_CONNECTIONS)
    if sent:
        logger.info("Sent %d customer e-mails", sent)


@shared_task(name="orders.ask_gateways", acks_late=True)
def ask_gateways() -> None:
    """Ask again what became of payments whose outcome is not known."""
    asked = ask_due(now=timezone.now())
    if asked:
        logger.info("Asked gateways again about %d operations", asked)
