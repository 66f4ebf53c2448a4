"""Background jobs on the real database, with commits that others see."""

import signal
import threading
import time
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
import time_machine
from celery.exceptions import SoftTimeLimitExceeded
from django.contrib.auth.models import User
from django.db import OperationalError, connection, connections, transaction
from django.db.models import F
from django.db.models.functions import Now
from django.utils import timezone
from pytest_django import Settings

from core.acts import Act
from core.models import Job
from core.operations import jobs
from core.operations.jobs import JobError, UnknownKindError
from inventory.models import Source
from tests.factories.inventory import SourceFactory

pytestmark = pytest.mark.django_db(transaction=True)

NOW = datetime(2026, 3, 1, 9, tzinfo=UTC)
KIND = "test.count"


@pytest.fixture
def kinds(monkeypatch: pytest.MonkeyPatch) -> dict[str, jobs.Kind]:
    """The registered kinds, as they were before once the test is over."""
    known = dict(jobs._kinds)
    monkeypatch.setattr(jobs, "_kinds", known)
    return known


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """What would have reached the broker."""
    delivered: list[int] = []

    def call_worker(name: str, *, job_id: Any) -> None:
        assert name == "core.run_job"
        delivered.append(job_id)

    monkeypatch.setattr(jobs, "call_worker", call_worker)
    return delivered


def submitted(runner: Any, *, total: int = 10, goes_on: bool = False) -> Job:
    jobs.register(KIND, "Count", runner, goes_on=goes_on)
    return jobs.submit(Act(NOW), kind=KIND, parameters={"to": 3}, total=total)


def in_another_connection(work: Callable[..., Any]) -> Any:
    """Run ``work`` in a thread, which has a connection of its own; return what it returns."""
    answers = []

    def thread() -> None:
        answers.append(work())
        connections.close_all()

    started = threading.Thread(target=thread)
    started.start()
    started.join(timeout=120)
    assert answers, "The other connection was kept waiting."
    return answers[0]


def test_a_job_is_run_with_its_parameters_and_keeps_its_result(
    kinds: dict[str, jobs.Kind], sent: list[int]
) -> None:
    user = User.objects.create(username="somebody")
    jobs.register(KIND, "Count", lambda job, progress: {"counted": job.parameters["to"]})

    job = jobs.submit(Act(NOW, user.pk), kind=KIND, parameters={"to": 3}, total=10)
    jobs.run(job_id=job.pk, now=NOW + timedelta(seconds=5))

    job.refresh_from_db()
    assert sent == [job.pk]
    assert (job.state, job.result, job.done_count) == ("COMPLETED", {"counted": 3}, 10)
    assert (job.started_by, job.created_at) == (user, NOW)
    assert job.started_at == NOW + timedelta(seconds=5)
    assert job.finished_at is not None


def test_it_is_sent_when_the_transaction_commits_and_not_before(
    kinds: dict[str, jobs.Kind], sent: list[int]
) -> None:
    with transaction.atomic():
        job = submitted(lambda job, progress: {})
        assert sent == []

    assert sent == [job.pk]


def test_a_kind_that_nobody_does_is_refused(kinds: dict[str, jobs.Kind], sent: list[int]) -> None:
    with pytest.raises(UnknownKindError):
        jobs.submit(Act(NOW), kind="test.nobody", parameters={}, total=1)

    assert not Job.objects.exists()
    assert sent == []


def test_progress_is_seen_by_others_while_the_transaction_of_the_runner_is_open(
    kinds: dict[str, jobs.Kind], sent: list[int]
) -> None:
    seen = []

    def runner(job: Any, progress: Any) -> Any:
        with transaction.atomic():
            SourceFactory(code="made-inside")
            progress(4)
            seen.append(in_another_connection(read))
        return {}

    def read() -> tuple[Any, Any, bool]:
        job = Job.objects.get()
        return job.state, job.done_count, Source.objects.filter(code="made-inside").exists()

    job = submitted(runner)
    jobs.run(job_id=job.pk, now=NOW)

    assert seen == [("RUNNING", 4, False)]


