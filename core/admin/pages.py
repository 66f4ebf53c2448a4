"""Pages of an admin beside those that Django gives it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.http.response import HttpResponseBase
from django.urls import URLPattern, path
from django.views.decorators.http import require_http_methods

from core.admin.bases import AnyPage


@dataclass(frozen=True, slots=True)
class AdminPage:
    """A page: ``view`` takes the admin, the request, and what the route names.

    With a ``method`` it answers that one only; else the view decides.
    """

    route: str
    view: Callable[..., HttpResponseBase]
    name: str
    method: str = ""


def page_paths(admin: AnyPage, pages: Iterable[AdminPage]) -> list[URLPattern]:
    """Return the addresses of pages for those who may enter the admin; views check the rest."""
    return [
        path(page.route, admin.admin_site.admin_view(_bound(admin, page)), name=page.name)
        for page in pages
    ]


def _bound(admin: AnyPage, page: AdminPage) -> Any:
    view = partial(page.view, admin)
    return require_http_methods([page.method])(view) if page.method else view
