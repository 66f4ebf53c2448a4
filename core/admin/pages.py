"""Pages of an admin beside those that Django gives it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import URLPattern, path
from django.views.decorators.http import require_http_methods

from core.admin.bases import AnyPage


@dataclass(frozen=True, slots=True)
class AdminPage:
    """A page: ``view`` takes the admin, the request, and what the route names.

    It is for people with the ``permission``: a name, or "view", "add" or "change" of the admin.
    With a ``method`` it answers that one only. Without them the view decides.
    """

    route: str
    view: Callable[..., HttpResponseBase]
    name: str
    method: str = ""
    permission: str = ""


def page_paths(admin: AnyPage, pages: Iterable[AdminPage]) -> list[URLPattern]:
    """Return the addresses of pages for those who may enter the admin; views check the rest."""
    return [
        path(page.route, admin.admin_site.admin_view(_bound(admin, page)), name=page.name)
        for page in pages
    ]


def _bound(admin: AnyPage, page: AdminPage) -> Any:
    view = partial(page.view, admin)
    if page.method:
        view = require_http_methods([page.method])(view)
    if not page.permission:
        return view

    def checked(request: HttpRequest, **named: Any) -> HttpResponseBase:
        if not _may(admin, request, page.permission):
            raise PermissionDenied
        return view(request, **named)

    return checked


def _may(admin: AnyPage, request: HttpRequest, permission: str) -> bool:
    if "." in permission:
        return request.user.has_perm(permission)
    is_allowed: bool = getattr(admin, f"has_{permission}_permission")(request)
    return is_allowed
