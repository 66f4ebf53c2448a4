"""Source items: what each source holds of each product."""

from typing import Any

from django.contrib import admin
from django.db.models import BooleanField, ExpressionWrapper, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core import formats
from core.admin.bulk.bulk_lists import BulkList
from core.admin.history import HistoryAdmin
from core.admin.lists import OptionFilter, RangeNumericFilter, yes_or_no
from core.admin.row_choice import RowFilter
from core.admin.theme import (
    ChoicesDropdownFilter,
    choice_column,
    display,
    quantity_column,
)
from inventory.admin.bulk.actions import ON_ITEMS
from inventory.admin.file_lists import FileLists
from inventory.admin.item_list import ItemList, ListedItem
from inventory.admin.options_in_force import OptionsInForce
from inventory.admin.product_filters import ItemBarcodeFilter
from inventory.admin.source_item_forms import OPTION_NAMES, SourceItemForm, save_items
from inventory.codes import significant
from inventory.models import ImportFile, InventoryConfiguration, SourceItem
from inventory.queries.low_items import low_item
from inventory.queries.product_list import incoming_at_source


class LowItemFilter(OptionFilter):
    """Low by its own notify quantity, or the one it inherits."""

    title = _("low stock")
    parameter_name = "low"
    options = yes_or_no(lambda: low_item(configuration=InventoryConfiguration.load()))


class SingleSourceItemForm(SourceItemForm):
    """A source item on a page of its own."""

    class Meta(SourceItemForm.Meta):
        fields = ("product", "source", "status", "quantity", "safety_stock", *OPTION_NAMES)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        above = {"configuration": InventoryConfiguration.load().overrides()}
        instance = kwargs.get("instance")
        if instance and instance.pk:
            above["product"] = instance.product.overrides()
            kwargs["is_virtual"] = instance.product.is_virtual
        super().__init__(*args, above=above, **kwargs)


@admin.register(SourceItem)
class SourceItemAdmin(ItemList, OptionsInForce, BulkList, FileLists, HistoryAdmin):
    bulk_actions = ON_ITEMS
    # Shipments that give way to a count are locked before its item.
    is_locked_by_operation = True
    file_format = ImportFile.Format.STOCK_SOURCES
    form = SingleSourceItemForm
    list_display = (
        "product",
        "product_name",
        "source",
        "in_stock",
        "on_hand",
        "allocated_units",
        "safety_units",
        "available_units",
        "incoming_units",
    )
    list_filter = (
        LowItemFilter,
        ItemBarcodeFilter,
        ("source", RowFilter),
        ("status", ChoicesDropdownFilter),
        ("quantity", RangeNumericFilter),
    )
    list_select_related = ("product", "source")
    search_fields = ("product__sku", "product__name", "product__barcode")
    autocomplete_fields = ("product", "source")
    readonly_fields = ("allocated_units", "is_status_automatic")
    ordering = ("product__sku", "source__code", "pk")
    fieldsets = [
        (
            None,
            {
                "fields": [
                    "product",
                    "source",
                    "status",
                    "is_status_automatic",
                    "quantity",
                    "allocated_units",
                    "safety_stock",
                ]
            },
        ),
        (_("Overrides"), {"fields": OPTION_NAMES}),
    ]

    class Media:
        css = {"all": ["inventory/list.css"]}

    in_stock = choice_column("status", _("status"), {"OUT_OF_STOCK": "danger"})
    allocated_units = quantity_column("allocated", _("allocated"))
    safety_units = quantity_column("safety_stock", _("safety stock"))

    def get_queryset(self, request: HttpRequest) -> QuerySet[SourceItem]:
        items: Any = super().get_queryset(request)
        with_available: QuerySet[SourceItem] = items.with_available()
        low = low_item(configuration=InventoryConfiguration.load())
        return with_available.annotate(
            incoming=incoming_at_source(), is_low=ExpressionWrapper(low, BooleanField())
        )

    def get_list_display(self, request: HttpRequest) -> Any:
        columns = super().get_list_display(request)
        return (*columns, "barcode") if ItemBarcodeFilter.asks_for_codes(request) else columns

    @display(description=_("barcode"), ordering="product__barcode")
    def barcode(self, item: SourceItem) -> str:
        return item.product.barcode or "–"

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[SourceItem], search_term: str
    ) -> tuple[QuerySet[SourceItem], bool]:
        """Find a scanned barcode in whatever form it is stored."""
        return super().get_search_results(request, queryset, significant(search_term.strip()))

    def save_model(self, request: HttpRequest, obj: SourceItem, form: Any, change: bool) -> None:
        save_items(request, [form])
        stored = SourceItem.objects.get(product=obj.product_id, source=obj.source_id)
        obj.pk = stored.pk

    def has_delete_permission(self, request: HttpRequest, obj: SourceItem | None = None) -> bool:
        """A product is unassigned on its own page, where it is refused while units are held."""
        return False

    def get_readonly_fields(self, request: HttpRequest, obj: SourceItem | None = None) -> Any:
        fixed = super().get_readonly_fields(request, obj)
        return fixed if obj is None else (*fixed, "product", "source")

    @display(description=_("on hand"), ordering="quantity", is_number=True)
    def on_hand(self, item: ListedItem) -> str | SafeString:
        """What is there; what is low stands out."""
        units = formats.quantity(item.quantity)
        if not item.is_low:
            return units
        return format_html('<span class="flag flag-warning">{}</span> {}', gettext("Low"), units)

    @display(description=_("available"), ordering="available", is_number=True)
    def available_units(self, item: Any) -> str:
        return formats.quantity(item.available)
