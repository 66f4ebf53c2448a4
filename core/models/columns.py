"""Column types: quantities, money, periods."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models

from core.currencies import MOST_DECIMALS
from core.periods import CalendarPeriod
from core.quantities import DECIMALS, MAX_DIGITS

MONEY_MAX_DIGITS = 12 + MOST_DECIMALS

Taken = TypeVar("Taken", contravariant=True)
Given = TypeVar("Given", covariant=True)

if TYPE_CHECKING:
    from django.db.models import CharField, DecimalField
else:

    class _TypeArguments:
        """Takes type arguments, which Django's fields take in their stubs alone."""

        def __class_getitem__(cls, types):
            return cls

    class CharField(_TypeArguments, models.CharField):
        """A text column."""

    class DecimalField(_TypeArguments, models.DecimalField):
        """A column of exact numbers."""


class QuantityColumn(DecimalField[Taken, Given]):
    """An exact quantity with four decimals."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["max_digits"] = MAX_DIGITS
        kwargs["decimal_places"] = DECIMALS
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        del kwargs["max_digits"], kwargs["decimal_places"]
        return name, path, args, kwargs


class MoneyColumn(DecimalField[Taken, Given]):
    """An exact amount in a currency kept beside it, in whole smallest units of that."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["max_digits"] = MONEY_MAX_DIGITS
        kwargs["decimal_places"] = MOST_DECIMALS
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        del kwargs["max_digits"], kwargs["decimal_places"]
        return name, path, args, kwargs


class CalendarPeriodColumn(CharField[CalendarPeriod | str | None, CalendarPeriod | None]):
    """A number of days, weeks or months, kept in ISO 8601 form (``P30D``)."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["max_length"] = 16
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        del kwargs["max_length"]
        return name, path, args, kwargs

    def from_db_value(
        self, value: str | None, expression: object, connection: object
    ) -> CalendarPeriod | None:
        return None if value is None else CalendarPeriod.parse(value)

    def to_python(self, value: Any) -> CalendarPeriod | None:
        if value is None or value == "" or isinstance(value, CalendarPeriod):
            return value or None
        try:
            return CalendarPeriod.parse(str(value))
        except ValueError as error:
            raise ValidationError(str(error), code="invalid") from error

    def run_validators(self, value: Any) -> None:
        super().run_validators(self.get_prep_value(value))

    def get_prep_value(self, value: Any) -> str | None:
        period = self.to_python(value)
        return None if period is None else str(period)

    def value_to_string(self, obj: models.Model) -> str:
        return self.get_prep_value(self.value_from_object(obj)) or ""


def person_column(
    label: Any, on_delete: Callable[..., None] = models.SET_NULL, *, is_indexed: bool = True
) -> "models.ForeignKey[Any, Any]":
    """Return the column of who did something; it is empty for the system, and, unless users who
    did it are kept, once there is no such user. One that is not ``is_indexed`` has an index of its
    table's own."""
    return models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete,
        null=True,
        db_index=is_indexed,
        related_name="+",
        verbose_name=label,
    )
