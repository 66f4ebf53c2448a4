import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from config import health
from core import broker, workers
from tests.signs_of_life import beat_noted, worker_seen

WELL = {"database": "ok", "migrations": "ok"}


@pytest.fixture
def probe() -> Client:
    """A client without the site's host name, as a container's health check is."""
    return Client(HTTP_HOST="10.1.2.3:8000")


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    """How long a busy machine takes says nothing of what is away; two tests measure the time, one
    how often is asked."""
    if "asked_once" not in request.node.name:
        monkeypatch.setattr(health, "FRESH_SECONDS", 0)
    if "answer_comes" not in request.node.name:
        monkeypatch.setattr(health, "PATIENCE_SECONDS", 60)


@pytest.fixture
def all_well() -> Iterator[str]:
    """The name of a worker that has just noted itself, and is the only one, and a beat."""
    with closing(broker.client()) as asked:
        asked.delete(workers.WORKERS)
    workers.note_worker("celery@test")
    workers.note_beat()
    yield "celery@test"
    workers.forget_worker("celery@test")


def test_a_process_that_lives_says_so(probe: Client) -> None:
    response = probe.get("/health/live/")

    assert (response.status_code, response.json()) == (200, {"process": "ok"})


@pytest.mark.django_db(transaction=True)
def test_ready_and_nothing_degraded_while_all_is_well(probe: Client, all_well: str) -> None:
    ready, work = probe.get("/health/ready/"), probe.get("/health/work/")

    assert (ready.status_code, ready.json()) == (200, {**WELL, "degraded": []})
    assert (work.status_code, work.json()) == (
        200,
        {"broker": "ok", "workers": "ok", "scheduler": "ok"},
    )


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("hours", [-2, 2])
def test_the_clock_of_a_machine_does_not_say_whether_a_worker_lives(
    all_well: str, hours: int
) -> None:
    elsewhere = timezone.now() + timedelta(hours=hours)
    with time_machine.travel(elsewhere):
        seen = workers.read_pulse(now=timezone.now())
        workers.note_worker("celery@elsewhere")
        workers.note_beat()
    here = workers.read_pulse(now=timezone.now())
    workers.forget_worker("celery@elsewhere")

    assert seen is not None
    assert here is not None
    assert [worker.name for worker in seen.workers] == ["celery@test"]
    assert seen.beat_at is not None
    assert abs(seen.beat_at - elsewhere) < timedelta(minutes=1)
    assert [worker.name for worker in here.workers] == ["celery@elsewhere", "celery@test"]
    assert here.beat_at is not None
    assert abs(here.beat_at - timezone.now()) < timedelta(minutes=1)


def no_worker(name: str) -> None:
    worker_seen(name, seconds_ago=61)


def only_mail(name: str) -> None:
    workers.forget_worker(name)
    workers.note_worker("mail@test")


def no_beat(_name: Any) -> None:
    beat_noted(seconds_ago=121)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("lose", "part", "answer"),
    [
        (no_worker, "workers", "none seen"),
        (workers.forget_worker, "workers", "none seen"),
        (only_mail, "workers", "none seen"),
        (no_beat, "scheduler", "late"),
    ],
)
def test_ready_but_degraded_without_workers_or_scheduler(
    probe: Client, all_well: str, lose: Callable[..., Any], part: str, answer: str
) -> None:
    lose(all_well)

    ready, work = probe.get("/health/ready/"), probe.get("/health/work/")

    assert (ready.status_code, ready.json()) == (200, {**WELL, "degraded": [part]})
    assert (work.status_code, work.json()[part]) == (503, answer)


@pytest.mark.django_db(transaction=True)
def test_ready_but_degraded_while_the_broker_is_away(probe: Client, settings: Settings) -> None:
    settings.CELERY_BROKER_URL = "redis://127.0.0.1:1/0"

    ready, work = probe.get("/health/ready/"), probe.get("/health/work/")

    assert (ready.status_code, ready.json()) == (
        200,
        {**WELL, "degraded": ["broker", "workers", "scheduler"]},
    )
    assert (work.status_code, work.json()) == (
        503,
        {"broker": "does not answer", "workers": "unknown", "scheduler": "unknown"},
    )


@pytest.mark.django_db(transaction=True)
def test_not_ready_while_a_migration_waits(probe: Client) -> None:
    (leaf,) = MigrationLoader(connection).graph.leaf_nodes("orders")
    applied = MigrationRecorder.Migration.objects.get(app=leaf[0], name=leaf[1])
    applied.delete()
    try:
        response = probe.get("/health/ready/")
    finally:
        MigrationRecorder(connection).record_applied(applied.app, applied.name)

    assert response.status_code == 503
    assert response.json()["migrations"].endswith("to apply")


@pytest.mark.django_db(transaction=True)
def test_not_ready_while_the_database_is_away(
    probe: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(connection.settings_dict, "PORT", "1")

    response = probe.get("/health/ready/")

    assert response.status_code == 503
    assert response.json() | {"degraded": []} == {
        "database": "does not answer",
        "migrations": "unknown",
        "degraded": [],
    }


@pytest.mark.django_db(transaction=True)
def test_the_answer_comes_although_the_database_hangs(
    probe: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        monkeypatch.setitem(connection.settings_dict, "PORT", str(silent.getsockname()[1]))
        before = time.monotonic()
        response = probe.get("/health/ready/")
        took = time.monotonic() - before

    assert (response.status_code, response.json()["database"]) == (503, "does not answer")
    # The rest is how busy the machine is.
    assert took < 10


@pytest.mark.django_db(transaction=True)
def test_the_answer_comes_although_a_part_never_does(
    probe: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    over = threading.Event()
    monkeypatch.setattr("config.health.read_pulse", lambda *, now: over.wait(240) and None)

    before = time.monotonic()
    response = probe.get("/health/work/")
    took = time.monotonic() - before
    over.set()

    assert (response.status_code, response.json()["broker"]) == (503, "does not answer")
    # The rest is how busy the machine is.
    assert took < 10


@pytest.mark.django_db(transaction=True)
def test_the_database_is_asked_once_a_second_however_many_ask(
    probe: Client, all_well: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[float] = []

    def count(found: dict[str, str]) -> None:
        asked.append(time.monotonic())
        time.sleep(0.1)
        found.update(WELL)

    monkeypatch.setattr(health, "storage", count)
    monkeypatch.setattr(health, "FRESH_SECONDS", 30)
    answers: list[int] = []
    threads = [
        threading.Thread(target=lambda: answers.append(probe.get("/health/ready/").status_code))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert answers == [200] * 8
    assert len(asked) == 1

    monkeypatch.setattr(health, "FRESH_SECONDS", 0)
    probe.get("/health/ready/")

    assert len(asked) == 2
