"""The counters of backordered units."""

from functools import partial

from django.contrib import admin
from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _

from core.admin.row_choice import RowFilter
from core.admin.theme import LogAdmin, quantity_column
from fulfillment.admin.inconsistencies import inconsistencies_page
from fulfillment.models import WaitingBalance


@admin.register(WaitingBalance)
class WaitingBalanceAdmin(LogAdmin):
    list_display = ("product", "stock", "pickup_source", "units")
    list_filter = (("stock", RowFilter),)
    list_select_related = ("product", "stock", "pickup_source")
    search_fields = ("product__sku",)
    readonly_fields = ("units",)
    ordering = ("product__sku", "pk")
    fieldsets = [(None, {"fields": ["product", "stock", "pickup_source", "units"]})]

    units = quantity_column("quantity", _("quantity"))

    def get_urls(self) -> list[URLPattern]:
        page = self.admin_site.admin_view(partial(inconsistencies_page, site=self.admin_site))
        return [
            path("inconsistencies/", page, name="fulfillment_inconsistencies"),
            *super().get_urls(),
        ]
