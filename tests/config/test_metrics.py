"""What Prometheus reads: right, cheap, and not for everybody."""

from contextlib import closing
from datetime import timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.db.models.functions import Now
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django_celery_beat.models import PeriodicTask
from prometheus_client.parser import text_string_to_metric_families
from pytest_django import Settings

from config import traffic
from config.gauges import GAUGES, PREFIX
from core import broker, workers
from core.models import Job
from fulfillment.models import ReleaseRun
from fulfillment.operations.upkeep.figures import refresh_figures
from orders.models import OrderEmail
from tests.factories.fulfillment import BackorderFactory
from tests.factories.inventory import ProductFactory
from tests.factories.orders import OrderFactory
from tests.fulfillment.scheduling.schedules import insert_task
from tests.signs_of_life import beat_noted

UTC = ZoneInfo("UTC")
LABELS = ("state", "age", "kind", "currency", "room", "status", "task", "outcome")


@pytest.fixture
def probe() -> Client:
    return Client(HTTP_HOST="10.1.2.3:8000")


def samples(response: Any) -> dict[tuple[str, ...], float]:
    return {
        (sample.name, *(sample.labels[name] for name in LABELS if name in sample.labels)): (
            sample.value
        )
        for family in text_string_to_metric_families(response.text)
        for sample in family.samples
    }


@pytest.mark.django_db
def test_backlog_runs_and_workers_as_they_stand(probe: Client) -> None:
    now = timezone.now()
    for days, values in (
        (2, {}),
        (40, {"is_held": True, "hold_reason": "PAYMENT"}),
        (3, {"state": "CUSTOMER_CARE", "care_reason": "Ask"}),
    ):
        BackorderFactory(
            backordered_since=now - timedelta(days=days), lines={ProductFactory(): 2}, **values
        )
    refresh_figures(now=now, zone=UTC)
    run = {"trigger": "SCHEDULE", "created_at": now, "started_at": now - timedelta(seconds=90)}
    ReleaseRun.objects.create(state="FAILED", finished_at=now - timedelta(seconds=60), **run)
    ReleaseRun.objects.create(state="SKIPPED", finished_at=now, **run)
    ReleaseRun.objects.create(state="COMPLETED", is_dry_run=True, finished_at=now, **run)
    Job.objects.create(kind="test", created_at=now)
    Job.objects.create(kind="test", created_at=now, state="COMPLETED", finished_at=now)
    insert_task("never", headers="[1]")
    insert_task("not now", headers="[1]", enabled=False)
    PeriodicTask.objects.filter(task="orders.send_emails").delete()
    ReleaseRun.objects.create(
        state="RUNNING", heartbeat_at=Now() - timedelta(seconds=45), **{**run, "started_at": now}
    )
    for number, due in enumerate((timedelta(seconds=-70), timedelta(days=1))):
        OrderEmail.objects.create(
            order=OrderFactory(), kind="RELEASED", event_key=f"m{number}", recipient="a@b.example",
            language="en", created_at=now, next_attempt_at=now + due,
        )  # fmt: skip
    workers.note_worker("celery@metrics")
    workers.note_worker("mail@metrics")
    beat_noted(seconds_ago=20)

    found = samples(probe.get("/metrics"))

    assert found["backoffice_waiting_shipments", "BACKORDER", "WEEK"] == 1
    assert found["backoffice_waiting_shipments", "BACKORDER", "OLDER"] == 1
    assert found["backoffice_waiting_shipments", "CUSTOMER_CARE", "WEEK"] == 1
    assert found["backoffice_waiting_held_shipments",] == 1
    assert found["backoffice_waiting_value", "USD"] == float(Decimal(60))
    assert 40 * 86400 <= found["backoffice_oldest_waiting_seconds",] < 40 * 86400 + 60
    assert found["backoffice_exceptions", "payment_hold"] == 1
    assert found["backoffice_last_run", "FAILED"] == 1
    assert found["backoffice_last_run", "COMPLETED"] == 0
    assert found["backoffice_last_run_seconds",] == 30
    assert 60 <= found["backoffice_last_run_age_seconds",] < 120
    assert 45 <= found["backoffice_run_heartbeat_age_seconds",] < 105
    assert 70 <= found["backoffice_oldest_queued_email_seconds",] < 130
    assert found["backoffice_database_connections", "active"] >= 1
    assert found["backoffice_database_connections_limit",] >= 20
    assert found["backoffice_jobs", "QUEUED"] == 1
    assert found["backoffice_jobs", "RUNNING"] == 1
    assert found["backoffice_faulty_schedules",] == 2
    assert found["backoffice_workers",] >= 1
    assert found["backoffice_mail_workers",] == 1
    assert 20 <= found["backoffice_beat_age_seconds",] < 80
    assert found["backoffice_build_info",] == 1
    traffic_figures = {name for name, figure in GAUGES.items() if figure.is_counter}
    assert {name.removeprefix(PREFIX) for name, *_ in found} | traffic_figures == set(GAUGES)


