"""The forms of changes that may ask for money: how it is paid."""

from typing import Any, ClassVar

from django import forms
from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core.admin.theme import Select, TextInput
from orders.admin.change_task_form import ChangeTaskForm
from orders.books import OrderBooks
from orders.changes.preview import OrderEffect
from orders.changes.request import ChangePayment


class PaymentChoice(TextChoices):
    """How what is added is paid."""

    AS_BEFORE = "AS_BEFORE", _("As the order was paid")
    TOKEN = "TOKEN", _("With a new payment token")
    DUE = "DUE", _("Recorded as due, paid by hand")


class PaidChangeForm(ChangeTaskForm):
    """A change of an order that may ask for money.

    ``shown_amount`` is what the new lines cost in the preview: the price that was shown is taken,
    or the preview is shown again.
    """

    payment_help: ClassVar[Promise]

    shown_amount = forms.DecimalField(required=False, widget=forms.HiddenInput)

    way_of_paying = forms.ChoiceField(
        label=_("Payment"),
        choices=PaymentChoice,
        initial=PaymentChoice.AS_BEFORE,
        widget=Select,
    )
    payment_token = forms.CharField(
        label=_("Payment token"),
        required=False,
        max_length=255,
        widget=TextInput(attrs={"autocomplete": "off"}),
    )
    reason = forms.CharField(label=_("Reason"), max_length=500, widget=TextInput)

    def __init__(self, books: OrderBooks, *args: Any, **kwargs: Any) -> None:
        super().__init__(books, *args, **kwargs)
        self.fields["way_of_paying"].help_text = str(self.payment_help)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if self.data.get("step") != "confirm":
            # What an earlier preview showed is compared with what is confirmed alone.
            cleaned["shown_amount"] = None
        is_new = cleaned.get("way_of_paying") == PaymentChoice.TOKEN
        if is_new and not cleaned.get("payment_token"):
            self.add_error("payment_token", gettext("Enter the token from the gateway."))
        return cleaned

    def keep_shown(self, effect: OrderEffect) -> None:
        self.put("shown_amount", str(effect.added_amount))

    def payment(self) -> ChangePayment:
        """Return how the change is paid, as it is entered."""
        way = self.cleaned_data["way_of_paying"]
        token = self.cleaned_data["payment_token"] if way == PaymentChoice.TOKEN else ""
        return ChangePayment(token, is_due=way == PaymentChoice.DUE)
