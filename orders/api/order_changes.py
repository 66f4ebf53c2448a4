"""``orders/{number}/changes/``: changes of a placed order, made or previewed."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.endpoint import DRY_RUN, PREVIEW, Endpoint, ListEndpoint, RowEndpoint, is_preview
from core.api.fields import (
    Body,
    MoneyField,
    StrictSerializer,
    TextField,
    UnitsField,
    YesNoField,
)
from core.api.idempotency import act_of, once
from core.api.problems import problem_members
from core.api.schema import IF_MATCH, ProblemSerializer
from core.api.versions import expected_version
from core.operations.idempotency import Answer
from orders.api.changes import LineUnitsBody
from orders.api.faults import line_ids, refusals_as_problems
from orders.api.order_effects import OrderEffectSerializer, effect_body
from orders.api.orders import AddressBody, CustomerBody, PlaceLineBody
from orders.changes.order_change import change_order
from orders.changes.request import (
    ChangePayment,
    ChangeRequest,
    NewContact,
    SubstitutePrice,
    Substitution,
)
from orders.models import FulfillmentMethod, Order, OrderChange, Payment
from orders.permissions import CANCEL, CHANGE
from orders.placing.request import Address, LineRequest
from orders.placing.validation import MAXIMUM_LINES

# What takes units away asks for the permission to cancel as well.
CANCELS = {"cancel", "substitute"}


class SetBody(StrictSerializer):
    """What is set; a member of ``customer`` that is left out stays as it is.

    ``address`` takes the place of the whole address: what is left out of it becomes empty, and
    without coordinates the order has none. With another ``fulfillment_method`` or
    ``pickup_source`` what has still to leave is routed anew; what waits keeps its age. With
    ``ship_complete`` nothing leaves before all of it can; without, what is ready is let go.
    """

    customer = CustomerBody(required=False, is_change=True)
    address = AddressBody(required=False)
    fulfillment_method = serializers.ChoiceField(choices=FulfillmentMethod.choices, required=False)
    pickup_source = TextField(max_length=64, required=False)
    choose_sources_again = YesNoField(required=False)
    ship_complete = YesNoField(required=False)


class ChangePaymentBody(StrictSerializer):
    """How what is added is paid: with a new token, or ``due``: recorded, and paid by hand.

    Without either, as the order was paid.
    """

    token = TextField(max_length=255, required=False)
    due = YesNoField(required=False)


class SubstituteBody(LineUnitsBody):
    """Open units of a line that become units of another product.

    At the FORMER price they cost in all what the units cost that they replace. What costs more
    asks for money as ``add`` does; what costs less is refunded.
    """

    sku = TextField(max_length=64)
    new_quantity = UnitsField()
    price = serializers.ChoiceField(
        choices=[one.value for one in SubstitutePrice], default=SubstitutePrice.FORMER.value
    )


class OrderChangeBody(StrictSerializer):
    """One change of an order, made whole or not at all.

    ``cancel`` takes open units of lines, as ``cancel/`` does. ``add`` are new lines, which wait
    since now, and so does what is had by ``substitute``; each is a change of its own.
    """

    reason = TextField(max_length=500)
    set = SetBody(required=False)
    add = PlaceLineBody(many=True, required=False, allow_empty=False, max_length=MAXIMUM_LINES)
    cancel = LineUnitsBody(many=True, required=False, allow_empty=False, max_length=MAXIMUM_LINES)
    substitute = SubstituteBody(
        many=True, required=False, allow_empty=False, max_length=MAXIMUM_LINES
    )
    payment = ChangePaymentBody(required=False)


class ColumnChangeSerializer(Body[Any]):
    """A column of the order that was set; texts are empty where there was nothing."""

    column = serializers.CharField()
    before = serializers.CharField()
    after = serializers.CharField()


class ChangePaymentSerializer(Body[Payment]):
    """The payment that a change asked for."""

    gateway = serializers.CharField()
    state = serializers.ChoiceField(choices=Payment.State.choices)
    amount = MoneyField()
    captured_amount = MoneyField()


class OrderChangeSerializer(Body[OrderChange]):
    """A change of an order: what it set, and the numbers of the lines that it added.

    It is PENDING until the gateway has answered about its payment.
    """

    id = serializers.IntegerField(source="pk")
    state = serializers.ChoiceField(choices=OrderChange.State.choices)
    reason = serializers.CharField()
    author = serializers.CharField(source="actor.username", default=None, allow_null=True)
    created_at = serializers.DateTimeField()
    decided_at = serializers.DateTimeField(allow_null=True)
    payment = ChangePaymentSerializer(allow_null=True)
    added_lines = serializers.SerializerMethodField()
    steps = ColumnChangeSerializer(many=True)

    def get_added_lines(self, change: OrderChange) -> list[int]:
        return sorted(line.number for line in change.added_lines.all())


class OrderChangeRows(Endpoint):
    queryset = (
        OrderChange.objects.select_related("actor", "payment", "order")
        .prefetch_related("added_lines")
        .order_by("-pk")
    )
    serializer_class = OrderChangeSerializer


class OrderChangesEndpoint(OrderChangeRows, ListEndpoint):
    """The changes of an order, newest first."""

    required_permissions = {"GET": "orders.view_order", "POST": CHANGE}
    query_parameters = {"POST": (DRY_RUN,)}

    @extend_schema(operation_id="orders_changes_list")
    def get(self, request: Request, number: str) -> Response:
        order = self.found(Order.objects.all(), number=number)
        return self.page(self.get_queryset().filter(order=order))

    @extend_schema(
        request=OrderChangeBody,
        parameters=[IF_MATCH, PREVIEW],
        responses={
            200: OpenApiResponse(OrderEffectSerializer, "The preview (``dry_run=1``)."),
            201: OrderChangeSerializer,
            202: OpenApiResponse(OrderChangeSerializer, "The gateway has not answered yet."),
            (402, "application/problem+json"): OpenApiResponse(
                ProblemSerializer, "The payment is declined; nothing of the order has changed."
            ),
        },
    )
    def post(self, request: Request, number: str) -> Response:
        """Change an order; ``If-Match`` takes the version of the order as it was shown."""
        order = self.found(Order.objects.all(), number=number)
        values = self.validated(request, OrderChangeBody)
        if CANCELS & values.keys() and not request.user.has_perm(CANCEL):
            raise PermissionDenied
        asked, version = change_request(order, values), expected_version(request)
        act = act_of(request, values["reason"])
        if is_preview(request):
            with refusals_as_problems():
                effect = change_order.preview(
                    order.pk, act, request=asked, expected_version=version
                )
            return Response(effect_body(effect))

        def perform() -> Answer:
            with refusals_as_problems():
                written = change_order(order.pk, act, request=asked, expected_version=version)
            shown = self.get_queryset().get(pk=written.pk)
            if shown.state == OrderChange.State.DECLINED:
                return Answer(402, _declined(shown))
            status = 202 if shown.state == OrderChange.State.PENDING else 201
            return Answer(status, dict(OrderChangeSerializer(shown).data))

        return once(request, perform, calls_out=True)


class OrderChangeEndpoint(OrderChangeRows, RowEndpoint):
    """One change of an order."""

    required_permissions = {"GET": "orders.view_order"}

    def get(self, request: Request, *args: Any, **named: Any) -> Response:
        return super().get(request, order__number=named["number"], pk=named["pk"])


def change_request(order: Order, values: Mapping[str, Any]) -> ChangeRequest:
    """Return the change that a body, as :class:`OrderChangeBody` read it, asks for."""
    asked = values.get("set", {})
    contact, address = asked.get("customer"), asked.get("address")
    paid = values.get("payment", {})
    return ChangeRequest(
        contact=None if contact is None else NewContact(**contact),
        address=None if address is None else Address(**address),
        fulfillment_method=asked.get("fulfillment_method"),
        pickup_source=asked.get("pickup_source"),
        chooses_sources_again=asked.get("choose_sources_again", False),
        ship_complete=asked.get("ship_complete"),
        add=tuple(LineRequest(**line) for line in values.get("add", ())),
        cancel=_units_of(order, values.get("cancel", ())),
        substitute=_substitutions(order, values.get("substitute", ())),
        payment=ChangePayment(paid.get("token", ""), is_due=paid.get("due", False)),
    )


def _units_of(order: Order, rows: Sequence[Mapping[str, Any]]) -> dict[int, Decimal]:
    """Return the units that rows name by order line id."""
    found = line_ids(order, rows, member="cancel")
    return {line_id: row["quantity"] for line_id, row in zip(found, rows, strict=True)}


def _substitutions(order: Order, rows: Sequence[Mapping[str, Any]]) -> tuple[Substitution, ...]:
    """Return what rows of ``substitute`` ask for."""
    found = line_ids(order, rows, member="substitute")
    return tuple(
        Substitution(
            line_id,
            row["quantity"],
            row["sku"],
            row["new_quantity"],
            SubstitutePrice(row["price"]),
        )
        for line_id, row in zip(found, rows, strict=True)
    )


def _declined(change: OrderChange) -> dict[str, Any]:
    detail = gettext("The payment was declined. Nothing of the order %(number)s has changed.")
    number = change.order.number
    members = problem_members(402, "PAYMENT_DECLINED", detail % {"number": number})
    return {**members, "change": change.pk}
