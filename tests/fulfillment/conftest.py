"""What several tests of fulfillment start from."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
import time_machine
from django.db import connection
from psycopg import Connection
from redis import Redis

from core import workers
from tests.fulfillment.release_board import NOW
from tests.fulfillment.scheduling.schedules import set_interval
from tests.signs_of_life import beat_noted


@pytest.fixture
def clock() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        set_interval(every=15, period="minutes")
        yield


@pytest.fixture
def broker() -> Iterator[Redis]:
    """A broker that knows one worker and a beat of twenty seconds ago."""
    with workers._broker() as broker:
        broker.delete(workers.WORKERS, workers.BEAT, workers.QUEUE)
        workers.note_worker("celery@one")
        beat_noted(seconds_ago=20)
        yield broker
        broker.delete(workers.WORKERS, workers.BEAT, workers.QUEUE)


@pytest.fixture
def other() -> Iterator[Connection[Any]]:
    """A second session, whose transaction the test ends."""
    settings = connection.get_connection_params()
    names = ("host", "port", "dbname", "user", "password")
    given = {name: settings[name] for name in names if settings.get(name)}
    with psycopg.connect(**given) as session:
        yield session
