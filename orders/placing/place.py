"""Places an order in one transaction; it is paid for after that."""

from dataclasses import dataclass
from datetime import date

from django.db import IntegrityError, transaction
from django.utils import timezone

from core.acts import Act
from inventory.operations.whole_units import hold_products
from inventory.options import PaymentAction
from inventory.queries.salability_facts import context_of_channel, items_with_facts
from orders import ports
from orders.models import Order
from orders.notices.email_queue import CancelCause, tell_canceled
from orders.payments.gateways import GatewayRequest, gateway_named
from orders.payments.settlement import Authorization, authorize
from orders.placing.assessment import address_problems, assess, needs_address, routing_problems
from orders.placing.commitment import amount_due, commit_units, units_not_assigned
from orders.placing.errors import (
    IN_THE_FUTURE,
    NUMBER_TAKEN,
    UNKNOWN_CHANNEL,
    IdempotencyConflictError,
    OrderRefusedError,
)
from orders.placing.order_insert import write_order
from orders.placing.request import OrderRequest
from orders.placing.validation import is_in_the_future, problems_of
from orders.routed_order import AssessedOrder, RoutedOrder


@dataclass(frozen=True, slots=True)
class PlacedOrder:
    """The result of placing. ``is_replay``: the key was known, and nothing was written."""

    order_id: int
    number: str
    status: str
    is_replay: bool = False

    @property
    def is_declined(self) -> bool:
        """Whether the order was canceled because its payment, or every unit, was refused."""
        return self.status == Order.Status.CANCELED


def place_order(request: OrderRequest, act: Act, *, tells_customer: bool = True) -> PlacedOrder:
    """Place an order, all of it or nothing, then ask for its money.

    Opens the transaction. The source items of its products are held, in key order, from the
    check to the commit, so that no number of concurrent buyers oversells, in one stock or in
    several that share sources. The gateway is called after the commit. ``tells_customer``: the
    order is confirmed by e-mail once it is paid for; orders of the past are not.

    :raises OrderRefusedError: with every reason of every line; nothing was written.
    :raises IdempotencyConflictError: when the key was used for another request.

    Rule: Placing an order.
    """
    if is_in_the_future(request, now=act.at):
        raise OrderRefusedError([IN_THE_FUTURE])
    fingerprint = request.fingerprint() if act.key else ""
    if act.key and (known := _replay(act.key, fingerprint)):
        return known
    try:
        with transaction.atomic():
            placed, pending = place_in_books(
                request, act, tells_customer=tells_customer, fingerprint=fingerprint
            )
    except (IntegrityError, OrderRefusedError) as error:
        # A twin with the same key may have won the race for the row, or for the last units.
        if act.key and (known := _replay(act.key, fingerprint)):
            return known
        if isinstance(error, IntegrityError) and "orders_order_number" in str(error):
            raise OrderRefusedError([NUMBER_TAKEN]) from error
        raise
    if pending is None:
        return placed
    return PlacedOrder(placed.order_id, placed.number, authorize(pending, now=act.at))


def _replay(idempotency_key: str, fingerprint: str) -> PlacedOrder | None:
    known = Order.objects.filter(idempotency_key=idempotency_key).first()
    if known is None:
        return None
    if known.request_fingerprint != fingerprint:
        raise IdempotencyConflictError(idempotency_key)
    return PlacedOrder(known.pk, known.number, known.status, is_replay=True)


def place_in_books(
    request: OrderRequest, act: Act, *, tells_customer: bool, fingerprint: str = ""
) -> tuple[PlacedOrder, Authorization | None]:
    """Write an order in the caller's transaction; return it with the authorization to send after.

    :raises OrderRefusedError: with every reason of every line; nothing was written.
    :raises django.db.IntegrityError: when the number or the key is taken.
    """
    assessed, routed = _decide(request, today=timezone.localdate(act.at))
    canceled = units_not_assigned(assessed, routed)
    due = amount_due(assessed, canceled)
    action = gateway_named(request.payment.gateway).payment_action or str(
        assessed.configuration["payment_action"] or PaymentAction.AUTHORIZE
    )
    written = write_order(
        request, assessed, routed, act, due=due, action=action, fingerprint=fingerprint
    )
    cancellation = commit_units(written, assessed, routed, canceled, act)
    if cancellation is not None and tells_customer and not due:
        # The confirmation of what is paid for says what was canceled of it.
        tell_canceled(cancellation, cause=CancelCause.NOT_AVAILABLE, now=act.at)
    placed = PlacedOrder(written.order_id, written.number, written.status)
    if written.operation_id is None or written.operation_key is None:
        return placed, None
    return placed, Authorization(
        order_id=written.order_id,
        operation_id=written.operation_id,
        gateway=request.payment.gateway,
        captures=action == PaymentAction.AUTHORIZE_AND_CAPTURE,
        has_virtual_lines=any(line.product.is_virtual for line in assessed.lines),
        request=GatewayRequest(
            idempotency_key=written.operation_key,
            amount=due,
            currency=request.currency,
            token=request.payment.token,
        ),
        waits=bool(routed.backordered),
        tells_customer=tells_customer,
    )


def _decide(request: OrderRequest, *, today: date) -> tuple[AssessedOrder, RoutedOrder]:
    skus = {line.sku for line in request.lines}
    context = context_of_channel(request.channel, skus, today=today)
    known = {} if context is None else context.products
    products = [known.get(line.sku) for line in request.lines]
    is_virtual = bool(products) and all(found and found.is_virtual for found in products)
    is_needed = needs_address(request.fulfillment_method, is_virtual=is_virtual)
    problems = [
        *problems_of(request),
        *address_problems(request.address, is_needed=is_needed),
    ]
    if problems or context is None:
        raise OrderRefusedError([*([] if context else [UNKNOWN_CHANNEL]), *problems])
    if context.preordered_ids or any(line.quantity % 1 for line in request.lines):
        # Whether fractions are sold, and the release date, are read again once they are locked.
        # Buyers in stocks that share no source meet here: a pre-order limit counts all of them.
        hold_products([product.product_id for product in context.products.values()])
        context = context_of_channel(request.channel, skus, today=today) or context
    items, facts = items_with_facts(context, lock=True)
    assessed, problems = assess(request, context, items, facts)
    if problems:
        raise OrderRefusedError(problems)
    routed = ports.current().route_order(assessed)
    if problems := routing_problems(assessed, routed):
        raise OrderRefusedError(problems)
    return assessed, routed