def test_two_deliveries_at_once_run_it_once(kinds: dict[str, jobs.Kind], sent: list[int]) -> None:
    runs = []

    def runner(job: Any, progress: Any) -> Any:
        runs.append(job.pk)
        assert in_another_connection(lambda: jobs.run(job_id=job.pk, now=NOW)) is None
        return {}

    def again() -> Job | None:
        return jobs.run(job_id=job.pk, now=NOW)

    job = submitted(runner)
    jobs.run(job_id=job.pk, now=NOW)
    assert again() is None

    assert runs == [job.pk]
    job.refresh_from_db()
    assert (job.state, job.attempt_count) == ("COMPLETED", 1)


def test_a_runner_that_says_why_leaves_the_job_failed_with_its_sentence(
    kinds: dict[str, jobs.Kind], sent: list[int]
) -> None:
    def runner(job: Any, progress: Any) -> None:
        progress(2)
        raise JobError("The shelf is gone.")

    job = submitted(runner)
    jobs.run(job_id=job.pk, now=NOW)

    job.refresh_from_db()
    assert (job.state, job.message, job.done_count) == ("FAILED", "The shelf is gone.", 2)


def test_a_runner_that_breaks_leaves_the_job_failed_and_tells_the_log(
    kinds: dict[str, jobs.Kind], sent: list[int]
) -> None:
    def runner(job: Any, progress: Any) -> None:
        with transaction.atomic():
            SourceFactory(code="half-done")
            raise ZeroDivisionError

    job = submitted(runner)
    with pytest.raises(ZeroDivisionError):
        jobs.run(job_id=job.pk, now=NOW)

    job.refresh_from_db()
    assert (job.state, job.message) == ("FAILED", jobs.BROKEN)
    assert not Source.objects.filter(code="half-done").exists()


def lock_is_taken() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = '50ms'")
        cursor.execute("SELECT 1 FROM inventory_source WHERE code = 'shelf' FOR UPDATE")


def connection_is_lost() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")


def statement_takes_too_long() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = '50ms'")
        cursor.execute("SELECT pg_sleep(60)")


@pytest.mark.parametrize("fault", [lock_is_taken, connection_is_lost, statement_takes_too_long])
def test_a_fault_of_the_database_that_passes_leaves_the_job_to_be_done_later(
    kinds: dict[str, jobs.Kind], sent: list[int], fault: Callable[..., Any]
) -> None:
    # given
    SourceFactory(code="shelf")
    is_well: list[bool] = []

    def runner(job: Any, progress: Any) -> dict[str, int]:
        with transaction.atomic():
            SourceFactory(code="done")
            if not is_well:
                fault()
        return {"did": 1}

    job = submitted(runner)
    with closing(psycopg.connect(**connection.get_connection_params())) as somebody:
        somebody.execute("SELECT 1 FROM inventory_source WHERE code = 'shelf' FOR UPDATE")

        # when
        with pytest.raises(OperationalError):
            jobs.run(job_id=job.pk, now=NOW)
    connection.close()

    # then
    job.refresh_from_db()
    assert (job.state, job.message) == ("RUNNING", "")
    assert not Source.objects.filter(code="done").exists()

    # and: it is taken up soon, and done
    is_well.append(True)
    sent.clear()
    Job.objects.update(heartbeat_at=Now() - timedelta(seconds=31))
    assert jobs.resume_stale() == [job.pk]
    assert sent == [job.pk]
    jobs.run(job_id=job.pk, now=NOW + timedelta(seconds=31))
    job.refresh_from_db()
    assert (job.state, job.result, job.attempt_count) == ("COMPLETED", {"did": 1}, 2)


