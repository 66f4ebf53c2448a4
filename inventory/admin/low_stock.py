"""Low stock: the report of source items that are low, its count, the digests sent."""

from collections.abc import Iterator
from typing import Any

from django.contrib import admin
from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core.access_limits import seen
from core.admin.lists import RangeDateFilter
from core.admin.pages import csv_file
from core.admin.queued_emails import QueuedEmailAdmin
from core.admin.row_choice import RowFilter
from core.admin.theme import (
    ChoicesDropdownFilter,
    LogAdmin,
    choice_column,
    quantity_column,
)
from core.clock import today
from inventory.admin.item_list import ItemList
from inventory.files.cells import Value, lines
from inventory.models import InventoryConfiguration, LowStockDigest, SourceItem
from inventory.queries.low_items import low_count, low_items
from inventory.queries.product_list import incoming_at_source

KEY = "inventory.low_count"
KEPT_SECONDS = 300
MOST = 1000

COLUMNS = ("source_code", "sku", "name", "status", "quantity", "notify_on_stock_below", "missing")


def low_badge(_request: HttpRequest | None) -> str:
    """Return the count as the menu shows it: nothing for 0, and no more than 999+."""
    count: int = cache.get_or_set(KEY, _count, KEPT_SECONDS) or 0
    if count >= MOST:
        return f"{MOST - 1}+"
    return str(count) if count else ""


def _count() -> int:
    return low_count(configuration=InventoryConfiguration.load(), most=MOST)


class LowItems(ItemList, LogAdmin):
    """The report: source items that are low, those that miss most first."""

    list_display = (
        "product",
        "product_name",
        "source",
        "on_hand",
        "below",
        "lacking",
        "incoming_units",
        "in_stock",
    )
    list_filter = (("source", RowFilter), ("status", ChoicesDropdownFilter))
    list_select_related = ("product", "source")
    list_before_template = "inventory/low_stock/links.html"
    search_fields = ("product__sku", "product__name")
    ordering = ("-missing", "pk")

    class Media:
        css = {"all": ["inventory/files.css", "inventory/list.css"]}

    on_hand = quantity_column("quantity", _("on hand"))
    below = quantity_column("low_below", _("low below"))
    lacking = quantity_column("missing", _("missing"))

    def get_queryset(self, request: HttpRequest) -> QuerySet[SourceItem]:
        configuration = InventoryConfiguration.load()
        items = low_items(seen(SourceItem.objects.all()), configuration=configuration)
        return items.annotate(incoming=incoming_at_source())

    def report_view(self, request: HttpRequest) -> HttpResponse:
        return self.changelist_view(
            request,
            {
                "title": gettext("Low stock"),
                "export_url": reverse("admin:inventory_low_stock_export"),
            },
        )

    def export_view(self, request: HttpRequest) -> StreamingHttpResponse:
        """Answer with the report as it is filtered; texts that a spreadsheet would run escaped."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        chosen = self.get_changelist_instance(request).get_queryset(request)
        return csv_file(lines(COLUMNS, rows(chosen)), f"low-stock-{today():%Y-%m-%d}.csv")

    in_stock = choice_column("status", _("status"), {"OUT_OF_STOCK": "danger"})


def rows(items: QuerySet[SourceItem]) -> Iterator[tuple[Value, ...]]:
    """Yield the cells of the report's rows, some thousands read at a time."""
    columns = (
        "source__code",
        "product__sku",
        "product__name",
        "status",
        "quantity",
        "low_below",
        "missing",
    )
    found: QuerySet[Any, Any] = items.values_list(*columns)
    yield from found.iterator(chunk_size=2000)


@admin.register(LowStockDigest)
class LowStockDigestAdmin(QueuedEmailAdmin):
    """The e-mails that list what was low."""

    resend_permission = "inventory.change_lowstockdigest"

    list_display = ("day", "recipient", "source", "subject", "state_label", "sent_at")
    list_filter = (
        ("state", ChoicesDropdownFilter),
        ("source", RowFilter),
        ("day", RangeDateFilter),
    )
    list_select_related = ("source",)
    search_fields = ("recipient", "subject")
    ordering = ("-day", "-pk")

    def get_urls(self) -> list[URLPattern]:
        report = LowItems(SourceItem, self.admin_site)
        wrap = self.admin_site.admin_view
        return [
            path("items/", wrap(report.report_view), name="inventory_low_stock"),
            path("items/export/", wrap(report.export_view), name="inventory_low_stock_export"),
            *super().get_urls(),
        ]
