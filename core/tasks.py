"""Celery's way into core: read the clock, make one call, log the result."""

from datetime import timedelta

from celery import shared_task
from celery.utils.log import get_task_logger
from django.conf import settings
from django.utils import timezone

from core.models import AccountEmail
from core.operations import failed_attempts, jobs, security_events
from core.operations.lock_notices import send_lock_notices
from core.operations.mail import send_due
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
    """Inform people of locks and of changes to how they log in, and send links for new passwords;
    delete old counts, sessions that have ended, and security events that are too old."""
    now = timezone.now()
    lock = timedelta(minutes=settings.LOG_IN_LOCK_MINUTES)
    sent = send_lock_notices(now=now, lock=lock)
    links = send_password_resets(
        now=now, lifetime=timedelta(seconds=settings.PASSWORD_RESET_TIMEOUT)
    )
    counts, ended = failed_attempts.delete_forgotten(now=now), delete_ended(now=now)
    informed = send_due(AccountEmail, now=now)
    kept = timedelta(days=settings.SECURITY_EVENT_DAYS)
    events = security_events.delete_old(now=now, kept=kept)
    if sent or links or counts or ended or informed or events:
        logger.info(
            "Log-ins: informed %d people of locks, %d of other changes, sent %d links, deleted %d "
            "counts, %d ended sessions, %d security events",
            sent,
            informed,
            links,
            counts,
            ended,
            events,
        )