def test_a_job_asked_to_stop_stops_at_its_next_progress_and_writes_nothing(
    kinds: dict[str, jobs.Kind], sent: list[int]
) -> None:
    def runner(job: Any, progress: Any) -> None:
        with transaction.atomic():
            SourceFactory(code="half-done")
            progress(5)
            in_another_connection(lambda: jobs.request_cancel(job_id=job.pk))
            progress(6)
        raise AssertionError("It went on.")

    job = submitted(runner)
    jobs.run(job_id=job.pk, now=NOW)

    job.refresh_from_db()
    assert (job.state, job.done_count, job.is_cancel_requested) == ("CANCELED", 6, True)
    assert not Source.objects.filter(code="half-done").exists()


def test_a_job_stopped_before_a_worker_has_it_is_never_begun(
    kinds: dict[str, jobs.Kind], sent: list[int]
) -> None:
    def runner(job: Any, progress: Any) -> None:
        raise AssertionError("It was begun.")

    job = submitted(runner)
    jobs.request_cancel(job_id=job.pk)
    jobs.run(job_id=job.pk, now=NOW)

    job.refresh_from_db()
    assert job.state == "CANCELED"


def test_a_finished_job_cannot_be_asked_to_stop(
    kinds: dict[str, jobs.Kind], sent: list[int]
) -> None:
    job = submitted(lambda job, progress: {})
    jobs.run(job_id=job.pk, now=NOW)

    jobs.request_cancel(job_id=job.pk)

    job.refresh_from_db()
    assert (job.state, job.is_cancel_requested) == ("COMPLETED", False)


def test_a_job_of_a_killed_worker_is_taken_up_again(
    kinds: dict[str, jobs.Kind], sent: list[int]
) -> None:
    job = submitted(lambda job, progress: {"done": True})
    Job.objects.update(state="RUNNING", started_at=NOW, attempt_count=1)
    sent.clear()

    Job.objects.update(heartbeat_at=Now() - timedelta(seconds=20))
    assert jobs.resume_stale() == []
    Job.objects.update(heartbeat_at=Now() - timedelta(seconds=31))
    assert jobs.resume_stale() == [job.pk]
    # The one who takes it up has half a minute of its own.
    assert jobs.resume_stale() == []
    jobs.run(job_id=sent[0], now=NOW + timedelta(seconds=33))

    job.refresh_from_db()
    assert sent == [job.pk]
    assert (job.state, job.result, job.attempt_count) == ("COMPLETED", {"done": True}, 2)
    assert job.started_at == NOW


def out_of_time_while(sql: str) -> None:
    """Ask the database something long, and be told in the middle that the time is over."""

    def over(_number: Any, _frame: Any) -> None:
        raise SoftTimeLimitExceeded

    former = signal.signal(signal.SIGALRM, over)
    signal.setitimer(signal.ITIMER_REAL, 0.3)
    try:
        with connection.cursor() as cursor:
            cursor.execute(sql)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, former)


def test_a_job_out_of_time_keeps_what_it_committed_and_is_gone_on_with_at_once(
    kinds: dict[str, jobs.Kind], sent: list[int]
) -> None:
    begun = []

    def runner(job: Any, progress: Any) -> dict[str, int]:
        begun.append((job.done_count, job.result))
        if job.done_count:
            return {"counted": 10}
        with transaction.atomic():
            SourceFactory(code="whole")
            Job.objects.filter(pk=job.pk).update(done_count=4, result={"counted": 4})
        with transaction.atomic():
            SourceFactory(code="half")
            Job.objects.filter(pk=job.pk).update(done_count=5, result={"counted": 5})
            out_of_time_while("SELECT pg_sleep(1)")
        raise AssertionError("It went on.")

    job = submitted(runner, goes_on=True)
    sent.clear()
    jobs.run(job_id=job.pk, now=NOW)

    job.refresh_from_db()
    assert sent == [job.pk]
    # An attempt that came further does not count.
    assert (job.state, job.done_count, job.result) == ("RUNNING", 4, {"counted": 4})
    assert (job.attempt_count, job.message) == (0, "")
    assert list(Source.objects.filter(code__in=["whole", "half"])) == [
        Source.objects.get(code="whole")
    ]
    jobs.run(job_id=job.pk, now=NOW)
    job.refresh_from_db()
    assert begun == [(0, {}), (4, {"counted": 4})]
    assert (job.state, job.result, job.attempt_count) == ("COMPLETED", {"counted": 10}, 1)


