"""What was chosen in the list, as its form, or a preview, sends it."""

from dataclasses import dataclass
from datetime import datetime

from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from fulfillment.admin.review.actions import OfferedAction, actions_for
from fulfillment.admin.review.bulk_form import ChosenForm
from fulfillment.admin.review.page import NAME
from fulfillment.admin.review.previewed import ShownPreview, read
from fulfillment.admin.review.request import Moment
from fulfillment.review.change import ShipmentBulkChange
from fulfillment.review.row_values import row_values
from fulfillment.review.selection import Extent, ShipmentSelection, last_shipment
from inventory.operations import preview_snapshots


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
    admin: ModelAdmin, request: HttpRequest, moment: Moment
) -> ChosenShipments | HttpResponse:
    """Return what was chosen, or the way back to the list with what is wrong.

    :raises PermissionDenied: if this person may not do it.
    """
    if not admin.has_view_permission(request):
        raise PermissionDenied
    allowed = actions_for(request)
    form = ChosenForm(request.POST, allowed)
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
