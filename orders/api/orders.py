"""``orders/``: orders, to be read or placed."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.conf import settings
from django.utils.translation import gettext
from drf_spectacular.utils import OpenApiResponse, extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.endpoint import Endpoint, ListEndpoint, RowEndpoint
from core.api.fields import (
    EmailField,
    LatitudeField,
    LongitudeField,
    MomentField,
    MoneyField,
    StrictSerializer,
    TextField,
    UnitsField,
    WholeField,
    YesNoField,
)
from core.api.idempotency import act_of, once
from core.api.problems import problem_members
from core.api.schema import ProblemSerializer
from core.operations.idempotency import Answer
from orders.api.faults import refusals_as_problems
from orders.api.filters import OrderFilters
from orders.api.order_body import OrderSerializer, order_bodies, order_body, order_rows
from orders.models import FulfillmentMethod, Payment
from orders.placing.place import PlacedOrder, place_order
from orders.placing.request import Address, Customer, LineRequest, OrderRequest, PaymentRequest
from orders.placing.validation import MAXIMUM_LINES


def _text(length: int) -> TextField:
    return TextField(max_length=length, required=False, allow_blank=True)


class CustomerBody(StrictSerializer):
    """Who orders; e-mails are written in their language, without one in that of the site."""

    name = TextField(max_length=200)
    email = EmailField()
    language = TextField(max_length=16, required=False)


class AddressBody(StrictSerializer):
    """Where an order goes; coordinates let the nearest source serve it.

    Recipient, street, city, country and, where the country has them, postcode are required for
    ship to home, unless every product is virtual.
    """

    recipient = _text(200)
    street = _text(200)
    city = _text(100)
    region = _text(100)
    postcode = _text(32)
    country = TextField(
        max_length=100,
        required=False,
        allow_blank=True,
        help_text="The ISO 3166 code; a name of the country is taken for it.",
    )
    latitude = LatitudeField(required=False, allow_null=True)
    longitude = LongitudeField(required=False, allow_null=True)


class PlaceLineBody(StrictSerializer):
    """Units of one SKU; without a unit price the product's own counts."""

    sku = TextField(max_length=64)
    quantity = UnitsField()
    unit_price = MoneyField(required=False, allow_null=True)
    discount = MoneyField(required=False)
    tax = MoneyField(required=False)


class PaymentRequestBody(StrictSerializer):
    """How the order is paid: the gateway's name, and the token that it gave the customer."""

    gateway = TextField(max_length=32)
    token = _text(255)


class PlaceBody(StrictSerializer):
    """An order to place."""

    number = TextField(max_length=32, required=False, allow_null=True)
    channel = TextField(max_length=64)
    customer = CustomerBody()
    fulfillment_method = serializers.ChoiceField(choices=FulfillmentMethod.choices, required=False)
    pickup_source = TextField(max_length=64, required=False, allow_null=True)
    address = AddressBody(required=False)
    priority = WholeField(required=False)
    currency = TextField(min_length=3, max_length=3, required=False)
    lines = PlaceLineBody(many=True, max_length=MAXIMUM_LINES, allow_empty=False)
    payment = PaymentRequestBody(required=False)
    placed_at = MomentField(required=False, allow_null=True)
    ship_complete = YesNoField(
        required=False,
        allow_null=True,
        help_text="Nothing of it leaves before all of it can. Null: as the site has it.",
    )


class OrderBodies(Endpoint):
    queryset = order_rows()
    serializer_class = OrderSerializer

    def shown(self, rows: Sequence[Any]) -> Any:
        return order_bodies(rows)


@extend_schema_view(get=extend_schema(operation_id="orders_list"))
class OrdersEndpoint(OrderBodies, ListEndpoint):
    """Orders, newest first."""

    required_permissions = {"GET": "orders.view_order", "POST": "orders.add_order"}
    filterset_class = OrderFilters

    @extend_schema(
        request=PlaceBody,
        responses={
            201: OrderSerializer,
            (402, "application/problem+json"): OpenApiResponse(
                ProblemSerializer, "The payment is declined; the order is canceled."
            ),
        },
    )
    def post(self, request: Request) -> Response:
        """Place an order, all of it or nothing; a refusal has every reason of every line."""
        body = PlaceBody(data=request.data)
        body.is_valid(raise_exception=True)
        asked = order_request(body.validated_data)

        def perform() -> Answer:
            with refusals_as_problems():
                placed = place_order(asked, act_of(request))
            if _is_declined(placed):
                return Answer(402, _declined(placed))
            return Answer(201, order_body(placed.order_id))

        return once(request, perform, calls_out=True)


class OrderEndpoint(OrderBodies, RowEndpoint):
    """One order."""

    required_permissions = {"GET": "orders.view_order"}


def _is_declined(placed: PlacedOrder) -> bool:
    """Whether the gateway declined; an order may also be canceled for lack of units."""
    declined = Payment.objects.filter(order=placed.order_id, state=Payment.State.DECLINED)
    return placed.is_declined and declined.exists()


def _declined(placed: PlacedOrder) -> dict[str, Any]:
    detail = gettext("The payment was declined; the order %(number)s is canceled.")
    number = {"number": placed.number}
    return {**problem_members(402, "PAYMENT_DECLINED", detail % number), "order": placed.number}


def order_request(values: Mapping[str, Any]) -> OrderRequest:
    """Return the request that a body, as :class:`PlaceBody` read it, makes."""
    customer = {"language": settings.LANGUAGE_CODE, **values["customer"]}
    parts: dict[str, Any] = {**values, "customer": Customer(**customer)}
    parts.setdefault("currency", settings.SITE_CURRENCY)
    parts["lines"] = tuple(LineRequest(**line) for line in values["lines"])
    if "address" in values:
        parts["address"] = Address(**values["address"])
    if "payment" in values:
        parts["payment"] = PaymentRequest(**values["payment"])
    return OrderRequest(**parts)
