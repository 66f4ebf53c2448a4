"""The product's Sources area: a row per assigned source, saved through its operations."""

from collections.abc import Collection, Mapping
from copy import copy
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core import formats
from core.access_limits import current
from core.acts import Act
from core.admin.bases import AnyInlineFormSet, BaseInlineFormSet
from core.admin.shown_values.pages import SaveRefusedError
from core.admin.theme import StackedInline, TabularInline, quantity_column
from core.operations.stale_rows import StaleRowsError
from core.quantities import ZERO, fraction_error
from inventory.admin.option_fields import OptionsForm
from inventory.admin.options_in_force import OptionRowsInForce
from inventory.admin.release_links import tell_what_follows
from inventory.models import InventoryConfiguration, Product, Source, SourceItem
from inventory.models.source_item import SOURCE_ITEM_OPTIONS
from inventory.operations.source_items import ItemChange, StillAllocatedError, set_items, unassign
from inventory.operations.whole_units import FractionError, FractionsLeftError
from inventory.option_rules import Conflict, conflicts
from inventory.options import Scope
from inventory.ports import HeldUnitsError
from inventory.queries.decimals import conflicts_of_items
from inventory.resolution import NOTHING, Values, uses_decimals

NOTHING_ABOVE = {"configuration": NOTHING}
OPTION_NAMES = tuple(option.name for option in SOURCE_ITEM_OPTIONS)


