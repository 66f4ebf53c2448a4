"""Pages of an admin beside those that Django gives it."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.views.decorators.http import require_http_methods

from core.admin.bases import AnyPage
from core.admin.theme import LogAdmin
from core.text import row_key


@dataclass(frozen=True, slots=True)
class AdminPage:
    """A page: ``view`` takes the admin, the request, and what the route names.

    It is for people with the ``permission``: a name, or "view", "add" or "change" of the admin.
    With a ``method`` it answers that one only; else the view decides.
    """

    route: str
    view: Callable[..., HttpResponseBase]
    name: str
    method: str = ""
    permission: str = "view"


class RecordAdmin(LogAdmin):
    """A log whose rows have a page in place of a form: operations alone change them."""

    pages: Sequence[AdminPage] = ()

    def record_page(self, request: HttpRequest, key: int) -> HttpResponse:
        """Show the row with this key; ``request`` is by a person who may view rows."""
        raise NotImplementedError

    def get_urls(self) -> list[URLPattern]:
        return [*page_paths(self, self.pages), *super().get_urls()]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        if request.method == "POST" or not self.has_view_permission(request):
            raise PermissionDenied
        key = row_key(object_id)
        if key is None:
            raise Http404
        return self.record_page(request, key)


def page_paths(admin: AnyPage, pages: Iterable[AdminPage]) -> list[URLPattern]:
    """Return the addresses of pages for those who may enter the admin; views check the rest."""
    return [
        path(page.route, admin.admin_site.admin_view(_bound(admin, page)), name=page.name)
        for page in pages
    ]


def answer(
    admin: AnyPage, request: HttpRequest, template: str, title: str, context: dict[str, Any]
) -> TemplateResponse:
    """Answer with a page of the admin, in its frame."""
    frame = {**admin.admin_site.each_context(request), "title": title}
    return TemplateResponse(request, template, frame | context)


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
