"""What a transfer asks for: where units go, how many, received at once or later."""

from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core import formats
from core.admin import theme
from core.admin.bulk.actions import BulkForm
from core.admin.fields import QuantityFormField, field_of
from core.clock import today
from core.quantities import format_quantity
from inventory.admin.bulk.source_fields import SourceChoice, keys_at, sources_of_any


class TransferItemsForm(BulkForm):
    to_source = SourceChoice(label=_("To source"))
    quantity = QuantityFormField(
        label=_("Quantity of each"),
        required=False,
        min_value=Decimal("0.0001"),
        help_text=_("Leave empty for all units that are not allocated."),
    )
    expected_on = forms.DateField(
        label=_("On its way until"),
        required=False,
        help_text=_(
            "Leave empty if the units are received at once. With a date they leave now, and are "
            "received at the other source like any delivery."
        ),
        widget=forms.DateInput({"type": "date", "class": theme.INPUT_CLASS}, format="%Y-%m-%d"),
    )
    reference = forms.CharField(
        label=_("Reference of the delivery"),
        required=False,
        max_length=100,
        help_text=_("Only with a date. Leave empty to have one made, such as TR-12."),
        widget=forms.TextInput({"class": theme.INPUT_CLASS}),
    )

    def clean_expected_on(self) -> date | None:
        expected_on: date | None = self.cleaned_data["expected_on"]
        if expected_on is not None and expected_on < today():
            raise ValidationError(_("That day has passed. Choose today or a later day."))
        return expected_on

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("reference") and "expected_on" in cleaned and not cleaned["expected_on"]:
            self.add_error(
                "reference",
                _(
                    "Units that are received at once have no delivery. Enter a date, or no "
                    "reference."
                ),
            )
        return cleaned

    def values(self) -> dict[str, Any]:
        quantity, expected_on = self.cleaned_data["quantity"], self.cleaned_data["expected_on"]
        values = {
            "to_source_id": self.cleaned_data["to_source"].pk,
            "quantity": None if quantity is None else format_quantity(quantity),
        }
        if expected_on is None:
            return values
        sending = {"expected_on": expected_on.isoformat()}
        return {**values, **sending, "reference": self.cleaned_data["reference"]}

    def summary(self) -> str:
        quantity, expected_on = self.cleaned_data["quantity"], self.cleaned_data["expected_on"]
        values = {
            "to": self.cleaned_data["to_source"].code,
            "units": "" if quantity is None else formats.quantity(quantity),
            "date": formats.day(expected_on),
        }
        if expected_on is None and quantity is None:
            return gettext("Transfer all that is not allocated to %(to)s") % values
        if expected_on is None:
            return gettext("Transfer %(units)s of each to %(to)s") % values
        if quantity is None:
            told = gettext("Send all that is not allocated to %(to)s, expected there on %(date)s")
            return told % values
        return gettext("Send %(units)s of each to %(to)s, expected there on %(date)s") % values


class TransferForm(TransferItemsForm):
    from_source = SourceChoice(label=_("From source"))
    field_order = ("from_source", "to_source", "quantity", "expected_on", "reference")

    def start_from(self, rows: QuerySet[Any]) -> None:
        sources = sources_of_any(rows)
        field_of(self, "from_source", SourceChoice).offer(sources)
        if len(sources) == 1:
            self.initial["from_source"] = sources[0]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if "to_source" in cleaned and cleaned.get("from_source") == cleaned["to_source"]:
            raise ValidationError(_("Choose two different sources."))
        return cleaned

    def keys(self, chosen: QuerySet[Any]) -> list[int]:
        return keys_at(chosen, [self.cleaned_data["from_source"]])
