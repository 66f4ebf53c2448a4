"""Django's base classes for admin pages, with what only their type stubs know or leave out."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin
from django.contrib.admin import options
from django.forms import models

if TYPE_CHECKING:
    from django.db.models import Model
    from django.forms.utils import ErrorDict

    AnyPage = admin.ModelAdmin[Any]
    AnyModelForm = models.BaseModelForm[Any]
    AnyInlineFormSet = models.BaseInlineFormSet[Any, Any, Any]
    BaseModelAdmin = options.BaseModelAdmin[Any]
    InlineModelAdmin = options.InlineModelAdmin[Any, Any]

    ModelChoiceField = forms.ModelChoiceField[Any]
    ModelChoiceIterator = models.ModelChoiceIterator[Any]
    ModelMultipleChoiceField = forms.ModelMultipleChoiceField[Any]

    class BaseForm(forms.BaseForm):
        base_fields: dict[str, forms.Field]
        _errors: ErrorDict | None

        def _clean_fields(self) -> None: ...
        def _clean_form(self) -> None: ...
        def _post_clean(self) -> None: ...

    class BaseModelForm(BaseForm, AnyModelForm):
        def _get_validation_exclusions(self) -> set[str]: ...
        def _save_m2m(self) -> None: ...
        def _update_errors(self, errors: forms.ValidationError) -> None: ...

    class ModelForm(BaseModelForm, forms.ModelForm[Any]): ...

    class BaseInlineFormSet(AnyInlineFormSet):
        model: type[Model]
        absolute_max: int

        def _construct_form(self, i: int, **kwargs: Any) -> Any: ...
else:
    AnyPage = admin.ModelAdmin
    AnyModelForm = BaseModelForm = models.BaseModelForm
    AnyInlineFormSet = BaseInlineFormSet = models.BaseInlineFormSet
    BaseModelAdmin = options.BaseModelAdmin
    InlineModelAdmin = options.InlineModelAdmin
    ModelChoiceField = forms.ModelChoiceField
    ModelChoiceIterator = models.ModelChoiceIterator
    ModelMultipleChoiceField = forms.ModelMultipleChoiceField
    BaseForm = forms.BaseForm
    ModelForm = forms.ModelForm