class FixedSourceText(forms.Widget):
    """A source that is fixed, as text: a choice would repeat every source in every row."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        return format_html('<span class="fixed-source">{}</span>', self.name)


class FixedSource(forms.Field):
    """The source of a row that is stored: shown, never changed, and not read again."""

    def __init__(self, source: Source) -> None:
        widget = FixedSourceText(source_with_status(source))
        super().__init__(label=_("Source"), disabled=True, required=False, widget=widget)
        self.source = source

    def clean(self, value: Any) -> Source:
        return self.source


class SourceItemForm(OptionsForm):
    """One source item; what it inherits is the product's value, else the configuration's."""

    scope = Scope.SOURCE_ITEM
    level = "source_item"

    class Meta:
        model = SourceItem
        fields = ("source", "status", "quantity", "safety_stock", *OPTION_NAMES)

    def __init__(
        self,
        *args: Any,
        above: Mapping[str, Values] = NOTHING_ABOVE,
        is_virtual: bool = False,
        said: dict[Any, dict[str, str]] | None = None,
        **kwargs: Any,
    ) -> None:
        # What is said of equal rows is made once.
        self.said = {} if said is None else said
        self.is_virtual = is_virtual
        super().__init__(*args, above=above, **kwargs)
        if "source" in self.fields and self.instance.pk is not None:
            self.fields["source"] = FixedSource(self.instance.source)

    def _get_validation_exclusions(self) -> set[str]:
        """Leave out what is fixed: each row would ask the database for its source and product."""
        fixed = set() if self.instance.pk is None else {"source", "product"}
        return super()._get_validation_exclusions() | fixed

    def is_of_virtual(self) -> bool:
        return self.is_virtual

    def conflicts(self, entered: Values) -> list[Conflict]:
        product: Product | None = getattr(self.instance, "product", None)
        product = self.cleaned_data.get("product", product)
        if product is None:
            return []
        return conflicts(
            Scope.SOURCE_ITEM,
            configuration=self.above["configuration"],
            product=product.overrides(),
            source_item=entered,
            is_virtual=product.is_virtual,
        ) + self.fractions_left(product, entered)

    def fractions_left(self, product: Product, entered: Values) -> list[Conflict]:
        """Return what forbids to use decimals no longer here, with the quantities as typed."""
        own, stored = product.overrides(), self.instance.overrides()
        if (
            self.instance.pk is None
            or not uses_decimals(own, stored)
            or uses_decimals(own, entered)
        ):
            return []
        item = copy(self.instance)
        for name in ("quantity", "safety_stock"):
            setattr(item, name, self.cleaned_data.get(name, getattr(item, name)))
        return list(conflicts_of_items([item]).values())

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        product = self.cleaned_data.get("product", getattr(self.instance, "product", None))
        if product is None or uses_decimals(product.overrides(), self.entered_options()):
            return cleaned
        for name in {"quantity", "safety_stock"} & set(self.changed_data):
            error = fraction_error(self.cleaned_data.get(name, ZERO))
            if error is not None:
                self.add_error(name, formats.filled(error.message, error.values))
        return cleaned

    def sentences(self) -> dict[str, str]:
        key = tuple(self.instance.overrides().values())
        if key not in self.said:
            said = super().sentences()
            self.said[key] = {name: said[name] for name in OPTION_NAMES if name in said}
        return self.said[key]

    def clean_quantity(self) -> Decimal:
        quantity: Decimal = self.cleaned_data["quantity"]
        if quantity < 0:
            raise forms.ValidationError(_("A quantity on hand is never negative."))
        return quantity

    def clean_safety_stock(self) -> Decimal:
        safety_stock: Decimal = self.cleaned_data["safety_stock"]
        if safety_stock < 0:
            raise forms.ValidationError(_("Safety stock is never negative."))
        return safety_stock


class SourceItemFormSet(BaseInlineFormSet):
    """Reads what all rows inherit once."""

    def get_form_kwargs(self, index: int | None) -> dict[str, Any]:
        if not hasattr(self, "inherited_values"):
            self.inherited_values = {
                "above": {
                    "configuration": InventoryConfiguration.load().overrides(),
                    "product": self.instance.overrides(),
                },
                "is_virtual": self.instance.is_virtual,
                "said": {},
            }
        return {**super().get_form_kwargs(index), **self.inherited_values}

    def clean(self) -> None:
        super().clean()
        for row in self.deleted_forms:
            if row.instance.allocated:
                raise forms.ValidationError(
                    _("%(source)s cannot be unassigned: units are allocated to shipments there."),
                    params={"source": row.instance.source},
                )


class SourceItemInline(OptionRowsInForce, TabularInline):
    """Sources: assign, unassign, and what each one holds."""

    model = SourceItem
    form = SourceItemForm
    formset = SourceItemFormSet
    row_key = "source"
    fields = ("source", "status", "quantity", "allocated_units", "safety_stock", *OPTION_NAMES)
    autocomplete_fields = ("source",)
    readonly_fields = ("allocated_units",)
    ordering = ("source__code", "pk")
    verbose_name = _("source")
    verbose_name_plural = _("Sources")

    allocated_units = quantity_column("allocated", _("allocated"))

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("source", "product")

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Leave out the links to the source beside its name; the table is wide without them."""
        field: Any = super().formfield_for_dbfield(db_field, request, **kwargs)
        for link in ("add", "change", "delete", "view"):
            if hasattr(getattr(field, "widget", None), f"can_{link}_related"):
                setattr(field.widget, f"can_{link}_related", False)
        return field


class OnlySourceForm(SourceItemForm):
    """The quantity itself, where a single source makes a Sources area needless."""

    class Meta:
        model = SourceItem
        fields = ("quantity", "status")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.source_id is None:
            self.instance.source = only_enabled_source()

    def has_changed(self) -> bool:
        """0 is a value here: saving it assigns a product that is not assigned yet."""
        return self.instance.pk is None or super().has_changed()


class QuantityInline(StackedInline):
    """The quantity on the product itself, shown with fewer than two enabled sources."""

    model = SourceItem
    form = OnlySourceForm
    formset = SourceItemFormSet
    fields = ("quantity", "status")
    ordering = ("pk",)
    extra = 1
    max_num = 1
    can_delete = False
    verbose_name = _("quantity")
    verbose_name_plural = _("Quantity")

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).filter(source__is_enabled=True)


