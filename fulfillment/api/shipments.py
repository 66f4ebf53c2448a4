"""``shipments/``: what leaves together, and what waits."""

from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings

from core.api.endpoint import ListEndpoint, RowEndpoint
from core.api.filters import FilterBackend
from core.clock import today
from fulfillment.api.shipment_body import ShipmentShown, shipment_rows
from fulfillment.review.filters import ShipmentFilterSet


class ShipmentFilterBackend(FilterBackend):
    """Tells the filters of the review what day it is."""

    def get_filterset_kwargs(self, request: Any, queryset: Any, view: Any) -> dict[str, Any]:
        given: dict[str, Any] = super().get_filterset_kwargs(request, queryset, view)
        return {**given, "today": today(), "zone": ZoneInfo(settings.SITE_TIME_ZONE)}


class ShipmentsEndpoint(ListEndpoint):
    """Shipments, newest first."""

    queryset = shipment_rows()
    serializer_class = ShipmentShown
    filterset_class = ShipmentFilterSet
    filter_backends = [ShipmentFilterBackend]


class ShipmentEndpoint(RowEndpoint):
    queryset = shipment_rows()
    serializer_class = ShipmentShown
