"""Requests for an e-mail when a product can be bought again, with the e-mails that they got."""

from django.contrib import admin

from core.admin.lists import RangeDateFilter
from core.admin.queued_emails import QueuedEmailAdmin
from core.admin.row_choice import RowFilter
from core.admin.theme import ChoicesDropdownFilter
from inventory.models import BackInStockRequest


@admin.register(BackInStockRequest)
class BackInStockRequestAdmin(QueuedEmailAdmin):
    resend_permission = "inventory.change_backinstockrequest"
    list_display = (
        "product",
        "channel",
        "recipient",
        "asked_at",
        "confirmed_at",
        "told_at",
        "state_label",
    )
    list_filter = (
        ("product", RowFilter),
        ("channel", RowFilter),
        ("state", ChoicesDropdownFilter),
        ("asked_at", RangeDateFilter),
        ("told_at", RangeDateFilter),
    )
    list_select_related = ("product", "channel")
    search_fields = ("recipient", "product__sku", "product__name")
    ordering = ("-pk",)