def source_with_status(source: Source) -> str:
    """Return how a source is called in the Sources area, which never changes its status."""
    if source.is_enabled:
        return source.code
    return gettext("%(source)s (disabled)") % {"source": source.code}


def only_enabled_source() -> Source:
    """Return the enabled source; the default one can never be disabled."""
    return Source._base_manager.filter(is_enabled=True).order_by("pk")[0]


def has_many_sources() -> bool:
    """Whether the site has several enabled sources, however many the person may see.

    A limited person has the page of several: the one enabled source may be another.
    """
    return current() is not None or Source._base_manager.filter(is_enabled=True).count() > 1


def formset_for(
    product: Product, posted: Any
) -> "forms.BaseInlineFormSet[SourceItem, Product, SourceItemForm]":
    """Return the posted rows of a product's sources, to see what would result."""
    inline = SourceItemInline if has_many_sources() else QuantityInline
    factory = forms.inlineformset_factory(
        Product, SourceItem, form=inline.form, formset=SourceItemFormSet, extra=0
    )
    return factory(posted, instance=product, prefix="source_items")


def save_source_items(request: HttpRequest, formset: AnyInlineFormSet) -> None:
    """Save the product's Sources area: what its rows changed, and the rows taken off."""
    formset.new_objects, formset.changed_objects, formset.deleted_objects = [], [], []
    deleted: list[Any] = formset.deleted_forms
    gone = {
        row.instance.pk: stored_values(row, row.compared_names())
        for row in deleted
        if row.instance.pk
    }
    rows = [row for row in formset.forms if row.has_changed() and row not in deleted]
    save_items(request, rows, also_locked=gone)
    try:
        unassign(gone, expected=gone)
    except StillAllocatedError as error:
        # The page looks again, and says so at its row.
        raise StaleRowsError from error


def save_items(
    request: HttpRequest, forms: list[Any], *, also_locked: Collection[int] = ()
) -> None:
    """Save changed source items in one call, as their forms hold them.

    :raises inventory.operations.source_items.StaleSourceItemError: for a row that changed since
        its form was compared.
    :raises SaveRefusedError: when virtual lines or packed shipments hold units that would go, or
        a quantity is a fraction.
    """
    changes = [ItemChange(*item_key(form), new_values(form)) for form in forms]
    if not changes:
        return
    expected = {
        item_key(form): stored_values(form, form.changed_data) if form.instance.pk else None
        for form in forms
    }
    act = Act(timezone.now(), request.user.pk)
    try:
        changed = set_items(
            changes,
            act,
            expected=expected,
            also_locked=also_locked,
            is_by_person=True,
        )
    except (FractionError, FractionsLeftError, HeldUnitsError) as error:
        raise SaveRefusedError(str(error)) from error
    if changed.fallen_back:
        names = ", ".join(changed.fallen_back)
        messages.warning(request, gettext("These shipments went back to backorder: %s.") % names)
    raised = {form.instance.product for form in forms if _is_raised(form)}
    tell_what_follows(request, raised, since=act.at)


def _is_raised(form: Any) -> bool:
    before = form.initial.get("quantity") or ZERO
    return "quantity" in form.changed_data and form.cleaned_data["quantity"] > before


def item_key(form: Any) -> tuple[int, int]:
    item = form.instance
    # The rows of a product that is new were made before it had a key.
    return item.product_id or item.product.pk, item.source_id


def stored_values(form: Any, names: Collection[str]) -> dict[str, Any]:
    """Return what the row held when its form was compared."""
    return {name: form.initial[name] for name in names}


def new_values(form: Any) -> dict[str, Any]:
    """Return the new values; of a row that is new, all of them."""
    fixed = {"source", "product", "DELETE", "id"}
    names = form.changed_data if form.instance.pk else form.cleaned_data
    return {name: form.cleaned_data[name] for name in names if name not in fixed}
