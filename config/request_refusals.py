"""Refuses a request in plain words: one that cannot be read, one that met a time limit."""

import errno
import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.contrib.admin.options import IncorrectLookupParameters
from django.core.exceptions import BadRequest
from django.db import DataError, IntegrityError
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from config import error_pages
from config.error_pages import API
from core.api.problems import unavailable
from core.column_limits import is_storable
from core.database_faults import PassingFault, passing_fault

UTF_8 = {"utf-8", "utf8"}
# What sends a request back as it came, or hands it on, is nobody's to ask of a site.
OF_PROXIES = {"TRACE", "TRACK", "CONNECT"}
OF_PAGES = ("GET", "HEAD", "POST")
METHODS = (*OF_PAGES, "PATCH", "DELETE")

logger = logging.getLogger(__name__)


class UnreadableRequestError(BadRequest):
    """The sender wrote a request that cannot be read; the message says why, for people."""


@dataclass(frozen=True, slots=True)
class Delay:
    """Why a request was not answered, what to do, and after how many seconds."""

    status: int
    code: str
    reason: str | Promise
    advice: str | Promise
    seconds: int


LOCKED = Delay(409, "LOCKED", _("Somebody else is changing this."), _("Try again in a moment."), 2)
STOPPED = Delay(
    503,
    "TOO_SLOW",
    _("This took too long and was stopped."),
    _("Try again later, or ask for less at once."),
    10,
)
AWAY = Delay(
    503, "DATABASE_AWAY", _("The database does not answer."), _("Try again in a minute."), 10
)
FULL = Delay(
    503,
    "DISK_FULL",
    _("The disk is full. Nothing was written."),
    _("Free some space, then try again."),
    60,
)

# An upload is kept on the disk of the web server until it is read.
DISK_IS_FULL = {errno.ENOSPC, errno.EDQUOT}
DELAYS = {
    PassingFault.LOCKED: LOCKED,
    PassingFault.TOO_LONG: STOPPED,
    PassingFault.AWAY: AWAY,
    PassingFault.DISK_FULL: FULL,
}


def delay_of(error: BaseException | None) -> Delay | None:
    """Return the delay that an error means, of the database or of a full disk; None if time does
    not mend it."""
    if isinstance(error, OSError) and error.errno in DISK_IS_FULL:
        return FULL
    fault = passing_fault(error)
    return None if fault is None else DELAYS[fault]


class RefusalMiddleware:
    """Answers texts that no database keeps, other character sets, values out of range, and what a
    view could not do in time."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        # A page answers another method as it answers GET: as if something were only read.
        allowed = METHODS if request.path.startswith(API) else OF_PAGES
        if request.method in OF_PROXIES or (allowed is OF_PAGES and request.method not in OF_PAGES):
            return HttpResponseNotAllowed(allowed)
        return self._get_response(request)

    def process_view(self, request: HttpRequest, *args: object) -> None:
        """Refuse an address or a form that cannot be read.

        :raises UnreadableRequestError: saying why.
        """
        charset = (request.content_params or {}).get("charset", "utf-8")
        if charset.lower().strip("\"'") not in UTF_8:
            message = gettext("The request uses the character set “%(charset)s”. Send it in UTF-8.")
            raise UnreadableRequestError(message % {"charset": charset})
        if request.path.startswith(API):
            # Its endpoints name the parameter that they refuse.
            return
        if not all(map(is_storable, [request.path_info, *_words(request.GET)])):
            raise UnreadableRequestError(
                gettext("The address has a character that cannot be stored. Remove it.")
            )

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Return the answer to a time limit, or to values that the database refuses."""
        delay = delay_of(error)
        if delay is None:
            return None if request.path.startswith(API) else _refusal(request, error)
        if delay is LOCKED:
            logger.warning("Locked: %s %s", request.method, request.path)
        else:
            logger.error("%s %s: %s", request.method, request.path, error, exc_info=error)
        return answer(request, delay)


def answer(request: HttpRequest, delay: Delay) -> HttpResponse:
    """Return a page for people, a problem for programs; both say when to try again."""
    response: HttpResponse
    if request.path.startswith(API):
        response = unavailable(delay.status, delay.code, f"{delay.reason} {delay.advice}")
    else:
        response = error_pages.render(
            request,
            status=delay.status,
            title=delay.reason,
            advice=delay.advice,
            again=error_pages.posted(request),
            is_repeatable=True,
        )
    response["Retry-After"] = str(delay.seconds)
    return response


def _refusal(request: HttpRequest, error: Exception) -> HttpResponse | None:
    if isinstance(error, DataError):
        status, title = (
            400,
            _("A value is too large, or has a character that cannot be stored."),
        )
        advice = _("Nothing was saved. Go back, correct what was entered, and try again.")
        again = None
    elif isinstance(error, IncorrectLookupParameters):
        status, title = 400, _("The address has a filter that cannot be read.")
        advice, again = _("Go back, and choose the filters again."), None
    elif isinstance(error, IntegrityError):
        status, title = 409, _("This conflicts with another change. Nothing was saved.")
        advice, again = _("Try again."), error_pages.posted(request)
    else:
        return None
    logger.warning("%s: %s %s", status, request.method, request.path, exc_info=error)
    return error_pages.render(
        request, status=status, title=title, advice=advice, again=again, is_repeatable=True
    )


def _words(values: QueryDict) -> Iterable[str]:
    for name, several in values.lists():
        yield name
        yield from several
