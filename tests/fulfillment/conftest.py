"""What the tests of the release board start from."""

from datetime import timedelta

import pytest
import time_machine

from fulfillment import workers
from fulfillment.operations.schedule import set_interval
from tests.fulfillment.release_board import NOW


@pytest.fixture
def clock():
    with time_machine.travel(NOW, tick=False):
        set_interval(every=15, period="minutes")
        yield


@pytest.fixture
def broker():
    """A broker that knows one worker and a beat of twenty seconds ago."""
    with workers._broker() as broker:
        broker.delete(workers.WORKERS, workers.BEAT, workers.QUEUE)
        workers.note_worker("celery@one", now=NOW)
        workers.note_beat(now=NOW - timedelta(seconds=20))
        yield broker
        broker.delete(workers.WORKERS, workers.BEAT, workers.QUEUE)
