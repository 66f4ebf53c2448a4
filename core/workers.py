"""The signs of life of background work: workers, scheduler, queue.

Kept in the broker, where it ends with what it tells of. Each worker notes itself on a timer of its
own, even while all its hands are busy; the scheduler's beat is noted by a task, which shows that
scheduler, broker and worker do their work together. All times are the broker's: the clocks of
machines may be apart.
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from celery import bootsteps
from celery.worker.components import Timer
from django.conf import settings
from redis import Redis
from redis.exceptions import OutOfMemoryError, RedisError

from core import broker
from core.broker import BrokerAwayError

WORKERS = "backoffice:workers"
BEAT = "backoffice:beat"
PROBE = "backoffice:probe"
QUEUE = "celery"
# How the names of workers begin that take e-mails alone.
MAIL = "mail@"
NOTE_SECONDS = 15
SILENT_AFTER = timedelta(seconds=60)
LATE_AFTER = timedelta(seconds=120)
FORGOTTEN_AFTER_SECONDS = 24 * 3600


@dataclass(frozen=True, slots=True)
class Worker:
    """A worker process, by its name, and when it last noted itself, by the reader's clock."""

    name: str
    seen_at: datetime


@dataclass(frozen=True, slots=True)
class Pulse:
    """What the broker knows: workers seen within a minute, the last beat, tasks not begun.

    One that ``is_full`` takes on no more of them. ``mail_workers`` send e-mails alone.
    """

    workers: tuple[Worker, ...]
    mail_workers: tuple[Worker, ...]
    beat_at: datetime | None
    queue_length: int
    is_full: bool = False


def read_pulse(*, now: datetime) -> Pulse | None:
    """Return what lives, or ``None`` if the broker does not answer.

    Its times are counted back from ``now``, that of the reader.
    """
    try:
        with _broker() as redis, redis.pipeline(transaction=False) as asked:
            asked.hgetall(WORKERS)
            asked.get(BEAT)
            asked.llen(QUEUE)
            asked.set(PROBE, 1)
            asked.time()
            noted, beat, length, kept, clock = asked.execute(raise_on_error=False)
    except (BrokerAwayError, RedisError):
        return None

    def time_of(written: bytes) -> datetime:
        return now - timedelta(seconds=_seconds(clock) - float(written))

    every = sorted(
        (Worker(name.decode(), time_of(at)) for name, at in noted.items()),
        key=lambda worker: worker.name,
    )
    seen = [worker for worker in every if now - worker.seen_at <= SILENT_AFTER]
    return Pulse(
        workers=tuple(worker for worker in seen if not worker.name.startswith(MAIL)),
        mail_workers=tuple(worker for worker in seen if worker.name.startswith(MAIL)),
        beat_at=None if beat is None else time_of(beat),
        queue_length=length,
        is_full=isinstance(kept, OutOfMemoryError),
    )


def note_worker(name: str) -> None:
    """Note that the worker lives, and forget those not seen for a day.

    A broker that is away or full takes no notes; nothing else depends on them.
    """
    with suppress(BrokerAwayError, RedisError), _broker() as redis:
        now = _seconds(redis.time())
        redis.hset(WORKERS, name, now)
        for other, at in redis.hgetall(WORKERS).items():
            if now - float(at) > FORGOTTEN_AFTER_SECONDS:
                redis.hdel(WORKERS, other)


def forget_worker(name: str) -> None:
    """Forget a worker that stops."""
    with suppress(BrokerAwayError, RedisError), _broker() as redis:
        redis.hdel(WORKERS, name)


def note_beat() -> None:
    """Note that a task of the scheduler has reached a worker."""
    with suppress(BrokerAwayError, RedisError), _broker() as redis:
        redis.set(BEAT, _seconds(redis.time()))


class NoteStep(bootsteps.StartStopStep):
    """Lets a worker note itself for as long as it runs."""

    requires = {Timer}

    def start(self, parent: Any) -> None:
        self.timer = parent.timer.call_repeatedly(NOTE_SECONDS, note_worker, (parent.hostname,))
        note_worker(parent.hostname)

    def stop(self, parent: Any) -> None:
        self.timer.cancel()
        forget_worker(parent.hostname)


@contextmanager
def _broker() -> Iterator[Redis]:
    with broker.circuit_breaker(settings.CELERY_BROKER_URL), broker.client() as asked:
        yield asked


def _seconds(clock: tuple[int, int]) -> float:
    """Return what the broker says of its time, which is seconds and a rest, in seconds."""
    whole, millionths = clock
    return whole + millionths / 1_000_000
