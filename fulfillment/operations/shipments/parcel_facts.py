"""Parcels of locked shipments, checked as they are written."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from core.text import gettext_noop as _
from fulfillment.models import Carrier, Parcel, Shipment
from fulfillment.operations.shipments.locking import ShipmentError
from fulfillment.tracking import TrackingError, read_number

UNKNOWN_CARRIER = _("There is no carrier with the code “%(value)s”.")
DISABLED_CARRIER = _("The carrier %(value)s is disabled. Enable it, or name another.")
GIVEN_TWICE = _("The shipment already has a parcel with this number.")
NOT_POSITIVE = _("A weight is more than 0.")
COLLECTED = _("The customer collects this shipment, so it has no parcels.")


@dataclass(frozen=True, slots=True)
class ParcelFacts:
    """What is said of a parcel: the code of its carrier, its number, its weight in kilograms."""

    carrier: str
    tracking_number: str = ""
    weight: Decimal | None = None


class ParcelRefusedError(ShipmentError):
    """A parcel cannot be as it was given; ``index`` is its position, ``name`` the wrong fact."""

    def __init__(self, message: str, *, index: int = 0, name: str = "", **values: object) -> None:
        super().__init__(message % values)
        self.message, self.values = message, values
        self.index, self.name = index, name


def parcels_of(
    shipment: Shipment, facts: Sequence[ParcelFacts], *, kept: Parcel | None = None
) -> list[Parcel]:
    """Return parcels for a locked shipment, not saved yet.

    ``kept`` is the parcel that is being corrected: its own carrier may be disabled by now.

    :raises ParcelRefusedError: for the first fact that cannot be.

    Rule: Parcels (§21).
    """
    if not facts:
        return []
    if shipment.is_pickup:
        raise ParcelRefusedError(COLLECTED)
    codes = {one.carrier for one in facts}
    carriers = {one.code: one for one in Carrier.objects.filter(code__in=codes)}
    others = Parcel.objects.filter(shipment=shipment)
    if kept is not None:
        others = others.exclude(pk=kept.pk)
    known = set(others.values_list("carrier_id", "tracking_number"))
    found = []
    for index, one in enumerate(facts):
        carrier = _carrier(one, carriers, kept=kept, index=index)
        try:
            number = read_number(one.tracking_number)
        except TrackingError as error:
            raise ParcelRefusedError(
                error.message, index=index, name="tracking_number", **error.values
            ) from error
        if number and (carrier.pk, number) in known:
            raise ParcelRefusedError(GIVEN_TWICE, index=index, name="tracking_number")
        if one.weight is not None and one.weight <= 0:
            raise ParcelRefusedError(NOT_POSITIVE, index=index, name="weight")
        known.add((carrier.pk, number))
        found.append(
            Parcel(shipment=shipment, carrier=carrier, tracking_number=number, weight=one.weight)
        )
    return found


def _carrier(
    one: ParcelFacts, carriers: Mapping[str, Carrier], *, kept: Parcel | None, index: int
) -> Carrier:
    carrier = carriers.get(one.carrier)
    if carrier is None:
        raise ParcelRefusedError(UNKNOWN_CARRIER, index=index, name="carrier", value=one.carrier)
    if not carrier.is_enabled and (kept is None or kept.carrier_id != carrier.pk):
        raise ParcelRefusedError(DISABLED_CARRIER, index=index, name="carrier", value=carrier.name)
    return carrier
