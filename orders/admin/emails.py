"""E-mails to customers."""

from django.contrib import admin

from core.admin.lists import RangeDateFilter
from core.admin.queued_emails import QueuedEmailAdmin
from core.admin.theme import ChoicesDropdownFilter
from orders.admin.order_log import OrderLogAdmin
from orders.models import OrderEmail


@admin.register(OrderEmail)
class OrderEmailAdmin(OrderLogAdmin, QueuedEmailAdmin):
    resend_permission = "orders.change_orderemail"
    list_display = ("order", "kind", "state", "recipient", "created_at", "sent_at")
    list_filter = (
        ("kind", ChoicesDropdownFilter),
        ("state", ChoicesDropdownFilter),
        ("created_at", RangeDateFilter),
    )
    list_select_related = ("order",)
