"""Values that a page shows to be read: numbers as people write them, – where there is none."""

from typing import Any

from django.conf import settings
from django.contrib.admin.helpers import AdminReadonlyField
from django.core.exceptions import FieldDoesNotExist
from django.db.models import Field, IntegerField, Model

from core.formats import EMPTY, money, quantity, whole
from core.models.columns import MoneyColumn, QuantityColumn


def read_value(field: AdminReadonlyField) -> Any:
    """Return what a field of a form shows that cannot be changed there."""
    name, row = field.field["field"], field.form.instance
    number = _number(row, name) if isinstance(name, str) else None
    if number is not None:
        return number
    contents = field.contents()
    return EMPTY if contents in ("", "-", "None") else contents


def _number(row: Model, name: str) -> str | None:
    try:
        column = row._meta.get_field(name)
    except FieldDoesNotExist:
        return None
    if not isinstance(column, Field) or column.is_relation or column.choices:
        return None
    value = getattr(row, name)
    match column:
        case MoneyColumn():
            return money(value, getattr(row, "currency", settings.SITE_CURRENCY))
        case QuantityColumn():
            return quantity(value)
        case IntegerField():
            return whole(value)
    return None
