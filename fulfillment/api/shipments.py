"""``shipments/``: what leaves together, and what waits."""

from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.endpoint import Endpoint, ListEndpoint
from core.api.filters import FilterBackend
from core.clock import today
from fulfillment.api.shipment_body import ShipmentShown, shipment_rows
from fulfillment.models import Shipment
from fulfillment.review.filters import ShipmentFilterSet


class ShipmentFilterBackend(FilterBackend):
    """Tells the filters of the review what day it is."""

    def get_filterset_kwargs(self, request: Any, queryset: Any, view: Any) -> dict[str, Any]:
        given: dict[str, Any] = super().get_filterset_kwargs(request, queryset, view)
        return {**given, "today": today(), "zone": ZoneInfo(settings.SITE_TIME_ZONE)}


class ShipmentsEndpoint(ListEndpoint):
    """Shipments, newest first."""

    required_permissions = {"GET": "fulfillment.view_shipment"}
    queryset = Shipment.objects.order_by("-pk")
    serializer_class = ShipmentShown
    filterset_class = ShipmentFilterSet
    filter_backends = [ShipmentFilterBackend]

    @extend_schema(operation_id="shipments_list")
    def get(self, request: Request) -> Response:
        return self.page(shipment_rows())


class ShipmentEndpoint(Endpoint):
    required_permissions = {"GET": "fulfillment.view_shipment"}
    queryset = Shipment.objects.order_by("-pk")
    serializer_class = ShipmentShown

    def get(self, request: Request, number: str) -> Response:
        return Response(ShipmentShown(self.found(shipment_rows(), number=number)).data)
