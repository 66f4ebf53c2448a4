"""Celery's way into core: read the clock, make one call, log the result."""

from datetime import timedelta

from celery import shared_task
from celery.utils.log import get_task_logger
from django.conf import settings
from django.utils import timezone

from core.operations import failed_attempts, jobs
from core.operations.lock_notices import send_lock_notices
from core.operations.password_resets import send_password_resets
from core.operations.web_sessions import delete_ended

logger = get_task_logger(__name__)


@shared_task(name=jobs.TASK_NAME, acks_late=True)
def run_job(*, job_id: int) -> None:
    """Do a background job; safe to deliver twice, and twice at once."""
    job = jobs.run(job_id=job_id, now=timezone.now())
    if job is not None:
        logger.info("Job %d (%s) %s: %d rows", job.pk, job.kind, job.state, job.done_count)


@shared_task(name="core.look_after_log_ins", acks_late=True)
def look_after_log_ins() -> None:
    """Inform people whose log-in is locked, and send links for new passwords; delete old counts,
    and sessions that have ended."""
    now = timezone.now()
    lock = timedelta(minutes=settings.LOG_IN_LOCK_MINUTES)
    sent = send_lock_notices(now=now, lock=lock)
    links = send_password_resets(
        now=now, lifetime=timedelta(seconds=settings.PASSWORD_RESET_TIMEOUT)
    )
    counts, ended = failed_attempts.delete_forgotten(now=now), delete_ended(now=now)
    if sent or links or counts or ended:
        logger.info(
            "Log-ins: informed %d people of locks, sent %d links, deleted %d counts, %d ended "
            "sessions",
            sent,
            links,
            counts,
            ended,
        )
