"""``demand/``, ``order-proposals/``: the demand for each product, with supply made from it."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.endpoint import PREVIEW, PREVIEWED, Endpoint, ListEndpoint, previewed_or_once
from core.api.fields import (
    Body,
    DayField,
    MoneyField,
    QuantityField,
    StrictSerializer,
    TextField,
    UnitsField,
)
from core.api.filters import WordsFilter
from core.api.pagination import PagesBySku
from core.api.problems import Fault, refused
from core.clock import today
from core.operations.idempotency import Answer
from fulfillment.queries.demand import demand_of, wanted_products
from inventory.api.future_supply import SUPPLY, SupplyBody
from inventory.api.row_keys import keys_of
from inventory.models import FutureSupply, Product
from inventory.operations.supply_records import record_supplies

MOST_LINES = 1_000


class DemandValueSerializer(Body[Any]):
    """The amount of waiting shipment lines in one currency."""

    currency = serializers.CharField()
    amount = MoneyField()


class ProposalLineSerializer(Body[Any]):
    source = serializers.CharField(source="source_code")
    quantity = QuantityField()
    expected_on = DayField(allow_null=True)


class DemandSerializer(Body[Any]):
    """What waits for a product, and what to order of it where."""

    sku = serializers.CharField(source="product.sku")
    waiting_quantity = QuantityField(source="waiting")
    waiting_since = serializers.DateTimeField(source="since", allow_null=True)
    values = DemandValueSerializer(many=True)
    coming_quantity = QuantityField(source="coming")
    short_quantity = QuantityField(source="short")
    below_notify_quantity = QuantityField(
        source="below_notify", help_text="Missing at all source items up to their notify quantity."
    )
    back_in_stock_requests = serializers.IntegerField(
        source="asked_count",
        help_text="Confirmed requests to be told when it can be bought again, not told yet.",
    )
    proposed_quantity = QuantityField(source="proposed")
    proposals = ProposalLineSerializer(source="lines", many=True)


class DemandFilters(filters.FilterSet):
    sku = WordsFilter(help_text="One or several, separated by commas.")


class ProposalBody(StrictSerializer):
    """Units to order of a product for a source; without a date (null) none is known."""

    source = TextField(max_length=64)
    sku = TextField(max_length=64)
    quantity = UnitsField()
    expected_on = DayField(allow_null=True)


class OrderBody(StrictSerializer):
    """What is ordered together, under one reference."""

    lines = ProposalBody(many=True, allow_empty=False, max_length=MOST_LINES)
    reference = TextField(max_length=100, required=False, allow_blank=True)


class DemandEndpoint(ListEndpoint):
    required_permissions = {"GET": "fulfillment.view_shipment"}
    queryset = Product.objects.order_by("sku")
    serializer_class = DemandSerializer
    filterset_class = DemandFilters
    pagination_class = PagesBySku

    def get_queryset(self) -> Any:
        return wanted_products().order_by("sku")

    def shown(self, rows: Sequence[Product]) -> Any:
        found = demand_of([product.pk for product in rows], today=today())
        return DemandSerializer(found, many=True).data


class OrderProposalsEndpoint(Endpoint):
    required_permissions = {"POST": "inventory.add_futuresupply"}
    query_parameters = PREVIEWED
    serializer_class = OrderBody

    @extend_schema(
        operation_id="make_future_supply",
        responses={200: SupplyBody(many=True), 201: SupplyBody(many=True)},
        parameters=[PREVIEW],
    )
    def post(self, request: Request) -> Response:
        """Make future supply, all or nothing."""
        values = self.validated(request)
        return previewed_or_once(request, lambda: Answer(201, _made(values)))


def _made(values: Mapping[str, Any]) -> Any:
    """Record the supply, and return it as answers have it.

    :raises core.api.problems.ProblemError: 422 for what is unknown, and for days that have passed.
    """
    lines = values["lines"]
    _refuse_past(lines)
    keys = keys_of(lines, "sku", "source", prefix="/lines")
    supplies = [
        FutureSupply(
            product_id=product_id,
            source_id=source_id,
            quantity=line["quantity"],
            expected_on=line["expected_on"],
            reference=values.get("reference", ""),
        )
        for (product_id, source_id), line in zip(keys, lines, strict=True)
    ]
    record_supplies(supplies)
    rows = SUPPLY.filter(pk__in=[supply.pk for supply in supplies]).order_by("pk")
    return SupplyBody(rows, many=True).data


def _refuse_past(lines: Sequence[Mapping[str, Any]]) -> None:
    detail = gettext("Supply is expected today or later.")
    first = today()
    faults = [
        Fault(f"/lines/{index}/expected_on", "IN_THE_PAST", detail)
        for index, line in enumerate(lines)
        if line["expected_on"] is not None and line["expected_on"] < first
    ]
    if faults:
        raise refused("IN_THE_PAST", detail, faults)
