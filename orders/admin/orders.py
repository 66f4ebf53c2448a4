"""Orders, read-only here; their changes have pages of their own."""

from functools import partial
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timezone import localtime
from django.utils.translation import gettext, gettext_lazy
from django.utils.translation import gettext_lazy as _

from core.admin.bases import AnyPage
from core.admin.list_page.list_pages import ListPage
from core.admin.lists import RangeDateFilter, RangeNumericFilter
from core.admin.notes import notes_context, take_note
from core.admin.pages import AdminPage, answer, found_row
from core.admin.row_choice import RowFilter
from core.admin.theme import (
    ChoicesDropdownFilter,
    InfinitePaginator,
    RecordAdmin,
    choice_column,
    display,
    money_column,
)
from core.formats import day, moment
from inventory.admin.file_access import register_list
from inventory.admin.file_lists import FileLists
from inventory.models import ImportFile
from orders.admin.change_page import CHANGE_PAGE, RETURN_PAGE
from orders.admin.order_columns import (
    ListedOrder,
    OrderChangeList,
    drawn_shipments,
    last_expected,
    next_promised,
)
from orders.admin.order_filters import AgeFilter, BackorderedFilter, OrderSourceFilter
from orders.admin.order_page import page_of
from orders.admin.order_tabs import ORDER_TABS
from orders.admin.phone_lookup import CUSTOMERS, PRODUCTS
from orders.admin.phone_order import AVAILABILITY, phone_order_page
from orders.admin.wording import COLORS, units
from orders.models import Order, OrderNote
from orders.permissions import CHANGE
from orders.queries.addresses import address_of
from orders.queries.search import orders_matching
from orders.status_page.views import staff_page

register_list(
    ImportFile.Format.ORDERS, on="admin:orders_order_changelist", needs=("orders.add_order",)
)


def add_note(admin: AnyPage, request: HttpRequest, pk: int) -> HttpResponse:
    """Keep a note on an order."""
    order = get_object_or_404(Order, pk=pk)
    return take_note(request, order, partial(OrderNote, order=order))


NOTE_PAGE = AdminPage("<int:pk>/note/", add_note, "orders_order_note", "POST", permission=CHANGE)


def status_page(admin: AnyPage, request: HttpRequest, pk: int) -> HttpResponse:
    """Show the page of an order as its customer sees it."""
    return staff_page(request, found_row(admin, request, pk))


STATUS_PAGE = AdminPage("<int:pk>/status/", status_page, "orders_order_status", "GET")


def _note_address(request: HttpRequest, order: Order) -> str:
    """Return where a note is sent; "" for people who may write none."""
    may_write = request.user.has_perm(CHANGE)
    return reverse("admin:orders_order_note", args=[order.pk]) if may_write else ""


@admin.register(Order)
class OrderAdmin(ListPage, FileLists, RecordAdmin):
    pages = (AVAILABILITY, CHANGE_PAGE, CUSTOMERS, NOTE_PAGE, PRODUCTS, RETURN_PAGE, STATUS_PAGE)
    file_format = ImportFile.Format.ORDERS
    tabs = ORDER_TABS
    list_display = (
        "number",
        "placed",
        "customer",
        "status_label",
        "shipments",
        "expected",
        "backordered_units",
        "worth",
    )
    more_columns = ("shop", "fulfillment_method", "customer_email", "promised")
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
    sortable_by = ("number", "status_label", "placed", "backordered_units", "worth")
    # Searched by orders.queries.search, each way by its own index.
    search_fields = ("number",)
    search_help_text = gettext_lazy("Beginning of a number, an e-mail address, a name or a SKU")
    ordering = ("-placed_at", "-pk")
    paginator = InfinitePaginator

    class Media:
        css = {"all": ["inventory/list.css", "orders/list.css"]}

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[OrderChangeList]:
        return OrderChangeList

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Order], search_term: str
    ) -> tuple[QuerySet[Order], bool]:
        return orders_matching(queryset, search_term), False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.user.has_perm("orders.add_order"))

    def add_view(
        self,
        request: HttpRequest,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Enter an order that a customer gives by telephone."""
        return phone_order_page(self, request)

    def record_page(self, request: HttpRequest, key: int) -> HttpResponse:
        """Show an order; nothing of it is edited in place."""
        order = found_row(self, request, key)
        context = {
            "order": order,
            "address": address_of(order),
            "has_change_permission": False,
            **page_of(request, order),
            **notes_context(order.notes.all(), address=_note_address(request, order)),
        }
        title = gettext("Order %(number)s") % {"number": order.number}
        return answer(self, request, "orders/order.html", title, context)

    status_label = choice_column("status", _("status"), COLORS)

    @display(description=_("backordered"), ordering="backordered_quantity", is_number=True)
    def backordered_units(self, order: Order) -> str:
        return units(order.backordered_quantity)

    worth = money_column("total", _("total"), currency="currency")

    @display(description=_("placed"), ordering="placed_at")
    def placed(self, order: Order) -> SafeString:
        """The day at the site; the time, where one points at it."""
        at = order.placed_at
        return format_html('<span title="{}">{}</span>', moment(at), day(localtime(at)))

    @display(description=_("customer"))
    def customer(self, order: Order) -> SafeString:
        return format_html('<span class="one-line" title="{0}">{0}</span>', order.customer_name)

    @display(description=_("channel"))
    def shop(self, order: Order) -> str:
        return order.channel.code

    @display(description=_("shipments"))
    def shipments(self, order: ListedOrder) -> str | SafeString:
        """The states of what has still to leave, and whether the customer collects it."""
        return drawn_shipments(order.open_shipments, is_pickup=order.is_pickup)

    @display(description=_("expected"))
    def expected(self, order: ListedOrder) -> str:
        """When the last of what waits is expected."""
        return last_expected(order.open_shipments)

    @display(description=_("promised"))
    def promised(self, order: ListedOrder) -> str:
        """The earliest date that the customer counts on."""
        return next_promised(order.open_shipments)
