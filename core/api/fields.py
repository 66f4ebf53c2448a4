"""Fields that take exactly what they say: nothing is coerced, rounded or cut."""

import re
from collections.abc import Mapping
from datetime import date, datetime, time
from decimal import Decimal
from operator import attrgetter
from typing import Any, TypeVar

from django.conf import settings
from django.core.validators import RegexValidator
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from core.countries import is_country
from core.currencies import MOST_DECIMALS, amount_error, exact_text
from core.formats import filled
from core.periods import CalendarPeriod, PeriodUnit
from core.quantities import PLAIN, ZERO, QuantityError, parse_quantity

LARGEST_INTEGER = 2**31 - 1
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
CONTROL_BUT_LINES = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
MAILBOX = r"[0-9A-Za-z!#$%&'*+/=?^_`{|}~-]+(\.[0-9A-Za-z!#$%&'*+/=?^_`{|}~-]+)*"
DOMAIN = r"([0-9A-Za-z]([0-9A-Za-z-]{0,61}[0-9A-Za-z])?\.)+[A-Za-z]([0-9A-Za-z-]{0,61}[0-9A-Za-z])"
CLOCK = re.compile(r"^([01]\d|2[0-3]):[0-5]\d\Z", re.ASCII)
DATE = re.compile(r"\d{4}-\d\d-\d\d\Z", re.ASCII)
MOMENT = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)\Z", re.ASCII)


Row = TypeVar("Row")


# Its docstring would describe, in the API's description, bodies that have none of their own.
class Body(serializers.Serializer[Row]):
    # Members may have the names of what every field has: these two are declared as such.
    parent: Any
    source: Any


class StrictSerializer(Body[Any]):
    """Refuses members that it does not know: a typing error is told, not passed over.

    ``is_change``: every member may be left out, to stay as it is; what is in a member may not.
    """

    source: Any
    default_error_messages = {"invalid": _("Send an object of JSON here.")}

    def __init__(self, *args: Any, is_change: bool = False, **kwargs: Any) -> None:
        self.is_change = is_change
        super().__init__(*args, **kwargs)

    def get_fields(self) -> dict[str, Any]:
        fields: dict[str, Any] = super().get_fields()
        for field in fields.values():
            field.required = field.required and not self.is_change
        return fields

    def to_internal_value(self, data: Any) -> Any:
        values = super().to_internal_value(data)
        unknown = sorted(set(data) - set(self.fields))
        if unknown:
            message = gettext("There is no such member.")
            raise serializers.ValidationError(
                {name: [serializers.ErrorDetail(message, "unknown")] for name in unknown}
            )
        return values


class TextField(serializers.CharField):
    """A text: no number, no control characters, no lone surrogates, no space around it."""

    default_error_messages = {
        "control_characters": _("Use no control characters, and only complete characters.")
    }

    def __init__(self, *, allow_lines: bool = False, **kwargs: Any) -> None:
        self.allows_lines = allow_lines
        self.forbidden = CONTROL_BUT_LINES if allow_lines else CONTROL
        super().__init__(trim_whitespace=False, **kwargs)

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        if self.forbidden.search(data):
            self.fail("control_characters")
        return data

    def run_validation(self, data: Any = serializers.empty) -> Any:
        if isinstance(data, str) and data and not data.strip() and not self.allow_blank:
            self.fail("blank")
        return super().run_validation(data)


