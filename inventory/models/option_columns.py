"""The columns that the table of options asks for."""

from collections.abc import Iterable
from typing import Any

from django.core.validators import MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy

from core.models.columns import CalendarPeriodColumn, QuantityColumn
from inventory.options import OptionKind, StockOption


def column_for(option: StockOption) -> "models.Field[Any, Any]":
    """Return the nullable column that stores ``option``; ``NULL`` is "use config settings"."""
    common: dict[str, Any] = {
        "verbose_name": gettext_lazy(option.label),
        "help_text": gettext_lazy(option.help_text) if option.help_text else "",
        "null": True,
        "blank": True,
    }
    validators = [] if option.minimum is None else [MinValueValidator(option.minimum)]
    match option.kind:
        case OptionKind.YES_NO:
            return models.BooleanField(**common)
        case OptionKind.CHOICE:
            choices = [(value, gettext_lazy(label)) for value, label in option.choices]
            return models.CharField(max_length=48, choices=choices, **common)
        case OptionKind.QUANTITY:
            return QuantityColumn(validators=validators, **common)
        case OptionKind.WHOLE:
            return models.IntegerField(validators=validators, **common)
        case OptionKind.PERIOD:
            return CalendarPeriodColumn(**common)


def add_option_columns(model: type[models.Model], options: Iterable[StockOption]) -> None:
    """Give ``model`` one column for each of ``options``, in the order of the table."""
    for option in options:
        model.add_to_class(option.name, column_for(option))
