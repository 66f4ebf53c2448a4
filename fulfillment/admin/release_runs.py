"""Release runs: a log of every pass of the engine, with its decisions."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.urls import URLPattern
from django.utils.translation import gettext_lazy as _

from fulfillment.admin.board.urls import board_urls
from fulfillment.admin.reasons import what_and_why
from fulfillment.models import ReleaseDecision, ReleaseRun
from inventory.admin.theme import (
    ChoicesDropdownFilter,
    LogAdmin,
    LogInline,
    RangeDateFilter,
    display,
)

STATE_COLORS = {
    "QUEUED": "info",
    "RUNNING": "info",
    "COMPLETED": "success",
    "FAILED": "danger",
    "CANCELED": "warning",
    "SKIPPED": "warning",
}
COUNTS = ("total_count", "released_count", "split_count", "future_count", "waiting_count")


class ReleaseDecisionInline(LogInline):
    model = ReleaseDecision
    fields = ("position", "shipment", "outcome", "what_and_why")
    readonly_fields = ("what_and_why",)
    ordering = ("position", "pk")
    per_page = 50
    verbose_name_plural = _("decisions")

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("shipment", "run")

    @display(description=_("what and why"))
    def what_and_why(self, decision: ReleaseDecision) -> str:
        return what_and_why(decision.detail)


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
    fieldsets = [
        (None, {"fields": ["trigger", "state", "is_dry_run", "started_by", "scope", "message"]}),
        (_("Times"), {"fields": ["created_at", "started_at", "finished_at", "heartbeat_at"]}),
        (_("Counts"), {"fields": [*COUNTS, "failed_count"]}),
        (_("Settings in force"), {"fields": ["settings_in_force"]}),
    ]
    inlines = [ReleaseDecisionInline]

    def get_urls(self) -> list[URLPattern]:
        return [*board_urls(self), *super().get_urls()]

    @display(description=_("state"), ordering="state", label=STATE_COLORS)
    def standing(self, run: ReleaseRun) -> tuple[str, str]:
        return run.state, run.get_state_display()
