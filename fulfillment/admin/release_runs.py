"""Release runs: a log of every pass of the engine; each has a page of its own."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern
from django.utils.translation import gettext_lazy as _

from core.admin.theme import ChoicesDropdownFilter, LogAdmin, RangeDateFilter, display
from fulfillment.admin.board.urls import board_urls
from fulfillment.admin.runs.page import run_page
from fulfillment.admin.runs.urls import run_urls
from fulfillment.models import ReleaseRun

STATE_COLORS = {
    "QUEUED": "info",
    "RUNNING": "info",
    "COMPLETED": "success",
    "FAILED": "danger",
    "CANCELED": "warning",
    "SKIPPED": "warning",
}


@admin.register(ReleaseRun)
class ReleaseRunAdmin(LogAdmin):
    list_display = (
        "__str__",
        "standing",
        "trigger",
        "is_dry_run",
        "created_at",
        "released_count",
        "waiting_count",
        "failed_count",
        "started_by",
    )
    list_filter = (
        ("state", ChoicesDropdownFilter),
        ("trigger", ChoicesDropdownFilter),
        "is_dry_run",
        ("created_at", RangeDateFilter),
    )
    list_select_related = ("started_by",)
    ordering = ("-pk",)

    def get_urls(self) -> list[URLPattern]:
        return [*board_urls(self), *run_urls(self), *super().get_urls()]

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show the run on a page of its own: it is a record, not a form."""
        if request.method == "POST":
            raise PermissionDenied
        return run_page(self, request, object_id)

    @display(description=_("state"), ordering="state", label=STATE_COLORS)
    def standing(self, run: ReleaseRun) -> tuple[str, str]:
        return run.state, run.get_state_display()
