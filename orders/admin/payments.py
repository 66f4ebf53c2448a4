"""Payments, and every operation asked of a gateway."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from inventory.admin.theme import (
    ChoicesDropdownFilter,
    LogAdmin,
    LogInline,
    RangeDateFilter,
    display,
)
from orders.models import Payment, PaymentOperation

STATE_COLORS = {
    "AUTHORIZED": "info",
    "CAPTURED": "success",
    "DECLINED": "danger",
    "UNKNOWN": "warning",
    "EXPIRED": "danger",
}


class PaymentOperationInline(LogInline):
    model = PaymentOperation
    fields = ("kind", "state", "amount", "created_at", "answered_at", "message")
    ordering = ("pk",)
    verbose_name_plural = _("operations")


@admin.register(Payment)
class PaymentAdmin(LogAdmin):
    list_display = ("order", "gateway", "standing", "amount", "captured_amount", "expires_at")
    list_filter = (
        ("state", ChoicesDropdownFilter),
        ("expires_at", RangeDateFilter),
        "gateway",
    )
    list_select_related = ("order",)
    search_fields = ("order__number", "gateway_reference")
    ordering = ("-pk",)
    fieldsets = [
        (
            None,
            {
                "fields": [
                    "order",
                    "gateway",
                    "action",
                    "state",
                    "currency",
                    "amount",
                    "captured_amount",
                    "refunded_amount",
                    "gateway_reference",
                    "expires_at",
                    "created_at",
                ]
            },
        )
    ]
    inlines = [PaymentOperationInline]

    @display(description=_("state"), ordering="state", label=STATE_COLORS)
    def standing(self, payment: Payment) -> tuple[str, str]:
        return payment.state, payment.get_state_display()


@admin.register(PaymentOperation)
class PaymentOperationAdmin(LogAdmin):
    list_display = ("payment", "kind", "state", "amount", "created_at", "answered_at")
    list_filter = (("kind", ChoicesDropdownFilter), ("state", ChoicesDropdownFilter))
    list_select_related = ("payment__order",)
    search_fields = ("payment__order__number", "gateway_reference")
    ordering = ("-pk",)
