"""The reservation ledger: append-only, so it is read here and never written."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from inventory.admin.theme import (
    ChoicesDropdownFilter,
    LogAdmin,
    RangeDateFilter,
    RelatedDropdownFilter,
    quantity_column,
)
from inventory.models import Reservation


@admin.register(Reservation)
class ReservationAdmin(LogAdmin):
    list_display = (
        "created_at",
        "product",
        "stock",
        "units",
        "event",
        "order_number",
        "actor",
        "reason",
    )
    list_filter = (
        ("event", ChoicesDropdownFilter),
        ("stock", RelatedDropdownFilter),
        ("created_at", RangeDateFilter),
    )
    list_select_related = ("product", "stock", "actor")
    search_fields = ("product__sku", "order_number")
    readonly_fields = ("units",)
    ordering = ("-pk",)
    fieldsets = [
        (
            None,
            {
                "fields": [
                    "created_at",
                    "product",
                    "stock",
                    "units",
                    "event",
                    "order_number",
                    "actor",
                    "reason",
                ]
            },
        )
    ]

    units = quantity_column("quantity", _("quantity"))
