"""``orders/{number}/cancel/``, ``…/capture/`` and ``…/refund/``."""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext
from drf_spectacular.utils import extend_schema
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
from core.api.idempotency import once, own_key, user_id_of
from core.api.problems import Fault, refused
from core.operations.idempotency import Answer
from orders.api.faults import line_ids, refusals_as_problems
from orders.api.order_body import OrderShown, order_body
from orders.api.orders import key_of
from orders.changes.cancel import cancel
from orders.changes.capture import capture
from orders.changes.refund import RefundRequest, refund
from orders.models import Order
from orders.placing.validation import MAXIMUM_LINES


class LineUnitsBody(StrictSerializer):
    """Units of a line of the order, by its number there (1, 2, …)."""

    line = WholeField(min_value=1)
    quantity = UnitsField()


class RefundLineBody(LineUnitsBody):
    """Units to refund; without ``shipped_quantity`` those that did not leave are taken first."""

    shipped_quantity = QuantityField(required=False)


class CancelBody(StrictSerializer):
    """What to cancel: units of lines, what is on a shipment, or ``all`` that is open."""

    lines = LineUnitsBody(many=True, required=False, allow_empty=False, max_length=MAXIMUM_LINES)
    shipment = TextField(max_length=48, required=False)
    all = YesNoField(required=False)
    reason = TextField(max_length=500, required=False, allow_blank=True)


class CaptureBody(StrictSerializer):
    """What to capture; without lines, all that is not captured."""

    lines = LineUnitsBody(many=True, required=False, allow_empty=False, max_length=MAXIMUM_LINES)


class RefundBody(StrictSerializer):
    """Captured units to refund, and whether they go back to stock."""

    lines = RefundLineBody(many=True, allow_empty=False, max_length=MAXIMUM_LINES)
    return_to_stock = YesNoField()
    reason = TextField(max_length=500, required=False, allow_blank=True)


class ChangeEndpoint(Endpoint):
    """One thing that is done to an order; answers with the order as it is then."""

    required_permissions = {"POST": "orders.change_order"}
    queryset = Order.objects.order_by("pk")

    def answer(
        self,
        request: Request,
        order: Order,
        change: Callable[[], object],
        *,
        lines: Mapping[int, object] | None,
    ) -> Response:
        """Make a change, and answer with the order; ``lines`` are those named, by order line id."""

        def perform() -> Answer:
            with refusals_as_problems(tuple(lines or ())):
                change()
            return Answer(200, order_body(order.pk))

        return once(request, perform, calls_out=True)


class CancelEndpoint(ChangeEndpoint):
    serializer_class = CancelBody

    @extend_schema(responses=OrderShown)
    def post(self, request: Request, number: str) -> Response:
        """Cancel open units; captured ones are refunded."""
        order = self.found(self.get_queryset(), number=number)
        values = self.validated(request)
        _check_what_is_meant(values)
        units = quantities(order, values)
        return self.answer(
            request,
            order,
            lambda: cancel(
                order.pk,
                quantities=units,
                shipment_number=values.get("shipment"),
                reason=values.get("reason", ""),
                now=timezone.now(),
                actor_id=user_id_of(request),
                idempotency_key=own_key(request),
            ),
            lines=units,
        )


class CaptureEndpoint(ChangeEndpoint):
    serializer_class = CaptureBody

    @extend_schema(responses=OrderShown)
    def post(self, request: Request, number: str) -> Response:
        """Capture units that are authorized and not captured yet."""
        order = self.found(self.get_queryset(), number=number)
        values = self.validated(request)
        units = quantities(order, values)
        return self.answer(
            request,
            order,
            lambda: capture(
                order.pk,
                quantities=units,
                now=timezone.now(),
                idempotency_key=key_of(request),
            ),
            lines=units,
        )


class RefundEndpoint(ChangeEndpoint):
    serializer_class = RefundBody

    @extend_schema(responses=OrderShown)
    def post(self, request: Request, number: str) -> Response:
        """Refund captured units, before or after they left."""
        order = self.found(self.get_queryset(), number=number)
        values = self.validated(request)
        units = _refunds(order, values["lines"])
        return self.answer(
            request,
            order,
            lambda: refund(
                order.pk,
                lines=units,
                is_returned_to_stock=values["return_to_stock"],
                reason=values.get("reason", ""),
                now=timezone.now(),
                actor_id=user_id_of(request),
                idempotency_key=own_key(request),
            ),
            lines=units,
        )


def quantities(order: Order, values: Mapping[str, Any]) -> dict[int, Decimal] | None:
    """Return the units that a body names by order line id; None where it names no lines."""
    rows = values.get("lines")
    if rows is None:
        return None
    found = line_ids(order, rows)
    return {line_id: row["quantity"] for line_id, row in zip(found, rows, strict=True)}


def _check_what_is_meant(values: Mapping[str, Any]) -> None:
    """Refuse a cancel that names nothing, or lines and everything: an empty body once canceled
    whole orders.

    :raises core.api.problems.ProblemError: 422.
    """
    is_part = bool({"lines", "shipment"} & values.keys())
    if bool(values.get("all")) is not is_part:
        return
    detail = gettext("Name lines or a shipment, or send all: true, one of them.")
    code = "CONTRADICTION" if is_part else "REQUIRED"
    raise refused("INVALID", detail, [Fault("/all", code, detail)])


def _refunds(order: Order, rows: Sequence[Mapping[str, Any]]) -> dict[int, RefundRequest]:
    found = line_ids(order, rows)
    return {
        line_id: RefundRequest(row["quantity"], row.get("shipped_quantity"))
        for line_id, row in zip(found, rows, strict=True)
    }
