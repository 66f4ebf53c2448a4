"""The parcels of a shipment on its page, with the form of each."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core import formats
from core.admin.fields import QuantityFormField, field_of
from core.admin.theme import INPUT_CLASS, SELECT_CLASS
from core.quantities import ZERO
from fulfillment.models import Carrier, Parcel, Shipment
from fulfillment.operations.shipments.parcel_facts import ParcelFacts
from fulfillment.tracking import TrackingError, read_number

NO_CARRIER = _("Select the carrier of the parcel.")


def tracking_number_field() -> forms.CharField:
    return forms.CharField(label=_("Tracking number"), max_length=100, required=False)


def weight_field() -> QuantityFormField:
    return QuantityFormField(label=_("Weight in kilograms"), required=False, min_value=0)


def carrier_choices(*, kept: Carrier | None = None) -> list[tuple[str, str]]:
    """Return the carriers that may be chosen, by code; also the one that is ``kept``."""
    found = {one.code: one.name for one in Carrier.objects.filter(is_enabled=True)}
    if kept is not None:
        found[kept.code] = kept.name
    return [("", formats.EMPTY), *sorted(found.items(), key=lambda one: one[1].lower())]


def facts_typed(form: forms.Form) -> ParcelFacts | None:
    """Return the parcel that was typed into a form that is being cleaned; None for none.

    Faults are added to the form.
    """
    cleaned = form.cleaned_data
    carrier = cleaned.get("carrier", "")
    typed, weight = cleaned.get("tracking_number", ""), cleaned.get("weight")
    if not carrier and not typed and weight is None:
        return None
    if not carrier:
        form.add_error("carrier", NO_CARRIER)
    try:
        number = read_number(typed)
    except TrackingError as error:
        form.add_error("tracking_number", formats.filled(error.message, error.values))
        number = ""
    if weight == ZERO:
        form.add_error("weight", gettext("A weight is more than 0."))
    return ParcelFacts(carrier, number, weight)


class ParcelForm(forms.Form):
    """A parcel to add, or to correct."""

    carrier = forms.ChoiceField(label=_("Carrier"))
    tracking_number = tracking_number_field()
    weight = weight_field()
    tell_customer = forms.BooleanField(
        label=_("Send the customer an e-mail about this number"), required=False
    )

    def __init__(self, typed: QueryDict | None = None, *, parcel: Parcel | None = None) -> None:
        super().__init__(typed, prefix=f"parcel-{0 if parcel is None else parcel.pk}")
        kept = None if parcel is None else parcel.carrier
        carrier = field_of(self, "carrier", forms.ChoiceField)
        carrier.choices = carrier_choices(kept=kept)
        if parcel is not None:
            self.initial = {
                "carrier": parcel.carrier.code,
                "tracking_number": parcel.tracking_number,
                "weight": parcel.weight,
            }
        carrier.widget.attrs["class"] = SELECT_CLASS
        for name in ("tracking_number", "weight"):
            self.fields[name].widget.attrs["class"] = INPUT_CLASS

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        return {**cleaned, "facts": facts_typed(self)}


@dataclass(frozen=True, slots=True)
class TypedParcel:
    """A parcel that was refused: its id (0 for a new one), and the form as typed."""

    parcel_id: int
    form: ParcelForm


def parcels_context(
    shipment: Shipment, *, may_change: bool, typed: TypedParcel | None
) -> dict[str, Any]:
    """Return what the page shows of the parcels of a shipment that has left."""
    has_left = shipment.state == Shipment.State.FULFILLED and not shipment.is_pickup
    if not has_left:
        return {}
    parcels = list(shipment.parcels.select_related("carrier").order_by("pk"))
    return {
        "has_parcels": True,
        "parcels": list(_rows(parcels, may_change=may_change, typed=typed)),
        "new_parcel": _form(None, typed) if may_change else None,
        "is_new_parcel_open": typed is not None and typed.parcel_id == 0,
    }


def _rows(
    parcels: list[Parcel], *, may_change: bool, typed: TypedParcel | None
) -> Iterator[dict[str, Any]]:
    for parcel in parcels:
        weight = "" if parcel.weight is None else formats.quantity(parcel.weight)
        yield {
            "parcel": parcel,
            "weight": gettext("%(weight)s kg") % {"weight": weight} if weight else "",
            "form": _form(parcel, typed) if may_change else None,
            "is_open": typed is not None and typed.parcel_id == parcel.pk,
        }


def _form(parcel: Parcel | None, typed: TypedParcel | None) -> ParcelForm:
    own = 0 if parcel is None else parcel.pk
    return typed.form if typed and typed.parcel_id == own else ParcelForm(parcel=parcel)
