"""Answers to what was not carried out: pages to people, problems to programs."""

import sys

from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from config import error_pages, request_refusals
from config.error_pages import API
from core.api import problems
from core.api.access import count_refusal


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Answer 400 with what is wrong with the request, where that is known."""
    advice = gettext("Go back, correct what was entered, and try again.")
    if isinstance(exception, request_refusals.UnreadableRequestError):
        advice = str(exception)
    elif isinstance(exception, TooManyFieldsSent):
        advice = gettext("The form has more fields than can be saved at once. Change fewer rows.")
    elif isinstance(exception, RequestDataTooBig):
        advice = gettext("The form is too large to be saved at once. Change fewer rows.")
    if request.path.startswith(API):
        return problems.unavailable(400, "BAD_REQUEST", advice)
    title = _("This request cannot be read.")
    return error_pages.render(request, status=400, title=title, advice=advice)


def permission_denied(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Answer 403: the person may not do this."""
    count_refusal(request)
    advice = _("Your role does not include it. Ask an administrator if you need it.")
    if request.path.startswith(API):
        return problems.unavailable(403, "PERMISSION_DENIED", gettext("You may not do this."))
    return error_pages.render(request, status=403, title=_("You may not do this."), advice=advice)


def page_not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Answer 404: no page has this address."""
    if request.path.startswith(API):
        return problems.unavailable(404, "NOT_FOUND", gettext("There is nothing here."))
    return error_pages.render(
        request,
        status=404,
        title=_("This page does not exist."),
        advice=_("The address is wrong, or what it showed was removed."),
    )


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer a form that was opened before its person signed in again, or on another site.

    What was posted is not offered to be sent again: another site may have written it.
    """
    return error_pages.render(
        request,
        status=403,
        title=_("This form has expired. Nothing was saved."),
        advice=_(
            "You signed in again after the form was opened, or your browser blocks cookies. "
            "Go back in your browser: what you entered is still there. Copy it, reload the page, "
            "and save again."
        ),
    )


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer 500, or that the database was too busy; the log has the cause."""
    # Django calls this while it handles the error: one of a middleware comes no other way.
    delay = request_refusals.delay_of(sys.exc_info()[1])
    if delay is not None:
        return request_refusals.answer(request, delay)
    if request.path.startswith(API):
        return problems.server_error(request)
    return error_pages.render(
        request,
        status=500,
        title=_("Something went wrong."),
        advice=_("It has been logged. Try again, and tell an administrator if it happens again."),
        is_repeatable=True,
    )
