"""The admin's site, on the theme, with a menu of its own."""

from functools import partial
from typing import Any, cast

from django.contrib.admin import apps
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext_lazy as _
from unfold.sites import UnfoldAdminSite


class Site(UnfoldAdminSite):
    index_title = _("Dashboard")

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[Any]:
        """Return all models by application, listed once something reads them: no page does."""
        listed = partial(super().get_app_list, request, app_label)
        return cast("list[Any]", SimpleLazyObject(listed))


class AdminConfig(apps.AdminConfig):
    default_site = "config.admin_site.Site"