class EmailField(TextField):
    """An e-mail address."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=254, **kwargs)
        message = _("Enter a valid email address.")
        self.validators.append(RegexValidator(rf"^{MAILBOX}@{DOMAIN}\Z", message, "invalid"))


class YesNoField(serializers.BooleanField):
    """true or false, and nothing that resembles them."""

    default_error_messages = {"invalid": _("Write true or false.")}

    def to_internal_value(self, data: Any) -> bool:
        if not isinstance(data, bool):
            self.fail("invalid")
        return data


@extend_schema_field({"type": "boolean", "nullable": True})
class KnownCountryField(serializers.Field[str, str, bool | None, str]):
    """Marks a country of a stored row: false for a text from before that is no ISO 3166 code."""

    def __init__(self, **kwargs: Any) -> None:
        message = _(
            "Whether the country is an ISO 3166 code. false: a text from before that is no known "
            "country; null: there is no country."
        )
        super().__init__(source="country", read_only=True, help_text=message, **kwargs)

    def to_representation(self, value: str) -> bool | None:
        return is_country(value) if value else None


class WholeField(serializers.IntegerField):
    """A whole number that fits a 32-bit column."""

    default_error_messages = {"invalid": _("Write a whole number.")}

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("max_value", LARGEST_INTEGER)
        kwargs.setdefault("min_value", -LARGEST_INTEGER)
        super().__init__(**kwargs)

    def to_internal_value(self, data: Any) -> int:
        if isinstance(data, bool) or not isinstance(data, int):
            self.fail("invalid")
        return data


class DayField(serializers.DateField):
    """A date: 2027-01-31."""

    def to_internal_value(self, value: Any) -> date:
        if not isinstance(value, str) or not DATE.match(value):
            raise serializers.ValidationError(_("Write a date: 2027-01-31."), code="invalid")
        return super().to_internal_value(value)


@extend_schema_field({"type": "string", "pattern": CLOCK.pattern.replace(r"\Z", "$")})
class ClockField(serializers.TimeField):
    """A time of the day: 14:30."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(format="%H:%M", input_formats=["%H:%M"], **kwargs)

    def to_internal_value(self, value: Any) -> time:
        if not isinstance(value, str) or not CLOCK.match(value):
            raise serializers.ValidationError(_("Write a time: 14:30."), code="invalid")
        return super().to_internal_value(value)


class MomentField(serializers.DateTimeField):
    """A time with its time zone: 2027-01-31T12:00:00Z."""

    def to_internal_value(self, value: Any) -> datetime:
        if not isinstance(value, str) or not MOMENT.match(value):
            message = _("Write a time with its time zone: 2027-01-31T12:00:00Z.")
            raise serializers.ValidationError(message, code="invalid")
        return super().to_internal_value(value)


class ExactField(serializers.Field[Decimal, str, str, Any]):
    """An exact number, written as a string with a decimal point, ``minimum`` or more."""

    default_error_messages = {
        "not_a_string": _("Write the number as a string with a decimal point, such as “2.5”."),
        "not_a_number": _("Write digits on both sides of a decimal point, and no plus sign."),
        "too_many_decimals": _("The number has too many decimals."),
        "too_large": _("The number is too large."),
        "not_positive": _("The number is greater than 0."),
        "too_small": _("The number is {limit} or more."),
    }
    decimals = 4
    whole_digits = 12

    def __init__(
        self, *, minimum: Decimal | None = None, is_positive: bool = False, **kwargs: Any
    ) -> None:
        self.minimum, self.is_positive = minimum, is_positive
        super().__init__(**kwargs)

    def to_internal_value(self, data: str) -> Decimal:
        if not isinstance(data, str) or data != data.strip():
            self.fail("not_a_string")
        if data[:1] in "+." or data[-1:] == ".":
            self.fail("not_a_number")
        try:
            number = parse_quantity(data)
        except QuantityError as error:
            sentence = gettext(error.message) % error.values
            raise serializers.ValidationError(sentence, code=error.code) from error
        self._check(number, data)
        return number

    def to_representation(self, value: Decimal) -> str:
        return f"{value:.{self.decimals}f}"

    def _check(self, number: Decimal, data: str) -> None:
        exponent = number.as_tuple().exponent
        if isinstance(exponent, int) and -exponent > self.decimals:
            self.fail("too_many_decimals")
        is_padded = len(data.lstrip("-").partition(".")[0]) > self.whole_digits
        if is_padded or abs(number) >= Decimal(10) ** self.whole_digits:
            self.fail("too_large")
        if self.is_positive and number <= 0:
            self.fail("not_positive")
        is_minus = self.minimum is not None and self.minimum >= 0 and number.is_signed()
        if is_minus or (self.minimum is not None and number < self.minimum):
            self.fail("too_small", limit=self.minimum)


