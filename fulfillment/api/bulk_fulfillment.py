"""``shipments/fulfill/``: ships many shipments, each for itself."""

from collections.abc import Mapping, Sequence
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.endpoint import Endpoint
from core.api.fields import Body, StrictSerializer, TextField
from core.api.idempotency import act_of, once
from core.api.problems import ProblemError
from core.operations.idempotency import Answer
from fulfillment.api.faults import refusals_as_problems
from fulfillment.api.parcels import MOST_PARCELS, ParcelBody, parcel_faults, parcels_in
from fulfillment.models import Shipment
from fulfillment.operations.moves.fulfill import fulfill_each
from fulfillment.release.shipment_actions import BY_CODE
from inventory.api.row_keys import refuse_twice

MOST_SHIPMENTS = 200


class BulkFulfillmentBody(StrictSerializer):
    """A shipment that leaves whole, and its parcels."""

    shipment = TextField(max_length=48)
    parcels = ParcelBody(many=True, required=False, allow_empty=False, max_length=MOST_PARCELS)


class BulkFulfillmentSerializer(Body[Any]):
    """Whether a shipment was shipped, or handed over; if not, why."""

    shipment = serializers.CharField()
    ok = serializers.BooleanField()
    code = serializers.CharField(required=False)
    detail = serializers.CharField(required=False)


class BulkFulfillmentEndpoint(Endpoint):
    """Ships up to 200 shipments whole; what customers collect is handed over."""

    required_permissions = {"POST": BY_CODE["fulfill"].permission}
    queryset = Shipment.objects.order_by("pk")
    serializer_class = BulkFulfillmentBody

    @extend_schema(
        operation_id="shipments_fulfill_many",
        request=BulkFulfillmentBody(many=True, allow_empty=False, max_length=MOST_SHIPMENTS),
        responses=BulkFulfillmentSerializer(many=True),
    )
    def post(self, request: Request) -> Response:
        """Ship them; one that cannot leave keeps no other from it. 200, with what came of each."""
        rows: Sequence[Mapping[str, Any]] = self.validated(
            request, many=True, allow_empty=False, max_length=MOST_SHIPMENTS
        )
        numbers = [row["shipment"] for row in rows]
        refuse_twice([(number,) for number in numbers])
        asked = {row["shipment"]: parcels_in(row) for row in rows}
        act = act_of(request)

        def perform() -> Answer:
            refusals = fulfill_each(asked, act)
            return Answer(200, [_outcome(number, refusals.get(number)) for number in numbers])

        return once(request, perform)


def _outcome(number: str, error: Exception | None) -> dict[str, Any]:
    if error is None:
        return {"shipment": number, "ok": True}
    try:
        with refusals_as_problems(), parcel_faults():
            raise error
    except ProblemError as problem:
        return {
            "shipment": number,
            "ok": False,
            "code": problem.code,
            "detail": str(problem.detail),
        }
