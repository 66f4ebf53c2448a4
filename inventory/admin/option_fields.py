"""Form fields for values of stock options, and these values in words."""

from decimal import Decimal
from functools import partial
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext, gettext_lazy

from core.admin.fields import (
    PERIOD_UNITS,
    PeriodFormField,
    PeriodWidget,
    QuantityFormField,
    QuantityInput,
    YesNoField,
)
from core.admin.history import OWN_WORDS
from core.quantities import format_quantity
from inventory.options import BY_NAME, OptionKind, StockOption
from inventory.queries.decimals import Fraction


def sentence_of(fraction: Fraction) -> ValidationError:
    """Return what a page says of a fraction of what is sold in whole units."""
    error = fraction.error
    return ValidationError(gettext(error.message) % error.values, code=error.code)


def field_for(
    option: StockOption, *, input_attrs: dict[str, Any], select_attrs: dict[str, Any]
) -> forms.Field:
    """Return a field that reads a value of ``option``, not required."""
    match option.kind:
        case OptionKind.YES_NO:
            return YesNoField(required=False, widget=forms.Select(select_attrs))
        case OptionKind.CHOICE:
            choices = [(value, gettext_lazy(label)) for value, label in option.choices]
            return forms.ChoiceField(
                choices=[("", "---------"), *choices],
                required=False,
                widget=forms.Select(select_attrs),
            )
        case OptionKind.QUANTITY:
            return QuantityFormField(required=False, widget=QuantityInput(input_attrs))
        case OptionKind.WHOLE:
            number = forms.TextInput({"inputmode": "numeric", **input_attrs})
            return forms.IntegerField(required=False, max_value=2_147_483_647, widget=number)
        case OptionKind.PERIOD:
            return PeriodFormField(
                required=False, widget=PeriodWidget(dict(input_attrs), dict(select_attrs))
            )


def in_words(option: StockOption, value: Any) -> str:
    """Return a value of ``option`` as a merchant reads it: Yes, 5, Allow Qty Below 0, 30 days."""
    if value is None:
        return gettext("no limit")
    match option.kind:
        case OptionKind.YES_NO:
            return gettext("Yes") if value else gettext("No")
        case OptionKind.CHOICE:
            return gettext(dict(option.choices)[value])
        case OptionKind.QUANTITY:
            return format_quantity(Decimal(value))
        case OptionKind.WHOLE:
            return str(value)
        case OptionKind.PERIOD:
            return f"{value.quantity} {dict(PERIOD_UNITS)[value.unit.value]}"


def as_typed(option: StockOption, value: Any) -> str:
    """Return a value of ``option`` as its input holds it, for scripts to compare."""
    if value is None:
        return ""
    return format_quantity(value) if isinstance(value, Decimal) else str(value)


def _recorded(option: StockOption, value: Any) -> str:
    """Return what history says of a value of ``option`` on a product or source item."""
    return gettext("inherited") if value is None else in_words(option, value)


OWN_WORDS.update({name: partial(_recorded, option) for name, option in BY_NAME.items()})
