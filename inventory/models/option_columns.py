"""The columns that the table of options asks for."""

from collections.abc import Iterable
from typing import Any, ClassVar

from django.core.validators import MaxValueValidator, MinValueValidator
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
    least = [] if option.minimum is None else [MinValueValidator(option.minimum)]
    most = [] if option.maximum is None else [MaxValueValidator(option.maximum)]
    validators = [*least, *most]
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


class OptionOwner(models.Model):
    """A row with a column for each of its options."""

    OPTIONS: ClassVar[tuple[StockOption, ...]]

    class Meta:
        abstract = True

    def overrides(self) -> dict[str, Any]:
        """Return the row's own value of each of its options; ``None`` inherits."""
        return {option.name: getattr(self, option.name) for option in self.OPTIONS}


def add_option_columns(model: type[OptionOwner], options: Iterable[StockOption]) -> None:
    """Give ``model`` one column for each of ``options``, in the order of the table."""
    model.OPTIONS = tuple(options)
    for option in model.OPTIONS:
        model.add_to_class(option.name, column_for(option))
