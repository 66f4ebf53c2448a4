"""``availability/check/``: whether lines could be ordered now; writes nothing."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.utils.translation import gettext
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from core import formats
from core.api.endpoint import Endpoint
from core.api.fields import QuantityField, StrictSerializer, TextField, UnitsField
from core.api.problems import Fault, refused
from core.clock import today
from orders.api.faults import order_refused
from orders.models import FulfillmentMethod
from orders.placing.check import CheckedLine, check_lines
from orders.placing.errors import in_words
from orders.placing.request import Customer, LineRequest, OrderRequest
from orders.placing.validation import MAXIMUM_LINES

CHECKED = ("channel", "stock", "pickup_source", "fulfillment_method")


class CheckLineBody(StrictSerializer):
    sku = TextField(max_length=64)
    quantity = UnitsField()


class CheckBody(StrictSerializer):
    """Lines that someone may order; names either a stock or a sales channel."""

    stock = TextField(max_length=64, required=False)
    channel = TextField(max_length=64, required=False)
    fulfillment_method = serializers.ChoiceField(choices=FulfillmentMethod.choices, required=False)
    pickup_source = TextField(max_length=64, required=False, allow_null=True)
    lines = CheckLineBody(many=True, allow_empty=False, max_length=MAXIMUM_LINES)


class CheckReasonSerializer(serializers.Serializer[Any]):
    code = serializers.CharField()
    message = serializers.CharField()


class CheckLineSerializer(serializers.Serializer[Any]):
    """A line: whether it can be ordered, and every reason why not."""

    sku = serializers.CharField()
    ok = serializers.BooleanField()
    reasons = CheckReasonSerializer(many=True)
    backordered_quantity = QuantityField()
    notice = serializers.CharField()


class CheckSerializer(serializers.Serializer[Any]):
    """The lines in the order in which they were sent."""

    lines = CheckLineSerializer(many=True)


class CheckEndpoint(Endpoint):
    limited_methods = ("POST",)
    required_permissions = {"POST": "inventory.view_product"}
    serializer_class = CheckBody

    @extend_schema(operation_id="availability_check", responses=CheckSerializer)
    def post(self, request: Request) -> Response:
        """Check lines together, as placing an order would, and write nothing."""
        values = self.validated(request)
        if ("stock" in values) == ("channel" in values):
            detail = gettext("Name a stock or a sales channel, one of them.")
            raise refused("INVALID", detail, [Fault("/stock", "STOCK_OR_CHANNEL", detail)])
        asked = _request(values)
        checked = check_lines(asked, today=today(), stock=values.get("stock"))
        # There is no order yet, so problems of its customer are left out.
        problems = [problem for problem in checked.problems if problem.path in CHECKED]
        if problems:
            raise order_refused(problems)
        rows = [
            _shown(line.sku, found) for line, found in zip(asked.lines, checked.lines, strict=True)
        ]
        return Response(CheckSerializer({"lines": rows}).data)


def _request(values: Mapping[str, Any]) -> OrderRequest:
    return OrderRequest(
        channel=values.get("channel", ""),
        customer=Customer("", ""),
        lines=tuple(LineRequest(**row) for row in values["lines"]),
        fulfillment_method=values.get("fulfillment_method", FulfillmentMethod.SHIP_TO_HOME),
        pickup_source=values.get("pickup_source"),
        currency=settings.SITE_CURRENCY,
    )


def _shown(sku: str, found: CheckedLine) -> dict[str, Any]:
    if found.preorder_on is None:
        notice = gettext("%(quantity)s of these will be sent later, when they are in stock again.")
    else:
        notice = gettext("Pre-order: %(quantity)s of these will be sent from %(day)s.")
    values = {
        "quantity": formats.quantity(found.backordered),
        "day": formats.day(found.preorder_on),
    }
    return {
        "sku": sku,
        "ok": not found.problems,
        "reasons": [
            {"code": problem.code, "message": in_words(problem)} for problem in found.problems
        ],
        "backordered_quantity": found.backordered,
        "notice": notice % values if found.notifies_customer and found.backordered else "",
    }
