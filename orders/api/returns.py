"""``returns/``: units that came back, taken back or previewed; refunds that are due."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext
from django_filters import rest_framework as filters
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response

from core.acts import Act
from core.api.endpoint import DRY_RUN, PREVIEW, Endpoint, ListEndpoint, RowEndpoint, is_preview
from core.api.fields import (
    Body,
    MoneyField,
    QuantityField,
    StrictSerializer,
    TextField,
    UnitsField,
    WholeField,
    YesNoField,
)
from core.api.filters import WordsFilter
from core.api.idempotency import act_of, once
from core.api.problems import Fault, refused
from core.api.schema import IF_MATCH
from core.api.versions import expected_version
from core.operations.idempotency import Answer
from inventory.models import Source
from orders.api.faults import line_ids, refusals_as_problems
from orders.api.order_effects import OrderEffectSerializer, effect_body
from orders.changes.return_request import (
    NEEDED,
    NewUnits,
    ReturnedUnits,
    ReturnMoney,
    ReturnRequest,
)
from orders.changes.returns import refund_return, take_back
from orders.models import Order, Return, ReturnLine
from orders.permissions import REFUND, TAKE_BACK
from orders.placing.validation import MAXIMUM_LINES


class ReturnLineBody(StrictSerializer):
    """Units of a line of the order, by its number there, that came back in one condition.

    Without ``shipment`` they are those that left first. Left out, ``return_to_stock`` is true
    unless they are damaged, and ``source`` is where they left from.
    """

    line = WholeField(min_value=1)
    quantity = UnitsField()
    condition = serializers.ChoiceField(choices=ReturnLine.Condition.values)
    return_to_stock = YesNoField(required=False)
    source = TextField(max_length=64, required=False)
    shipment = TextField(max_length=48, required=False)


class ExchangeBody(StrictSerializer):
    """What takes the place of the returned units of a line, for the same money in all."""

    line = WholeField(min_value=1)
    sku = TextField(max_length=64)
    quantity = UnitsField()


class ReturnBody(StrictSerializer):
    """Shipped units of an order that came back, and what becomes of their money."""

    order = TextField(max_length=32)
    lines = ReturnLineBody(many=True, allow_empty=False, max_length=MAXIMUM_LINES)
    money = serializers.ChoiceField(choices=[one.value for one in ReturnMoney])
    exchange = ExchangeBody(many=True, required=False, allow_empty=False, max_length=MAXIMUM_LINES)
    reason = TextField(max_length=500, required=False, allow_blank=True)


class ReturnRefundBody(StrictSerializer):
    """Nothing is chosen: all that is due is refunded."""


class ReturnLineSerializer(Body[ReturnLine]):
    """Units of a line that came back from one shipment."""

    line = serializers.IntegerField(source="order_line.number")
    sku = serializers.CharField(source="order_line.sku")
    shipment = serializers.CharField(source="shipment_number")
    quantity = QuantityField()
    amount = MoneyField(currency="order_line.order.currency")
    condition = serializers.ChoiceField(choices=ReturnLine.Condition.choices)
    return_to_stock = serializers.BooleanField(source="is_to_stock")
    source = serializers.CharField(source="source.code")


class ReturnSerializer(Body[Return]):
    """A return: OPEN while its refund is due; ``exchange`` are the lines that it paid for."""

    id = serializers.IntegerField(source="pk")
    order = serializers.CharField(source="order.number")
    state = serializers.ChoiceField(choices=Return.State.choices)
    amount = MoneyField(currency="order.currency")
    reason = serializers.CharField()
    author = serializers.CharField(source="actor.username", default=None, allow_null=True)
    created_at = serializers.DateTimeField()
    lines = ReturnLineSerializer(many=True)
    exchange = serializers.SerializerMethodField()

    def get_exchange(self, row: Return) -> list[int]:
        if row.exchange is None:
            return []
        return sorted(line.number for line in row.exchange.added_lines.all())


class ReturnFilters(filters.FilterSet):
    order = WordsFilter(field_name="order__number")
    state = WordsFilter(field_name="state")


class ReturnRows(Endpoint):
    queryset = (
        Return.objects.select_related("order", "actor", "exchange")
        .prefetch_related("lines__order_line__order", "lines__source", "exchange__added_lines")
        .order_by("-pk")
    )
    serializer_class = ReturnSerializer


class ReturnsEndpoint(ReturnRows, ListEndpoint):
    """The returns, newest first."""

    required_permissions = {"GET": "orders.view_return", "POST": TAKE_BACK}
    query_parameters = {"POST": (DRY_RUN,)}
    filterset_class = ReturnFilters

    @extend_schema(
        request=ReturnBody,
        parameters=[IF_MATCH, PREVIEW],
        responses={
            200: OpenApiResponse(OrderEffectSerializer, "The preview (``dry_run=1``)."),
            201: ReturnSerializer,
        },
    )
    def post(self, request: Request) -> Response:
        """Take units back; ``If-Match`` takes the version of the order as it was shown."""
        values = self.validated(request, ReturnBody)
        order = Order.objects.filter(number=values["order"]).order_by("pk").first()
        if order is None:
            detail = gettext("There is no such order.")
            raise refused("INVALID", detail, [Fault("/order", "UNKNOWN_ORDER", detail)])
        asked = return_request(order, values)
        if not request.user.has_perm(NEEDED.get(asked.money, TAKE_BACK)):
            raise PermissionDenied
        act = act_of(request, values.get("reason", ""))
        version = expected_version(request)
        named = [units.line_id for units in asked.lines]
        if is_preview(request):
            with refusals_as_problems(named):
                effect = take_back.preview(order.pk, act, request=asked, expected_version=version)
            return Response(effect_body(effect))

        def perform() -> Answer:
            with refusals_as_problems(named):
                written = take_back(order.pk, act, request=asked, expected_version=version)
            shown = self.get_queryset().get(pk=written.pk)
            return Answer(201, dict(ReturnSerializer(shown).data))

        return once(request, perform, calls_out=True)


class ReturnEndpoint(ReturnRows, RowEndpoint):
    """One return."""

    required_permissions = {"GET": "orders.view_return"}


class ReturnRefundEndpoint(ReturnRows):
    """The refund of a return whose money was to be paid back later."""

    required_permissions = {"POST": REFUND}

    @extend_schema(request=ReturnRefundBody, responses=ReturnSerializer)
    def post(self, request: Request, pk: int) -> Response:
        row = self.found(self.get_queryset(), pk=pk)
        self.validated(request, ReturnRefundBody)
        act: Act = act_of(request, "")

        def perform() -> Answer:
            with refusals_as_problems():
                refund_return(row.order_id, act, return_id=row.pk)
            shown = self.get_queryset().get(pk=row.pk)
            return Answer(200, dict(ReturnSerializer(shown).data))

        return once(request, perform, calls_out=True)


def return_request(order: Order, values: Mapping[str, Any]) -> ReturnRequest:
    """Return the return that a body, as :class:`ReturnBody` read it, asks for.

    :raises core.api.problems.ProblemError: 422 for lines and sources that there are not.
    """
    rows = values["lines"]
    known = dict(order.lines.in_force().values_list("number", "pk"))
    codes = {row["source"] for row in rows if "source" in row}
    sources = dict(Source.objects.filter(code__in=codes).values_list("code", "pk"))
    _refuse_unknown(rows, known, sources)
    exchange = values.get("exchange", ())
    exchanged = line_ids(order, exchange, member="exchange")
    return ReturnRequest(
        lines=tuple(
            ReturnedUnits(
                known[row["line"]],
                row["quantity"],
                row["condition"],
                is_to_stock=row.get("return_to_stock"),
                source_id=sources.get(row.get("source")),
                shipment=row.get("shipment"),
            )
            for row in rows
        ),
        money=ReturnMoney(values["money"]),
        exchange={
            pk: NewUnits(row["sku"], row["quantity"])
            for pk, row in zip(exchanged, exchange, strict=True)
        },
    )


def _refuse_unknown(
    rows: Sequence[Mapping[str, Any]], lines: Mapping[int, int], sources: Mapping[str, int]
) -> None:
    no_line = gettext("The order has no line with this number.")
    no_source = gettext("There is no such source.")
    faults = []
    for index, row in enumerate(rows):
        if row["line"] not in lines:
            faults.append(Fault(f"/lines/{index}/line", "UNKNOWN_LINE", no_line))
        if "source" in row and row["source"] not in sources:
            faults.append(Fault(f"/lines/{index}/source", "UNKNOWN_SOURCE", no_source))
    if faults:
        raise refused("INVALID", gettext("The lines that are named are refused."), faults)
