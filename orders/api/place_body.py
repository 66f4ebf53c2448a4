"""What a program sends to place an order, and to ask whether one could be placed."""

from collections.abc import Mapping
from typing import Any

from rest_framework import serializers

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
)
from orders.models import FulfillmentMethod
from orders.placing.request import Address, Customer, LineRequest, OrderRequest, PaymentRequest
from orders.placing.validation import MAXIMUM_LINES


def _text(length: int) -> TextField:
    return TextField(max_length=length, required=False, allow_blank=True)


class CustomerBody(StrictSerializer):
    """Who orders; e-mails are written in their language."""

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


def order_request(values: Mapping[str, Any]) -> OrderRequest:
    """Return the request that a body, as :class:`PlaceBody` read it, makes."""
    parts: dict[str, Any] = {**values, "customer": Customer(**values["customer"])}
    parts["lines"] = tuple(LineRequest(**line) for line in values["lines"])
    if "address" in values:
        parts["address"] = Address(**values["address"])
    if "payment" in values:
        parts["payment"] = PaymentRequest(**values["payment"])
    return OrderRequest(**parts)
