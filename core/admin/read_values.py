"""Values that a page shows to be read, as people write them; – for none."""

from collections.abc import Callable
from functools import cache
from typing import Any

from django.conf import settings
from django.contrib import admin
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


def list_column(model: type[Model], name: Any) -> Any:
    """Return a column of a list: for a date or time of the row one that writes it, else ``name``.

    It has the field's name, label and order. Django would write a French *1 mai*.
    """
    try:
        column = model._meta.get_field(name) if isinstance(name, str) else None
    except FieldDoesNotExist:
        column = None
    return _written_column(column) if isinstance(column, DateField) else name


@cache
def _written_column(column: Any) -> Callable[[Model], str]:
    write: Callable[[Any], str] = moment if isinstance(column, DateTimeField) else day

    @admin.display(description=column.verbose_name, ordering=column.name)
    def written(row: Model) -> str:
        return write(getattr(row, column.name))

    written.__name__ = column.name
    return written


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
