"""Celery's way into inventory: read the clock, make one call, log the result."""

from datetime import timedelta

from celery import shared_task
from celery.utils.log import get_task_logger
from django.conf import settings
from django.utils import timezone

from core.clock import today
from core.database_faults import TRIED_AGAIN
from core.operations.idempotency import delete_answers
from core.operations.mail import send_due
from inventory.files.imports import forget_texts
from inventory.models import LowStockDigest
from inventory.operations.back_in_stock import delete_old, send_queued, tell_due
from inventory.operations.low_stock_digests import queue_digests

logger = get_task_logger(__name__)


@shared_task(name="inventory.queue_low_stock_digests", acks_late=True, **TRIED_AGAIN)
def queue_low_stock_digests() -> None:
    """Write the day's digests of low stock; a second time changes nothing."""
    count = queue_digests(today=today(), now=timezone.now())
    logger.info("Low stock: %d digests today", count)


@shared_task(name="inventory.send_low_stock_digests", acks_late=True)
def send_low_stock_digests() -> None:
    """Send the digests that are due."""
    sent = send_due(
        LowStockDigest,
        now=timezone.now(),
        write=LowStockDigest.with_links,
        connections=settings.EMAIL_CONNECTIONS,
    )
    if sent:
        logger.info("Sent %d digests of low stock", sent)


@shared_task(name="inventory.forget_imports", acks_late=True, **TRIED_AGAIN)
def forget_imports() -> None:
    """Empty the texts of files that were uploaded long ago, and delete old answers of the API; what
    they did stays known."""
    before = timezone.now() - timedelta(days=settings.IMPORT_KEPT_DAYS)
    count, answers = forget_texts(uploaded_before=before), delete_answers(before=before)
    if count or answers:
        logger.info("Forgot the texts of %d imports, and %d answers of the API", count, answers)


@shared_task(name="inventory.tell_back_in_stock", acks_late=True, **TRIED_AGAIN)
def tell_back_in_stock() -> None:
    """Queue e-mails about products that can be bought again, and delete requests that are over."""
    now = timezone.now()
    told, deleted = tell_due(now=now, today=today()), delete_old(now=now)
    if told or deleted:
        logger.info("Back in stock: %d customers informed, %d requests deleted", told, deleted)


@shared_task(name="inventory.send_back_in_stock", acks_late=True)
def send_back_in_stock() -> None:
    """Send the e-mails about products that are back in stock which are due."""
    sent = send_queued(now=timezone.now(), connections=settings.EMAIL_CONNECTIONS)
    if sent:
        logger.info("Sent %d e-mails about products that are back in stock", sent)
