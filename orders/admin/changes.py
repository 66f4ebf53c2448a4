"""Cancellations and refunds, each with its lines."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core.admin.theme import LogInline, display, quantity_column
from orders.admin.order_log import OrderLogAdmin
from orders.models import Cancellation, CancellationLine, Refund, RefundLine


class ChangedLineInline(LogInline):
    ordering = ("pk",)

    units = quantity_column("quantity", _("quantity"))

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("order_line")


class CancellationLineInline(ChangedLineInline):
    model = CancellationLine
    fields = ("order_line", "units", "amount")
    readonly_fields = ("units",)


class RefundLineInline(ChangedLineInline):
    model = RefundLine
    fields = ("order_line", "units", "shipped_units", "amount")
    readonly_fields = ("units", "shipped_units")

    shipped_units = quantity_column("shipped_quantity", _("shipped"))


@admin.register(Cancellation)
class CancellationAdmin(OrderLogAdmin):
    list_display = ("order", "created_at", "actor", "why")
    list_select_related = ("order", "actor")
    readonly_fields = ("why",)
    fields = ("order", "created_at", "actor", "why")
    inlines = [CancellationLineInline]

    @display(description=_("reason"), ordering="reason")
    def why(self, cancellation: Cancellation) -> str:
        """The reason that a person gave, or the system, whose words are translated."""
        return gettext(cancellation.reason)


@admin.register(Refund)
class RefundAdmin(OrderLogAdmin):
    list_display = ("order", "created_at", "amount", "is_returned_to_stock", "actor", "reason")
    list_filter = ("is_returned_to_stock",)
    list_select_related = ("order", "actor")
    fields = ("order", "created_at", "amount", "is_returned_to_stock", "actor", "reason")
    inlines = [RefundLineInline]
