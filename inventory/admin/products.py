"""Products: what can be sold of each, and its Advanced Inventory."""

from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from core import formats
from core.admin.bases import AnyInlineFormSet
from core.admin.bulk.lists import BulkList
from core.admin.history import SHOWN, HistoryAdmin
from core.admin.theme import display
from core.quantities import ZERO
from core.queries.history import RecordedChange, changes_of
from inventory.admin.bulk.actions import ON_PRODUCTS
from inventory.admin.file_lists import FileLists
from inventory.admin.option_fields import ORIGINS, OptionsForm
from inventory.admin.options_in_force import OptionsInForce
from inventory.admin.product_filters import (
    BackordersFilter,
    CannotBeBoughtFilter,
    LowFilter,
    OutOfStockFilter,
    OverriddenFilter,
    ProductSourceFilter,
)
from inventory.admin.product_list import (
    ListedProduct,
    ProductChangeList,
    backorders_in_words,
    drawn_flags,
    salable_columns,
    total_column,
)
from inventory.admin.sentences import salable_in_words, storefront_in_words
from inventory.admin.source_item_forms import (
    QuantityInline,
    SourceItemInline,
    formset_for,
    has_many_sources,
    save_source_items,
)
from inventory.models import ImportFile, InventoryConfiguration, Product, SourceItem, Stock
from inventory.models.product import PRODUCT_OPTIONS
from inventory.operations import options
from inventory.option_rules import Conflict, conflicts
from inventory.options import Scope
from inventory.queries.decimals import conflicts_of_change, items_of
from inventory.queries.positions import salable_item, stock_positions
from inventory.queries.product_list import product_rows
from inventory.queries.product_notices import notices_of
from inventory.resolution import Origin, Values
from inventory.salability import owed_quantity

OPTION_NAMES = tuple(candidate.name for candidate in PRODUCT_OPTIONS)


class ProductForm(OptionsForm):
    """A product with its own value, or "Use Config Settings", for every option."""

    scope = Scope.PRODUCT
    level = "product"

    class Meta:
        model = Product
        fields = ("sku", "barcode", "name", "is_enabled", "product_type", "price", *OPTION_NAMES)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.configuration = InventoryConfiguration.load()
        above = {"configuration": self.configuration.overrides()}
        super().__init__(*args, above=above, **kwargs)

    def is_of_virtual(self) -> bool:
        return bool(self.instance.is_virtual)

    def conflicts(self, entered: Values) -> list[Conflict]:
        return conflicts(
            Scope.PRODUCT,
            configuration=self.configuration.overrides(),
            product=entered,
            is_virtual=self.cleaned_data.get("product_type") == Product.Type.VIRTUAL,
            items=items_of(self.instance),
        ) + conflicts_of_change(self.instance.pk, self.instance.overrides(), entered)


