"""``shipments/``: the list of shipments, and one of them."""

from typing import Any

from core.api.endpoint import ListEndpoint, RowEndpoint
from core.api.filters import FilterBackend
from core.clock import site_zone, today
from fulfillment.api.shipment_body import ShipmentShown, shipment_rows
from fulfillment.review.filters import ShipmentFilterSet


class ShipmentFilterBackend(FilterBackend):
    """Gives the filters of the review the date."""

    def get_filterset_kwargs(self, request: Any, queryset: Any, view: Any) -> dict[str, Any]:
        given: dict[str, Any] = super().get_filterset_kwargs(request, queryset, view)
        return {**given, "today": today(), "zone": site_zone()}


class ShipmentsEndpoint(ListEndpoint):
    """Shipments, newest first."""

    queryset = shipment_rows()
    serializer_class = ShipmentShown
    filterset_class = ShipmentFilterSet
    filter_backends = [ShipmentFilterBackend]


class ShipmentEndpoint(RowEndpoint):
    queryset = shipment_rows()
    serializer_class = ShipmentShown
