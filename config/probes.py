"""Addresses of programs that watch this one."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from config.health import live, ready, work
from config.metrics import metrics

PROBES = {
    "/health/live/": live,
    "/health/ready/": ready,
    "/health/work/": work,
    "/metrics": metrics,
}


class ProbeMiddleware:
    """Answers probes before anything else: they come without the site's host name."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return PROBES.get(request.path, self._get_response)(request)
