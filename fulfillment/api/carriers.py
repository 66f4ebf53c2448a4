"""``carriers/``: who takes parcels, with the links that show where these are."""

from collections.abc import Mapping
from typing import Any

from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.endpoint import ListEndpoint, RowEndpoint
from core.api.fields import StrictSerializer, TextField, YesNoField
from core.api.filters import YesNoFilter
from core.api.idempotency import once
from core.api.pagination import PagesByCode
from core.operations.idempotency import Answer
from fulfillment.models import Carrier
from fulfillment.models.carrier import LONGEST_LINK


class CarrierChange(StrictSerializer):
    """What of a carrier may change."""

    name = TextField(max_length=100, help_text="The name that customers read.")
    tracking_url = TextField(
        max_length=LONGEST_LINK,
        required=False,
        allow_blank=True,
        help_text="An https address with {number} in place of the tracking number.",
    )
    enabled = YesNoField(source="is_enabled", required=False)


class CarrierBody(CarrierChange):
    """A carrier. Its code is fixed after creation."""

    code = TextField(max_length=64)


class CarrierFilters(filters.FilterSet):
    enabled = YesNoFilter(field_name="is_enabled")


class CarriersEndpoint(ListEndpoint):
    """Carriers, by code."""

    limited_methods = ("GET",)
    queryset = Carrier.objects.order_by("code")
    serializer_class = CarrierBody
    filterset_class = CarrierFilters
    pagination_class = PagesByCode

    @extend_schema(responses={201: CarrierBody})
    def post(self, request: Request) -> Response:
        values = self.validated(request)
        return once(request, lambda: Answer(201, _saved(Carrier(), values)))


class CarrierEndpoint(RowEndpoint):
    limited_methods = ("GET",)
    queryset = Carrier.objects.order_by("code")
    serializer_class = CarrierBody

    @extend_schema(request=CarrierChange)
    def patch(self, request: Request, code: str) -> Response:
        carrier = self.found(self.get_queryset(), code=code)
        values = self.validated(request, CarrierChange, is_change=True)
        return Response(_saved(carrier, values))


def _saved(carrier: Carrier, values: Mapping[str, Any]) -> Any:
    """Give a carrier its new values, save it, and return it as answers have it.

    :raises django.core.exceptions.ValidationError: with every fault.
    """
    is_new = carrier.pk is None
    for name, value in values.items():
        setattr(carrier, name, value)
    carrier.full_clean()
    if is_new or values:
        carrier.save(update_fields=None if is_new else list(values))
    return CarrierBody(carrier).data
