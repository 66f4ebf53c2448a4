"""What a move for many shipments asks for: which, and with what."""

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from core.admin.theme import INPUT_CLASS, SELECT_CLASS
from fulfillment.admin.expected_day import ExpectedDayField
from fulfillment.admin.review.actions import OFFERED, OfferedAction
from fulfillment.review.change import BulkAction, ShipmentBulkChange
from inventory.admin.typed_choice import SOURCE, RowChoice
from inventory.models import Source

LOWEST, HIGHEST = -1_000_000, 1_000_000
TICKED_AT_MOST = 500


class ChosenForm(forms.Form):
    """The shipments and the action, as the list or the preview sends them."""

    action = forms.ChoiceField(choices=[(str(action.code), action.label) for action in OFFERED])
    all = forms.BooleanField(required=False)
    filter = forms.CharField(required=False)
    back = forms.CharField(required=False)

    def __init__(self, posted: Any, allowed: list[OfferedAction]) -> None:
        super().__init__(posted)
        self.allowed = {str(action.code): action for action in allowed}
        self.ticked: tuple[int, ...] = ()

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        texts = self.data.getlist("shipment")
        if len(texts) > TICKED_AT_MOST or not all(
            text.isascii() and text.isdigit() and len(text) < 18 for text in texts
        ):
            raise forms.ValidationError(_("The shipments that were ticked are not understood."))
        self.ticked = tuple(dict.fromkeys(map(int, texts)))
        if not cleaned.get("all") and not self.ticked:
            raise forms.ValidationError(_("Tick the shipments first."))
        return cleaned


class ReleaseForm(forms.Form):
    """Why what was chosen is released now."""

    reason = forms.CharField(
        label=_("Reason"),
        max_length=500,
        help_text=_("Kept with the release run."),
        widget=forms.Textarea(attrs={"class": INPUT_CLASS, "rows": 2}),
    )


class ShipmentChangeForm(forms.Form):
    """What the action asks for; only the fields that it needs are there."""

    priority = forms.IntegerField(
        label=_("Priority"),
        min_value=LOWEST,
        max_value=HIGHEST,
        help_text=_("Higher goes first in the queue."),
        widget=forms.NumberInput(attrs={"class": INPUT_CLASS}),
    )
    source = RowChoice(
        Source.objects.filter(is_enabled=True).order_by("code"),
        lookup=SOURCE,
        input_class=INPUT_CLASS,
        to_field_name="code",
        label=_("Source"),
        help_text=_("Each shipment gets all its units there, or stays as it is."),
        widget=forms.Select(attrs={"class": SELECT_CLASS}),
    )
    expected_on = ExpectedDayField(
        help_text=_("Leave it empty to let release runs set the date again.")
    )
    reason = forms.CharField(
        label=_("Reason"),
        max_length=500,
        help_text=_("Kept in the timeline of each shipment."),
        widget=forms.Textarea(attrs={"class": INPUT_CLASS, "rows": 2}),
    )

    def __init__(self, posted: Any, offered: OfferedAction) -> None:
        super().__init__(posted)
        self.offered = offered
        wanted = {offered.field} if offered.field else set()
        if offered.asks_reason:
            wanted.add("reason")
        for name in set(self.fields) - wanted:
            del self.fields[name]

    def change(self) -> ShipmentBulkChange:
        """Return the change that the form describes."""
        cleaned = self.cleaned_data
        day: date | None = cleaned.get("expected_on")
        source: Source | None = cleaned.get("source")
        return ShipmentBulkChange(
            action=BulkAction(self.offered.code),
            reason=cleaned.get("reason", ""),
            priority=cleaned.get("priority") or 0,
            source="" if source is None else source.code,
            expected_on=day,
        )
