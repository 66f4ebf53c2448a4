"""Filters that refuse what they do not understand."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django_filters import rest_framework as filters
from django_filters.constants import EMPTY_VALUES
from rest_framework.exceptions import ValidationError

ANSWERS = {"true": True, "false": False}


class FilterBackend(filters.DjangoFilterBackend):
    """Narrows a list by its filters; one that is named has a value."""

    def get_filterset_kwargs(self, request: Any, queryset: Any, view: Any) -> dict[str, Any]:
        given: dict[str, Any] = super().get_filterset_kwargs(request, queryset, view)
        blank = [
            name for name in view.filterset_class.base_filters if given["data"].get(name) == ""
        ]
        if blank:
            message = gettext("Give a value, or leave the parameter out.")
            raise ValidationError({name: [message] for name in blank})
        return given


class YesNoFormField(forms.Field):
    """true or false."""

    def clean(self, value: Any) -> bool | None:
        if value in EMPTY_VALUES:
            return None
        if value not in ANSWERS:
            raise forms.ValidationError(_("Write true or false."), code="invalid")
        return ANSWERS[value]


class YesNoFilter(filters.BooleanFilter):
    """``?name=true`` or ``?name=false``; anything else is refused."""

    field_class = YesNoFormField

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.extra.pop("widget", None)


class WordsInput(forms.TextInput):
    """Values separated by commas, or given one by one: as boxes to select give them."""

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        values = data.getlist(name) if hasattr(data, "getlist") else [data.get(name)]
        return ",".join(value for value in values if value) or None


class WordsFilter(filters.CharFilter):
    """One of several values: ``?name=A,B`` or ``?name=A&name=B``."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, widget=WordsInput, **kwargs)

    def filter(self, qs: QuerySet[Any], value: str) -> QuerySet[Any]:
        return qs.filter(**{f"{self.field_name}__in": words(value)}) if value else qs


def words(text: str) -> list[str]:
    """Return the values that commas separate in ``text``."""
    return [word.strip() for word in text.split(",") if word.strip()]
