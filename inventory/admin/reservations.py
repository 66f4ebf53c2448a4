"""The reservation ledger: append-only. What it has wrong is compensated, never changed."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext, gettext_lazy
from django.utils.translation import gettext_lazy as _

from core.acts import Act
from core.admin.bases import ModelForm
from core.admin.lists import RangeDateFilter
from core.admin.pages import AdminPage
from core.admin.row_choice import RowFilter
from core.admin.theme import (
    ChoicesDropdownFilter,
    InfinitePaginator,
    LogAdmin,
    TextFilter,
    TextInput,
    quantity_column,
)
from core.folding import folded
from inventory.admin.ledger_page import ledger_page
from inventory.admin.option_fields import sentence_of
from inventory.models import Product, Reservation
from inventory.operations.compensation import compensate
from inventory.queries.decimals import fractions_of

# A beginning that so many products share says too little to search for.
MOST_PRODUCTS = 1_000


class CompensationForm(ModelForm):
    """A manual compensation: of either sign, with its reason."""

    product = forms.ModelChoiceField(
        Product.objects.all(),
        label=_("SKU"),
        to_field_name="sku",
        widget=TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        error_messages={"invalid_choice": _("There is no product with this SKU.")},
    )

    class Meta:
        model = Reservation
        fields = ("stock", "product", "quantity", "reason")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # The page of an entry that is read has no inputs.
        if "reason" in self.fields:
            self.fields["reason"].required = True

    def clean_quantity(self) -> Any:
        quantity = self.cleaned_data["quantity"]
        if not quantity:
            raise forms.ValidationError(gettext("A compensation is not 0."))
        if "product" in self.cleaned_data:
            for fraction in fractions_of([(self.cleaned_data["product"].pk, quantity)]):
                raise sentence_of(fraction)
        return quantity

    def _get_validation_exclusions(self) -> set[str]:
        # The event is the operation's to write; the constraints on it hold there.
        return super()._get_validation_exclusions() | {"event"}


class EntryFilter(TextFilter):
    """Entries whose ``column`` is exactly what was typed."""

    column: str

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[Reservation]
    ) -> QuerySet[Reservation]:
        typed = (self.value() or "").strip()
        return queryset.filter(**{self.column: typed}) if typed else queryset


class SkuFilter(EntryFilter):
    title = _("SKU")
    parameter_name = "sku"
    column = "product__sku"


class OrderFilter(EntryFilter):
    title = _("order")
    parameter_name = "order"
    column = "order_number"


@admin.register(Reservation)
class ReservationAdmin(LogAdmin):
    pages = (AdminPage("ledger/", ledger_page, "inventory_ledger"),)
    form = CompensationForm
    list_display = (
        "created_at",
        "product",
        "stock",
        "units",
        "event",
        "order_number",
        "actor",
        "reason",
    )
    list_filter = (
        ("event", ChoicesDropdownFilter),
        ("stock", RowFilter),
        SkuFilter,
        OrderFilter,
        ("created_at", RangeDateFilter),
    )
    list_select_related = ("product", "stock", "actor")
    list_before_template = "inventory/reservation_pages.html"
    search_fields = ("order_number",)
    autocomplete_fields = ("stock",)
    search_help_text = gettext_lazy("Number of an order, or the beginning of a SKU")
    sortable_by = ("created_at",)
    readonly_fields = ("units",)
    ordering = ("-pk",)
    paginator = InfinitePaginator
    fields = list_display

    units = quantity_column("quantity", _("quantity"))

    def get_fields(self, request: HttpRequest, obj: Reservation | None = None) -> Any:
        entered = ("stock", "product", "quantity", "reason")
        return super().get_fields(request, obj) if obj else entered

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Reservation], search_term: str
    ) -> tuple[QuerySet[Reservation], bool]:
        """Search by keys, each by its own index: products are found first."""
        term = search_term.strip()
        if not term:
            return queryset, False
        products = Product.objects.filter(sku__folded__startswith=folded(term) or term).order_by(
            "pk"
        )
        ids = list(products.values_list("pk", flat=True)[:MOST_PRODUCTS])
        return queryset.filter(Q(order_number=term) | Q(product__in=ids)), False

    def save_model(self, request: HttpRequest, obj: Reservation, form: Any, change: bool) -> None:
        written = compensate(
            Act(timezone.now(), request.user.pk, obj.reason),
            stock_id=obj.stock_id,
            product_id=obj.product_id,
            quantity=obj.quantity,
        )
        obj.pk = written.pk

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A manual compensation is the only entry that a person makes."""
        return bool(request.user.has_perm("inventory.add_reservation"))
