"""Where admin pages take the theme from."""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from functools import cache
from operator import attrgetter
from typing import Any, TypeVar

from django import forms
from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern
from django.utils.functional import Promise
from unfold.admin import ModelAdmin as ThemeModelAdmin
from unfold.admin import StackedInline as ThemeStackedInline
from unfold.admin import TabularInline as ThemeTabularInline
from unfold.contrib.filters.admin import (
    ChoicesDropdownFilter,
    TextFilter,
)
from unfold.decorators import display as theme_display
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm
from unfold.paginator import InfinitePaginator
from unfold.widgets import (
    CHECKBOX_CLASSES,
    INPUT_CLASSES,
    SELECT_CLASSES,
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
)

from core.admin.fields import (
    NumberFormField,
    PriceFormField,
    PriceInput,
    QuantityFormField,
    QuantityInput,
    WholeFormField,
    WholeInput,
)
from core.admin.labels import drawn_label
from core.admin.list_page.address import short_address
from core.admin.lists import NUMBER_MARK, ChangeList, number_parameters
from core.admin.pages import AdminPage, page_paths
from core.admin.row_choice import RowChoices
from core.admin.shown_values.deletion import ShownDeletion
from core.admin.shown_values.pages import ShownInline
from core.column_limits import row_key
from core.folding import folded
from core.formats import EMPTY, ago_in_html, money, quantity, whole
from core.models.columns import MoneyColumn, QuantityColumn
from core.name_order import with_names_in_order
from core.quantities import PLAIN

__all__ = [
    "AdminPasswordChangeForm",
    "ChoicesDropdownFilter",
    "InfinitePaginator",
    "TextFilter",
    "UserChangeForm",
    "UserCreationForm",
]

INPUT_CLASS = " ".join(INPUT_CLASSES)
SELECT_CLASS = " ".join(SELECT_CLASSES)
CHECKBOX_CLASS = " ".join(CHECKBOX_CLASSES)
Select = UnfoldAdminSelectWidget
TextInput = UnfoldAdminTextInputWidget


class CheckboxSelectMultiple(UnfoldAdminCheckboxSelectMultipleWidget):
    """Boxes, each with its words whole: on a narrow page they go on in the next line."""

    option_template_name = "core/widgets/box_option.html"


Column = TypeVar("Column", bound=Callable[..., Any])

EXACT_INPUTS: Mapping["type[models.Field[Any, Any]]", Mapping[str, Any]] = {
    QuantityColumn: {"form_class": QuantityFormField, "widget": QuantityInput},
    MoneyColumn: {"form_class": PriceFormField, "widget": PriceInput},
    models.DecimalField: {"form_class": NumberFormField, "widget": QuantityInput},
    models.IntegerField: {"form_class": WholeFormField, "widget": WholeInput},
}


class ModelAdmin(RowChoices, ShownDeletion, ThemeModelAdmin):
    """The house's defaults: exact quantities, no count of a whole table, drawers of filters.

    Saving a page writes what the person changed, and only what is still as it was shown.
    """

    formfield_overrides = EXACT_INPUTS
    empty_value_display = EMPTY
    pages: Sequence[AdminPage] = ()
    # What a card on a phone shows of a row first; None: a card shows every column.
    card_facts: Sequence[str] | None = None
    show_full_result_count = False
    list_filter_submit = True
    list_per_page = 50
    warn_unsaved_form = True

    def get_urls(self) -> list[URLPattern]:
        return [*page_paths(self, self.pages), *super().get_urls()]

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Return what the address proposes; its numbers have a decimal point."""
        proposed: dict[str, Any] = super().get_changeform_initial_data(request)
        decimals = {
            field.name for field in self.opts.fields if isinstance(field, models.DecimalField)
        }
        for name in decimals & proposed.keys():
            if PLAIN.match(proposed[name]):
                proposed[name] = Decimal(proposed[name])
        return proposed

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return ChangeList

    def get_ordering(self, request: HttpRequest) -> list[Any]:
        """Return the order of rows, names in the order of the reader's language."""
        return with_names_in_order(self.model, super().get_ordering(request))

    def get_search_fields(self, request: HttpRequest) -> list[str]:
        """Return the columns that are searched, without accents, apostrophes and case."""
        return [f"{name}__folded__contains" for name in super().get_search_fields(request)]

    def get_search_results(
        self, request: HttpRequest, queryset: models.QuerySet[Any], search_term: str
    ) -> tuple[models.QuerySet[Any], bool]:
        """Keep the rows that have every word typed; what has signs alone finds nothing."""
        sought = folded(search_term)
        if search_term.strip() and not sought.strip():
            return queryset.none(), False
        return super().get_search_results(request, queryset, sought)

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        is_asked = request.method != "POST" or "action" in request.POST
        if not is_asked and self.has_view_or_change_permission(request):
            # Nothing is to be done: the list is read, which is asked for by GET.
            return HttpResponseRedirect(request.get_full_path())
        numbers = number_parameters(self.get_list_filter(request))
        return short_address(request, numbers=numbers) or super().changelist_view(
            request, extra_context
        )


