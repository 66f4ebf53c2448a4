"""``deliveries/``: all that arrived together, received in one transaction."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from uuid import uuid4

from django.utils import timezone
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from core.acts import Act
from core.api.endpoint import PREVIEW, PREVIEWED, ListEndpoint, RowEndpoint, previewed_or_once
from core.api.fields import (
    Body,
    QuantityField,
    StrictSerializer,
    TextField,
    WholeField,
    YesNoField,
)
from core.api.filters import WordsFilter
from core.api.problems import at
from core.operations.idempotency import Answer
from inventory.api.delivery_lines import moved, read_lines
from inventory.api.faults import of_fractions, over_receipt
from inventory.api.row_keys import keys_of
from inventory.models import Delivery
from inventory.operations.deliveries import (
    MOST_LINES,
    DeliveryChangedError,
    DeliveryContent,
    receive_delivery,
)
from inventory.operations.receipts import OverReceiptError, UnexplainedReceiptError
from inventory.operations.whole_units import FractionError


class DeliveryLineBody(StrictSerializer):
    """Units that came: on a record, or of a product by its SKU or barcode.

    Those of a product go to its open records of this reference and source, the earliest first.
    What no record expects is recorded, and received at once. ``close`` says that no more comes.
    ``outstanding`` is what you were shown to be; where it is another by now, nothing is received.
    """

    future_supply = WholeField(required=False, min_value=1)
    sku = TextField(required=False, max_length=64)
    barcode = TextField(required=False, max_length=64)
    quantity = QuantityField()
    close = YesNoField(required=False, default=False)
    outstanding = QuantityField(required=False)


class DeliveryBody(StrictSerializer):
    """All that arrived at a source together: all of it is received, or nothing.

    More than is outstanding needs ``confirm_over``, more than twice as much a ``reason`` too.
    """

    source = TextField(max_length=64)
    reference = TextField(required=False, max_length=100, allow_blank=True, default="")
    lines = DeliveryLineBody(many=True, allow_empty=False, max_length=MOST_LINES)
    confirm_over = YesNoField(required=False, default=False)
    reason = TextField(max_length=500, required=False, allow_blank=True, default="")


class DeliveryShipmentSerializer(serializers.Serializer[Any]):
    """A shipment that the delivery affected."""

    shipment = serializers.CharField(source="shipment_number")
    order = serializers.CharField(source="order_number")


class DeliveryLineSerializer(Body[Any]):
    """What became of the units of a record; ``is_new`` where none expected them."""

    future_supply = serializers.IntegerField(source="supply_id")
    sku = serializers.CharField()
    source = serializers.CharField()
    received_quantity = QuantityField(source="received")
    set_aside_quantity = QuantityField(source="set_aside")
    is_new = serializers.BooleanField()


class OnHandSerializer(Body[Any]):
    """Units that no shipment was promised: they are left on hand."""

    sku = serializers.CharField()
    source = serializers.CharField()
    quantity = QuantityField(source="on_hand")


class DeliveryRecordSerializer(serializers.Serializer[Any]):
    """A record of which more comes."""

    future_supply = serializers.IntegerField(source="supply_id")
    sku = serializers.CharField()
    outstanding = QuantityField()


class DeliverySerializer(Body[Any]):
    """A delivery that was received, and what came of it.

    ``ready`` shipments have all their units, ``broken`` ones wait again. ``closed`` are the
    records of which no more comes.
    """

    id = serializers.IntegerField(source="pk")
    source = serializers.CharField(source="delivered_to", allow_null=True)
    reference = serializers.CharField()
    received_at = serializers.DateTimeField()
    received_by = serializers.CharField(
        source="received_by.username", default=None, allow_null=True
    )
    lines = DeliveryLineSerializer(many=True)
    ready = DeliveryShipmentSerializer(many=True)
    broken = DeliveryShipmentSerializer(many=True)
    on_hand = OnHandSerializer(many=True)
    open = DeliveryRecordSerializer(many=True)
    closed = DeliveryRecordSerializer(many=True)

    def to_representation(self, instance: Delivery) -> dict[str, Any]:
        outcome = instance.outcome
        lines = [_numbers(line) for line in outcome["lines"]]
        return super().to_representation(
            {
                "pk": instance.pk,
                "delivered_to": instance.source and instance.source.code,
                "reference": instance.reference,
                "received_at": instance.received_at,
                "received_by": instance.received_by,
                "lines": lines,
                "ready": outcome["ready"],
                "broken": outcome["broken"],
                "on_hand": [line for line in lines if line["on_hand"]],
                "open": [line for line in lines if not line["is_closed"]],
                "closed": [line for line in lines if line["is_closed"]],
            }
        )


class DeliveryFilters(filters.FilterSet):
    source = WordsFilter(field_name="source__code")
    reference = WordsFilter(field_name="reference")


DELIVERIES = Delivery.objects.select_related("source", "received_by")


class DeliveriesEndpoint(ListEndpoint):
    required_permissions = {
        "GET": "inventory.view_futuresupply",
        "POST": "inventory.receive_futuresupply",
    }
    query_parameters = PREVIEWED
    queryset = DELIVERIES
    serializer_class = DeliverySerializer
    filterset_class = DeliveryFilters

    @extend_schema(
        request=DeliveryBody,
        responses={200: DeliverySerializer, 201: DeliverySerializer},
        parameters=[PREVIEW],
    )
    def post(self, request: Request) -> Response:
        """Receive all lines, or none; shipments that were promised the units come first."""
        values = self.validated(request, DeliveryBody)

        def perform() -> Answer:
            delivery = _receive(values, Act(timezone.now(), request.user.pk))
            return Answer(201, DeliverySerializer(delivery).data)

        return previewed_or_once(request, perform)


class DeliveryEndpoint(RowEndpoint):
    required_permissions = {"GET": "inventory.view_futuresupply"}
    queryset = DELIVERIES
    serializer_class = DeliverySerializer


def _receive(values: Mapping[str, Any], act: Act) -> Delivery:
    """Receive what a body names; its records are found in the transaction that receives them."""
    [(source_id,)] = keys_of([values], "source", is_list=False)
    found = read_lines(values["lines"], reference=values["reference"], source_id=source_id)
    content = DeliveryContent(
        token=uuid4(),
        reference=values["reference"],
        source_id=source_id,
        lines=found.lines,
        unrecorded=found.unrecorded,
        confirms_over=values["confirm_over"],
        reason=values["reason"],
    )
    try:
        receive_delivery(content, act)
    except UnexplainedReceiptError:
        raise
    except OverReceiptError as error:
        raise at(over_receipt(error), [f"{found.pointers[error.supply_id]}/quantity"]) from error
    except DeliveryChangedError as error:
        raise moved([found.pointers[pk] for pk in error.supply_ids]) from error
    except FractionError as error:
        raise of_fractions(error, found.items) from error
    return DELIVERIES.get(token=content.token)


def _numbers(line: Mapping[str, Any]) -> dict[str, Any]:
    """Return a line as it was kept, with its units as numbers."""
    units = ("received", "set_aside", "on_hand", "outstanding")
    return {**line, **{name: Decimal(line[name]) for name in units}}
