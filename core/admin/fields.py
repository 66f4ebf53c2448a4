"""Form fields that neither round nor guess: quantities, periods, yes or no."""

from datetime import date, datetime, time
from decimal import Decimal
from typing import Any, TypeVar

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.widgets import INPUT_CLASSES, UnfoldAdminTextareaWidget

from core.currencies import amount_error
from core.formats import (
    EMPTY,
    clock,
    day,
    filled,
    input_amount,
    input_text,
    moment,
    money,
    quantity,
    reader_signs,
)
from core.number_texts import MINUS, plain_number, read_number
from core.periods import CalendarPeriod, PeriodUnit
from core.quantities import PLAIN, QuantityError

Kind = TypeVar("Kind", bound=forms.Field)

YES_NO = [("True", _("Yes")), ("False", _("No"))]
PERIOD_UNITS = [
    (PeriodUnit.DAYS.value, _("days")),
    (PeriodUnit.WEEKS.value, _("weeks")),
    (PeriodUnit.MONTHS.value, _("months")),
]


class QuantityInput(forms.TextInput):
    """A number as people write it in their language (``12,5``).

    It is plain text, because browsers round numbers and write them by their own language.
    """

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        own = {"class": " ".join(INPUT_CLASSES), "inputmode": "decimal", "autocomplete": "off"}
        super().__init__({**own, **(attrs or {})})

    def format_value(self, value: Any) -> str | None:
        return input_text(value) if isinstance(value, Decimal) else super().format_value(value)


class AddressNumberInput(QuantityInput):
    """A number that the address of the page holds with a decimal point."""

    def format_value(self, value: Any) -> str | None:
        text = super().format_value(value)
        return text if text is None or not PLAIN.match(text) else input_text(Decimal(text))


class NumberFormField(forms.DecimalField):
    """An exact number, read as the reader's language writes it."""

    widget: type[forms.Widget] | forms.Widget = QuantityInput

    # Django calls a field of decimals one of integers.
    def to_python(self, value: Any) -> Decimal | None:  # type: ignore[override]
        if value in self.empty_values:
            return None
        if isinstance(value, Decimal):
            return value
        try:
            return self.number_of(str(value))
        except QuantityError as error:
            raise ValidationError(filled(error.message, error.values), code=error.code) from error

    def number_of(self, text: str) -> Decimal:
        """Read a number as it was typed.

        :raises QuantityError: with what would be right.
        """
        try:
            return Decimal(plain_number(text, reader_signs()))
        except QuantityError:
            plain = text.strip().replace(",", ".").replace(MINUS, "-")
            if self._has_thousands() or not PLAIN.match(plain):
                raise
            return Decimal(plain)

    def _has_thousands(self) -> bool:
        """Whether a number may be so large; in a coordinate, either sign begins its decimals."""
        return self.max_digits is None or self.max_digits - (self.decimal_places or 0) > 3

    def run_validators(self, value: Any) -> None:
        try:
            super().run_validators(value)
        except ValidationError as error:
            for one in error.error_list:
                if one.params and isinstance(limit := one.params.get("limit_value"), Decimal):
                    one.params["limit_value"] = quantity(limit)
            raise

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        return {}


class QuantityFormField(NumberFormField):
    """An exact quantity: what cannot be kept exactly is refused with a sentence."""

    def number_of(self, text: str) -> Decimal:
        return read_number(text, reader_signs())


class PriceInput(QuantityInput):
    """A price with the decimals of the currency of the site."""

    def format_value(self, value: Any) -> str | None:
        if isinstance(value, Decimal):
            return input_amount(value, settings.SITE_CURRENCY)
        return super().format_value(value)


class PriceFormField(QuantityFormField):
    """The price of a product: a fraction of the smallest unit of its currency is refused."""

    widget = PriceInput

    def to_python(self, value: Any) -> Decimal | None:  # type: ignore[override]
        price = super().to_python(value)
        if price is not None and (error := amount_error(price, settings.SITE_CURRENCY)):
            raise ValidationError(filled(error.message, error.values), code=error.code)
        return price

    def in_words(self, price: Decimal | None) -> str:
        return money(price, settings.SITE_CURRENCY)


