"""Filters that refuse what they do not understand."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from django_filters import rest_framework as filters
from django_filters.constants import EMPTY_VALUES

ANSWERS = {"true": True, "false": False}


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


class WordsFilter(filters.CharFilter):
    """Several values, separated by commas."""

    def filter(self, qs: QuerySet[Any], value: str) -> QuerySet[Any]:
        words = [word for word in (value or "").split(",") if word]
        return qs.filter(**{f"{self.field_name}__in": words}) if words else qs
