"""Returns: what came back of orders, with what became of its money."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core.acts import Act
from core.admin.bases import AnyPage
from core.admin.labels import drawn_label
from core.admin.lists import RangeDateFilter
from core.admin.pages import AdminPage
from core.admin.theme import ChoicesDropdownFilter, choice_column, display, money_column
from core.formats import money
from orders.admin.changes import ChangedLineInline
from orders.admin.order_log import OrderLogAdmin
from orders.admin.wording import COLORS, color, units
from orders.changes.returns import refund_return
from orders.models import Return, ReturnLine
from orders.permissions import REFUND
from orders.placing.errors import in_words
from orders.refusals import OrderChangeError


def refund_view(admin: AnyPage, request: HttpRequest, pk: int) -> HttpResponse:
    """Refund a return whose money was to be paid back later."""
    row = get_object_or_404(Return.objects.select_related("order"), pk=pk)
    try:
        refund_return(row.order_id, Act(timezone.now(), request.user.pk), return_id=row.pk)
    except OrderChangeError as error:
        messages.error(request, in_words(error))
    else:
        done = gettext("Refunded %(amount)s for the return of order %(order)s.")
        amount = money(row.amount, row.order.currency)
        messages.success(request, done % {"amount": amount, "order": row.order.number})
    return redirect("admin:orders_return_change", row.pk)


REFUND_PAGE = AdminPage(
    "<int:pk>/refund/", refund_view, "orders_return_refund", "POST", permission=REFUND
)


class ReturnLineInline(ChangedLineInline):
    model = ReturnLine
    fields = (
        "order_line",
        "units",
        "worth",
        "condition",
        "is_to_stock",
        "source",
        "shipment_number",
    )
    readonly_fields = ("units", "worth")

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("source")


@admin.register(Return)
class ReturnAdmin(OrderLogAdmin):
    change_form_before_template = "orders/refund_return.html"
    pages = (REFUND_PAGE,)
    list_display = ("order", "created_at", "state_label", "worth", "returned", "actor", "reason")
    list_filter = (
        ("state", ChoicesDropdownFilter),
        ("lines__condition", ChoicesDropdownFilter),
        ("created_at", RangeDateFilter),
    )
    list_select_related = ("order", "actor")
    readonly_fields = ("worth", "state_badge", "exchanged_for")
    inlines = [ReturnLineInline]

    class Media:
        css = {"all": ["inventory/list.css"]}

    state_label = choice_column("state", _("state"), COLORS)
    worth = money_column("amount", _("amount"), currency="order.currency")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Return]:
        rows: Any = super().get_queryset(request)
        found: QuerySet[Return] = rows.annotate(returned_units=Sum("lines__quantity"))
        return found

    def get_fields(self, request: HttpRequest, obj: Return | None = None) -> Any:
        """What units were exchanged for is said where they were."""
        is_exchange = obj is not None and obj.exchange_id is not None
        exchange = ["exchanged_for"] if is_exchange else []
        return ["order", "created_at", "state_badge", "worth", *exchange, "actor", "reason"]

    def row_context(self, request: HttpRequest, row: Any) -> dict[str, Any]:
        """Who may refund is given the button, where a refund is due."""
        if row.state != Return.State.OPEN or not request.user.has_perm(REFUND):
            return {}
        return {
            "refund_url": reverse("admin:orders_return_refund", args=[row.pk]),
            "refund_label": gettext("Refund %(amount)s")
            % {"amount": money(row.amount, row.order.currency)},
        }

    @display(description=_("units"), is_number=True)
    def returned(self, row: Any) -> str:
        return units(row.returned_units)

    @display(description=_("state"))
    def state_badge(self, row: Return) -> SafeString:
        return drawn_label(row.get_state_display(), color(row.state))

    @display(description=_("exchanged for"))
    def exchanged_for(self, row: Return) -> str | SafeString:
        """The lines that the returned units paid for."""
        if row.exchange is None:
            return ""
        lines = row.exchange.added_lines.order_by("number")
        words = ", ".join(f"{units(line.quantity)} × {line.sku}" for line in lines)
        page = reverse("admin:orders_order_change", args=[row.order_id])
        return format_html('<a href="{}">{}</a>', page, words)
