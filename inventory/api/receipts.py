"""``receipts/``: units that came on future supply, or were taken back."""

from dataclasses import asdict
from typing import Any

from django.utils import timezone
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from core.acts import Act
from core.api.endpoint import PREVIEW, PREVIEWED, Endpoint, ListEndpoint, previewed_or_once
from core.api.fields import Body, QuantityField, StrictSerializer, TextField, UnitsField
from core.api.filters import WordsFilter
from core.operations.idempotency import Answer
from inventory.api.future_supply import PromiseSerializer, SupplyBody
from inventory.models import Receipt
from inventory.operations.receipt_reversals import take_back_receipt
from inventory.promises import TakeBackPlan


class ReversalSerializer(serializers.Serializer[Any]):
    """Units of a receipt that were taken back."""

    quantity = QuantityField()
    reason = serializers.CharField()
    made_at = serializers.DateTimeField()
    made_by = serializers.CharField(source="made_by.username", default=None, allow_null=True)


class ReceiptSerializer(Body[Any]):
    """Units that were received on a record; the last receipt of a record can be taken back."""

    id = serializers.IntegerField()
    future_supply = serializers.IntegerField(source="future_supply_id")
    sku = serializers.CharField(source="future_supply.product.sku")
    source = serializers.CharField(source="future_supply.source.code")
    quantity = QuantityField()
    taken_back_quantity = QuantityField()
    reason = serializers.CharField()
    received_at = serializers.DateTimeField()
    received_by = serializers.CharField(
        source="received_by.username", default=None, allow_null=True
    )
    reversals = ReversalSerializer(many=True)


class TakeBackBody(StrictSerializer):
    """Why a receipt is taken back; without a quantity, all that is left of it."""

    reason = TextField(max_length=500)
    quantity = UnitsField(required=False)


class TakeBackSerializer(serializers.Serializer[Any]):
    """The record as it is now, and the shipments that lost units with the receipt.

    ``kept`` are promised the incoming units again, ``broken`` wait again.
    """

    receipt = ReceiptSerializer()
    supply = SupplyBody()
    quantity = QuantityField()
    possible_quantity = QuantityField()
    kept = PromiseSerializer(many=True)
    broken = PromiseSerializer(many=True)


class ReceiptFilters(filters.FilterSet):
    sku = WordsFilter(field_name="future_supply__product__sku")
    source = WordsFilter(field_name="future_supply__source__code")
    future_supply = filters.NumberFilter(field_name="future_supply", min_value=1, max_value=10**15)


def receipt_rows() -> Any:
    """Return receipts with all that their answers show."""
    found = Receipt.objects.select_related(
        "future_supply__product", "future_supply__source", "received_by"
    )
    return found.prefetch_related("reversals__made_by").order_by("pk")


class ReceiptsEndpoint(ListEndpoint):
    required_permissions = {"GET": "inventory.view_futuresupply"}
    queryset = receipt_rows()
    serializer_class = ReceiptSerializer
    filterset_class = ReceiptFilters


class TakeBackEndpoint(Endpoint):
    required_permissions = {"POST": "inventory.receive_futuresupply"}
    query_parameters = PREVIEWED
    queryset = Receipt.objects.order_by("pk")
    serializer_class = TakeBackBody

    @extend_schema(responses=TakeBackSerializer, parameters=[PREVIEW])
    def post(self, request: Request, pk: int) -> Response:
        """Take units of the record's last receipt back: they have not come after all."""
        self.found(self.get_queryset(), pk=str(pk))
        values = self.validated(request)

        def perform() -> Answer:
            plan = take_back_receipt(
                pk,
                Act(timezone.now(), request.user.pk, values["reason"]),
                quantity=values.get("quantity"),
            )
            return Answer(200, _answer(pk, plan))

        return previewed_or_once(request, perform)


def _answer(pk: int, plan: TakeBackPlan) -> Any:
    receipt = receipt_rows().get(pk=pk)
    answer = {"receipt": receipt, "supply": receipt.future_supply, **asdict(plan)}
    return TakeBackSerializer(answer).data
