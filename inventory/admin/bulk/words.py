"""Rows of a bulk plan as people read them."""

import sys
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.db.models import DecimalField
from django.utils.text import capfirst
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from core import formats
from core.admin.bulk.words import planned_differences
from core.admin.history import shown
from core.operations.bulk.row_plans import Shift
from core.queries.history import FieldChange
from inventory.admin.option_fields import in_words
from inventory.models import FutureSupply, Product, SourceItem
from inventory.options import BY_NAME

FIELDS = {
    field.attname: field
    for model in (Product, FutureSupply, SourceItem)
    for field in model._meta.concrete_fields
}
LABELS = {
    "assigned": pgettext_lazy("product", "Assigned"),
    "quantity": _("Quantity"),
    "quantity_there": _("Quantity at the other source"),
    "quantity_on_its_way": _("On its way"),
    "status": _("Status"),
    "sells_without_units": _("Can be sold without units"),
}
# Of a transfer, beside the quantity of the item that gives.
QUANTITIES = ("quantity_there", "quantity_on_its_way")


def label_of(name: str) -> str:
    """Return what a value of a row is called."""
    if name in BY_NAME:
        return gettext(BY_NAME[name].label)
    return str(LABELS[name]) if name in LABELS else str(capfirst(FIELDS[name].verbose_name))


def value_in_words(shift: Shift, value: Any) -> str:
    """Return one value of a shift, which may be as it is kept."""
    value = typed(shift.name, value)
    if shift.name in BY_NAME:
        return gettext("inherited") if value is None else in_words(BY_NAME[shift.name], value)
    match shift.name:
        case "assigned":
            return gettext("assigned") if value else gettext("not assigned")
        case "sells_without_units":
            return gettext("Yes") if value else gettext("No")
        case name if name in QUANTITIES:
            return "–" if value is None else formats.quantity(value)
        case _:
            return shown(FieldChange(FIELDS[shift.name], value, value), value, {})


def sentence_in_words(message: str, values: Mapping[str, str]) -> str:
    """Return why a row stays as it is."""
    return formats.filled(message, values)


def differences(_action: str, texts: Mapping[int, tuple[str | None, str | None]]) -> list[str]:
    """Return what is another now of rows that were planned."""
    return list(planned_differences(sys.modules[__name__], texts))


def typed(name: str, value: Any) -> Any:
    """Return a value as it was before it was kept: a quantity is kept as text."""
    field = FIELDS.get(name)
    is_quantity = name in QUANTITIES or isinstance(field, DecimalField)
    return Decimal(value) if is_quantity and value is not None else value
