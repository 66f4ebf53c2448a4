"""E-mails to customers."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext

from core.admin.lists import RangeDateFilter
from core.admin.queued_emails import QueuedEmailAdmin
from core.admin.theme import ChoicesDropdownFilter
from orders.admin.order_log import OrderLogAdmin
from orders.models import OrderEmail


@admin.register(OrderEmail)
class OrderEmailAdmin(OrderLogAdmin, QueuedEmailAdmin):
    resend_permission = "orders.change_orderemail"
    card_facts = ("kind", "state_label", "sent_at")
    list_display = ("order", "kind", "state_label", "recipient", "created_at", "sent_at")
    list_filter = (
        ("kind", ChoicesDropdownFilter),
        ("state", ChoicesDropdownFilter),
        ("created_at", RangeDateFilter),
    )
    list_select_related = ("order",)

    def row_context(self, request: HttpRequest, row: Any) -> dict[str, Any]:
        context = super().row_context(request, row)
        if request.user.has_perm("orders.view_order"):
            order = gettext("Order %(number)s") % {"number": row.order.number}
            url = reverse("admin:orders_order_change", args=[row.order_id])
            context["about"] = {"label": order, "url": url}
        return context
