from datetime import timedelta

import pytest
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client
from django.utils import timezone

from fulfillment import workers


@pytest.fixture
def probe():
    """A client without the site's host name, as a container's health check is."""
    return Client(HTTP_HOST="10.1.2.3:8000")


@pytest.fixture
def a_worker():
    """The name of a worker that has just noted itself, and is the only one."""
    with workers._broker() as broker:
        broker.delete(workers.WORKERS)
    workers.note_worker("celery@test", now=timezone.now())
    yield "celery@test"
    workers.forget_worker("celery@test")


def test_a_process_that_lives_says_so(probe):
    response = probe.get("/health/live/")

    assert (response.status_code, response.json()) == (200, {"process": "ok"})


@pytest.mark.django_db
def test_ready_when_database_migrations_broker_and_a_worker_are(probe, a_worker):
    response = probe.get("/health/ready/")

    assert response.status_code == 200
    assert response.json() == {
        "database": "ok",
        "migrations": "ok",
        "broker": "ok",
        "worker": "ok",
    }


@pytest.mark.django_db
def test_not_ready_while_no_worker_was_seen_for_a_minute(probe, a_worker):
    workers.note_worker(a_worker, now=timezone.now() - timedelta(seconds=61))

    response = probe.get("/health/ready/")

    assert response.status_code == 503
    assert response.json()["worker"] == "none seen"


@pytest.mark.django_db
def test_not_ready_once_the_last_worker_has_stopped(probe, a_worker):
    workers.forget_worker(a_worker)

    assert probe.get("/health/ready/").json()["worker"] == "none seen"


@pytest.mark.django_db
def test_not_ready_while_a_migration_waits(probe):
    MigrationRecorder(connection).record_unapplied("orders", "0002_reservation_order_line_key")
    MigrationRecorder.Migration.objects.filter(app="fulfillment").delete()

    response = probe.get("/health/ready/")

    assert response.status_code == 503
    assert response.json()["migrations"].endswith("to apply")


@pytest.mark.django_db
def test_not_ready_while_the_broker_is_down(probe, settings):
    settings.CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": "redis://127.0.0.1:1/0",
        }
    }

    settings.CELERY_BROKER_URL = "redis://127.0.0.1:1/0"

    response = probe.get("/health/ready/")

    assert response.status_code == 503
    assert response.json()["broker"] == "does not answer"
    assert response.json()["worker"] == "unknown"
