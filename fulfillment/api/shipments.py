"""``shipments/``: shipments, each with the explanation of why it waits."""

from typing import Any

from django.db.models import Prefetch, QuerySet
from django.utils import timezone
from django.utils.translation import gettext
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.endpoint import Endpoint, ListEndpoint, RowEndpoint
from core.api.fields import Body, MoneyField, QuantityField, VersionField
from core.api.filters import FilterBackend
from core.api.problems import conflict
from core.clock import site_zone, today
from fulfillment.api.parcels import ParcelSerializer
from fulfillment.api.run_body import ChildShipmentSerializer, ShortageSerializer
from fulfillment.models import Parcel, ReleaseDecision, Shipment, ShipmentLine, SourceBar
from fulfillment.queries.pick_lists import picked_at
from fulfillment.queries.shipment_page import lines_with_allocations
from fulfillment.release.explanation import explain
from fulfillment.review.filters import ShipmentFilterSet
from orders.models import FulfillmentMethod


class ShipmentLineSerializer(serializers.Serializer[ShipmentLine]):
    """Units of a line of the order that are on the shipment now, and their promise."""

    line = serializers.IntegerField(source="order_line.number")
    sku = serializers.CharField(source="order_line.sku")
    quantity = QuantityField()
    promised_on = serializers.DateField(
        allow_null=True,
        help_text="The date that the customer was last given; null for no date yet.",
    )
    promise_told_at = serializers.DateTimeField(
        allow_null=True,
        help_text="When the customer was given it; null where the customer was given nothing.",
    )
    agreed_on = serializers.DateField(
        allow_null=True,
        help_text="The date of the confirmation, or a later one that the customer agreed to.",
    )


class AllocationSerializer(Body[Any]):
    """Units set aside at a source, or promised from a record of future supply there."""

    sku = serializers.CharField(source="shipment_line.order_line.sku")
    source = serializers.CharField(source="source_code")
    quantity = QuantityField()
    future_supply = serializers.IntegerField(source="future_supply_id", allow_null=True)


class SourceBarSerializer(Body[SourceBar]):
    """A source that does not serve a product of the shipment, since when, and who barred it."""

    source = serializers.CharField(source="source.code")
    sku = serializers.CharField(source="product.sku")
    since = serializers.DateTimeField(source="created_at")
    by = serializers.CharField(source="created_by.username", default=None, allow_null=True)


class ShipmentSerializer(Body[Shipment]):
    """A shipment. A waiting one has no source (null)."""

    number = serializers.CharField()
    order = serializers.CharField(source="order.number")
    state = serializers.ChoiceField(choices=Shipment.State.choices)
    is_held = serializers.BooleanField()
    hold_reason = serializers.ChoiceField(choices=Shipment.HoldReason.choices, allow_blank=True)
    hold_note = serializers.CharField()
    care_reason = serializers.CharField()
    stock = serializers.CharField(source="stock.code")
    channel = serializers.CharField(source="order.channel.code")
    fulfillment_method = serializers.ChoiceField(
        choices=FulfillmentMethod.choices, source="order.fulfillment_method"
    )
    source = serializers.CharField(source="source.code", default=None, allow_null=True)
    pickup_source = serializers.CharField(
        source="pickup_source.code", default=None, allow_null=True
    )
    parent = serializers.CharField(source="parent.number", default=None, allow_null=True)
    children = serializers.SerializerMethodField()
    priority = serializers.IntegerField()
    assignee = serializers.CharField(source="assignee.username", default=None, allow_null=True)
    backordered_since = serializers.DateTimeField(allow_null=True)
    expected_on = serializers.DateField(allow_null=True)
    preorder_on = serializers.DateField(
        allow_null=True,
        help_text="The release date that a pre-order waits for; null: it is no pre-order.",
    )
    missed_promise_count = serializers.IntegerField()
    value = MoneyField(source="amount", currency="order.currency")
    currency = serializers.CharField(source="order.currency")
    parcels = ParcelSerializer(many=True)
    created_at = serializers.DateTimeField()
    released_at = serializers.DateTimeField(allow_null=True)
    picked_at = serializers.DateTimeField(
        allow_null=True,
        help_text="When the last of its units was picked; null while its pick list misses some.",
    )
    packed_at = serializers.DateTimeField(
        allow_null=True, help_text="When all its units were in the box."
    )
    set_aside_at = serializers.DateTimeField(allow_null=True)
    slip_printed_at = serializers.DateTimeField(allow_null=True)
    collect_by = serializers.DateField(
        allow_null=True,
        help_text="The last day on which the store keeps units that are set aside for pickup.",
    )
    is_slip_out_of_date = serializers.BooleanField()
    fulfilled_at = serializers.DateTimeField(allow_null=True)
    lines = ShipmentLineSerializer(many=True)
    allocations = serializers.SerializerMethodField()
    bars = SourceBarSerializer(many=True)
    version = VersionField()

    def get_children(self, shipment: Shipment) -> list[str]:
        return [child.number for child in shipment.children.all()]

    @extend_schema_field(AllocationSerializer(many=True))
    def get_allocations(self, shipment: Shipment) -> Any:
        held = [row for line in shipment.lines.all() for row in line.allocations.all()]
        return AllocationSerializer(held, many=True).data


