"""Which workers live, when the scheduler was last felt, and how long the queue is.

Kept in the broker, where it ends with what it tells of. Each worker notes itself on a timer of its
own, even while all its hands are busy; the scheduler's beat is noted by a task, which shows that
scheduler, broker and worker do their work together.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from celery import bootsteps
from celery.worker.components import Timer
from django.conf import settings
from django.utils import timezone
from redis import Redis
from redis.exceptions import RedisError

WORKERS = "backoffice:workers"
BEAT = "backoffice:beat"
QUEUE = "celery"
NOTE_SECONDS = 15
SILENT_AFTER = timedelta(seconds=60)
LATE_AFTER = timedelta(seconds=120)


@dataclass(frozen=True, slots=True)
class Worker:
    """A worker process, by its name, and when it last noted itself."""

    name: str
    seen_at: datetime


@dataclass(frozen=True, slots=True)
class Pulse:
    """What the broker knows: workers seen within a minute, the last beat, tasks not begun."""

    workers: tuple[Worker, ...]
    beat_at: datetime | None
    queue_length: int


def read_pulse(*, now: datetime) -> Pulse | None:
    """Return what lives, or ``None`` if the broker does not answer."""
    try:
        with _broker() as broker, broker.pipeline(transaction=False) as asked:
            asked.hgetall(WORKERS)
            asked.get(BEAT)
            asked.llen(QUEUE)
            noted, beat, length = asked.execute()
    except (RedisError, OSError):
        return None
    seen = [Worker(name.decode(), _time(at)) for name, at in noted.items()]
    return Pulse(
        workers=tuple(
            sorted(
                (worker for worker in seen if now - worker.seen_at <= SILENT_AFTER),
                key=lambda worker: worker.name,
            )
        ),
        beat_at=None if beat is None else _time(beat),
        queue_length=length,
    )


def note_worker(name: str, *, now: datetime) -> None:
    """Note that the worker lives, and forget those not seen for a day."""
    with _broker() as broker:
        broker.hset(WORKERS, name, now.timestamp())
        for other, at in broker.hgetall(WORKERS).items():
            if now - _time(at) > timedelta(days=1):
                broker.hdel(WORKERS, other)


def forget_worker(name: str) -> None:
    """Forget a worker that stops."""
    with _broker() as broker:
        broker.hdel(WORKERS, name)


def note_beat(*, now: datetime) -> None:
    """Note that a task of the scheduler has reached a worker."""
    with _broker() as broker:
        broker.set(BEAT, now.timestamp())


class NoteStep(bootsteps.StartStopStep):
    """Lets a worker of the main queue note itself for as long as it runs."""

    requires = {Timer}

    def include_if(self, parent: Any) -> bool:
        """Leave out the workers of e-mails alone: they release nothing."""
        return QUEUE in parent.app.amqp.queues.consume_from

    def start(self, parent: Any) -> None:
        self.timer = parent.timer.call_repeatedly(NOTE_SECONDS, _note, (parent.hostname,))
        _note(parent.hostname)

    def stop(self, parent: Any) -> None:
        self.timer.cancel()
        try:
            forget_worker(parent.hostname)
        except (RedisError, OSError):
            return


def _note(name: str) -> None:
    # A broker that is away for a moment must not end the worker's timer.
    try:
        note_worker(name, now=timezone.now())
    except (RedisError, OSError):
        return


def _broker() -> Redis:
    return Redis.from_url(settings.CELERY_BROKER_URL, socket_timeout=3, socket_connect_timeout=3)


def _time(written: bytes) -> datetime:
    return datetime.fromtimestamp(float(written), tz=UTC)
