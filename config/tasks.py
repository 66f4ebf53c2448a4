"""The tasks of the project as a whole."""

import logging

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from config.personal_data.old_customers import erase_old_customers
from core.database_faults import TRIED_AGAIN

logger = logging.getLogger(__name__)


@shared_task(name="config.erase_old_customers", acks_late=True, **TRIED_AGAIN)
def erase_old_customers_daily() -> None:
    """Erase customers to whose orders nothing has happened for PERSONAL_DATA_DAYS."""
    count = erase_old_customers(now=timezone.now(), days=settings.PERSONAL_DATA_DAYS)
    if count:
        logger.info("Erased %d customers whose orders ended long ago", count)