@pytest.mark.django_db
def test_queries_are_few_however_long_the_queue(probe: Client) -> None:
    for _ in range(5):
        BackorderFactory(lines={ProductFactory(): 2})
    refresh_figures(now=timezone.now(), zone=UTC)

    with CaptureQueriesContext(connection) as queries:
        probe.get("/metrics")

    assert len(queries) <= 9


@pytest.mark.django_db
def test_without_a_token_this_machine_alone_may_read(probe: Client) -> None:
    assert probe.get("/metrics", REMOTE_ADDR="127.0.0.1").status_code == 200
    assert probe.get("/metrics", REMOTE_ADDR="10.1.2.3").status_code == 403
    forwarded = probe.get("/metrics", REMOTE_ADDR="127.0.0.1", HTTP_X_FORWARDED_FOR="203.0.113.5")
    assert forwarded.status_code == 403


@pytest.mark.django_db
def test_behind_a_proxy_a_token_is_needed(probe: Client, settings: Settings) -> None:
    settings.BEHIND_PROXY = True
    given = {"Authorization": "Bearer secret-of-the-watch"}

    assert probe.get("/metrics", REMOTE_ADDR="127.0.0.1").status_code == 403

    settings.METRICS_TOKEN = "secret-of-the-watch"  # noqa: S105 - of this test alone.
    assert probe.get("/metrics", REMOTE_ADDR="127.0.0.1", headers=given).status_code == 200


@pytest.mark.django_db
def test_a_token_opens_it_to_who_has_it_and_to_nobody_else(
    probe: Client, settings: Settings
) -> None:
    settings.METRICS_TOKEN = "secret-of-the-watch"  # noqa: S105 - of this test alone.

    for given, status in (("Bearer secret-of-the-watch", 200), ("Bearer other", 403), ("", 403)):
        answer = probe.get("/metrics", REMOTE_ADDR="127.0.0.1", headers={"Authorization": given})
        assert answer.status_code == status


@pytest.mark.django_db
def test_a_broker_that_is_down_is_a_figure_and_not_a_failure(
    probe: Client, settings: Settings
) -> None:
    settings.CELERY_BROKER_URL = "redis://127.0.0.1:1/0"

    found = samples(probe.get("/metrics"))

    assert found["backoffice_broker_up",] == 0
    assert ("backoffice_workers",) not in found


def test_requests_and_tasks_of_all_processes_are_counted(client: Client) -> None:
    # What earlier tests of this process counted is none of it.
    traffic.flush()
    with closing(broker.client()) as asked:
        asked.delete(traffic.COUNTS)
    client.get("/api/v1/nothing/")
    client.get("/elsewhere/")
    # As other processes count, and add to the same figures.
    for outcome in ("SUCCESS", "SUCCESS", "FAILURE"):
        traffic._begin(task_id=outcome)
        traffic._end(task_id=outcome, task=SimpleNamespace(name="orders.send"), state=outcome)
    traffic.flush()

    found = samples(client.get("/metrics", REMOTE_ADDR="127.0.0.1"))

    assert found["backoffice_requests_total", "api", "4xx"] == 1
    assert found["backoffice_requests_total", "other", "4xx"] == 1
    assert found["backoffice_request_seconds_total", "api"] > 0
    assert found["backoffice_tasks_total", "orders.send", "SUCCESS"] == 2
    assert found["backoffice_tasks_total", "orders.send", "FAILURE"] == 1
    assert found["backoffice_task_seconds_total", "orders.send"] >= 0


def test_counting_waits_for_no_broker(client: Client, settings: Settings) -> None:
    settings.CELERY_BROKER_URL = "redis://127.0.0.1:1/0"

    assert client.get("/elsewhere/").status_code == 404
    traffic.flush()

    assert traffic.counted() == {}


@pytest.mark.parametrize(
    ("path", "room"),
    [
        ("/api/v1/orders/", "api"),
        ("/admin/", "admin"),
        ("/order/abc.def", "customer"),
        ("/back-in-stock/confirm/x/", "customer"),
        ("/", "other"),
        ("/administration", "other"),
    ],
)
def test_each_address_has_its_room(path: str, room: str) -> None:
    assert traffic.room_of(path) == room