class TabularInline(RowChoices, ShownInline, ThemeTabularInline):
    """Rows of a table, with exact quantities; each input carries its column's name."""

    template = "core/inline_rows.html"
    formfield_overrides = EXACT_INPUTS
    empty_value_display = EMPTY
    extra = 0
    # A thousand more are read, so that rows that others add meanwhile find room.
    max_num = 4_000
    hide_title = True

    def formfield_for_dbfield(
        self, db_field: Any, request: HttpRequest, **kwargs: Any
    ) -> forms.Field | None:
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field is not None:
            inner: Any = getattr(field.widget, "widget", field.widget)
            inner.attrs.setdefault("aria-label", field.label)
        return field


class StackedInline(RowChoices, ShownInline, ThemeStackedInline):
    """Rows as cards, with exact quantities."""

    formfield_overrides = EXACT_INPUTS
    empty_value_display = EMPTY
    extra = 0


class ReadOnly:
    """Permissions of what the engine alone writes: it is read here, never written."""

    def has_add_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False


class LogAdmin(ReadOnly, ModelAdmin):
    """A log: its rows are read here, never added, changed or deleted."""


class RecordAdmin(LogAdmin):
    """A log whose rows have a page in place of a form: operations alone change them."""

    def record_page(self, request: HttpRequest, key: int) -> HttpResponse:
        """Show the row with this key; ``request`` is by a person who may view rows."""
        # Django's classes have a metaclass of their own, which refuses no abstract methods.
        raise NotImplementedError

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        if request.method not in ("GET", "HEAD") or not self.has_view_permission(request):
            raise PermissionDenied
        key = row_key(object_id)
        if key is None:
            raise Http404
        return self.record_page(request, key)


class LogInline(ReadOnly, TabularInline):
    """Rows that the engine writes, shown below what they belong to."""

    can_delete = False


def display(*, is_number: bool = False, **described: Any) -> Callable[[Column], Column]:
    """Describe a column as the theme does; one that ``is_number`` stands to the right."""
    described_as = theme_display(**described)

    def describe(column: Column) -> Column:
        setattr(column, NUMBER_MARK, is_number)
        return described_as(column)

    return describe


@cache
def _choices(model: type[models.Model], name: str) -> dict[str, Any]:
    # A row's own ``get_…_display`` looks at all choices in the reader's language each time.
    field: Any = model._meta.get_field(name)
    return dict(field.flatchoices)


def choice_column(
    name: str, description: str | Promise, colors: dict[str, str], *, ordering: str | None = None
) -> Callable[[Any, Any], str | None]:
    """Return a column that shows the choice in ``name`` as a label, colored by its code."""

    @display(description=description, ordering=ordering or name)
    def column(_admin: Any, row: Any) -> str | None:
        code = getattr(row, name)
        if not code:
            return None
        words = _choices(row._meta.model, name).get(code, code)
        return drawn_label(str(words), colors.get(code, "neutral"), size="")

    return column


def quantity_column(name: str, description: str | Promise) -> Callable[[Any, Any], str]:
    """Return a column that shows the quantity ``name`` as people write it, and sorts by it."""

    @display(description=description, ordering=name, is_number=True)
    def column(_admin: Any, row: Any) -> str:
        return quantity(getattr(row, name))

    return column


def whole_column(name: str, description: str | Promise) -> Callable[[Any, Any], str]:
    """Return a column that shows the count ``name`` as people write it, and sorts by it."""

    @display(description=description, ordering=name, is_number=True)
    def column(_admin: Any, row: Any) -> str:
        return whole(getattr(row, name))

    return column


def ago_column(name: str, description: str | Promise) -> Callable[[Any, Any], str]:
    """Return a column that shows how long ago the time ``name`` was, and sorts by it."""

    @display(description=description, ordering=name)
    def column(_admin: Any, row: Any) -> str:
        return ago_in_html(getattr(row, name))

    return column


def money_column(
    name: str, description: str | Promise, *, currency: str
) -> Callable[[Any, Any], str]:
    """Return a column that shows the amount ``name``, and sorts by it.

    ``currency`` is the dotted path from the row to the amount's currency.
    """
    code = attrgetter(currency)

    @display(description=description, ordering=name, is_number=True)
    def column(_admin: Any, row: Any) -> str:
        return money(getattr(row, name), code(row))

    return column