def test_a_job_that_gets_nowhere_in_its_time_is_given_up_in_the_end(
    kinds: dict[str, jobs.Kind], sent: list[int]
) -> None:
    def runner(job: Any, progress: Any) -> None:
        raise SoftTimeLimitExceeded

    job = submitted(runner, goes_on=True)
    for _attempt in range(4):
        jobs.run(job_id=job.pk, now=NOW)

    job.refresh_from_db()
    assert (job.state, job.message) == ("FAILED", jobs.GIVEN_UP)


def test_a_job_does_not_begin_again_after_its_time_limit(
    kinds: dict[str, jobs.Kind], sent: list[int]
) -> None:
    def runner(job: Any, progress: Any) -> None:
        out_of_time_while("SELECT pg_sleep(1)")

    job = submitted(runner)
    sent.clear()
    jobs.run(job_id=job.pk, now=NOW)

    job.refresh_from_db()
    assert (job.state, job.message, sent) == ("FAILED", jobs.TOO_LONG, [])


@pytest.mark.parametrize("hours", [-2, 2])
def test_the_clock_of_a_machine_does_not_say_whether_a_worker_lives(
    kinds: dict[str, jobs.Kind], sent: list[int], hours: int
) -> None:
    seen: list[Any] = []

    def runner(job: Any, progress: Any) -> dict[str, Any]:
        age = Job.objects.annotate(age=Now() - F("heartbeat_at")).get().age
        seen.append(timedelta() <= age < timedelta(minutes=1))
        return {}

    job = submitted(runner)
    with time_machine.travel(datetime.now(tz=UTC) + timedelta(hours=hours)):
        Job.objects.update(heartbeat_at=Now() - timedelta(seconds=15))
        assert jobs.resume_stale() == []
        Job.objects.update(heartbeat_at=Now() - timedelta(seconds=31))
        assert jobs.resume_stale() == [job.pk]
        jobs.run(job_id=job.pk, now=timezone.now())

    assert seen == [True]


def test_a_job_that_no_broker_got_is_sent_again(
    kinds: dict[str, jobs.Kind], settings: Settings
) -> None:
    settings.CELERY_BROKER_URL = "redis://127.0.0.1:1/0"
    job = submitted(lambda job, progress: {})
    assert job.state == "QUEUED"

    Job.objects.update(created_at=Now() - timedelta(minutes=2))
    assert jobs.resume_stale() == [job.pk]


def test_a_job_that_kills_its_workers_is_given_up(
    kinds: dict[str, jobs.Kind], sent: list[int]
) -> None:
    def runner(job: Any, progress: Any) -> None:
        raise AssertionError("It was begun a fourth time.")

    job = submitted(runner)
    Job.objects.update(state="RUNNING", started_at=NOW, heartbeat_at=NOW, attempt_count=3)
    jobs.run(job_id=job.pk, now=NOW)

    job.refresh_from_db()
    assert (job.state, job.message) == ("FAILED", jobs.GIVEN_UP)


def test_the_lock_and_the_connection_are_given_back(
    kinds: dict[str, jobs.Kind], sent: list[int]
) -> None:
    job = submitted(lambda job, progress: {})
    before = other_connections()

    jobs.run(job_id=job.pk, now=NOW)

    wait_until_none_but(before)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_locks JOIN pg_database ON pg_database.oid = database "
            "WHERE locktype = 'advisory' AND datname = current_database()"
        )
        assert cursor.fetchone() == (0,)


def other_connections() -> set[int]:
    """Return the connections beside this one, by process: a browser may still hold one."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pid FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        return {pid for (pid,) in cursor.fetchall()}


def wait_until_none_but(known: set[int]) -> None:
    """Return once no new connection is left; the server takes a moment to let one go."""
    until = time.monotonic() + 120
    while not other_connections() <= known:
        assert time.monotonic() < until, "a connection was not given back"
        time.sleep(0.05)
