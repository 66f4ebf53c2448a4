"""``reservations/``: the ledger, with manual compensations."""

from django.utils import timezone
from django.utils.translation import gettext
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from core.acts import Act
from core.api.endpoint import ListEndpoint
from core.api.fields import SignedQuantityField, StrictSerializer, TextField
from core.api.filters import WordsFilter
from core.api.idempotency import once
from core.api.problems import refused_at
from core.operations.idempotency import Answer
from inventory.api.row_keys import keys_of
from inventory.models import Reservation
from inventory.operations.compensation import compensate


class ReservationSerializer(serializers.Serializer[Reservation]):
    """One entry of the ledger; entries never change."""

    id = serializers.IntegerField()
    stock = serializers.CharField(source="stock.code")
    sku = serializers.CharField(source="product.sku")
    quantity = SignedQuantityField()
    event = serializers.ChoiceField(choices=Reservation.Event.choices)
    order = serializers.CharField(source="order_number", allow_blank=True)
    reason = serializers.CharField(allow_blank=True)
    created_at = serializers.DateTimeField()


class CompensationBody(StrictSerializer):
    """A manual compensation of either sign."""

    stock = TextField(max_length=64)
    sku = TextField(max_length=64)
    quantity = SignedQuantityField()
    reason = TextField(max_length=500)


class ReservationFilters(filters.FilterSet):
    stock = WordsFilter(field_name="stock__code")
    sku = WordsFilter(field_name="product__sku")
    order = filters.CharFilter(field_name="order_number")
    event = filters.ChoiceFilter(choices=Reservation.Event.choices)


class ReservationsEndpoint(ListEndpoint):
    queryset = Reservation.objects.select_related("stock", "product")
    serializer_class = ReservationSerializer
    filterset_class = ReservationFilters

    @extend_schema(request=CompensationBody, responses={201: ReservationSerializer})
    def post(self, request: Request) -> Response:
        """Compensate by hand what the ledger has wrong."""
        values = self.validated(request, CompensationBody)
        if not values["quantity"]:
            detail = gettext("A compensation is not 0.")
            raise refused_at("/quantity", "NOTHING", detail)

        def perform() -> Answer:
            [(stock_id, product_id)] = keys_of([values], "stock", "sku", is_list=False)
            written = compensate(
                Act(timezone.now(), request.user.pk, values["reason"]),
                stock_id=stock_id,
                product_id=product_id,
                quantity=values["quantity"],
            )
            return Answer(201, ReservationSerializer(written).data)

        return once(request, perform)
