"""What customers have been told."""

from django.contrib import admin

from inventory.admin.theme import ChoicesDropdownFilter, LogAdmin, RangeDateFilter
from orders.models import OrderEmail


@admin.register(OrderEmail)
class OrderEmailAdmin(LogAdmin):
    list_display = ("order", "kind", "state", "recipient", "created_at", "sent_at")
    list_filter = (
        ("kind", ChoicesDropdownFilter),
        ("state", ChoicesDropdownFilter),
        ("created_at", RangeDateFilter),
    )
    list_select_related = ("order",)
    search_fields = ("order__number", "recipient")
    ordering = ("-pk",)
