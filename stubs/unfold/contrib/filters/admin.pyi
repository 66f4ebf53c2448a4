from typing import Any

from django import forms
from django.contrib import admin

class AutocompleteSelectFilter(admin.RelatedFieldListFilter):
    form_class: type[forms.Form]

class ChoicesDropdownFilter(admin.ChoicesFieldListFilter):
    form_class: type[forms.Form]
    all_option: Any

class DropdownFilter(admin.SimpleListFilter):
    form_class: type[forms.Form]
    all_option: Any

class RangeDateFilter(admin.FieldListFilter):
    form_class: type[forms.Form]
    parameter_name: str

class RangeNumericFilter(admin.FieldListFilter):
    form_class: type[forms.Form]
    parameter_name: str

class TextFilter(admin.SimpleListFilter):
    form_class: type[forms.Form]
