"""What the person of a request, or of a job, is limited to."""

from collections.abc import Callable, Iterator
from contextvars import copy_context
from functools import partial
from typing import Any

from django.conf import settings
from django.http import HttpRequest, StreamingHttpResponse
from django.http.response import HttpResponseBase

from core.access_limits import Reach, asking, read_from_now
from core.models import AccessLimit, ApiKey
from inventory.models import StockSource

READING = ("GET", "HEAD")


class LimitsMiddleware:
    """Lets all that is done for a request keep the limits of its person."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        with asking(partial(_reach_of_request, request), is_reading=request.method in READING):
            response = self.get_response(request)
            if isinstance(response, StreamingHttpResponse):
                read_from_now()
                # A file is written while it is sent, which is after this.
                response.streaming_content = _sent_within(response.streaming_content)
            return response

    def process_template_response(self, request: HttpRequest, response: Any) -> Any:
        read_from_now()
        return response


def _sent_within(parts: Any) -> Iterator[bytes]:
    context, source = copy_context(), iter(parts)
    end = object()
    while (part := context.run(next, source, end)) is not end:
        yield part  # type: ignore[misc]


def _reach_of_request(request: HttpRequest) -> Reach | None:
    # Without a session there is nobody, and an answer does not depend on cookies.
    if settings.SESSION_COOKIE_NAME not in request.COOKIES:
        return None
    return reach_of(request.user)


def reach_of(user: Any, key: ApiKey | None = None) -> Reach | None:
    """Return what a person sees, with a key what the key sees of it; None where all is seen.

    A superuser has no limits, but a superuser's key may have.
    """
    own = None if user.is_superuser else _within(getattr(user, "access_limit", None), user.pk)
    narrower = _within(getattr(key, "access_limit", None), user.pk)
    if own is None or narrower is None:
        return own or narrower
    return Reach(user.pk, own.sources & narrower.sources, own.stocks & narrower.stocks)


def _within(limit: AccessLimit | None, user_id: int) -> Reach | None:
    """Return what a limit leaves: its sources, those of its stocks, its stocks."""
    if limit is None:
        return None
    linked = StockSource._base_manager.filter(stock__in=limit.stocks) if limit.stocks else None
    of_stocks = () if linked is None else linked.values_list("source", flat=True)
    return Reach(user_id, frozenset(limit.sources).union(of_stocks), frozenset(limit.stocks))
