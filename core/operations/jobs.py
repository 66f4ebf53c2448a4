"""Background jobs: submitted by a page, run by a worker, taken up again when the worker dies.

The worker watches a job over a connection of its own, beside the one that does the work: what it
writes there is seen by everybody at once, whatever transaction the work is in. That connection
also holds the job's lock, which a worker that is killed gives back by itself.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from celery.exceptions import SoftTimeLimitExceeded
from django.db import DEFAULT_DB_ALIAS, DatabaseError, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Q
from django.db.models.expressions import RawSQL
from django.db.models.functions import Now
from django.utils.functional import Promise

from core.access_limits import asking, reach_of
from core.acts import Act
from core.broker import call_worker
from core.database_faults import is_passing
from core.models import Job
from core.sql import literals
from core.text import gettext_noop as _

TASK_NAME = "core.run_job"
# The first key of the advisory locks; the second is the job.
LOCK_CLASS = 730_511
STALE_AFTER = timedelta(seconds=30)
MOST_ATTEMPTS = 3

BROKEN = _("An error stopped the work. The log of the worker has the details.")
GIVEN_UP = _("The worker was interrupted at every attempt. The work was stopped.")
TOO_LONG = _("It took longer than a worker may take. Nothing was written.")
STOPPED_ON_REQUEST = _("It was asked to stop.")

Progress = Callable[[int], None]
Runner = Callable[[Job, Progress], Mapping[str, Any]]

CLAIM = f"""
UPDATE core_job
SET state = '{Job.State.RUNNING}', started_at = COALESCE(started_at, %(now)s),
    heartbeat_at = clock_timestamp(), attempt_count = attempt_count + 1
WHERE id = %(id)s AND state IN ({literals(*Job.UNFINISHED_STATES)})
RETURNING is_cancel_requested, attempt_count
"""  # noqa: S608 - constants
# An attempt that came further was none in vain.
HAND_OVER = """
UPDATE core_job
SET attempt_count = attempt_count - CASE WHEN done_count > %(done)s THEN 1 ELSE 0 END,
    heartbeat_at = clock_timestamp()
WHERE id = %(id)s
"""
PROGRESS = """
UPDATE core_job
SET done_count = LEAST(%(done)s, total_count), heartbeat_at = clock_timestamp()
WHERE id = %(id)s
RETURNING is_cancel_requested
"""
FINISH = """
UPDATE core_job
SET state = %(state)s, message = %(message)s, finished_at = clock_timestamp(),
    heartbeat_at = clock_timestamp()
WHERE id = %(id)s
"""
# Jobs whose lock a worker holds; a pair of keys is told apart by the last number.
BEING_DONE = """
SELECT objid::bigint FROM pg_locks
WHERE locktype = 'advisory' AND granted AND classid = %s AND objsubid = 2
  AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""
COMPLETE = f"""
UPDATE core_job
SET state = '{Job.State.COMPLETED}', result = %(result)s, done_count = total_count,
    finished_at = clock_timestamp(), heartbeat_at = clock_timestamp()
WHERE id = %(id)s
"""  # noqa: S608 - constants


class JobCanceledError(Exception):
    """The job was asked to stop; its runner lets this through."""


class JobError(Exception):
    """The work cannot be done; the sentence is shown to the person who waits for it."""


class UnknownKindError(LookupError):
    """No runner is registered for a kind of job."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of job: what people call it, what does it, and whether it goes on where it stood."""

    label: str | Promise
    runner: Runner | None
    goes_on: bool


_kinds: dict[str, Kind] = {}


def register(
    kind: str, label: str | Promise, runner: Runner | None, *, goes_on: bool = False
) -> None:
    """Make ``runner`` do the jobs of ``kind``; called when the apps are ready.

    It is given the job and a function to tell how many rows are done, and returns the result as
    JSON. It opens its own transactions, raises :class:`JobError` with a sentence for people, and
    is safe to start again after it was killed: all or nothing, or row by row without doubling.
    One that ``goes_on`` where it stood may take longer than a worker may work at one piece.
    Jobs of a kind without a runner are performed, and taken up again, by the module that makes them
    (:mod:`core.operations.job_records`).
    """
    _kinds[kind] = Kind(label, runner, goes_on)


def labels() -> dict[str, str | Promise]:
    """Return what people call each kind of job."""
    return {name: kind.label for name, kind in _kinds.items()}


def label_of(kind: str) -> str | Promise:
    """Return what people call a kind of job; one that is no longer known by its code."""
    return _kinds[kind].label if kind in _kinds else kind


def submit(act: Act, *, kind: str, parameters: Mapping[str, Any], total: int) -> Job:
    """Have a worker do ``act``, once the caller's transaction commits; ``total`` in rows.

    A broker that is down loses nothing: the job is picked up by :func:`resume_stale` later.

    :raises UnknownKindError: if nobody does such jobs.
    """
    _runner(kind)
    job = Job.objects.create(
        kind=kind,
        parameters=dict(parameters),
        total_count=total,
        started_by_id=act.actor_id,
        created_at=act.at,
    )
    enqueue_on_commit(job.pk)
    return job


def run(*, job_id: int, now: datetime) -> Job | None:
    """Do a job; safe to deliver twice, and twice at once. ``None``: another delivery has it.

    The outcome is on the job. An error of the work itself leaves it FAILED, and is raised for the
    log; an interruption leaves it RUNNING, to be taken up again, and so does a fault of the
    database that passes. So does the end of the time that a worker may take, where the kind of job
    goes on from where it stood.
    """
    goes_on = False
    with _watching(job_id) as watch:
        if watch is None:
            return None
        claimed = _one(watch, CLAIM, {"id": job_id, "now": now})
        if claimed is None:
            return None
        is_cancel_requested, attempt_count = claimed
        if is_cancel_requested:
            _finish(watch, job_id, Job.State.CANCELED, STOPPED_ON_REQUEST)
        elif attempt_count > MOST_ATTEMPTS:
            _finish(watch, job_id, Job.State.FAILED, GIVEN_UP)
        else:
            job = Job.objects.get(pk=job_id)
            try:
                _work(watch, job)
            except SoftTimeLimitExceeded:
                goes_on = _out_of_time(job)
    if goes_on:
        enqueue_on_commit(job_id)
    return Job.objects.get(pk=job_id)


