"""Changes of parcels from the page of their shipment."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _

from core import formats
from core.acts import Act
from core.admin.bases import AnyPage
from core.column_limits import row_key
from fulfillment.admin.shipment.page import shipment_page
from fulfillment.admin.shipment.parcels import ParcelForm, TypedParcel
from fulfillment.models import Parcel, Shipment
from fulfillment.operations.moves.parcels import (
    UnknownParcelError,
    add_parcel,
    change_parcel,
    remove_parcel,
)
from fulfillment.operations.shipments.locking import ShipmentError
from fulfillment.operations.shipments.parcel_facts import ParcelRefusedError
from fulfillment.review.effects import refusal


def save_parcel(
    admin: AnyPage, request: HttpRequest, shipment_id: int, parcel_id: int = 0
) -> HttpResponse:
    """Add a parcel, or correct or remove one, on the version that the person saw."""
    shipment = get_object_or_404(Shipment, pk=shipment_id)
    parcels = Parcel.objects.select_related("carrier").filter(shipment=shipment)
    parcel = parcels.filter(pk=parcel_id).order_by("pk").first()
    form = ParcelForm(request.POST, parcel=parcel)
    is_removal = parcel is not None and "remove" in request.POST
    try:
        if parcel_id and parcel is None:
            raise UnknownParcelError(shipment.number)
        if not is_removal and not form.is_valid():
            return shipment_page(
                admin, request, shipment_id, typed_parcel=TypedParcel(parcel_id, form)
            )
        sentence = _saved(request, shipment, parcel, form, is_removal=is_removal)
    except ShipmentError as error:
        left = Shipment.objects.filter(pk=shipment_id, state=Shipment.State.FULFILLED)
        if isinstance(error, UnknownParcelError) or not left.exists():
            # Its form is no longer on the page.
            messages.error(request, _why(error))
            return redirect("admin:fulfillment_shipment_change", shipment_id)
        form.add_error(None, _why(error))
        return shipment_page(admin, request, shipment_id, typed_parcel=TypedParcel(parcel_id, form))
    messages.success(request, sentence)
    return redirect("admin:fulfillment_shipment_change", shipment_id)


def _saved(
    request: HttpRequest,
    shipment: Shipment,
    parcel: Parcel | None,
    form: ParcelForm,
    *,
    is_removal: bool,
) -> str:
    """Do what was asked, and return what was done in a sentence."""
    act = Act(timezone.now(), request.user.pk)
    version = row_key(request.POST.get("version", "")) or 0
    if parcel is not None and is_removal:
        remove_parcel(shipment.pk, parcel.pk, act, expected_version=version)
        return _("Removed the parcel %(parcel)s.") % {"parcel": parcel}
    facts, tells = form.cleaned_data["facts"], form.cleaned_data["tell_customer"]
    if parcel is None:
        added = add_parcel(shipment.pk, facts, act, tell_customer=tells, expected_version=version)
        return _("Added the parcel %(parcel)s.") % {"parcel": added}
    changed = change_parcel(
        shipment.pk, parcel.pk, facts, act, tell_customer=tells, expected_version=version
    )
    return _("Corrected the parcel %(parcel)s.") % {"parcel": changed}


def _why(error: ShipmentError) -> str:
    match error:
        case ParcelRefusedError():
            return formats.filled(error.message, error.values)
        case UnknownParcelError():
            return _("This parcel was removed in the meantime.")
    return refusal(error).sentence
