"""The page that says why a request was not carried out: in the product's shell, or alone."""

from collections.abc import Sequence

from django.contrib import admin
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render as render_template
from django.urls import reverse
from django.utils.functional import Promise

API = "/api/"
Fields = Sequence[tuple[str, str]]


def render(
    request: HttpRequest,
    *,
    status: int,
    title: str | Promise,
    advice: str | Promise,
    again: Fields | None = None,
    is_repeatable: bool = False,
) -> HttpResponse:
    """Return the page with ``status``; ``again`` are the fields to send again as they were.

    People who are signed in see it with the menu. Without a database it stands alone.
    """
    own = {
        "title": title,
        "advice": advice,
        "again": again,
        "is_repeatable": is_repeatable,
        "start": reverse("admin:index"),
    }
    try:
        if getattr(request, "user", None) is not None and request.user.is_staff:
            shell = admin.site.each_context(request)
            return render_template(request, "error.html", {**shell, **own}, status=status)
    except DatabaseError:
        # Not even the menu can be read: the page does without, and offers nothing to send.
        own["again"] = None
    return render_template(None, "error_alone.html", own, status=status)


def posted(request: HttpRequest) -> Fields | None:
    """Return the fields to send again as they were; None where a link to the page is enough.

    Passwords and files are not sent back to the browser.
    """
    if (
        request.method != "POST"
        or request.FILES
        or any("password" in name for name in request.POST)
    ):
        return None
    return [
        (name, str(value))
        for name, values in request.POST.lists()
        for value in values
        if name != "csrfmiddlewaretoken"
    ]
