"""The broker, which may be away: asked briefly, after silence left alone for a moment.

Whatever needs a worker is a row of the database first. Calling a worker only saves the wait for the
scheduler, which calls again for every row that nobody has taken up.
"""

import logging
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from celery import current_app
from django.conf import settings
from kombu import Connection
from kombu.exceptions import KombuError
from redis import Redis
from redis.exceptions import ConnectionError as NoConnectionError
from redis.exceptions import RedisError
from redis.exceptions import TimeoutError as NoAnswerError

# How long a broker that did not answer is not asked again, so that one request, or the next
# twenty, wait for it once.
PAUSE_SECONDS = 5.0
SILENCE = (NoConnectionError, NoAnswerError, OSError)

logger = logging.getLogger(__name__)
_mine = threading.local()
_silent_until: dict[str, float] = {}


class BrokerAwayError(Exception):
    """The broker does not answer, or did not a moment ago."""


def call_worker(task: str, *, countdown: float | None = None, **facts: Any) -> None:
    """Have a worker do ``task`` soon; never raises, and takes about ``BROKER_SECONDS`` at most.

    The caller has written, and committed, what is to be done: where the broker is away or full,
    the scheduler calls for it later.
    """
    address = settings.CELERY_BROKER_URL
    try:
        with circuit_breaker(address):
            current_app.send_task(
                task,
                kwargs=facts or None,
                countdown=countdown,
                connection=_connection(address),
                retry=False,
            )
    except (BrokerAwayError, KombuError, RedisError) as error:
        _forget_connection()
        logger.warning("%s waits in the database: the broker took no call (%s)", task, error)


@contextmanager
def circuit_breaker(address: str) -> Iterator[None]:
    """Ask the broker at ``address`` within this; its silence is remembered for a moment.

    :raises BrokerAwayError: if it does not answer, or did not a moment ago.
    """
    if time.monotonic() < _silent_until.get(address, 0.0):
        raise BrokerAwayError("it did not answer a moment ago")
    try:
        yield
    except (*SILENCE, KombuError) as error:
        if not isinstance(error.__cause__ or error, SILENCE):
            raise
        _silent_until[address] = time.monotonic() + PAUSE_SECONDS
        logger.warning("The broker does not answer: %s", error)
        raise BrokerAwayError(str(error)) from error


def client() -> Redis:
    """Return a client of the broker that does not wait long; within :func:`circuit_breaker`."""
    return Redis.from_url(
        settings.CELERY_BROKER_URL,
        socket_timeout=settings.BROKER_SECONDS,
        socket_connect_timeout=settings.BROKER_SECONDS,
    )


def _connection(address: str) -> Connection:
    """Return this thread's connection: connecting takes ten times as long as a call."""
    owner = (os.getpid(), address)
    if getattr(_mine, "owner", None) != owner:
        _mine.owner = owner
        _mine.connection = current_app.connection_for_write(
            address,
            connect_timeout=settings.BROKER_SECONDS,
            transport_options={
                "socket_timeout": settings.BROKER_SECONDS,
                "socket_connect_timeout": settings.BROKER_SECONDS,
                "max_retries": 0,
            },
        )
    connection: Connection = _mine.connection
    return connection


def _forget_connection() -> None:
    if hasattr(_mine, "owner"):
        del _mine.owner
        _mine.connection.close()
