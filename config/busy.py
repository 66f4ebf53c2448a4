"""Answers a request that met a time limit: what happened, and when to try again."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.contrib import admin
from django.db import DatabaseError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from psycopg.errors import (
    DeadlockDetected,
    DiskFull,
    IdleInTransactionSessionTimeout,
    LockNotAvailable,
    QueryCanceled,
    SerializationFailure,
)

from inventory.api.problems import unavailable

API = "/api/"
TAKEN = (LockNotAvailable, DeadlockDetected, SerializationFailure)
TOO_LONG = (QueryCanceled, IdleInTransactionSessionTimeout)

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
    _("The disk of the database is full. Nothing was written."),
    _("Free some space, then try again."),
    60,
)


def delay_of(error: BaseException | None) -> Delay | None:
    """Return the delay that an error of the database means; None if time does not mend it."""
    cause = None if error is None else error.__cause__
    if isinstance(cause, TAKEN):
        return LOCKED
    if isinstance(cause, TOO_LONG):
        return STOPPED
    if isinstance(cause, DiskFull):
        return FULL
    is_away = isinstance(error, OperationalError) and (
        str(getattr(cause, "sqlstate", None) or "08").startswith(("08", "57P", "53300"))
    )
    return AWAY if is_away else None


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
        response = _page(request, delay)
    response["Retry-After"] = str(delay.seconds)
    return response


def _page(request: HttpRequest, delay: Delay) -> HttpResponse:
    own = {"title": delay.reason, "advice": delay.advice, "again": _again(request)}
    try:
        shell = admin.site.each_context(request)
        return render(request, "busy.html", {**shell, **own}, status=delay.status)
    except DatabaseError:
        # Not even the menu can be read: the page does without.
        return render(None, "busy_alone.html", own, status=delay.status)


def _again(request: HttpRequest) -> Sequence[tuple[str, str]] | None:
    """Return the fields to send again as they were; None where a link to the page is enough.

    Passwords and files are not sent back to the browser.
    """
    if request.method != "POST" or request.FILES or "password" in request.POST:
        return None
    return [
        (name, str(value))
        for name, values in request.POST.lists()
        for value in values
        if name != "csrfmiddlewaretoken"
    ]
