"""The admin's site, on the theme, with a menu of its own."""

from collections.abc import Callable
from functools import partial, wraps
from typing import Any, TypeVar, cast

from django.contrib.admin import apps
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext_lazy as _
from unfold.sites import UnfoldAdminSite

from config import log_in
from config.version import VERSION
from core.kept_form import INPUT_NAME, KeptForm

View = TypeVar("View", bound=Callable[..., HttpResponseBase])


class Site(UnfoldAdminSite):
    index_title = _("Dashboard")

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[Any]:
        """Return all models by application, listed once something reads them: no page does."""
        listed = partial(super().get_app_list, request, app_label)
        return cast("list[Any]", SimpleLazyObject(listed))

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        """Return what every page has to show; the user menu names the version."""
        return {**super().each_context(request), "product_version": VERSION}

    def admin_view(self, view: View, cacheable: bool = False) -> View:  # noqa: FBT001, FBT002
        """Return the view for those who may enter; what others posted is kept until they may."""
        checked = super().admin_view(view, cacheable)

        @wraps(checked)
        def keeping(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            kept = KeptForm.of(request) if request.user.is_anonymous else None
            if kept is not None and request.path != reverse("admin:logout"):
                return log_in.again(self, request, kept)
            return checked(request, *args, **kwargs)

        return cast("View", keeping)

    def login(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Log a person in; who entered something before gets it back."""
        text = request.POST.get(INPUT_NAME, "") if request.method == "POST" else ""
        kept = KeptForm.read(text)
        carried = {} if kept is None else {INPUT_NAME: text}
        answer = super().login(request, {**carried, **(extra_context or {})})
        if kept is not None and self.has_permission(request):
            return log_in.kept_page(self, request, kept)
        return answer


class AdminConfig(apps.AdminConfig):
    default_site = "config.admin_site.Site"
