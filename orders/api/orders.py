"""``orders/``: the list of orders, one order, and placing an order."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext
from drf_spectacular.utils import OpenApiResponse, extend_schema, extend_schema_view
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.endpoint import Endpoint, ListEndpoint, RowEndpoint
from core.api.idempotency import act_of, once
from core.api.problems import problem_members
from core.api.schema import Problem
from core.operations.idempotency import Answer
from orders.api.faults import refusals_as_problems
from orders.api.filters import OrderFilters
from orders.api.order_body import OrderShown, order_bodies, order_body, order_rows
from orders.api.place_body import PlaceBody, order_request
from orders.models import Payment
from orders.placing.place import PlacedOrder, place_order


class OrderBodies(Endpoint):
    queryset = order_rows()
    serializer_class = OrderShown

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
            201: OrderShown,
            (402, "application/problem+json"): OpenApiResponse(
                Problem, "The payment is declined; the order is canceled."
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
