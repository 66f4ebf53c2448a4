"""A part that is away takes away what needs it, and nothing else."""

import os
import re
import signal
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.db.models import Max, Min
from django.utils import timezone
from django_celery_beat.models import PeriodicTask

from fulfillment.models import ReleaseRun
from fulfillment.queries.product_jobs import JOB_OF
from tests.core.session_stop import frozen
from tests.faults.shop import Shop, adjustment, locked, reread
from tests.faults.stack import Stack, TimedAnswer, process_of
from tests.fulfillment.scheduling.schedules import insert_odd_rows, set_interval
from tests.invariants import assert_invariants

PEOPLE = 12
SESSIONS = "SELECT application_name, pid FROM pg_stat_activity WHERE datname = current_database()"
WORKERS = f"{SESSIONS} AND starts_with(application_name, 'backoffice worker ')"
WEBS = f"{SESSIONS} AND starts_with(application_name, 'backoffice web ')"
WAITING_WORKER = f"{WORKERS} AND wait_event_type = 'Lock'"
WAITING_WEB = f"{WEBS} AND wait_event_type = 'Lock'"


@contextmanager
def odd_rows() -> Iterator[dict[str, str | None]]:
    """Have every odd row in the schedule within this; give the kind of fault of each by name."""
    faults = insert_odd_rows()
    try:
        yield faults
    finally:
        with connection.cursor() as cursor:
            cursor.execute(
                "DELETE FROM django_celery_beat_periodictask WHERE name = ANY(%s)", [list(faults)]
            )
        set_interval(every=15, period="minutes")


def test_one_locked_row_never_takes_all_threads(stack: Stack, shop: Shop) -> None:
    item = shop.item(quantity=Decimal(5))
    answers = []

    def adjust() -> None:
        answers.append(stack.post("/api/v1/source-items/adjust/", adjustment(item)))

    threads = [threading.Thread(target=adjust) for _ in range(12)]
    with locked(item):
        for thread in threads:
            thread.start()
        stack.until(lambda: len(rows_of(WAITING_WEB)) == 8 or len(answers) == 12)
        other = stack.get("/api/v1/sources/")
        for thread in threads:
            thread.join()
        assert stack.get("/health/ready/").status == 200

    assert other.status == 200
    assert [(answer.status, answer.headers["Retry-After"]) for answer in answers] == [
        (409, "2")
    ] * 12
    assert stack.post("/api/v1/source-items/adjust/", adjustment(item)).status == 200
    assert reread(item).quantity == 6


def test_no_row_of_the_schedule_stops_what_others_schedule(stack: Stack) -> None:
    # given: every odd row, all that can run overdue, and a scheduler that starts with them
    with odd_rows() as faults:
        jobs = PeriodicTask.objects.exclude(name__in=faults)
        runnable = {name for name, fault in faults.items() if fault is None}
        runnable |= set(jobs.values_list("name", flat=True))
        jobs.update(last_run_at=None)
        now = timezone.now()
        PeriodicTask.objects.update(date_changed=now - timedelta(days=400))
        stack.start_beat()
        beat = stack.processes["beat"]
        stack.until(lambda: beat.pid in [process_of(name) for name, _session in rows_of(WORKERS)])

        # then: all that can run starts within a minute, and nothing else
        started = PeriodicTask.objects.filter(last_run_at__gt=now)
        stack.until(
            lambda: (
                beat.poll() is not None or runnable <= set(started.values_list("name", flat=True))
            )
        )
        assert set(started.values_list("name", flat=True)) == runnable, stack.logs()
        times = started.aggregate(first=Min("last_run_at"), last=Max("last_run_at"))
        assert times["last"] - times["first"] < timedelta(minutes=1)
        assert len(runnable) == len(JOB_OF) + 8

        # and: workers do it, again and again, by a schedule that is changed meanwhile
        done = ReleaseRun.objects.filter(trigger="SCHEDULE", state="COMPLETED", created_at__gt=now)
        set_interval(every=1, period="seconds")
        stack.until(lambda: beat.poll() is not None or done.count() >= 3)
        assert beat.poll() is None, stack.logs()

        # and: each row that cannot run is logged once, and counted in the answer about health
        faulty = [name for name, fault in faults.items() if fault]
        said = {name: stack.log("beat").count(f"Not scheduled: {name}: ") for name in faulty}
        assert said == dict.fromkeys(faulty, 1)
        stack.until(lambda: f"{len(faulty)} cannot run" in stack.get("/health/work/").body)

    stack.until(lambda: stack.get("/health/work/").status == 200)


