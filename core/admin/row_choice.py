"""Rows looked up by typing, in forms as in filters."""

from collections.abc import Iterable, Iterator
from typing import Any

from django import forms
from django.contrib.admin import SimpleListFilter
from django.contrib.admin.widgets import AutocompleteSelect
from django.core.exceptions import ValidationError
from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext
from unfold.contrib.filters.admin import AutocompleteSelectFilter
from unfold.contrib.filters.forms import AutocompleteDropdownForm

from core.access_limits import seen
from core.admin.bases import AnyModelForm, BaseModelAdmin


class RowSelect(AutocompleteSelect):
    """Looks rows up by typing, and shows the chosen one; what no row can have is no choice.

    ``known_row`` is the row that is chosen, where it was read already: many of these on one page
    would each read theirs.
    """

    known_row: models.Model | None = None

    def optgroups(self, name: str, value: Iterable[Any], attr: Any = None) -> Any:
        known = [key for key in value if key_of(key, self.field) is not None]
        row = self.known_row
        if row is None or [str(key) for key in known] != [str(self._key_of(row))]:
            return super().optgroups(name, known, attr)
        label = self.choices.field.label_from_instance(row)
        blank = [] if self.is_required else [self.create_option(name, "", "", False, 0)]
        chosen = self.create_option(name, self._key_of(row), label, True, len(blank))
        return [(None, [*blank, chosen], 0)]

    def _key_of(self, row: models.Model) -> Any:
        return row.serializable_value(self.field.target_field.attname)


def say_known_rows(form: AnyModelForm) -> None:
    """Hand each field that is looked up the row that the form's own row refers to, if read."""
    for name, field in form.fields.items():
        select = getattr(field.widget, "widget", field.widget)
        if isinstance(select, RowSelect):
            select.known_row = form.instance._state.fields_cache.get(name)


class RowChoices(BaseModelAdmin):
    """Lets the fields of a page that are looked up by typing take any key that is posted."""

    def formfield_for_foreignkey(
        self, db_field: models.ForeignKey[Any, Any], request: HttpRequest, **kwargs: Any
    ) -> "forms.ModelChoiceField[Any] | None":
        if "widget" not in kwargs and db_field.name in self.get_autocomplete_fields(request):
            kwargs["widget"] = RowSelect(db_field, self.admin_site, using=kwargs.get("using"))
        field = super().formfield_for_foreignkey(db_field, request, **kwargs)
        if field is not None and field.queryset is not None:
            field.queryset = seen(field.queryset)
        return field

    def get_queryset(self, request: HttpRequest) -> "models.QuerySet[Any]":
        """Return the rows that the person may see and change."""
        return seen(super().get_queryset(request))


class RowFilterForm(AutocompleteDropdownForm):
    widget = RowSelect


class RowFilter(AutocompleteSelectFilter):
    """By a related row of which there may be many."""

    form_class = RowFilterForm


class FarRowFilter(SimpleListFilter):
    """By a row that is no column of the list's own; a subclass says how it narrows.

    ``field`` is a foreign key whose rows are looked up.
    """

    template = "unfold/filters/filters_field.html"
    form_class = RowFilterForm
    field: models.ForeignKey[Any, Any]
    parameter_name: str

    def __init__(self, request: HttpRequest, params: Any, model: Any, model_admin: Any) -> None:
        super().__init__(request, params, model, model_admin)
        self.request = request
        self.model_admin = model_admin

    def has_output(self) -> bool:
        return True

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[Any, str]]:
        return []

    def chosen_key(self) -> int | None:
        """Return the key of the chosen row; None where none is chosen, or it is no key."""
        key: int | None = key_of(self.value(), self.field)
        return key

    def choices(self, changelist: Any) -> Iterator[Any]:
        yield {
            "form": self.form_class(
                request=self.request,
                name=self.parameter_name,
                label=gettext("By %(filter_title)s") % {"filter_title": self.title},
                choices=(),
                field=self.field,
                model_admin=self.model_admin,
                data={self.parameter_name: self.value()},
            )
        }


def key_of(typed: Any, field: models.ForeignKey[Any, Any]) -> Any:
    """Return the key of a row that ``field`` may refer to; None for what no row can have."""
    if typed in (None, ""):
        return None
    try:
        return field.target_field.to_python(typed)
    except (ValidationError, OverflowError):
        return None