def shipment_rows() -> QuerySet[Shipment]:
    """Return shipments with the rows that their bodies need; six statements for any number."""
    shipments = Shipment.objects.with_names().select_related("parent")
    return shipments.annotate(picked_at=picked_at()).prefetch_related(
        Prefetch("children", Shipment.objects.order_by("pk")),
        Prefetch("lines", lines_with_allocations().filter(quantity__gt=0)),
        Prefetch("bars", SourceBar.objects.shown()),
        Prefetch("parcels", Parcel.objects.select_related("carrier").order_by("pk")),
    )


def shipment_body(shipment_id: int) -> dict[str, Any]:
    """Return the body of one shipment, as it is now."""
    return dict(ShipmentSerializer(shipment_rows().get(pk=shipment_id)).data)


class RemedySerializer(Body[Any]):
    """A change; all of them together release the shipment."""

    kind = serializers.CharField()
    sku = serializers.CharField(required=False)
    source = serializers.CharField(required=False)
    quantity = serializers.CharField(required=False)
    until = serializers.DateField(required=False)


class ClosedDaysSerializer(Body[Any]):
    """The days before the date on which a source is closed, whose units are there."""

    source = serializers.CharField()
    days = serializers.ListField(child=serializers.DateField())
    is_past_cut_off = serializers.BooleanField()


class ExplanationSerializer(serializers.Serializer[Any]):
    """What the next run would do with a shipment, why, and what would unblock it."""

    outcome = serializers.ChoiceField(choices=ReleaseDecision.Outcome.choices)
    children = ChildShipmentSerializer(many=True)
    shortages = ShortageSerializer(many=True)
    expected_on = serializers.DateField(allow_null=True)
    closed = ClosedDaysSerializer(many=True, default=list)
    remedies = RemedySerializer(many=True)


class ExplanationEndpoint(Endpoint):
    required_permissions = {"GET": "fulfillment.view_shipment"}
    queryset = Shipment.objects.order_by("pk")
    serializer_class = ExplanationSerializer

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
        body = {"closed": (), **found.detail, "outcome": found.outcome, "remedies": found.remedies}
        return Response(ExplanationSerializer(body).data)


class ShipmentFilterBackend(FilterBackend):
    """Gives the filters of the review the date."""

    def get_filterset_kwargs(self, request: Any, queryset: Any, view: Any) -> dict[str, Any]:
        given: dict[str, Any] = super().get_filterset_kwargs(request, queryset, view)
        return {**given, "today": today(), "zone": site_zone()}


class ShipmentsEndpoint(ListEndpoint):
    """Shipments, newest first."""

    queryset = shipment_rows()
    serializer_class = ShipmentSerializer
    filterset_class = ShipmentFilterSet
    filter_backends = [ShipmentFilterBackend]


class ShipmentEndpoint(RowEndpoint):
    queryset = shipment_rows()
    serializer_class = ShipmentSerializer
