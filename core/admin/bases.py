"""Django's base classes for admin pages, with what only their type stubs know or leave out."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin
from django.contrib.admin.options import BaseModelAdmin, InlineModelAdmin
from django.db import models
from django.forms.models import BaseInlineFormSet, BaseModelForm

if TYPE_CHECKING:
    from django.forms.utils import ErrorDict

    AnyAdmin = BaseModelAdmin[Any]
    AnyInline = InlineModelAdmin[Any, Any]
    AnyPage = admin.ModelAdmin[Any]
    AnyModelForm = BaseModelForm[Any]

    class AnyForm(forms.BaseForm):
        base_fields: dict[str, forms.Field]
        _errors: ErrorDict | None

        def _clean_fields(self) -> None: ...
        def _clean_form(self) -> None: ...
        def _post_clean(self) -> None: ...

    class ModelForm(AnyForm, AnyModelForm):
        def _save_m2m(self) -> None: ...
        def _get_validation_exclusions(self) -> set[str]: ...

    class InlineFormSet(BaseInlineFormSet[Any, Any, Any]):
        model: type[models.Model]
        absolute_max: int

        def _construct_form(self, i: int, **kwargs: Any) -> Any: ...
else:
    AnyAdmin, AnyInline, AnyPage = BaseModelAdmin, InlineModelAdmin, admin.ModelAdmin
    AnyForm, AnyModelForm, ModelForm = forms.BaseForm, BaseModelForm, BaseModelForm
    InlineFormSet = BaseInlineFormSet
