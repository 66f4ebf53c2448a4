"""Carriers with their tracking links."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from core.admin.history import HistoryAdmin
from fulfillment.models import Carrier


@admin.register(Carrier)
class CarrierAdmin(HistoryAdmin):
    list_display = ("name", "code", "tracking_url", "is_enabled")
    list_filter = ("is_enabled",)
    search_fields = ("name", "code")
    ordering = ("name", "pk")
    fields = ("code", "name", "tracking_url", "is_enabled")

    def get_readonly_fields(self, request: HttpRequest, obj: Carrier | None = None) -> Any:
        return () if obj is None else ("code",)