class WholeInput(QuantityInput):
    """A whole number, as plain text as well."""

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__({"inputmode": "numeric", **(attrs or {})})


class WholeFormField(forms.IntegerField):
    """A whole number; thousands may be apart, as the reader's language writes them."""

    widget: type[forms.Widget] | forms.Widget = WholeInput

    def to_python(self, value: Any) -> int | None:
        if isinstance(value, str) and value.strip():
            try:
                value = plain_number(value, reader_signs())
            except QuantityError as error:
                raise ValidationError(self.error_messages["invalid"], code="invalid") from error
            if "." in value:
                raise ValidationError(self.error_messages["invalid"], code="invalid")
        return super().to_python(value)

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        return {}


class YesNoChoice(forms.TypedChoiceField):
    """Yes or No, or nothing chosen yet."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            choices=[("", "---------"), *YES_NO],
            coerce=lambda answer: answer == "True",
            empty_value=None,
            **kwargs,
        )


class PeriodWidget(forms.MultiWidget):
    """A whole number and its unit, side by side."""

    template_name = "core/widgets/period.html"

    def __init__(self, input_attrs: dict[str, Any], select_attrs: dict[str, Any]) -> None:
        number = WholeInput(input_attrs)
        unit = forms.Select({"aria-label": _("Unit"), **select_attrs}, choices=PERIOD_UNITS)
        super().__init__({"quantity": number, "unit": unit})

    def decompress(self, value: CalendarPeriod | None) -> list[Any]:
        return [None, None] if value is None else [value.quantity, value.unit.value]


class PeriodFormField(forms.MultiValueField):
    """A number of days, weeks or months."""

    def __init__(self, **kwargs: Any) -> None:
        parts = (
            WholeFormField(min_value=0, max_value=9999, required=False),
            forms.ChoiceField(choices=PERIOD_UNITS, required=False),
        )
        super().__init__(parts, require_all_fields=False, **kwargs)

    def compress(self, data_list: list[Any]) -> CalendarPeriod | None:
        if not data_list or data_list[0] is None:
            return None
        quantity, unit = data_list
        return CalendarPeriod(quantity, PeriodUnit(unit or PeriodUnit.DAYS))


class DaysFormField(forms.CharField):
    """Days, one on a line, kept as a list; in order, each once."""

    widget = UnfoldAdminTextareaWidget
    default_error_messages = {
        "invalid_day": _(
            "“%(value)s” is not a date. Write each day as 2027-01-31, on its own line."
        )
    }

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        return {**super().widget_attrs(widget), "rows": 4}

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, (list, tuple)):
            return "\n".join(one.isoformat() for one in value)
        return value

    def to_python(self, value: Any) -> Any:
        """:raises ValidationError: naming the first text that is no date."""
        found = set()
        for text in str(value or "").replace(",", " ").split():
            try:
                found.add(date.fromisoformat(text))
            except ValueError as error:
                message = self.error_messages["invalid_day"]
                raise ValidationError(message, "invalid_day", {"value": text}) from error
        return sorted(found)

    def in_words(self, value: Any) -> str:
        return days_in_words(value)


def days_in_words(days: Any) -> str:
    """Return days as people write them; – where there are none."""
    return ", ".join(day(one) for one in days or ()) or EMPTY


def plain_words(value: Any) -> str:
    """Return a value of a column as people write it; – where it is empty."""
    if value is None or value == "":
        return EMPTY
    if isinstance(value, bool):
        return gettext("Yes") if value else gettext("No")
    if isinstance(value, datetime):
        return moment(value)
    if isinstance(value, date):
        return day(value)
    if isinstance(value, time):
        return clock(value)
    return quantity(value) if isinstance(value, Decimal) else str(value)


def field_of(form: forms.BaseForm, name: str, kind: type[Kind]) -> Kind:
    """Return a field of a form, which is of this kind.

    :raises TypeError: if it is of another.
    """
    field = form.fields[name]
    if not isinstance(field, kind):
        raise TypeError(f"{name} is a {type(field).__name__}, not a {kind.__name__}")
    return field
