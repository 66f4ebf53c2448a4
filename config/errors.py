"""Answers what nobody foresaw, and what is nowhere: pages to people, problems to programs."""

import sys

from django.http import HttpRequest, HttpResponse
from django.views import defaults

from config import busy
from inventory.api import problems


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer 500, or that the database was too busy; the log has the cause."""
    # Django calls this while it handles the error: one of a middleware comes no other way.
    delay = busy.delay_of(sys.exc_info()[1])
    if delay is not None:
        return busy.answer(request, delay)
    if request.path.startswith(busy.API):
        return problems.server_error(request)
    return defaults.server_error(request)
