"""Answers whether this process lives, and whether it can do its work."""

from collections.abc import Callable

from django.core.cache import cache
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from redis.exceptions import RedisError

from fulfillment.workers import read_pulse

LIVE = "/health/live/"
READY = "/health/ready/"
OK = "ok"


class HealthMiddleware:
    """Answers health checks before anything else: they come without the site's host name."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path == LIVE:
            return JsonResponse({"process": OK})
        if request.path == READY:
            found = {
                "database": database(),
                "migrations": migrations(),
                "broker": broker(),
                "worker": worker(),
            }
            is_ready = all(answer == OK for answer in found.values())
            return JsonResponse(found, status=200 if is_ready else 503)
        return self._get_response(request)


def database() -> str:
    """Return ``ok``, or that the database does not answer."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return "does not answer"
    return OK


def migrations() -> str:
    """Return ``ok``, or how many migrations wait to be applied."""
    try:
        executor = MigrationExecutor(connection)
        waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except DatabaseError:
        return "unknown"
    return f"{len(waiting)} to apply" if waiting else OK


def broker() -> str:
    """Return ``ok``, or that the broker does not answer."""
    try:
        cache.get("health")
    except (RedisError, OSError):
        return "does not answer"
    return OK


def worker() -> str:
    """Return ``ok``, or that no worker was seen within a minute."""
    pulse = read_pulse(now=timezone.now())
    if pulse is None:
        return "unknown"
    return OK if pulse.workers else "none seen"
