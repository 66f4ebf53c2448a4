"""Celery's way into core: read the clock, make one call, log the result."""

from celery import shared_task
from celery.utils.log import get_task_logger
from django.utils import timezone

from core.operations import jobs

logger = get_task_logger(__name__)


@shared_task(name=jobs.TASK_NAME, acks_late=True)
def run_job(*, job_id: int) -> None:
    """Do a background job; safe to deliver twice, and twice at once."""
    job = jobs.run(job_id=job_id, now=timezone.now())
    if job is not None:
        logger.info("Job %d (%s) %s: %d rows", job.pk, job.kind, job.state, job.done_count)
