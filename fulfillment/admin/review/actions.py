"""The actions on selected shipments: who may take them, and the form of each."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from core.admin.theme import INPUT_CLASS, SELECT_CLASS
from fulfillment.admin.expected_day import ExpectedDayField
from fulfillment.review.change import BulkAction, ShipmentBulkChange
from inventory.admin.typed_choice import SOURCE, RowChoice
from inventory.models import Source

RELEASE, DRY_RUN = "RELEASE", "DRY_RUN"
CHANGE = "fulfillment.change_shipment"
RUN = "fulfillment.add_releaserun"


@dataclass(frozen=True, slots=True)
class OfferedAction:
    """One action as the page offers it. ``field`` names what it asks for besides a reason."""

    code: str
    label: Promise
    permission: str
    field: str = ""
    is_final: bool = False

    @property
    def asks_reason(self) -> bool:
        """Whether the timeline is to say why: wherever a person changes a shipment."""
        return self.permission == CHANGE


OFFERED = (
    OfferedAction(RELEASE, _("Release now"), RUN),
    OfferedAction(DRY_RUN, _("Dry run"), RUN),
    OfferedAction(BulkAction.HOLD, _("Hold"), CHANGE),
    OfferedAction(BulkAction.LIFT_HOLD, _("Lift hold"), CHANGE),
    OfferedAction(BulkAction.SET_PRIORITY, _("Set priority"), CHANGE, field="priority"),
    OfferedAction(BulkAction.REASSIGN, _("Reassign source"), CHANGE, field="source"),
    OfferedAction(
        BulkAction.SET_EXPECTED_DATE, _("Change expected date"), CHANGE, field="expected_on"
    ),
    OfferedAction(BulkAction.CUSTOMER_CARE, _("Send to customer care"), CHANGE),
    OfferedAction(BulkAction.CANCEL, _("Cancel shipments"), CHANGE, is_final=True),
)
BY_CODE = {str(action.code): action for action in OFFERED}


def actions_for(request: HttpRequest) -> list[OfferedAction]:
    """Return the actions that this person may take."""
    return [action for action in OFFERED if request.user.has_perm(action.permission)]


LOWEST, HIGHEST = -1_000_000, 1_000_000


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
