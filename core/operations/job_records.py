"""The records of jobs that are performed by the module which makes them."""

from datetime import datetime
from typing import Any

from django.db.models import F
from django.db.models.functions import Greatest, Now

from core.models import Job


def begin(*, job_id: int, now: datetime) -> bool:
    """Make a queued job one that its caller performs; say whether it was still queued."""
    return _from_queue(
        job_id,
        state=Job.State.RUNNING,
        started_at=now,
        heartbeat_at=Now(),
        attempt_count=F("attempt_count") + 1,
    )


def skip(*, job_id: int) -> bool:
    """Close a queued job that is not to be performed; say whether it was still queued."""
    return _from_queue(job_id, state=Job.State.SKIPPED, started_at=Now(), finished_at=Now())


def expect(*, job_id: int, total: int) -> None:
    """Count the rows of a job from none, of ``total``; it may do so again for its next step."""
    Job.objects.filter(pk=job_id).update(total_count=total, done_count=0)


def advance(*, job_id: int, done: int) -> None:
    """Keep how many rows are done, more in all if there were more than expected."""
    Job.objects.filter(pk=job_id).update(
        done_count=done, total_count=Greatest(done, F("total_count")), heartbeat_at=Now()
    )


def end(*, job_id: int, state: Job.State, done: int) -> None:
    """Close the record of a job that its caller performed, at ``done`` rows of as many."""
    Job.objects.filter(pk=job_id).update(
        state=state, done_count=done, total_count=done, finished_at=Now()
    )


def _from_queue(job_id: int, **values: Any) -> bool:
    return bool(Job.objects.filter(pk=job_id, state=Job.State.QUEUED).update(**values))
