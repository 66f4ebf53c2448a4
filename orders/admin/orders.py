"""Orders, read-only here; their changes have pages of their own."""

from functools import partial
from typing import Any

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext, gettext_lazy
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from core.admin.row_choice import RowFilter
from core.admin.theme import (
    ChoicesDropdownFilter,
    InfinitePaginator,
    LogAdmin,
    RangeDateFilter,
    RangeNumericFilter,
    choice_column,
    display,
)
from inventory.admin.file_access import register_list
from inventory.admin.file_lists import FileLists
from inventory.models import ImportFile
from orders.admin.change_page import change_page, tasks_of
from orders.admin.order_filters import AgeFilter, BackorderedFilter, OrderSourceFilter
from orders.admin.order_page import address_of, page_of
from orders.admin.phone_order import availability_view, phone_order_page
from orders.admin.wording import COLORS, money, units
from orders.models import Order
from orders.queries.search import orders_matching

register_list(
    ImportFile.Format.ORDERS, on="admin:orders_order_changelist", needs=("orders.add_order",)
)


@admin.register(Order)
class OrderAdmin(FileLists, LogAdmin):
    file_format = ImportFile.Format.ORDERS
    list_display = (
        "number",
        "status_label",
        "placed_at",
        "customer_name",
        "channel",
        "fulfillment_method",
        "backordered_units",
        "worth",
    )
    list_filter = (
        ("status", ChoicesDropdownFilter),
        BackorderedFilter,
        ("channel", RowFilter),
        OrderSourceFilter,
        AgeFilter,
        ("fulfillment_method", ChoicesDropdownFilter),
        ("total", RangeNumericFilter),
        ("placed_at", RangeDateFilter),
    )
    list_select_related = ("channel",)
    sortable_by = ("number", "status_label", "placed_at", "backordered_units", "worth")
    # Searched by orders.queries.search, each way by its own index.
    search_fields = ("number",)
    search_help_text = gettext_lazy("Beginning of a number, an e-mail address, a name or a SKU")
    ordering = ("-placed_at", "-pk")
    paginator = InfinitePaginator

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Order], search_term: str
    ) -> tuple[QuerySet[Order], bool]:
        return orders_matching(queryset, search_term), False

    def get_urls(self) -> list[URLPattern]:
        change = self.admin_site.admin_view(partial(change_page, site=self.admin_site))
        availability = self.admin_site.admin_view(require_POST(availability_view))
        return [
            path("availability/", availability, name="orders_order_availability"),
            path("<int:pk>/tasks/<slug:task>/", change, name="orders_order_task"),
            *super().get_urls(),
        ]

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.user.has_perm("orders.add_order"))

    def add_view(
        self,
        request: HttpRequest,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Enter an order that a customer gives by telephone."""
        return phone_order_page(request, site=self.admin_site)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show an order; nothing of it is edited in place."""
        order = self.get_object(request, unquote(object_id))
        if order is None:
            raise Http404
        if request.method not in ("GET", "HEAD") or not self.has_view_permission(request, order):
            raise PermissionDenied
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("Order %(number)s") % {"number": order.number},
            "opts": self.opts,
            "order": order,
            "address": address_of(order),
            "tasks": tasks_of(request, order),
            "has_change_permission": False,
            **page_of(order),
            **(extra_context or {}),
        }
        return TemplateResponse(request, "orders/order.html", context)

    status_label = choice_column("status", _("status"), COLORS)

    @display(description=_("backordered"), ordering="backordered_quantity")
    def backordered_units(self, order: Order) -> str:
        return units(order.backordered_quantity)

    @display(description=_("total"), ordering="total")
    def worth(self, order: Order) -> str:
        return money(order.total, order.currency)
