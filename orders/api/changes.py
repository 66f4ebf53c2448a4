"""``orders/{number}/cancel/``, ``…/capture/``, ``…/refund/``."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.endpoint import Endpoint
from core.api.fields import (
    QuantityField,
    StrictSerializer,
    TextField,
    UnitsField,
    WholeField,
    YesNoField,
)
from core.api.idempotency import act_of, once
from core.api.problems import Fault, refused
from core.operations.idempotency import Answer
from orders.api.faults import line_ids, refusals_as_problems
from orders.api.order_body import OrderSerializer, order_body
from orders.changes.cancel import cancel
from orders.changes.capture import capture
from orders.changes.change import Change
from orders.changes.refund import RefundRequest, refund
from orders.models import Order
from orders.notices.email_queue import STAFF_CAUSES, CancelCause
from orders.permissions import CANCEL, CHANGE, REFUND
from orders.placing.validation import MAXIMUM_LINES


class LineUnitsBody(StrictSerializer):
    """Units of a line of the order, by its number there (1, 2, …)."""

    line = WholeField(min_value=1)
    quantity = UnitsField()


class RefundLineBody(LineUnitsBody):
    """Units to refund; without ``shipped_quantity`` those that did not leave are taken first."""

    shipped_quantity = QuantityField(required=False)


class CancelCauseMember(serializers.ChoiceField):
    """Why units are canceled, as the customer reads it; the reason is for staff."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(choices=[cause.value for cause in STAFF_CAUSES], **kwargs)

    def to_internal_value(self, data: Any) -> CancelCause:
        return CancelCause(super().to_internal_value(data))


class CancelBody(StrictSerializer):
    """What to cancel: units of lines, what is on a shipment, or ``all`` that is open."""

    lines = LineUnitsBody(many=True, required=False, allow_empty=False, max_length=MAXIMUM_LINES)
    shipment = TextField(max_length=48, required=False)
    all = YesNoField(required=False)
    cause = CancelCauseMember(required=False)
    reason = TextField(max_length=500, required=False, allow_blank=True)

    def validate(self, values: Any) -> Any:
        """Refuse a body that names nothing, or lines and everything: an empty one once canceled
        whole orders.

        :raises core.api.problems.ProblemError: 422.
        """
        is_part = bool({"lines", "shipment"} & values.keys())
        if bool(values.get("all")) is is_part:
            detail = gettext("Name lines or a shipment, or send all: true, one of them.")
            code = "CONTRADICTION" if is_part else "REQUIRED"
            raise refused("INVALID", detail, [Fault("/all", code, detail)])
        return super().validate(values)


class CaptureBody(StrictSerializer):
    """What to capture; without lines, all that is not captured."""

    lines = LineUnitsBody(many=True, required=False, allow_empty=False, max_length=MAXIMUM_LINES)


class RefundBody(StrictSerializer):
    """Captured units to refund, and whether they go back to stock."""

    lines = RefundLineBody(many=True, allow_empty=False, max_length=MAXIMUM_LINES)
    return_to_stock = YesNoField()
    reason = TextField(max_length=500, required=False, allow_blank=True)


class ChangeOrderEndpoint(Endpoint):
    """One change of an order; answers with the order as it is then."""

    required_permissions = {"POST": CHANGE}
    queryset = Order.objects.order_by("pk")
    change: Change[..., Any]

    @extend_schema(responses=OrderSerializer)
    def post(self, request: Request, number: str) -> Response:
        order = self.found(self.get_queryset(), number=number)
        values = self.validated(request)
        arguments = self.arguments(order, values)
        named = tuple(arguments.get("quantities") or arguments.get("lines") or ())
        act = act_of(request, values.get("reason", ""))

        def perform() -> Answer:
            with refusals_as_problems(named):
                self.change(order.pk, act, **arguments)
            return Answer(200, order_body(order.pk))

        return once(request, perform, calls_out=True)

    def arguments(self, order: Order, values: Mapping[str, Any]) -> dict[str, Any]:
        """Return a body as the change takes it."""
        return {"quantities": quantities(order, values)}


class CancelEndpoint(ChangeOrderEndpoint):
    """Cancel open units; captured ones are refunded."""

    required_permissions = {"POST": CANCEL}
    serializer_class = CancelBody
    change = cancel

    def arguments(self, order: Order, values: Mapping[str, Any]) -> dict[str, Any]:
        return {
            **super().arguments(order, values),
            "shipment_number": values.get("shipment"),
            "cause": values.get("cause", CancelCause.NOT_NAMED),
        }


class CaptureEndpoint(ChangeOrderEndpoint):
    """Capture units that are authorized and not captured yet."""

    serializer_class = CaptureBody
    change = capture


class RefundEndpoint(ChangeOrderEndpoint):
    """Refund captured units, before or after they left."""

    required_permissions = {"POST": REFUND}
    serializer_class = RefundBody
    change = refund

    def arguments(self, order: Order, values: Mapping[str, Any]) -> dict[str, Any]:
        rows = zip(line_ids(order, values["lines"]), values["lines"], strict=True)
        return {
            "lines": {
                line_id: RefundRequest(row["quantity"], row.get("shipped_quantity"))
                for line_id, row in rows
            },
            "is_returned_to_stock": values["return_to_stock"],
        }


def quantities(order: Order, values: Mapping[str, Any]) -> dict[int, Decimal] | None:
    """Return the units that a body names by order line id; None where it names no lines."""
    rows = values.get("lines")
    if rows is None:
        return None
    found = line_ids(order, rows)
    return {line_id: row["quantity"] for line_id, row in zip(found, rows, strict=True)}
