"""``shipments/{number}/parcels/``: the parcels of a shipment that has left."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.endpoint import Endpoint, ListEndpoint
from core.api.fields import Body, QuantityField, StrictSerializer, TextField, UnitsField, YesNoField
from core.api.idempotency import act_of, once
from core.api.problems import Fault, refused
from core.api.schema import IF_MATCH
from core.api.versions import expected_version
from core.formats import filled
from core.operations.idempotency import Answer
from fulfillment.api.faults import refusals_as_problems
from fulfillment.models import Parcel, Shipment
from fulfillment.operations.moves.parcels import (
    UnknownParcelError,
    add_parcel,
    change_parcel,
    remove_parcel,
)
from fulfillment.operations.shipments.parcel_facts import ParcelFacts, ParcelRefusedError

MOST_PARCELS = 50
CHANGE = "fulfillment.change_shipment"
Values = Mapping[str, Any]


class ParcelBody(StrictSerializer):
    """A parcel: the code of its carrier, its tracking number, its weight in kilograms."""

    carrier = TextField(max_length=64)
    tracking_number = TextField(max_length=100, required=False, allow_blank=True)
    weight = UnitsField(required=False, allow_null=True)


class ParcelNoticeBody(ParcelBody):
    """A parcel. The customer is told of the first number, of a later one if ``tell_customer``."""

    tell_customer = YesNoField(required=False)


class ParcelSerializer(Body[Parcel]):
    """A parcel; ``tracking_url`` is empty where there is no link to it."""

    id = serializers.IntegerField(source="pk")
    carrier = serializers.CharField(source="carrier.code")
    tracking_number = serializers.CharField()
    weight = QuantityField(allow_null=True)
    tracking_url = serializers.CharField()


def facts_of(values: Values) -> ParcelFacts:
    """Return a parcel as an operation takes it."""
    number = values.get("tracking_number", "")
    return ParcelFacts(values["carrier"], number, values.get("weight"))


def parcels_in(values: Values) -> list[ParcelFacts]:
    """Return the parcels of a body."""
    return [facts_of(one) for one in values.get("parcels", ())]


@contextmanager
def parcel_faults(pointer: str = "") -> Iterator[None]:
    """Say which part of the body is refused; ``pointer`` is that of a parcel, with its index.

    :raises core.api.problems.ProblemError: 422 at the member.
    """
    try:
        yield
    except ParcelRefusedError as error:
        detail = filled(error.message, error.values)
        at = pointer.format(error.index) + (f"/{error.name}" if error.name else "")
        raise refused("PARCEL_REFUSED", detail, [Fault(at, "PARCEL_REFUSED", detail)]) from error


class ParcelsEndpoint(ListEndpoint):
    """The parcels of a shipment, in the order in which they were added."""

    queryset = Parcel.objects.select_related("carrier")
    serializer_class = ParcelSerializer
    required_permissions = {"GET": "fulfillment.view_shipment", "POST": CHANGE}

    @extend_schema(operation_id="shipments_parcels_list")
    def get(self, request: Request, number: str) -> Response:
        shipment = self.found(Shipment.objects.all(), number=number)
        return self.page(self.get_queryset().filter(shipment=shipment))

    @extend_schema(
        request=ParcelNoticeBody, responses={201: ParcelSerializer}, parameters=[IF_MATCH]
    )
    def post(self, request: Request, number: str) -> Response:
        """Add a parcel to a shipment that has left."""
        shipment = self.found(Shipment.objects.all(), number=number)
        values = self.validated(request, ParcelNoticeBody)
        act, version = act_of(request), expected_version(request)

        def perform() -> Answer:
            with refusals_as_problems(), parcel_faults():
                parcel = add_parcel(
                    shipment.pk,
                    facts_of(values),
                    act,
                    tell_customer=values.get("tell_customer", False),
                    expected_version=version,
                )
            return Answer(201, dict(ParcelSerializer(parcel).data))

        return once(request, perform)


class ParcelEndpoint(Endpoint):
    """One parcel of a shipment."""

    queryset = Parcel.objects.select_related("carrier")
    serializer_class = ParcelSerializer
    required_permissions = {
        "GET": "fulfillment.view_shipment",
        "PATCH": CHANGE,
        "DELETE": CHANGE,
    }

    @extend_schema(operation_id="shipments_parcels_retrieve")
    def get(self, request: Request, number: str, pk: int) -> Response:
        parcel = self.found(self.get_queryset(), shipment__number=number, pk=pk)
        return Response(ParcelSerializer(parcel).data)

    @extend_schema(request=ParcelNoticeBody, responses=ParcelSerializer, parameters=[IF_MATCH])
    def patch(self, request: Request, number: str, pk: int) -> Response:
        """Correct a parcel; what is left out stays."""
        parcel = self.found(self.get_queryset(), shipment__number=number, pk=pk)
        values = self.validated(request, ParcelNoticeBody, is_change=True)
        before = {
            "carrier": parcel.carrier.code,
            "tracking_number": parcel.tracking_number,
            "weight": parcel.weight,
        }
        with refusals_as_problems(), parcel_faults(), gone_as_not_found():
            changed = change_parcel(
                parcel.shipment_id,
                parcel.pk,
                facts_of({**before, **values}),
                act_of(request),
                tell_customer=values.get("tell_customer", False),
                expected_version=expected_version(request),
            )
        return Response(ParcelSerializer(changed).data)

    @extend_schema(responses={204: None}, parameters=[IF_MATCH])
    def delete(self, request: Request, number: str, pk: int) -> Response:
        """Remove a parcel."""
        parcel = self.found(self.get_queryset(), shipment__number=number, pk=pk)
        version = expected_version(request)
        with refusals_as_problems(), gone_as_not_found():
            remove_parcel(parcel.shipment_id, parcel.pk, act_of(request), expected_version=version)
        return Response(status=204)


@contextmanager
def gone_as_not_found() -> Iterator[None]:
    """Answer 404 for a parcel that somebody has just removed.

    :raises rest_framework.exceptions.NotFound: for that.
    """
    try:
        yield
    except UnknownParcelError as error:
        raise NotFound from error
