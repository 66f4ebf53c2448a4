"""A product's page: its head, its options, its sources, what would result as one types."""

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from core import formats
from core.acts import Act
from core.admin.bases import AnyInlineFormSet
from core.admin.history import SHOWN, HistoryAdmin
from core.admin.pages import AdminPage, found_row, page_paths
from core.clock import today
from core.queries.history import RecordedChange, changes_of
from inventory.admin.option_fields import OptionsForm, in_words
from inventory.admin.option_rows import option_rows
from inventory.admin.options_in_force import OptionsInForce
from inventory.admin.product_head import PAGES_DOWNSTREAM, PROPOSED, head_of
from inventory.admin.product_supply import supply_page
from inventory.admin.sentences import (
    salable_in_words,
    storefront_in_words,
    tell_what_stays_owed,
)
from inventory.admin.source_item_forms import (
    QuantityInline,
    SourceItemInline,
    formset_for,
    has_many_sources,
    save_source_items,
)
from inventory.models import InventoryConfiguration, Product, SourceItem
from inventory.models.product import PRODUCT_OPTIONS
from inventory.operations import options
from inventory.option_rules import Conflict, conflicts
from inventory.options import BY_NAME, Scope
from inventory.queries.decimals import conflicts_of_change, items_of
from inventory.queries.positions import (
    StockPosition,
    owed_without_backorders,
    salable_item,
    stock_positions,
)
from inventory.queries.product_notices import notices_of
from inventory.resolution import Values

SUPPLY_NAMES = ("order_multiple", "lead_time_days")
PREORDER_NAMES = ("release_on", "preorder_limit")
OPTION_NAMES = tuple(candidate.name for candidate in PRODUCT_OPTIONS)
SUPPLY_PAGE = AdminPage(
    "<int:pk>/supply/",
    supply_page,
    "inventory_product_supply",
    "GET",
    "inventory.view_futuresupply",
)


class ProductForm(OptionsForm):
    """A product with its own value, or "Use Config Settings", for every option."""

    scope = Scope.PRODUCT
    level = "product"

    class Meta:
        model = Product
        fields = (
            "sku",
            "barcode",
            "name",
            "is_enabled",
            "product_type",
            "price",
            *SUPPLY_NAMES,
            *PREORDER_NAMES,
            *OPTION_NAMES,
        )

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


class ProductPage(OptionsInForce, HistoryAdmin):
    """The page of one product: what may be changed of it, and the pages beside it."""

    form = ProductForm
    history_template = "inventory/products/history.html"
    fieldsets = [
        (
            None,
            {"fields": [("sku", "name"), ("barcode", "price"), ("product_type", "is_enabled")]},
        ),
        (_("Ordering supply"), {"fields": [SUPPLY_NAMES]}),
        (_("Pre-orders"), {"fields": [PREORDER_NAMES]}),
        (_("Advanced inventory"), {"fields": OPTION_NAMES}),
    ]

    class Media:
        js = ["inventory/preview.js"]
        css = {"all": ["inventory/preview.css", "inventory/list.css"]}

    def get_inlines(self, request: HttpRequest, obj: Product | None) -> Any:
        return [SourceItemInline if has_many_sources() else QuantityInline]

    def get_urls(self) -> list[URLPattern]:
        preview = self.admin_site.admin_view(require_POST(self.preview_view))
        return [
            *page_paths(self, [SUPPLY_PAGE, *PAGES_DOWNSTREAM]),
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
        typed = form.instance
        site = form.configuration
        positions = stock_positions([typed], configuration=site, today=today(), items=items)[
            typed.sku
        ]
        salable = salable_table(positions, configuration=site)
        return JsonResponse({"sentences": said, "salable": salable})

    def other_changes(self, row: Product) -> list[RecordedChange]:
        """Return the changes of the product's source items."""
        items = dict(row.source_items.values_list("pk", "source__code"))
        return changes_of(SourceItem, limit=SHOWN, names=items, product_id=row.pk)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        product, form = context["original"], context["adminform"].form
        if product is not None and request.method == "GET":
            tell_notices(request, product)
            self.propose(request, form)
        if product is None:
            context |= {"preview_address": reverse("admin:inventory_product_preview_new")}
            context["salable"] = salable_table([], configuration=InventoryConfiguration.load())
        rows = option_rows(form, OPTION_NAMES)
        context |= {
            "own_options": [row for row in rows if row.is_own],
            "inherited_options": [row for row in rows if not row.is_own],
            "option_count": len(rows),
        }
        return super().render_change_form(request, context, *args, **kwargs)

    def row_context(self, request: HttpRequest, row: Product) -> dict[str, Any]:
        """Return the head of the page, and what every stock can sell."""
        # A row that was read again after an error has no columns of the list.
        is_listed = hasattr(row, "effective_backorders")
        product: Any = row if is_listed else self.get_object(request, str(row.pk))
        site = InventoryConfiguration.load()
        positions = stock_positions([product], configuration=site, today=today())[product.sku]
        head = head_of(request, product, tab="overview", configuration=site, positions=positions)
        if PROPOSED in request.GET:
            head["turn_off"] = ""
        return {
            "head": head,
            "salable": salable_table(positions, configuration=site),
            "preview_address": reverse("admin:inventory_product_preview", args=[row.pk]),
        }

    def propose(self, request: HttpRequest, form: Any) -> None:
        """Show the backorders that the address proposes as if they were typed."""
        policy = request.GET.get(PROPOSED, "")
        if policy and isinstance(form, ProductForm) and form.propose(PROPOSED, policy):
            sentence = gettext("Nothing is saved yet. Save to set backorders to “%(policy)s”.")
            messages.info(request, sentence % {"policy": in_words(BY_NAME[PROPOSED], policy)})

    def save_model(self, request: HttpRequest, obj: Product, form: Any, change: bool) -> None:
        act = Act(timezone.now(), request.user.pk)
        options.save_product(obj, act, changed=form.changed_data if change else None)
        # A page that opens again tells them itself.
        if "_continue" not in request.POST:
            tell_notices(request, obj)

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        product = found_row(self, request, object_id)
        site = InventoryConfiguration.load()
        head = head_of(request, product, tab="history", configuration=site)
        return super().history_view(request, object_id, {"head": head, **(extra_context or {})})

    def save_formset(
        self, request: HttpRequest, form: Any, formset: AnyInlineFormSet, change: bool
    ) -> None:
        save_source_items(request, formset)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        if change and "backorders" in form.changed_data:
            site = InventoryConfiguration.load()
            owed = owed_without_backorders([form.instance], configuration=site, today=today())
            tell_what_stays_owed(request, owed)


def tell_notices(request: HttpRequest, product: Product) -> None:
    """Say what is odd about a product, and was taken all the same."""
    for notice in notices_of([product])[product.pk]:
        messages.warning(request, formats.filled(notice.message, notice.values))


def salable_table(
    positions: Sequence[StockPosition], *, configuration: InventoryConfiguration
) -> SafeString:
    """Return a product's salable quantity and storefront message in every stock."""
    shows = configuration.in_force("show_availability")
    rows = [
        {
            "stock": position.stock_code,
            "salable": salable_in_words(position.facts),
            "storefront": storefront_in_words(position.facts, show_availability=shows),
        }
        for position in positions
    ]
    return render_to_string("inventory/products/salable.html", {"rows": rows})