def test_a_database_that_stands_still_holds_no_request_for_ever(stack: Stack) -> None:
    # given: a web server of its own, whose threads have sessions
    with stack.another_web(workers=1, DATABASE_STATEMENT_SECONDS="2") as web:
        everybody(web, "/api/v1/sources/")
        own = [f" {pid}" for pid in children(web.processes["web"].pid)]
        backends = [pid for name, pid in rows_of(WEBS) if name.endswith(tuple(own))]
        assert backends

        # when: these sessions stand still, and their machine does not; other tests share the server
        with frozen(*backends), ThreadPoolExecutor() as people:
            waiting = people.submit(everybody, web, "/api/v1/sources/")
            stack.until(lambda: connections_of(web) >= PEOPLE)
            health = [web.get(f"/health/{check}/") for check in ("live", "ready", "work") * 2]
            assert not waiting.done()
            answers = waiting.result()

        # then: health checks are answered meanwhile
        assert health[0].status == health[3].status == 200
        assert {answer.status for answer in health} <= {200, 503}

        # and: a thread gives up a session that answers nothing for 2 + 5 seconds, for a new one
        assert {answer.status for answer in answers} == {200}
        assert max(answer.seconds for answer in answers) > 7
        assert max(answer.seconds for answer in answers) < 120

        # and: a health check says so where the server answers nobody, also no new session
        web.relays["web"].drop()
        without = web.get("/health/ready/")
        web.relays["web"].flow()
        assert (without.status, without.json["database"]) == (503, "does not answer")
        web.until(lambda: web.get("/api/v1/sources/").status == 200)
    stack.until(lambda: stack.get("/health/work/").status == 200)


@pytest.mark.parametrize("trouble", ["frozen", pytest.param("cut off", marks=pytest.mark.long)])
def test_the_run_of_a_worker_that_shows_no_life_is_taken_up_by_another(
    stack: Stack, shop: Shop, trouble: str
) -> None:
    # given: a worker in the middle of a batch, with the rows of shipments under lock
    item = shop.item(quantity=Decimal(1))
    waiting = shop.waiting(item)
    with locked(item):
        asked = stack.post("/api/v1/release-runs/", {"shipments": [waiting.number]})
        assert asked.status == 202, asked.body
        ((name, session),) = stack.until(lambda: rows_of(WAITING_WORKER))
        worker = worker_of(stack, process_of(name))
        if trouble == "frozen":
            os.killpg(stack.processes[worker].pid, signal.SIGSTOP)
        else:
            stack.relays[worker].drop()
        since = time.monotonic()

    # then: another does what it was at, within about a minute, and its session is gone
    stack.until(lambda: reread(waiting).state != "BACKORDER")
    took = time.monotonic() - since
    lost = ReleaseRun.objects.get(pk=asked.json["id"])
    assert (lost.state, lost.message_code) == ("FAILED", "WORKER_STOPPED")
    (again,) = ReleaseRun.objects.filter(replaces=lost)
    stack.until(lambda: reread(again).state == "COMPLETED")
    assert session not in [pid for _name, pid in rows_of(WORKERS)]
    assert took < 120
    assert reread(item).allocated == 1

    # and: one that is cut off knows it, and waits for nothing any more
    if trouble == "cut off":
        stack.until(lambda: "its sessions are given up" in stack.log(worker))

    # and: it comes back to itself, and does what it is given
    os.killpg(stack.processes[worker].pid, signal.SIGCONT)
    stack.relays[worker].flow()
    stack.until(lambda: any(name.endswith(f" {pid}") for name, _session in rows_of(WORKERS)
                            for pid in children(stack.processes[worker].pid)))  # fmt: skip
    assert stack.processes[worker].poll() is None
    done = stack.log(worker).count(" succeeded in ")
    stack.until(lambda: stack.log(worker).count(" succeeded in ") > done)
    assert_invariants()


def rows_of(statement: str) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchall()


def everybody(web: Stack, address: str) -> list[TimedAnswer]:
    """Return what is answered to more people at once than there are threads."""
    with ThreadPoolExecutor(PEOPLE) as people:
        return list(people.map(web.get, [address] * PEOPLE))


def connections_of(web: Stack) -> int:
    """Return how many clients are connected to a web server."""
    open_at_port = re.compile(rf"\S+:{web.port:04X} \S+ 01 ")
    return len(open_at_port.findall(Path("/proc/net/tcp").read_text()))


def children(pid: int) -> list[int]:
    return [int(text) for text in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def worker_of(stack: Stack, pid: int) -> str:
    """Return which worker started a process."""
    return next(name for name in ("first", "second") if pid in children(stack.processes[name].pid))
