"""The shipments and the action selected in the list, and the signed preview of them."""

from dataclasses import astuple, dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.core import signing
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from core.admin.bases import AnyPage
from fulfillment.admin.review.actions import OFFERED, OfferedAction, actions_for
from fulfillment.admin.review.outcomes import change_in_words
from fulfillment.admin.review.page import NAME
from fulfillment.admin.review.request import Moment
from fulfillment.models import Shipment
from fulfillment.review.change import ShipmentBulkChange
from fulfillment.review.selection import Extent, ShipmentSelection, last_shipment, row_values
from core.operations import preview_snapshots

SALT = "fulfillment.review.previewed"
# A preview is not taken for today's tomorrow.
KEPT_SECONDS = 12 * 60 * 60
# As many shipments that changed are named.
NAMED = 20
MAXIMUM_TICKED = 500


@dataclass(frozen=True, slots=True)
class ShownPreview:
    """The shipments that were shown, and what each was to get; ``change`` is ``None`` of a run.

    ``snapshot`` names what it shows of each.
    """

    user_id: int | None
    action: str
    selection: ShipmentSelection
    extent: Extent
    change: ShipmentBulkChange | None = None
    snapshot: str = ""

    def rows(self) -> dict[int, str]:
        """Return what was shown of each shipment, by id; nothing where it is not kept."""
        return preview_snapshots.read(self.snapshot) or {}

    def signed(self) -> str:
        """Return it as text for a form; whoever alters it is found out."""
        values = {
            "user": self.user_id,
            "action": self.action,
            "selection": self.selection.as_json(),
            "extent": list(astuple(self.extent)),
            "snapshot": self.snapshot,
            "change": None if self.change is None else self.change.as_json(),
        }
        return signing.dumps(values, salt=SALT, compress=True)


def read(text: str, *, user_id: int | None, action: str) -> ShownPreview | None:
    """Return what was signed; ``None`` if it was altered, is old, or another's or of another."""
    try:
        values: dict[str, Any] = signing.loads(text, salt=SALT, max_age=KEPT_SECONDS)
    except signing.BadSignature:
        return None
    if (values["user"], values["action"]) != (user_id, action):
        return None
    change = values["change"]
    return ShownPreview(
        user_id=user_id,
        action=action,
        selection=ShipmentSelection.from_json(values["selection"]),
        extent=Extent(*values["extent"]),
        change=None if change is None else ShipmentBulkChange.from_json(change),
        snapshot=values["snapshot"],
    )


def difference(previewed: ShownPreview | None, change: ShipmentBulkChange | None) -> str:
    """Say why what would be done now is not what was shown; "" if it is the same."""
    if previewed is None:
        return _("Nothing was done yet: look at this first.")
    if previewed.change != change:
        return _("You have asked for something else since. Nothing was done yet: look at it first.")
    if previewed.selection.extent(previewed.action) == previewed.extent:
        return ""
    return _changed(previewed)


def _changed(previewed: ShownPreview) -> str:
    """Say which shipments changed after they were shown, the first of them with both values."""
    shown = previewed.rows()
    now = row_values(previewed.selection.shipments(), previewed.action)
    keys = [key for key in sorted(shown.keys() | now.keys()) if shown.get(key) != now.get(key)]
    if not shown or not keys:
        return _(
            "Some of these shipments were changed after the preview. Nothing was done. Review "
            "them again."
        )
    numbers = Shipment.objects.filter(pk__in=keys).queue_order().values_list("pk", "number")
    names = [
        _("%(row)s (%(change)s)")
        % {
            "row": number,
            "change": change_in_words(previewed.action, shown.get(key), now.get(key)),
        }
        for key, number in numbers[:NAMED]
    ]
    return ngettext(
        "%(count)s shipment was changed after the preview: %(names)s. Nothing was done. Review it "
        "again.",
        "%(count)s shipments were changed after the preview: %(names)s. Nothing was done. Review "
        "them again.",
        len(keys),
    ) % {"count": len(keys), "names": ", ".join([*names, *["…"][: len(keys) > NAMED]])}


class SelectionForm(forms.Form):
    """The shipments and the action, as the list or the preview sends them."""

    action = forms.ChoiceField(choices=[(str(action.code), action.label) for action in OFFERED])
    all = forms.BooleanField(required=False)
    filter = forms.CharField(required=False)
    back = forms.CharField(required=False)

    def __init__(self, posted: QueryDict, allowed: list[OfferedAction]) -> None:
        super().__init__(posted)
        self.posted = posted
        self.allowed = {str(action.code): action for action in allowed}
        self.ticked: tuple[int, ...] = ()

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        texts = self.posted.getlist("shipment")
        if len(texts) > MAXIMUM_TICKED or not all(
            text.isascii() and text.isdigit() and len(text) < 18 for text in texts
        ):
            raise forms.ValidationError(
                gettext_lazy("The shipments that were ticked are not understood.")
            )
        self.ticked = tuple(dict.fromkeys(map(int, texts)))
        if not cleaned.get("all") and not self.ticked:
            raise forms.ValidationError(gettext_lazy("Tick the shipments first."))
        return cleaned


@dataclass(frozen=True, slots=True)
class ChosenShipments:
    """What was chosen in the list: an action, and the shipments it is for."""

    offered: OfferedAction
    selection: ShipmentSelection
    back: str
    extent: Extent

    @property
    def count(self) -> int:
        return self.extent.count

    def previewed(
        self, user_id: int | None, change: ShipmentBulkChange | None, *, now: datetime
    ) -> ShownPreview:
        """Return what a preview of it shows; what it shows of each shipment is kept."""
        action = str(self.offered.code)
        rows = row_values(self.selection.shipments(), action)
        snapshot = preview_snapshots.keep(rows, now=now)
        return ShownPreview(user_id, action, self.selection, self.extent, change, snapshot)


def choice_of(
    admin: AnyPage, request: HttpRequest, moment: Moment
) -> ChosenShipments | HttpResponse:
    """Return what was chosen, or the way back to the list with what is wrong.

    :raises PermissionDenied: if this person may not do it.
    """
    if not admin.has_view_permission(request):
        raise PermissionDenied
    allowed = actions_for(request)
    form = SelectionForm(request.POST, allowed)
    if form.is_valid() and form.cleaned_data["action"] not in form.allowed:
        raise PermissionDenied
    back = request.POST.get("back", "")
    if not form.is_valid():
        faults = [fault for faults in form.errors.values() for fault in faults]
        return back_to_list(request, " ".join(dict.fromkeys(map(str, faults))), back)
    chosen = form.cleaned_data
    selection = ShipmentSelection(
        ticked=() if chosen["all"] else form.ticked,
        filter=chosen["filter"],
        today=moment.today,
        zone=moment.zone,
        up_to=last_shipment(),
    )
    try:
        extent = selection.extent(form.cleaned_data["action"])
    except ValidationError:
        return back_to_list(request, _("The filter is not understood."), back)
    if not extent.count:
        return back_to_list(request, _("None of these shipments is there any more."), back)
    return ChosenShipments(form.allowed[chosen["action"]], selection, back, extent)


def previewed_by(request: HttpRequest, choice: ChosenShipments) -> ShownPreview | None:
    """Return what the preview showed whose button was pressed, if it was this person's."""
    text = request.POST.get("previewed", "")
    return read(text, user_id=request.user.pk, action=str(choice.offered.code))


def back_to_list(request: HttpRequest, message: str, back: str) -> HttpResponse:
    """Return to the list with a message."""
    messages.error(request, message)
    return redirect(f"{reverse(NAME)}?{back}")
