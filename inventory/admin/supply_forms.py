"""What people may do to future supply: recorded, changed, received, canceled."""

from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from inventory.admin import theme
from inventory.admin.fields import QuantityFormField, QuantityInput
from inventory.clock import today
from inventory.models import FutureSupply
from inventory.quantities import format_quantity

PAST = _("That day has passed. Leave the date empty while none is known.")


def refuse_past(expected_on: date | None) -> date | None:
    """Return the date.

    :raises django.forms.ValidationError: for one that has passed.
    """
    if expected_on is not None and expected_on < today():
        raise forms.ValidationError(PAST, code="past")
    return expected_on


class RecordForm(forms.ModelForm):
    """A new record, or the reference of one that is there."""

    class Meta:
        model = FutureSupply
        fields = ("product", "source", "quantity", "expected_on", "reference")

    def clean_expected_on(self) -> date | None:
        return refuse_past(self.cleaned_data["expected_on"])


class SupplyForm(forms.Form):
    """One thing to do to a record."""

    def __init__(self, *args: Any, supply: FutureSupply, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.supply = supply


class ChangeForm(SupplyForm):
    """Another quantity, another date, or both."""

    quantity = QuantityFormField(
        label=_("Quantity in all"), widget=QuantityInput({"class": theme.INPUT_CLASS})
    )
    expected_on = forms.DateField(
        label=_("Expected on"),
        required=False,
        help_text=_("Leave empty while no date is known."),
        widget=forms.DateInput({"type": "date", "class": theme.INPUT_CLASS}, format="%Y-%m-%d"),
    )

    def __init__(self, *args: Any, supply: FutureSupply, **kwargs: Any) -> None:
        initial = {"quantity": supply.quantity, "expected_on": supply.expected_on}
        super().__init__(*args, supply=supply, initial=initial, **kwargs)

    def clean_quantity(self) -> Decimal:
        quantity: Decimal = self.cleaned_data["quantity"]
        if quantity <= 0:
            raise forms.ValidationError(_("The quantity is more than 0."))
        if quantity < self.supply.received_quantity:
            raise forms.ValidationError(
                _("%(received)s have been received already."),
                params={"received": format_quantity(self.supply.received_quantity)},
            )
        return quantity

    def clean_expected_on(self) -> date | None:
        expected_on: date | None = self.cleaned_data["expected_on"]
        stays = expected_on == self.supply.expected_on
        return expected_on if stays else refuse_past(expected_on)


class ReceiveForm(SupplyForm):
    """Units that came, and whether more will."""

    quantity = QuantityFormField(
        label=_("Units that came"), widget=QuantityInput({"class": theme.INPUT_CLASS})
    )
    is_last = forms.BooleanField(
        label=_("Nothing more will come"),
        required=False,
        help_text=_("Closes the record; who is still promised some of it waits again."),
        widget=forms.CheckboxInput({"class": theme.CHECKBOX_CLASS}),
    )

    def clean_quantity(self) -> Decimal:
        quantity: Decimal = self.cleaned_data["quantity"]
        if quantity < 0:
            raise forms.ValidationError(_("The quantity is never negative."))
        return quantity

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("quantity") == 0 and not cleaned.get("is_last"):
            self.add_error("quantity", _("Enter how many came, or that nothing more will come."))
        return cleaned


class CancelForm(SupplyForm):
    """Nothing to enter: the supply does not come."""
