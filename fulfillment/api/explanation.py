"""``shipments/{number}/explanation/``: why a shipment waits."""

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.endpoint import Endpoint
from core.api.fields import Body
from core.api.problems import conflict
from core.clock import site_zone
from fulfillment.api.run_body import ChildShown, ShortageShown
from fulfillment.models import ReleaseDecision, Shipment
from fulfillment.release.explanation import explain


class RemedyShown(Body[Any]):
    """A change; all of them together release the shipment."""

    kind = serializers.CharField()
    sku = serializers.CharField(required=False)
    source = serializers.CharField(required=False)
    quantity = serializers.CharField(required=False)
    until = serializers.DateField(required=False)


class ExplanationShown(serializers.Serializer[Any]):
    """What the next run would do with a shipment, why, and what would unblock it."""

    outcome = serializers.ChoiceField(choices=ReleaseDecision.Outcome.choices)
    children = ChildShown(many=True)
    shortages = ShortageShown(many=True)
    expected_on = serializers.DateField(allow_null=True)
    remedies = RemedyShown(many=True)


class ExplanationEndpoint(Endpoint):
    required_permissions = {"GET": "fulfillment.view_shipment"}
    queryset = Shipment.objects.order_by("pk")
    serializer_class = ExplanationShown

    @extend_schema(operation_id="shipments_explanation")
    def get(self, request: Request, number: str) -> Response:
        """Why it waits, by the plan of a run; writes nothing."""
        shipment = self.found(self.get_queryset(), number=number)
        found = explain(
            [shipment.pk],
            now=timezone.now(),
            zone=site_zone(),
            with_remedies=True,
        ).get(shipment.pk)
        if found is None:
            raise conflict("NOT_WAITING", gettext("The shipment is not in the queue."))
        body = {**found.detail, "outcome": found.outcome, "remedies": found.remedies}
        return Response(ExplanationShown(body).data)
