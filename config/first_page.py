"""The page on which a person lands after the log-in."""

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from config.navigation import OTHER_PAGES
from fulfillment.admin.my_work.page import my_work, parts_for


@require_GET
def first_page(request: HttpRequest) -> HttpResponse:
    """Show the work of this person's roles; the dashboard to people who only look."""
    return my_work(request) if parts_for(request.user) else admin.site.index(request)


@require_GET
def dashboard(request: HttpRequest) -> HttpResponse:
    """Show how much waits, to everybody who may view figures."""
    if not request.user.has_perms(OTHER_PAGES["dashboard"][1:]):
        raise PermissionDenied
    return admin.site.index(request)
