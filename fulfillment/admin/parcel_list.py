"""The list of parcels, which finds the shipment of a tracking number."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.admin.row_choice import RowFilter
from core.admin.theme import InfinitePaginator, LogAdmin, display, quantity_column
from core.formats import EMPTY, ago_in_html
from fulfillment.models import Parcel
from fulfillment.release.shipment_actions import CHANGE
from inventory.admin.file_access import register_list
from inventory.admin.file_lists import FileLists
from inventory.models import ImportFile

register_list(ImportFile.Format.PARCELS, on="admin:fulfillment_parcel_changelist", needs=(CHANGE,))


@admin.register(Parcel)
class ParcelAdmin(FileLists, LogAdmin):
    """Parcels of shipments that have left; the page of each shipment changes its own."""

    file_format = ImportFile.Format.PARCELS
    list_display = ("number", "carrier", "drawn_shipment", "customer", "kilograms", "left")
    list_filter = (("carrier", RowFilter),)
    list_select_related = ("carrier", "shipment__order")
    # Every parcel there ever was is listed.
    sortable_by = ()
    readonly_fields = ("drawn_shipment", "customer", "carrier", "link", "kilograms", "left")
    search_fields = ("tracking_number",)
    search_help_text = _("Beginning of a tracking number, or of the number of a shipment")
    ordering = ("-pk",)
    paginator = InfinitePaginator
    fieldsets = [(None, {"fields": readonly_fields})]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Parcel]:
        return super().get_queryset(request).select_related(*self.list_select_related)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Search by beginnings, which indexes answer, one way after the other."""
        sought = "".join(search_term.split())
        if not sought:
            return queryset, False
        every = Parcel.objects.order_by()
        found = every.filter(tracking_number__istartswith=sought).values("pk")
        for beginning in sorted({sought, sought.upper()}):
            found = found.union(every.filter(shipment__number__startswith=beginning).values("pk"))
        return queryset.filter(pk__in=found), False

    @display(description=_("tracking number"))
    def number(self, parcel: Parcel) -> str:
        return parcel.tracking_number or EMPTY

    @display(description=_("tracking number"))
    def link(self, parcel: Parcel) -> str | SafeString:
        number = self.number(parcel)
        if not parcel.tracking_url:
            return number
        return format_html('<a href="{}">{}</a>', parcel.tracking_url, number)

    @display(description=_("shipment"))
    def drawn_shipment(self, parcel: Parcel) -> SafeString:
        page = reverse("admin:fulfillment_shipment_change", args=[parcel.shipment_id])
        return format_html('<a href="{}">{}</a>', page, parcel.shipment.number)

    @display(description=_("customer"))
    def customer(self, parcel: Parcel) -> str:
        return parcel.shipment.order.customer_name

    kilograms = quantity_column("weight", _("weight in kilograms"))

    @display(description=pgettext_lazy("parcel", "left"))
    def left(self, parcel: Parcel) -> str:
        return ago_in_html(parcel.shipment.fulfilled_at)
