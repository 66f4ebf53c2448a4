"""Pages of an admin beside those that Django gives it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.views.decorators.http import require_http_methods

from core.admin.bases import AnyPage


@dataclass(frozen=True, slots=True)
class AdminPage:
    """A page: ``view`` takes the admin, the request, and what the route names.

    It is for people with the ``permission``: a name, or "view", "add" or "change" of the admin;
    the view checks what is about one row. With a ``method`` it answers that one only.
    """

    route: str
    view: Callable[..., HttpResponseBase]
    name: str
    method: str = ""
    permission: str = "view"


def page_paths(admin: AnyPage, pages: Iterable[AdminPage]) -> list[URLPattern]:
    """Return the addresses of pages for those who may enter the admin; views check the rest."""
    return [
        path(page.route, admin.admin_site.admin_view(_bound(admin, page)), name=page.name)
        for page in pages
    ]


def answer(
    admin: AnyPage, request: HttpRequest, template: str, title: str, context: dict[str, Any]
) -> TemplateResponse:
    """Answer with a page of the admin, in its frame; a page of no model has ``opts`` of None."""
    frame = {**admin.admin_site.each_context(request), "title": title, "opts": admin.opts}
    return TemplateResponse(request, template, frame | context)


def found_row(admin: AnyPage, request: HttpRequest, key: object) -> Any:
    """Return the row with a key as an address has it.

    :raises Http404: if there is none.
    :raises PermissionDenied: if it is not for this person to see.
    """
    row = admin.get_object(request, unquote(str(key)))
    if row is None:
        raise Http404
    if not admin.has_view_permission(request, row):
        raise PermissionDenied
    return row


def csv_file(lines: Iterable[str], name: str) -> StreamingHttpResponse:
    """Answer with the lines of a CSV, to be kept under ``name``."""
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8", headers=headers)


def _bound(admin: AnyPage, page: AdminPage) -> Any:
    bound = partial(page.view, admin)
    view = require_http_methods([page.method])(bound) if page.method else bound

    def permitted(request: HttpRequest, **named: Any) -> HttpResponseBase:
        if not _may(admin, request, page.permission):
            raise PermissionDenied
        return view(request, **named)

    return permitted


def _may(admin: AnyPage, request: HttpRequest, permission: str) -> bool:
    if "." in permission:
        return request.user.has_perm(permission)
    is_allowed: bool = getattr(admin, f"has_{permission}_permission")(request)
    return is_allowed
