"""The traffic of all processes: requests, tasks; how many, how they ended, how long.

All processes add to one hash of the broker, so that any of them can be asked. Requests are added
up for some seconds first, so that none of them waits for the broker; what cannot be added then is
lost with a broker that is away.
"""

import threading
import time
from collections import defaultdict
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

from celery.signals import task_postrun, task_prerun
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from redis.exceptions import RedisError

from core import broker
from core.broker import BrokerAwayError

COUNTS = "backoffice:counts"
FLUSH_SECONDS = 5
SEPARATOR = "|"
# The rooms of the site, by how their addresses begin.
ROOMS = (("/api/", "api"), ("/admin/", "admin"), ("/order/", "customer"),
         ("/back-in-stock/", "customer"))  # fmt: skip

_adding = threading.Lock()
_pending: defaultdict[str, float] = defaultdict(float)
_began: dict[str, float] = {}


class TrafficMiddleware:
    """Counts each request by room, and by the first digit of its status."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        began = time.monotonic()
        response = self._get_response(request)
        room = room_of(request.path)
        add("requests_total", room, f"{response.status_code // 100}xx")
        add("request_seconds_total", room, amount=time.monotonic() - began)
        return response


def room_of(path: str) -> str:
    """Return which room of the site an address is in: api, admin, customer or other."""
    return next((room for start, room in ROOMS if path.startswith(start)), "other")


def add(name: str, *labels: str, amount: float = 1) -> None:
    """Count something; it is seen once :func:`flush` is called."""
    with _adding:
        _pending[SEPARATOR.join((name, *labels))] += amount


def flush() -> None:
    """Add to what all processes counted; without a broker it is lost."""
    with _adding:
        counted = dict(_pending)
        _pending.clear()
    if not counted:
        return
    with (
        suppress(BrokerAwayError, RedisError),
        broker.circuit_breaker(settings.CELERY_BROKER_URL),
        broker.client() as asked,
        asked.pipeline(transaction=False) as pipeline,
    ):
        for field, amount in counted.items():
            pipeline.hincrbyfloat(COUNTS, field, amount)
        pipeline.execute()


def flush_regularly() -> None:
    """Have this process add what it counted every few seconds, in a thread of its own."""

    def loop() -> None:
        while True:
            time.sleep(FLUSH_SECONDS)
            flush()

    threading.Thread(target=loop, name="traffic", daemon=True).start()


def counted() -> dict[str, dict[tuple[str, ...], float]]:
    """Return by name and labels what was counted since the broker has had its data; nothing
    without a broker."""
    found: Mapping[bytes, bytes] = {}
    with (
        suppress(BrokerAwayError, RedisError),
        broker.circuit_breaker(settings.CELERY_BROKER_URL),
        broker.client() as asked,
    ):
        found = asked.hgetall(COUNTS)
    counts: dict[str, dict[tuple[str, ...], float]] = {}
    for field, amount in sorted(found.items()):
        name, *labels = field.decode().split(SEPARATOR)
        counts.setdefault(name, {})[tuple(labels)] = float(amount)
    return counts


def count_tasks() -> None:
    """Count each task of this worker as it ends."""
    task_prerun.connect(_begin)
    task_postrun.connect(_end)


def _begin(task_id: str, **_facts: Any) -> None:
    _began[task_id] = time.monotonic()


def _end(task_id: str, task: Any, state: str | None = None, **_facts: Any) -> None:
    """Count a task that ended. It has its time: no page waits for it."""
    add("tasks_total", task.name, state or "UNKNOWN")
    if (began := _began.pop(task_id, None)) is not None:
        add("task_seconds_total", task.name, amount=time.monotonic() - began)
    flush()
