"""``future-supply/``: dated incoming units."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from core.acts import Act
from core.api.endpoint import (
    PREVIEW,
    PREVIEWED,
    Endpoint,
    ListEndpoint,
    RowEndpoint,
    is_preview,
    previewed,
    previewed_or_once,
)
from core.api.fields import (
    DayField,
    QuantityField,
    StrictSerializer,
    TextField,
    UnitsField,
    YesNoField,
)
from core.api.filters import WordsFilter
from core.api.problems import refused_at
from core.clock import today
from core.operations.idempotency import Answer
from inventory.api.row_keys import keys_of
from inventory.models import FutureSupply
from inventory.operations import future_supply, receipts
from inventory.operations.future_supply import NewSupply
from inventory.operations.receipts import Confirmation
from inventory.operations.supply_records import save_supply
from inventory.promises import PromisePlan


class SupplyChange(StrictSerializer):
    """What of a record may change."""

    quantity = UnitsField()
    expected_on = DayField(allow_null=True)
    reference = TextField(max_length=100, required=False, allow_blank=True)


class SupplyBody(SupplyChange):
    """A record of future supply; without a date (null) nothing is promised from it.

    Of a transfer, ``sent_from`` is the source that its units left; of other supply it is null.
    """

    id = serializers.IntegerField(read_only=True)
    sku = TextField(source="product.sku", max_length=64)
    # Every field has a source of its own.
    source = TextField(source="source.code", max_length=64)  # type: ignore[assignment]
    sent_from = serializers.CharField(source="sent_from.code", read_only=True, allow_null=True)
    received_quantity = QuantityField(read_only=True)
    allocated_quantity = QuantityField(read_only=True)
    state = serializers.ChoiceField(choices=FutureSupply.State.choices, read_only=True)


class ReceiptBody(StrictSerializer):
    """Units that came; ``close`` says that no more comes.

    More than is outstanding needs ``confirm_over``, more than twice as much a ``reason`` too.
    """

    quantity = QuantityField()
    close = YesNoField(required=False, default=False)
    confirm_over = YesNoField(required=False, default=False)
    reason = TextField(max_length=500, required=False, allow_blank=True, default="")


class EmptyBody(StrictSerializer):
    """No members."""


class PromiseSerializer(serializers.Serializer[Any]):
    """Units of a record that a shipment is or was promised."""

    shipment = serializers.CharField(source="shipment_number")
    order = serializers.CharField(source="order_number")
    quantity = QuantityField()


class SupplyEffectSerializer(serializers.Serializer[Any]):
    """The record as it is now, and the shipments that the change affected."""

    supply = SupplyBody()
    kept = PromiseSerializer(many=True)
    broken = PromiseSerializer(many=True)


class SupplyFilters(filters.FilterSet):
    sku = WordsFilter(field_name="product__sku")
    source = WordsFilter(field_name="source__code")
    sent_from = WordsFilter(field_name="sent_from__code")
    state = filters.ChoiceFilter(choices=FutureSupply.State.choices)


SUPPLY = FutureSupply.objects.select_related("product", "source", "sent_from")


class FutureSuppliesEndpoint(ListEndpoint):
    query_parameters = PREVIEWED
    queryset = SUPPLY
    serializer_class = SupplyBody
    filterset_class = SupplyFilters

    @extend_schema(responses={200: SupplyBody, 201: SupplyBody}, parameters=[PREVIEW])
    def post(self, request: Request) -> Response:
        values = self.validated(request)

        def perform() -> Answer:
            _refuse_past(values)
            named = {"sku": values["product"]["sku"], "source": values["source"]["code"]}
            [(product_id, source_id)] = keys_of([named], "sku", "source", is_list=False)
            supply = FutureSupply(
                product_id=product_id,
                source_id=source_id,
                quantity=values["quantity"],
                expected_on=values["expected_on"],
                reference=values.get("reference", ""),
            )
            save_supply(supply, changed={"quantity", "expected_on"})
            return Answer(201, SupplyBody(SUPPLY.get(pk=supply.pk)).data)

        return previewed_or_once(request, perform)


class FutureSupplyEndpoint(RowEndpoint):
    query_parameters = PREVIEWED
    queryset = SUPPLY
    serializer_class = SupplyBody

    @extend_schema(request=SupplyChange, responses=SupplyEffectSerializer, parameters=[PREVIEW])
    def patch(self, request: Request, pk: int) -> Response:
        """Change a record and list the shipments affected; ``dry_run=1`` changes nothing."""
        supply = self.found(self.get_queryset(), pk=pk)
        values = self.validated(request, SupplyChange, is_change=True)

        def perform() -> Answer:
            return _answer(pk, _change(supply, values, actor_id=request.user.pk))

        return previewed(perform) if is_preview(request) else Response(perform().body)


class SupplyStepEndpoint(Endpoint):
    # A step in the life of a record, by which shipments may lose their promise.

    required_permissions = {"POST": "inventory.change_futuresupply"}
    query_parameters = PREVIEWED
    queryset = FutureSupply.objects.order_by("pk")

    def done(
        self, request: Request, pk: int, change: Callable[[Mapping[str, Any], Act], PromisePlan]
    ) -> Response:
        """Do what ``change`` does with the members of the body, as an act of the user."""
        self.found(self.get_queryset(), pk=pk)
        values = self.validated(request)

        def perform() -> Answer:
            return _answer(pk, change(values, Act(timezone.now(), request.user.pk)))

        return previewed_or_once(request, perform)


class ReceiveSupplyEndpoint(SupplyStepEndpoint):
    required_permissions = {"POST": "inventory.receive_futuresupply"}
    serializer_class = ReceiptBody

    @extend_schema(responses=SupplyEffectSerializer, parameters=[PREVIEW])
    def post(self, request: Request, pk: int) -> Response:
        """Receive units, in whole or in part; shipments that they are promised to come first."""
        return self.done(request, pk, partial(_receive, pk))


class CancelSupplyEndpoint(SupplyStepEndpoint):
    serializer_class = EmptyBody

    @extend_schema(responses=SupplyEffectSerializer, parameters=[PREVIEW])
    def post(self, request: Request, pk: int) -> Response:
        """Cancel what has not come; shipments that it was promised to wait again."""
        return self.done(request, pk, lambda _values, act: future_supply.cancel_supply(pk, act))


def _receive(pk: int, values: Mapping[str, Any], act: Act) -> PromisePlan:
    return receipts.receive_supply(
        pk,
        act,
        quantity=values["quantity"],
        is_last=values["close"],
        confirmation=Confirmation(confirms_over=values["confirm_over"], reason=values["reason"]),
    )


def _refuse_past(values: Any) -> None:
    expected_on = values.get("expected_on")
    if expected_on is not None and expected_on < today():
        detail = gettext("Supply is expected today or later.")
        raise refused_at("/expected_on", "IN_THE_PAST", detail)


def _change(
    supply: FutureSupply, values: Mapping[str, Any], *, actor_id: int | None
) -> PromisePlan:
    """Change a record as it was read; return the promises that are kept and broken."""
    _refuse_past(values)
    if not {"quantity", "expected_on"} & values.keys():
        if "reference" in values:
            supply.reference = values["reference"]
            save_supply(supply, changed={"reference"})
        return PromisePlan((), ())
    stored = NewSupply(supply.quantity, supply.expected_on)
    new = NewSupply(
        values.get("quantity", stored.quantity), values.get("expected_on", stored.expected_on)
    )
    return future_supply.change_supply(
        supply.pk,
        new,
        Act(timezone.now(), actor_id),
        reference=values.get("reference"),
        shown=stored,
        today=today(),
    )


def _answer(pk: int, plan: PromisePlan) -> Answer:
    supply = SUPPLY.get(pk=pk)
    answer = {"supply": supply, "kept": plan.kept, "broken": plan.broken}
    return Answer(200, SupplyEffectSerializer(answer).data)
