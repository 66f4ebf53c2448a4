"""Cancels an order that was never paid for: everything it holds is given back."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from django.db.models import F, Sum

from fulfillment.models import Allocation, Shipment, ShipmentEvent, ShipmentLine
from fulfillment.operations.shipments.waiting_counters import QueueKey, shift_waiting
from inventory.models import Reservation, SourceItem
from inventory.operations import ledger, units
from orders.models import Cancellation, CancellationLine, Order, OrderLine
from orders.money import share

WAITING = (Shipment.State.BACKORDER, Shipment.State.CUSTOMER_CARE)


def cancel_unpaid_order(
    order_id: int, *, now: datetime, actor_id: int | None, reason: str
) -> Cancellation:
    """Cancel everything of an order of which nothing was captured or shipped.

    Runs inside the caller's transaction, the order locked. Shipments, source items and balances
    are locked here, in that order.

    Rule: Placing an order, a declined payment.
    """
    order = Order.objects.get(pk=order_id)
    lines = list(order.lines.filter(open_quantity__gt=0).order_by("pk"))
    shipments = list(
        Shipment.objects.filter(order=order).exclude(state__in=Shipment.TERMINAL_STATES).locked()
    )
    waits = _waits_of(order, shipments)
    released = _end_allocations(order)
    _empty(shipments, now=now, actor_id=actor_id, reason=reason)
    cancellation = _record(order, lines, now=now, actor_id=actor_id, reason=reason)
    shift_waiting(waits)
    ledger.record(
        [_entry(order, line, cancellation) for line in lines if line.is_reserving],
        at=now,
        actor_id=actor_id,
        allocated=released,
    )
    return cancellation


def _waits_of(order: Order, shipments: Sequence[Shipment]) -> dict[QueueKey, Decimal]:
    waits: defaultdict[QueueKey, Decimal] = defaultdict(Decimal)
    waiting = [shipment.pk for shipment in shipments if shipment.state in WAITING]
    parts = ShipmentLine.objects.filter(shipment__in=waiting, order_line__is_reserving=True)
    for product_id, quantity in parts.values_list("product_id", "quantity"):
        waits[QueueKey(product_id, order.stock_id, order.pickup_source_id)] -= quantity
    return waits


def _end_allocations(order: Order) -> dict[tuple[int, int], Decimal]:
    """Give the order's units back; return the change of what its stock has allocated."""
    held = Allocation.objects.filter(order_line__order=order, source_item__isnull=False)
    by_item = {
        row["source_item"]: row["units"]
        for row in held.values("source_item").annotate(units=Sum("quantity")).order_by()
    }
    items = list(SourceItem.objects.filter(pk__in=by_item).locked())
    units.deallocate(by_item)
    held.delete()
    released: defaultdict[tuple[int, int], Decimal] = defaultdict(Decimal)
    for item in items:
        released[order.stock_id, item.product_id] -= by_item[item.pk]
    return released


def _empty(
    shipments: Sequence[Shipment], *, now: datetime, actor_id: int | None, reason: str
) -> None:
    ids = [shipment.pk for shipment in shipments]
    ShipmentLine.objects.filter(shipment__in=ids).update(
        canceled_quantity=F("canceled_quantity") + F("quantity"),
        canceled_amount=F("canceled_amount") + F("amount"),
        quantity=0,
        amount=0,
    )
    Shipment.objects.filter(pk__in=ids).update(
        state=Shipment.State.CANCELED,
        amount=0,
        is_held=False,
        hold_reason="",
        expected_on=None,
        is_expected_on_fixed=False,
    )
    ShipmentEvent.objects.bulk_create(
        ShipmentEvent(
            shipment_id=shipment_id,
            kind=ShipmentEvent.Kind.CANCELED,
            reason=reason,
            actor_id=actor_id,
            created_at=now,
        )
        for shipment_id in ids
    )


def _record(
    order: Order,
    lines: Sequence[OrderLine],
    *,
    now: datetime,
    actor_id: int | None,
    reason: str,
) -> Cancellation:
    cancellation = Cancellation.objects.create(
        order=order, reason=reason, actor_id=actor_id, created_at=now
    )
    CancellationLine.objects.bulk_create(
        CancellationLine(
            cancellation=cancellation,
            order_line=line,
            quantity=line.open_quantity,
            amount=line.total - share(line.total, line.canceled_quantity, line.quantity),
        )
        for line in lines
    )
    OrderLine.objects.filter(pk__in=[line.pk for line in lines]).update(
        canceled_quantity=F("canceled_quantity") + F("open_quantity")
    )
    order.status = Order.Status.CANCELED
    order.save(update_fields=["status"])
    return cancellation


def _entry(order: Order, line: OrderLine, cancellation: Cancellation) -> ledger.Entry:
    return ledger.Entry(
        stock_id=order.stock_id,
        product_id=line.product_id,
        quantity=line.open_quantity,
        event=Reservation.Event.CANCELED,
        order_line_id=line.pk,
        order_number=order.number,
        sequence=cancellation.pk,
    )
