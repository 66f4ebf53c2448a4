"""Orders: what customers asked for, read here; operations change them."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from inventory.admin.theme import (
    ChoicesDropdownFilter,
    LogAdmin,
    LogInline,
    RangeDateFilter,
    RelatedDropdownFilter,
    display,
    quantity_column,
)
from orders.models import Order, OrderLine, Payment

STATUS_COLORS = {
    "PENDING_PAYMENT": "warning",
    "PAYMENT_REVIEW": "danger",
    "PROCESSING": "info",
    "PARTIALLY_SHIPPED": "info",
    "COMPLETE": "success",
}


class OrderLineInline(LogInline):
    model = OrderLine
    fields = ("number", "product", "name", "ordered", "backordered", "open", "shipped", "total")
    readonly_fields = ("ordered", "backordered", "open", "shipped")
    ordering = ("number", "pk")
    verbose_name_plural = _("lines")

    ordered = quantity_column("quantity", _("ordered"))
    backordered = quantity_column("backordered_quantity", _("backordered"))
    open = quantity_column("open_quantity", _("open"))
    shipped = quantity_column("shipped_quantity", _("shipped"))

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("product", "order")


class PaymentInline(LogInline):
    model = Payment
    fields = ("gateway", "state", "amount", "captured_amount", "refunded_amount", "expires_at")
    ordering = ("pk",)
    verbose_name_plural = _("payments")
    show_change_link = True


@admin.register(Order)
class OrderAdmin(LogAdmin):
    list_display = (
        "number",
        "state",
        "placed_at",
        "customer_name",
        "channel",
        "fulfillment_method",
        "total",
    )
    list_filter = (
        ("status", ChoicesDropdownFilter),
        ("fulfillment_method", ChoicesDropdownFilter),
        ("channel", RelatedDropdownFilter),
        ("placed_at", RangeDateFilter),
    )
    list_select_related = ("channel",)
    search_fields = ("number", "customer_email", "customer_name")
    ordering = ("-placed_at", "-pk")
    fieldsets = [
        (
            None,
            {
                "fields": [
                    "number",
                    "status",
                    "placed_at",
                    "channel",
                    "stock",
                    "priority",
                    "total",
                    "currency",
                ]
            },
        ),
        (_("Customer"), {"fields": ["customer_name", "customer_email", "customer_language"]}),
        (
            _("Fulfillment"),
            {
                "fields": [
                    "fulfillment_method",
                    "pickup_source",
                    "recipient",
                    "street",
                    "city",
                    "region",
                    "postcode",
                    "country",
                ]
            },
        ),
    ]
    inlines = [OrderLineInline, PaymentInline]

    @display(description=_("status"), ordering="status", label=STATUS_COLORS)
    def state(self, order: Order) -> tuple[str, str]:
        return order.status, order.get_status_display()
