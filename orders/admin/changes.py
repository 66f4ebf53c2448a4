"""Cancellations, refunds: each with its lines."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core.admin.theme import LogInline, display, money_column, quantity_column
from orders.admin.order_log import OrderLogAdmin
from orders.models import Cancellation, CancellationLine, Refund, RefundLine


class ChangedLineInline(LogInline):
    ordering = ("pk",)

    units = quantity_column("quantity", _("quantity"))
    worth = money_column("amount", _("amount"), currency="order_line.order.currency")

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("order_line__order")


class CancellationLineInline(ChangedLineInline):
    model = CancellationLine
    fields = ("order_line", "units", "worth")
    readonly_fields = ("units", "worth")


class RefundLineInline(ChangedLineInline):
    model = RefundLine
    fields = ("order_line", "units", "shipped_units", "worth")
    readonly_fields = ("units", "shipped_units", "worth")

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
    list_display = ("order", "created_at", "worth", "is_returned_to_stock", "actor", "reason")
    list_filter = ("is_returned_to_stock",)
    list_select_related = ("order", "actor")
    readonly_fields = ("worth",)
    fields = ("order", "created_at", "worth", "is_returned_to_stock", "actor", "reason")
    inlines = [RefundLineInline]

    worth = money_column("amount", _("amount"), currency="order.currency")

    def get_queryset(self, request: HttpRequest) -> Any:
        """Leave out what was exchanged: nothing of it is paid back."""
        return super().get_queryset(request).filter(of_return__exchange=None)
