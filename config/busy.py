"""Answers a request that met a time limit: what happened, and when to try again."""

import errno
import logging
from collections.abc import Callable
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from config import error_pages
from config.error_pages import API
from core.api.problems import unavailable
from core.database_faults import PassingFault, passing_fault

logger = logging.getLogger(__name__)


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


class BusyMiddleware:
    """Answers what a view could not do in time."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self._get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Return the answer to a request that met a time limit; None to any other error."""
        delay = delay_of(error)
        if delay is None:
            return None
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
