"""The list of products: what can be sold of each, what stands out."""

from typing import Any

from django.conf import settings
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.functional import lazy
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core import formats
from core.admin.bulk.bulk_lists import BulkList
from core.admin.theme import display
from core.currencies import decimals_of
from inventory.admin.bulk.actions import ON_PRODUCTS
from inventory.admin.file_lists import FileLists
from inventory.admin.option_fields import ORIGINS
from inventory.admin.product_filters import (
    BackordersFilter,
    BarcodeFilter,
    CannotBeBoughtFilter,
    LowFilter,
    OutOfStockFilter,
    OverriddenFilter,
    ProductSourceFilter,
)
from inventory.admin.product_label_action import PRINT_LABELS
from inventory.admin.product_list import (
    ListedProduct,
    ProductChangeList,
    backorders_in_words,
    drawn_flags,
    salable_columns,
    total_column,
)
from inventory.admin.product_page import ProductPage
from inventory.codes import significant
from inventory.models import ImportFile, InventoryConfiguration, Product, Stock
from inventory.queries.product_list import product_rows
from inventory.resolution import Origin


def price_heading() -> str:
    """Return the heading of the prices, which are all in one currency."""
    return gettext("price (%(currency)s)") % {"currency": settings.SITE_CURRENCY}


@admin.register(Product)
# Styles and scripts of all these pages are put together.
class ProductAdmin(ProductPage, BulkList, FileLists):  # type: ignore[misc]
    bulk_actions = (*ON_PRODUCTS, PRINT_LABELS)
    file_format = ImportFile.Format.PRODUCTS
    list_display = (
        "sku",
        "product_name",
        "backorders_in_force",
        "on_hand",
        "set_aside",
        "waiting",
        "incoming",
    )
    card_facts = ("product_name", "on_hand", "flags")
    list_filter = (
        BackordersFilter,
        OverriddenFilter,
        LowFilter,
        OutOfStockFilter,
        CannotBeBoughtFilter,
        ProductSourceFilter,
        BarcodeFilter,
        "product_type",
        "is_enabled",
    )
    search_fields = ("sku", "name", "barcode")
    ordering = ("sku", "pk")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Product]:
        configuration = InventoryConfiguration.load()
        return product_rows(super().get_queryset(request), configuration=configuration)

    def get_list_display(self, request: HttpRequest) -> Any:
        salable = salable_columns(stocks_of(request))
        columns = (*super().get_list_display(request), *salable, "unit_price", "flags")
        return (*columns, "barcode") if BarcodeFilter.asks_for_codes(request) else columns

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Product], search_term: str
    ) -> tuple[QuerySet[Product], bool]:
        """Find a scanned barcode in whatever form it is stored."""
        return super().get_search_results(request, queryset, significant(search_term.strip()))

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> Any:
        return ProductChangeList

    def has_delete_permission(self, request: HttpRequest, obj: Product | None = None) -> bool:
        """A product with history is disabled, not deleted."""
        return False

    set_aside = total_column("total_set_aside", _("set aside"))
    waiting = total_column("total_waiting", _("waiting"))
    incoming = total_column("total_incoming", _("incoming"))

    @display(description=_("name"), ordering="name")
    def product_name(self, product: ListedProduct) -> SafeString:
        return format_html('<span class="one-line" title="{0}">{0}</span>', product.name)

    @display(description=_("backorders"), ordering="effective_backorders")
    def backorders_in_force(self, product: ListedProduct) -> SafeString:
        """Whether it takes backorders; where that is set, where one points at it."""
        origin = gettext("Set by: %(level)s") % {
            "level": ORIGINS[Origin(product.backorders_origin)]
        }
        return format_html('<span title="{}">{}</span>', origin, backorders_in_words(product))

    @display(description=_("on hand"), ordering="total_on_hand", is_number=True)
    def on_hand(self, product: ListedProduct) -> SafeString:
        """What all sources hold; each of them, where one points at it."""
        total = formats.quantity(product.totals["total_on_hand"])
        return format_html('<span title="{}">{}</span>', product.quantities_in_words, total)

    @display(description=lazy(price_heading, str)(), ordering="price", is_number=True)
    def unit_price(self, product: ListedProduct) -> str:
        return formats.fixed(product.price, decimals_of(settings.SITE_CURRENCY))

    @display(description=_("flags"))
    def flags(self, product: ListedProduct) -> SafeString:
        return drawn_flags(product.flags)


def stocks_of(request: HttpRequest) -> list[Stock]:
    """Return the stocks that the list has columns for, read once per request."""
    known: list[Stock] | None = getattr(request, "inventory_stocks", None)
    if known is None:
        known = vars(request)["inventory_stocks"] = list(Stock.objects.order_by("code"))
    return known
