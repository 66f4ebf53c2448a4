"""What people may do to future supply: recorded, changed, received, canceled."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import uuid4

from django import forms
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core import formats
from core.admin import theme
from core.admin.bases import ModelForm
from core.admin.fields import QuantityFormField
from core.admin.shown_values.forms import Comparable, ComparedForm, of_row
from core.admin.shown_values.pages import INPUT_NAME, hidden_input, read_text
from core.clock import today
from inventory.admin.option_fields import sentence_of
from inventory.models import FutureSupply
from inventory.operations.future_supply import NewSupply
from inventory.operations.receipt_reversals import (
    NotLastReceiptError,
    last_receipt,
    preview_take_back,
)
from inventory.queries.decimals import fractions_at

NO_LONGER_LAST = _("Another receipt is the last one now. Open this page again.")
CHANGED = _(
    "The quantity or the date of this supply was changed after the page was opened. Nothing was "
    "canceled. Review it again."
)
RECEIVED = _(
    "Units of this supply were received, or taken back, after the page was opened. Nothing was "
    "canceled. Review it again."
)
IN_TRANSIT = _(
    "The units of a transfer are on their way, so its quantity cannot change. Receive what "
    "came, or cancel the rest."
)
PAST = _("That day has passed. Leave the date empty while none is known.")


def refuse_past(expected_on: date | None) -> date | None:
    """Return the date.

    :raises django.forms.ValidationError: for one that has passed.
    """
    if expected_on is not None and expected_on < today():
        raise forms.ValidationError(PAST, code="past")
    return expected_on


class RecordForm(ModelForm):
    """A new record, or the reference of one that is there."""

    class Meta:
        model = FutureSupply
        fields = ("product", "source", "quantity", "expected_on", "reference")

    def clean_expected_on(self) -> date | None:
        return refuse_past(self.cleaned_data["expected_on"])

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        named: list[Any] = [cleaned.get(name) for name in ("product", "source", "quantity")]
        if "quantity" in self.changed_data and None not in named:
            product, source, quantity = named
            found = fractions_at([((product.pk, source.pk), quantity)])
            for fraction in found:
                self.add_error("quantity", sentence_of(fraction))
        return cleaned


class SupplyForm(forms.Form):
    """One thing to do to a record."""

    def __init__(self, *args: Any, supply: FutureSupply, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.supply = supply

    def refuse_fraction(self, quantity: Decimal) -> None:
        """Refuse a fraction where the source item of the record does not use decimals.

        :raises django.forms.ValidationError: with the sentence.
        """
        key = self.supply.product_id, self.supply.source_id
        for fraction in fractions_at([(key, quantity)]):
            raise sentence_of(fraction)


class ShownSupplyForm(SupplyForm):
    """Carries what the record says, so that what others changed since is asked about."""

    @property
    def shown_values(self) -> SafeString:
        """Return the input that carries it."""
        return hidden_input(self.record_now(), page=self.page)

    @property
    def page(self) -> str:
        return f"supply {self.supply.pk}"

    def record_now(self) -> Mapping[str, Comparable]:
        return of_row(self.supply, ("quantity", "expected_on"))

    @property
    def stored(self) -> NewSupply:
        return NewSupply(self.supply.quantity, self.supply.expected_on)

    def record_shown(self) -> Any:
        """Return what the page that was posted showed; None where it does not say so."""
        return read_text(self.data.get(INPUT_NAME, ""), page=self.page)


class ChangeSupplyForm(ComparedForm, ShownSupplyForm):
    """Another quantity, another date, or both; each is compared with what the page showed."""

    quantity = QuantityFormField(label=_("Quantity in all"))
    expected_on = forms.DateField(
        label=_("Expected on"),
        required=False,
        help_text=_("Leave empty while no date is known."),
        widget=forms.DateInput({"type": "date", "class": theme.INPUT_CLASS}, format="%Y-%m-%d"),
    )

    def __init__(self, *args: Any, supply: FutureSupply, **kwargs: Any) -> None:
        initial = {"quantity": supply.quantity, "expected_on": supply.expected_on}
        super().__init__(*args, supply=supply, initial=initial, **kwargs)
        if supply.is_transfer:
            self.fields["quantity"].widget.attrs["readonly"] = True
            self.fields["quantity"].help_text = IN_TRANSIT
        if self.is_bound:
            shown = self.record_shown()
            self.shown, self.is_shown_unknown = shown or {}, shown is None

    def clean_quantity(self) -> Decimal:
        quantity: Decimal = self.cleaned_data["quantity"]
        if quantity <= 0:
            raise forms.ValidationError(_("The quantity is more than 0."))
        if self.supply.is_transfer and quantity != self.supply.quantity:
            raise forms.ValidationError(IN_TRANSIT)
        if quantity < self.supply.received_quantity:
            raise forms.ValidationError(
                _("%(received)s have been received already."),
                params={"received": formats.quantity(self.supply.received_quantity)},
            )
        if quantity != self.supply.quantity:
            self.refuse_fraction(quantity)
        return quantity

    def clean_expected_on(self) -> date | None:
        expected_on: date | None = self.cleaned_data["expected_on"]
        stays = expected_on == self.supply.expected_on
        return expected_on if stays else refuse_past(expected_on)

    def clean(self) -> dict[str, Any]:
        """Add what the record says where it was compared: it must still do so once it is locked."""
        return {**(super().clean() or {}), "stored": self.stored}


class ReceiveForm(SupplyForm):
    """Units that came, and whether more will; more than is outstanding is asked about."""

    quantity = QuantityFormField(label=_("Units that came"))
    is_last = forms.BooleanField(
        label=_("Nothing more will come"),
        required=False,
        help_text=_("Closes the record. Shipments that are still promised some of it wait again."),
        widget=forms.CheckboxInput({"class": theme.CHECKBOX_CLASS}),
    )
    confirms_over = forms.BooleanField(
        label=_("More than expected came"),
        widget=forms.CheckboxInput({"class": theme.CHECKBOX_CLASS}),
    )
    reason = forms.CharField(
        label=_("Why so many came"),
        max_length=500,
        widget=forms.TextInput({"class": theme.INPUT_CLASS}),
        error_messages={
            "required": _(
                "This is more than twice the outstanding quantity. Say why, or correct the "
                "quantity."
            )
        },
    )
    outstanding = QuantityFormField(required=False, widget=forms.HiddenInput)
    token = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, supply: FutureSupply, **kwargs: Any) -> None:
        outstanding = supply.outstanding_quantity
        initial = {"outstanding": outstanding, "token": uuid4()}
        super().__init__(*args, supply=supply, initial=initial, **kwargs)
        came = self._came()
        asked = self.fields["confirms_over"]
        asked.error_messages["required"] = _(
            "Only %(outstanding)s are outstanding. Confirm that more came, or correct the quantity."
        ) % {"outstanding": formats.quantity(outstanding)}
        if came is None or came <= outstanding:
            del self.fields["confirms_over"]
        if came is None or came <= 2 * outstanding:
            del self.fields["reason"]

    def _came(self) -> Decimal | None:
        """Return how many units were entered, if that is a number."""
        if not self.is_bound:
            return None
        try:
            came: Decimal = self.fields["quantity"].clean(self.data.get("quantity"))
        except forms.ValidationError:
            return None
        return came

    def clean_quantity(self) -> Decimal:
        quantity: Decimal = self.cleaned_data["quantity"]
        if quantity < 0:
            raise forms.ValidationError(_("The quantity is never negative."))
        self.refuse_fraction(quantity)
        return quantity

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("quantity") == 0 and not cleaned.get("is_last"):
            self.add_error("quantity", _("Enter how many came, or that nothing more will come."))
        return cleaned


class TakeBackForm(SupplyForm):
    """How many units of the last receipt have not come after all, and why."""

    quantity = QuantityFormField(label=_("Units to take back"))
    reason = forms.CharField(
        label=_("Reason"), max_length=500, widget=forms.TextInput({"class": theme.INPUT_CLASS})
    )
    receipt = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, supply: FutureSupply, **kwargs: Any) -> None:
        receipt = last_receipt(supply.pk)
        self.last_id = 0 if receipt is None else receipt.pk
        initial: dict[str, Any] = {"receipt": self.last_id}
        if receipt is not None:
            initial["quantity"] = receipt.quantity - receipt.taken_back_quantity
        super().__init__(*args, supply=supply, initial=initial, **kwargs)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("receipt") != self.last_id:
            raise forms.ValidationError(NO_LONGER_LAST)
        if "quantity" in cleaned:
            try:
                plan = preview_take_back(self.last_id, quantity=cleaned["quantity"])
            except NotLastReceiptError as error:
                raise forms.ValidationError(NO_LONGER_LAST) from error
            if not plan.is_possible:
                possible = formats.quantity(plan.possible_quantity)
                self.add_error("quantity", could_leave(possible, is_any=plan.possible_quantity > 0))
        return cleaned


def could_leave(possible: str, *, is_any: bool) -> str:
    """Return how many units of a receipt could be taken back."""
    if not is_any:
        return gettext(
            "No unit of this receipt can leave: they have left or are set aside for others."
        )
    told = gettext(
        "At most %(possible)s of these units can leave. The others have left, or are set aside for "
        "others. Take back that many."
    )
    return told % {"possible": possible}


class CancelSupplyForm(ShownSupplyForm):
    """Nothing to enter: the supply does not come."""

    def record_now(self) -> Mapping[str, Comparable]:
        return {**super().record_now(), **of_row(self.supply, ("received_quantity",))}

    def clean(self) -> dict[str, Any]:
        shown, now = self.record_shown(), self.record_now()
        if shown != now:
            is_same = shown is not None and super().record_now().items() <= shown.items()
            raise forms.ValidationError(RECEIVED if is_same else CHANGED, code="changed_meanwhile")
        return {
            **(super().clean() or {}),
            "stored": self.stored,
            "outstanding": self.supply.outstanding_quantity,
        }
