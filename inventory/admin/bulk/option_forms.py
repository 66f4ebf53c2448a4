"""Asks for an option, and then for its new value or for none of its own."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core.admin import theme
from core.quantities import format_quantity
from inventory.admin.bulk.forms import BulkForm
from inventory.admin.option_fields import in_words
from inventory.admin.use_config import CHECKBOX_LABELS, UseConfigField
from inventory.models import InventoryConfiguration
from inventory.options import BY_NAME, Scope, options_for
from inventory.resolution import resolve


class OptionForm(BulkForm):
    """First the option is chosen; its value is asked for on the page that follows.

    ``asked_option`` tells which option the value was typed for: another choice asks anew.
    """

    scope: Scope

    option = forms.ChoiceField(
        label=_("Option"), widget=forms.Select({"class": theme.SELECT_CLASS})
    )
    asked_option = forms.CharField(required=False, widget=forms.HiddenInput)

    class Media:
        css = {"all": ["inventory/use_config.css"]}
        js = ["inventory/use_config.js"]

    def __init__(self, data: Mapping[str, Any] | None = None, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        offered = options_for(self.scope)
        self.fields["option"].choices = [(option.name, gettext(option.label)) for option in offered]
        chosen = (data or {}).get("option", "")
        if chosen in {option.name for option in offered}:
            configuration = InventoryConfiguration.load().overrides()
            self.fields["value"] = UseConfigField(
                BY_NAME[chosen],
                scope=self.scope,
                inherited=resolve(chosen, configuration=configuration),
            )
            if (data or {}).get("asked_option") != chosen:
                # Nothing was typed for this option yet: it is shown as inherited.
                self.data = self.data.copy()
                self.data.pop("value_value", None)
                self.data["asked_option"] = chosen
                self.data["value_use_config"] = "on"
                self.is_asked = False
                return
        self.is_asked = "value" in self.fields

    @property
    def is_complete(self) -> bool:
        return self.is_bound and self.is_asked and self.is_valid()

    def values(self) -> dict[str, Any]:
        value = self.cleaned_data["value"]
        kept = format_quantity(value) if isinstance(value, Decimal) else value
        return {"name": self.cleaned_data["option"], "value": kept}

    def summary(self) -> str:
        option = BY_NAME[self.cleaned_data["option"]]
        value = self.cleaned_data["value"]
        words = CHECKBOX_LABELS[self.scope] if value is None else in_words(option, value)
        return f"{gettext(option.label)}: {words}"


class ProductOptionForm(OptionForm):
    scope = Scope.PRODUCT


class ItemOptionForm(OptionForm):
    scope = Scope.SOURCE_ITEM