def exact_schema(decimals: int, whole_digits: int, *, is_signed: bool = True) -> dict[str, str]:
    """Return the OpenAPI schema of an exact number."""
    sign = "-?" if is_signed else ""
    pattern = rf"^{sign}[0-9]{{1,{whole_digits}}}(\.[0-9]{{1,{decimals}}})?$"
    return {"type": "string", "pattern": pattern, "example": "2." + "0" * decimals}


@extend_schema_field(exact_schema(4, 12, is_signed=False))
class QuantityField(ExactField):
    """Units, 0 or more."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(minimum=ZERO, **kwargs)


@extend_schema_field({**exact_schema(4, 12, is_signed=False), "not": {"pattern": r"^0+(\.0+)?$"}})
class UnitsField(ExactField):
    """Units, more than 0."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(is_positive=True, **kwargs)


@extend_schema_field(exact_schema(4, 12))
class SignedQuantityField(ExactField):
    """Units, of either sign."""


@extend_schema_field(exact_schema(MOST_DECIMALS, 12, is_signed=False))
class MoneyField(ExactField):
    """An amount of money, 0 or more, with the decimals of its currency.

    ``currency`` is the dotted path from the object to the currency of what is shown.
    """

    decimals = MOST_DECIMALS

    def __init__(self, *, currency: str = "currency", **kwargs: Any) -> None:
        self.currency_of = attrgetter(currency)
        super().__init__(minimum=ZERO, **kwargs)

    def get_attribute(self, instance: Any) -> Any:
        return super().get_attribute(instance), self.currency_of(instance)

    def to_representation(self, value: Any) -> str:
        amount, currency = value
        return exact_text(amount, currency)


class PriceField(MoneyField):
    """The price of a product, in the currency of the site."""

    def get_attribute(self, instance: Any) -> Any:
        return serializers.Field.get_attribute(self, instance), settings.SITE_CURRENCY

    def to_internal_value(self, data: str) -> Decimal:
        price = super().to_internal_value(data)
        if error := amount_error(price, settings.SITE_CURRENCY):
            sentence = filled(error.message, error.values)
            raise serializers.ValidationError(sentence, code="too_many_decimals")
        return price


@extend_schema_field(
    {"type": "string", "pattern": r"^-?[0-8]?[0-9](\.[0-9]{1,6})?$", "example": "59.329323"}
)
class LatitudeField(ExactField):
    """Degrees north of the equator."""

    default_error_messages = {
        "invalid": _("Write degrees as a string with a decimal point, such as “59.329323”."),
        "out_of_range": _("Write at most {limit} degrees, with at most six decimals."),
    }
    decimals = 6
    limit = Decimal(90)

    def to_internal_value(self, data: str) -> Decimal:
        if not isinstance(data, str) or len(data) > 12 or not PLAIN.match(data):
            self.fail("invalid")
        degrees = Decimal(data)
        if abs(degrees) > self.limit or len(data.partition(".")[2]) > self.decimals:
            self.fail("out_of_range", limit=self.limit)
        return degrees


@extend_schema_field(
    {
        "type": "string",
        "pattern": r"^-?(1[0-7][0-9]|[0-9]{1,2})(\.[0-9]{1,6})?$",
        "example": "18.068581",
    }
)
class LongitudeField(LatitudeField):
    """Degrees east of Greenwich."""

    limit = Decimal(180)


class PeriodSerializer(StrictSerializer):
    """A number of days, weeks or months."""

    quantity = WholeField(min_value=0, max_value=9999)
    unit = serializers.ChoiceField(choices=[(unit.value, unit.value) for unit in PeriodUnit])

    def to_internal_value(self, data: Any) -> CalendarPeriod:
        values: Mapping[str, Any] = super().to_internal_value(data)
        return CalendarPeriod(values["quantity"], PeriodUnit(values["unit"]))

    def to_representation(self, instance: CalendarPeriod) -> dict[str, Any]:
        return {"quantity": instance.quantity, "unit": instance.unit.value}


@extend_schema_field(OpenApiTypes.STR)
class VersionField(serializers.CharField):
    """Which state of the row this is; send it back as ``If-Match``."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(read_only=True, **kwargs)
