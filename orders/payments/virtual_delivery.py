"""Invoices units: virtual ones are delivered with it, so that they leave the books."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from core.acts import Act
from inventory.models import Reservation, SourceItem
from inventory.operations import ledger, units
from orders import ports
from orders.books import add_to_lines, entries_of, refresh_status
from orders.models import Order, OrderLine, VirtualDelivery


def invoice(
    order: Order, quantities: Mapping[int, Decimal], *, sequence: int, now: datetime
) -> None:
    """Invoice units, by line id; virtual ones are delivered. Runs in the caller's transaction."""
    add_to_lines("invoiced_quantity", quantities)
    virtual = order.lines.filter(pk__in=quantities, is_virtual=True)
    if virtual.exists():
        deliver(order, quantities, sequence=sequence, now=now)


def deliver(
    order: Order, quantities: Mapping[int, Decimal], *, sequence: int, now: datetime
) -> None:
    """Deduct the units just invoiced of the virtual lines among ``quantities``, by line id.

    Runs inside the caller's transaction, the order locked; the order's status follows.

    Rule: Reservations, a virtual line is invoiced.
    """
    chosen = OrderLine.objects.filter(pk__in=quantities, is_virtual=True, is_reserving=True)
    lines = list(chosen.order_by("pk"))
    ended = ports.current().end_virtual_allocations(
        {line.pk: quantities[line.pk] for line in lines}
    )
    by_item: defaultdict[int, Decimal] = defaultdict(Decimal)
    for (_line, item_id), quantity in ended.items():
        by_item[item_id] += quantity
    items = {item.pk: item for item in SourceItem.objects.filter(pk__in=by_item).locked()}
    units.deduct(by_item)
    VirtualDelivery.objects.bulk_create(
        VirtualDelivery(
            order_line_id=line_id, source_id=items[item_id].source_id, quantity=quantity
        )
        for (line_id, item_id), quantity in ended.items()
    )
    refresh_status(order)
    allocated: defaultdict[tuple[int, int], Decimal] = defaultdict(Decimal)
    for line in lines:
        allocated[order.stock_id, line.product_id] -= quantities[line.pk]
    event = Reservation.Event.INVOICED
    entries = entries_of(order, lines, quantities, event=event, sequence=sequence)
    ledger.record(entries, Act(now), allocated=allocated)
