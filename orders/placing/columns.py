"""Turns a decided order into the rows that say so; PURE arithmetic on values."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from inventory.options import PaymentAction
from inventory.selling import places_with_decimals
from orders.models import Order
from orders.money import share
from orders.payments.registry import gateway_named
from orders.placing.addresses import stored_country
from orders.placing.assessment import AssessedLine, AssessedOrder
from orders.placing.request import OrderRequest
from orders.placing.rows import NewLine, NewOrder
from orders.ports import LineToRoute, OrderToRoute, RoutedOrder

NOTHING = Decimal(0)


def route_request(request: OrderRequest, assessed: AssessedOrder) -> OrderToRoute:
    """Return what fulfillment needs to know to route the order."""
    address = request.address
    destination = None
    if address.latitude is not None and address.longitude is not None:
        destination = (address.latitude, address.longitude)
    return OrderToRoute(
        stock_id=assessed.context.stock_id,
        pickup_source_id=assessed.pickup_source_id,
        destination=destination,
        lines=tuple(
            LineToRoute(
                number=line.number,
                product_id=line.product.product_id,
                quantity=line.request.quantity,
                amount=line.total,
                is_virtual=line.product.is_virtual,
                is_reserving=line.is_reserving,
                takes_backorders=line.takes_backorders,
            )
            for line in assessed.lines
        ),
        links=assessed.context.links,
        items=tuple(assessed.items),
        with_decimals=places_with_decimals(assessed.context, assessed.items),
        configuration=assessed.configuration,
    )


def canceled_amount(line: AssessedLine, routed: RoutedOrder) -> Decimal:
    """Return what the canceled units of a line are worth; the kept ones have the remainder."""
    canceled = routed.canceled.get(line.number, NOTHING)
    return share(line.total, canceled, line.request.quantity)


def new_order(
    request: OrderRequest,
    assessed: AssessedOrder,
    routed: RoutedOrder,
    *,
    placed_at: datetime,
    idempotency_key: str | None,
    fingerprint: str,
) -> NewOrder:
    """Return the rows of an order as it is placed, with the money to ask for."""
    lines = [_new_line(line, routed) for line in assessed.lines]
    total = sum((line.total for line in lines), NOTHING)
    due = total - sum((canceled_amount(line, routed) for line in assessed.lines), NOTHING)
    address = request.address
    columns = {
        "number": request.number,
        "channel_id": assessed.context.channel_id,
        "stock_id": assessed.context.stock_id,
        "status": _first_status(lines),
        "placed_at": placed_at,
        "priority": request.priority,
        "customer_name": request.customer.name,
        "customer_email": request.customer.email,
        "customer_language": request.customer.language,
        "fulfillment_method": request.fulfillment_method,
        "pickup_source_id": assessed.pickup_source_id,
        "recipient": address.recipient,
        "street": address.street,
        "city": address.city,
        "region": address.region,
        "postcode": address.postcode,
        "country": stored_country(address.country),
        "latitude": address.latitude,
        "longitude": address.longitude,
        "currency": request.currency,
        "total": total,
        "backordered_quantity": sum((line.backordered for line in lines), NOTHING),
        "idempotency_key": idempotency_key,
        "fingerprint": fingerprint,
        "gateway": request.payment.gateway,
        "token": request.payment.token,
        "action": _payment_action(request, assessed),
    }
    return NewOrder(columns=columns, lines=lines, due=due)


def _new_line(line: AssessedLine, routed: RoutedOrder) -> NewLine:
    return NewLine(
        product_id=line.product.product_id,
        sku=line.product.sku,
        name=line.product.name,
        is_virtual=line.product.is_virtual,
        is_reserving=line.is_reserving,
        quantity=line.request.quantity,
        backordered=routed.backordered.get(line.number, NOTHING),
        canceled=routed.canceled.get(line.number, NOTHING),
        unit_price=line.unit_price,
        discount=line.request.discount,
        tax=line.request.tax,
        total=line.total,
    )


def _first_status(lines: Sequence[NewLine]) -> str:
    if all(line.canceled == line.quantity for line in lines):
        return Order.Status.CANCELED
    return Order.Status.PENDING_PAYMENT


def _payment_action(request: OrderRequest, assessed: AssessedOrder) -> str:
    own = gateway_named(request.payment.gateway).payment_action
    return own or str(assessed.configuration["payment_action"] or PaymentAction.AUTHORIZE)