def show_progress(watch: BaseDatabaseWrapper, job_id: int, *, done: int) -> bool:
    """Show everybody at once how many rows are done; return whether the job is to stop.

    ``watch`` is a connection beside the one that does the work.
    """
    row = _one(watch, PROGRESS, {"id": job_id, "done": done})
    return row is not None and row[0]


def request_cancel(*, job_id: int) -> bool:
    """Ask a job to stop, at its next sign of progress; say whether there was anything to stop."""
    unfinished = Job.objects.filter(pk=job_id, state__in=Job.UNFINISHED_STATES)
    return bool(unfinished.update(is_cancel_requested=True))


def resume_stale() -> list[int]:
    """Have workers take up what nobody seems to work on any more; return which jobs.

    The database's clock says since when: it wrote the signs of life, and a worker's may be apart.

    One that a worker is busy with is left to it: the worker holds the job's lock, and does until
    it ends or its sessions are ended (:mod:`core.sessions`).
    """
    with transaction.atomic():
        latest = Now() - STALE_AFTER
        silent = Q(heartbeat_at__lt=latest) | Q(heartbeat_at=None, created_at__lt=latest)
        unfinished = Job.objects.filter(silent, state__in=Job.UNFINISHED_STATES)
        unfinished = unfinished.exclude(pk__in=RawSQL(BEING_DONE, [LOCK_CLASS]))  # noqa: S611 - ours
        own = [name for name, kind in _kinds.items() if kind.runner is None]
        stale = list(
            unfinished.exclude(kind__in=own)
            .order_by("pk")
            .select_for_update(skip_locked=True)
            .values_list("pk", flat=True)
        )
        Job.objects.filter(pk__in=stale).update(heartbeat_at=Now())
        for job_id in stale:
            enqueue_on_commit(job_id)
    return stale


def _work(watch: BaseDatabaseWrapper, job: Job) -> None:
    def progress(done: int) -> None:
        if show_progress(watch, job.pk, done=done):
            raise JobCanceledError

    try:
        # What a person may not see is not changed in his or her name either.
        with asking(partial(reach_of, job.started_by), is_reading=False):
            result = _runner(job.kind)(job, progress)
    except JobCanceledError:
        _finish(watch, job.pk, Job.State.CANCELED, STOPPED_ON_REQUEST)
    except JobError as error:
        _finish(watch, job.pk, Job.State.FAILED, str(error))
    except SoftTimeLimitExceeded:
        raise
    except Exception as error:
        if is_passing(error):
            # Nobody holds its lock any more once this is raised: see resume_stale.
            raise
        # Whatever it is, the job's page says so, and the log has it: the job is not to look alive.
        _finish(watch, job.pk, Job.State.FAILED, BROKEN)
        raise
    else:
        encoded = Job._meta.get_field("result").get_db_prep_save(dict(result), watch)
        _one(watch, COMPLETE, {"id": job.pk, "result": encoded})


def _out_of_time(job: Job) -> bool:
    """Say whether the next worker goes on; a kind of job that would begin again has failed.

    Both connections may have been cut off in the middle of a statement: a third one writes it.
    """
    used = connections[DEFAULT_DB_ALIAS]
    if not used.in_atomic_block and not used.is_usable():
        used.close()
    fresh = used.copy()
    try:
        if not _kinds[job.kind].goes_on:
            _finish(fresh, job.pk, Job.State.FAILED, TOO_LONG)
            return False
        _one(fresh, HAND_OVER, {"id": job.pk, "done": job.done_count})
        return True
    finally:
        fresh.close()


def _runner(kind: str) -> Runner:
    runner = _kinds[kind].runner if kind in _kinds else None
    if runner is None:
        raise UnknownKindError(kind)
    return runner


@contextmanager
def _watching(job_id: int) -> Iterator[BaseDatabaseWrapper | None]:
    """Open the connection that watches a job and holds its lock; ``None`` if another has it."""
    watch = connections[DEFAULT_DB_ALIAS].copy()
    try:
        lock = {"class": LOCK_CLASS, "id": job_id}
        held = _one(watch, "SELECT pg_try_advisory_lock(%(class)s, %(id)s)", lock)
        if held is None or not held[0]:
            yield None
            return
        try:
            yield watch
        finally:
            # A connection that was cut off gives the lock back by being closed.
            with suppress(DatabaseError):
                _one(watch, "SELECT pg_advisory_unlock(%(class)s, %(id)s)", lock)
    finally:
        watch.close()


def _one(watch: BaseDatabaseWrapper, sql: str, parameters: Mapping[str, Any]) -> Any:
    """Return the row that a statement returns; None where it returns none."""
    with watch.cursor() as cursor:
        cursor.execute(sql, parameters)
        return cursor.fetchone() if cursor.description else None


def _finish(watch: BaseDatabaseWrapper, job_id: int, state: Job.State, message: str) -> None:
    parameters = {"id": job_id, "state": state.value, "message": message}
    _one(watch, FINISH, parameters)


def enqueue_on_commit(job_id: int) -> None:
    """Have a worker do a job whose record the caller made, once its transaction commits."""
    transaction.on_commit(partial(call_worker, TASK_NAME, job_id=job_id))
