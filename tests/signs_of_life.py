"""Signs of life of background work that were given some time ago, by the broker's clock."""

from contextlib import closing

from core import broker, workers


def worker_seen(name: str, *, seconds_ago: float) -> None:
    with closing(broker.client()) as asked:
        asked.hset(workers.WORKERS, name, asked.time()[0] - seconds_ago)


def beat_noted(*, seconds_ago: float) -> None:
    with closing(broker.client()) as asked:
        asked.set(workers.BEAT, asked.time()[0] - seconds_ago)
