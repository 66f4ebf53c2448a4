"""Values that a page shows to be read: numbers and dates as people write them, – for none."""

from typing import Any

from django.conf import settings
from django.contrib.admin.helpers import AdminReadonlyField
from django.core.exceptions import FieldDoesNotExist
from django.db.models import DateField, DateTimeField, Field, IntegerField, Model

from core.formats import EMPTY, day, moment, money, quantity, whole
from core.models.columns import MoneyColumn, QuantityColumn


def read_value(field: AdminReadonlyField) -> Any:
    """Return what a field of a form shows that cannot be changed there."""
    name, row = field.field["field"], field.form.instance
    written = _written(row, name) if isinstance(name, str) else None
    if written is not None:
        return written
    contents = field.contents()
    return EMPTY if contents in ("", "-", "None") else contents


def _written(row: Model, name: str) -> str | None:
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
        case DateTimeField():
            return moment(value)
        case DateField():
            return day(value)
    return None
