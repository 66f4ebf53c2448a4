"""The counters of backordered units."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from core.admin.row_choice import RowFilter
from core.admin.theme import LogAdmin, quantity_column
from fulfillment.admin.demand.kept_promises import KEPT_PROMISES
from fulfillment.admin.demand.page import DEMAND_PAGES
from fulfillment.admin.demand.proposals import ORDER_PAGE
from fulfillment.admin.inconsistencies import INCONSISTENCIES
from fulfillment.models import WaitingBalance


@admin.register(WaitingBalance)
class WaitingBalanceAdmin(LogAdmin):
    pages = (INCONSISTENCIES, *DEMAND_PAGES, KEPT_PROMISES, ORDER_PAGE)
    list_display = ("product", "stock", "pickup_source", "units")
    list_filter = (("stock", RowFilter),)
    list_select_related = ("product", "stock", "pickup_source")
    search_fields = ("product__sku",)
    readonly_fields = ("units",)
    ordering = ("product__sku", "pk")
    fieldsets = [(None, {"fields": ["product", "stock", "pickup_source", "units"]})]

    units = quantity_column("quantity", _("quantity"))