@admin.register(Product)
class ProductAdmin(OptionsInForce, BulkList, FileLists, HistoryAdmin):
    bulk_actions = ON_PRODUCTS
    file_format = ImportFile.Format.PRODUCTS
    form = ProductForm
    list_display = (
        "sku",
        "product_name",
        "backorders_in_force",
        "on_hand",
        "set_aside",
        "waiting",
        "incoming",
    )
    list_filter = (
        BackordersFilter,
        OverriddenFilter,
        LowFilter,
        OutOfStockFilter,
        CannotBeBoughtFilter,
        ProductSourceFilter,
        "product_type",
        "is_enabled",
    )
    search_fields = ("sku", "name", "barcode")
    readonly_fields = ("salable_by_stock",)
    ordering = ("sku", "pk")
    fieldsets = [
        (None, {"fields": ["sku", "barcode", "name", "is_enabled", "product_type", "price"]}),
        (_("What can be sold"), {"fields": ["salable_by_stock"]}),
        (_("Advanced Inventory"), {"fields": OPTION_NAMES}),
    ]

    class Media:
        js = ["inventory/preview.js"]
        css = {"all": ["inventory/preview.css", "inventory/list.css"]}

    def get_queryset(self, request: HttpRequest) -> QuerySet[Product]:
        configuration = InventoryConfiguration.load()
        return product_rows(super().get_queryset(request), configuration=configuration)

    def get_list_display(self, request: HttpRequest) -> Any:
        salable = salable_columns(stocks_of(request))
        return (*super().get_list_display(request), *salable, "unit_price", "flags")

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> Any:
        return ProductChangeList

    def get_inlines(self, request: HttpRequest, obj: Product | None) -> Any:
        return [SourceItemInline if has_many_sources() else QuantityInline]

    def get_urls(self) -> list[URLPattern]:
        preview = self.admin_site.admin_view(require_POST(self.preview_view))
        return [
            path("preview/", preview, name="inventory_product_preview_new"),
            path("<int:pk>/preview/", preview, name="inventory_product_preview"),
            *super().get_urls(),
        ]

    def preview_view(self, request: HttpRequest, pk: int | None = None) -> HttpResponse:
        """Answer what would result if the form were saved as it stands; nothing is written."""
        product = Product() if pk is None else self.get_object(request, str(pk))
        is_allowed = self.has_add_permission(request) or (
            product is not None and self.has_change_permission(request, product)
        )
        if product is None or not is_allowed:
            raise PermissionDenied
        form = ProductForm(request.POST, instance=product)
        form.is_valid()
        rows = formset_for(form.instance, request.POST)
        rows.is_valid()
        items = [
            salable_item(row.instance)
            for row in rows.forms
            if row.instance.source_id and row not in rows.deleted_forms
        ]
        said = form.sentences()
        for row in rows.forms:
            said |= {row.add_prefix(name): told for name, told in row.sentences().items()}
        salable = salable_table(form.instance, configuration=form.configuration, items=items)
        return JsonResponse({"sentences": said, "salable": salable})

    def other_changes(self, row: Product) -> list[RecordedChange]:
        """Return the changes of the product's source items."""
        items = dict(row.source_items.values_list("pk", "source__code"))
        return changes_of(SourceItem, limit=SHOWN, names=items, product_id=row.pk)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        if context["original"] is not None and request.method == "GET":
            tell_notices(request, context["original"])
        return super().render_change_form(request, context, *args, **kwargs)

    def save_model(self, request: HttpRequest, obj: Product, form: Any, change: bool) -> None:
        options.save_product(obj, changed=form.changed_data if change else None)
        # A page that opens again tells them itself.
        if "_continue" not in request.POST:
            tell_notices(request, obj)

    def save_formset(
        self, request: HttpRequest, form: Any, formset: AnyInlineFormSet, change: bool
    ) -> None:
        save_source_items(request, formset)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        if change and "backorders" in form.changed_data:
            tell_what_stays_owed(request, form.instance)

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

    @display(description=_("on hand"), ordering="total_on_hand")
    def on_hand(self, product: ListedProduct) -> SafeString:
        """What all sources hold; each of them, where one points at it."""
        total = formats.quantity(product.totals["total_on_hand"])
        return format_html('<span title="{}">{}</span>', product.quantities_in_words, total)

    @display(description=_("price"), ordering="price")
    def unit_price(self, product: ListedProduct) -> str:
        return formats.money(product.price, settings.SITE_CURRENCY)

    @display(description=_("flags"))
    def flags(self, product: ListedProduct) -> SafeString:
        return drawn_flags(product.flags)

    @display(description=_("salable quantity"))
    def salable_by_stock(self, product: Product) -> SafeString:
        """Show what each stock can sell; a script asks again while the form is filled in."""
        configuration = InventoryConfiguration.load()
        if product.pk is None:
            url = reverse("admin:inventory_product_preview_new")
            table = salable_table(product, configuration=configuration, items=[])
        else:
            url = reverse("admin:inventory_product_preview", args=[product.pk])
            table = salable_table(product, configuration=configuration)
        return format_html(
            '<div data-salable data-preview-url="{}" aria-live="polite">{}</div>', url, table
        )


def tell_notices(request: HttpRequest, product: Product) -> None:
    """Say what is odd about a product, and was taken all the same."""
    for notice in notices_of([product])[product.pk]:
        messages.warning(request, gettext(notice.message) % notice.values)


def tell_what_stays_owed(request: HttpRequest, product: Product) -> None:
    """Say how many units were sold before backorders went off, and are still owed."""
    site = InventoryConfiguration.load()
    positions = stock_positions([product], configuration=site)[product.sku]
    owed = [owed_quantity(at.facts) for at in positions if not at.facts.policy.takes_backorders]
    if not any(owed):
        return
    sentence = gettext("Backorders are off. Units already sold that stay owed: %(owed)s.")
    messages.warning(request, sentence % {"owed": formats.quantity(sum(owed, ZERO))})


def stocks_of(request: HttpRequest) -> list[Stock]:
    """Return the stocks that the list has columns for, read once per request."""
    known: list[Stock] | None = getattr(request, "inventory_stocks", None)
    if known is None:
        known = vars(request)["inventory_stocks"] = list(Stock.objects.order_by("code"))
    return known


def salable_table(
    product: Product, *, configuration: InventoryConfiguration, items: Any = None
) -> SafeString:
    """Return the product's salable quantity and storefront message in every stock."""
    shows = configuration.in_force("show_availability")
    positions = stock_positions([product], configuration=configuration, items=items)
    rows = [
        {
            "stock": position.stock_code,
            "salable": salable_in_words(position.facts),
            "storefront": storefront_in_words(position.facts, show_availability=shows),
        }
        for position in positions[product.sku]
    ]
    return render_to_string("inventory/products/salable.html", {"rows": rows})
