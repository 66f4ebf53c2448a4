"""Answers what nobody foresaw, and what is nowhere: pages to people, problems to programs."""

from django.http import HttpRequest, HttpResponse
from django.views import defaults

from inventory.api import problems

API = "/api/"


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer 500; the log has the cause."""
    if request.path.startswith(API):
        return problems.server_error(request)
    return defaults.server_error(request)
