"""Ends what canceled or refunded units of shipments had set aside."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db.models import F

from fulfillment.models import Allocation, Shipment, ShipmentLine
from fulfillment.operations.shipments.allocation_counters import QueueKey

WAITS_WHOLE = (Shipment.State.BACKORDER, Shipment.State.CUSTOMER_CARE)


@dataclass(slots=True)
class EndedAllocations:
    """What the taken units had set aside, and whose queues they no longer wait in.

    ``at_items`` are by (order id, source item id). ``promised`` has, by shipment, the units that
    dated supply was to bring, as its event keeps them: the line, the source, the supply (none for
    what came already), and how many.
    """

    at_items: defaultdict[tuple[int, int], Decimal] = field(
        default_factory=lambda: defaultdict(Decimal)
    )
    of_supply: defaultdict[int, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    waits: defaultdict[QueueKey, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    promised: defaultdict[int, list[dict[str, Any]]] = field(
        default_factory=lambda: defaultdict(list)
    )


def end_allocations(
    shipments: Mapping[int, Shipment],
    parts: Mapping[int, ShipmentLine],
    taken: Mapping[int, Decimal],
    freed: EndedAllocations,
) -> None:
    """End what the taken units, by shipment line id, hold: promises first, then what came of them.

    Runs in the caller's transaction, the shipments and source items locked; adds to ``freed``.
    """
    held: defaultdict[int | None, list[Allocation]] = defaultdict(list)
    allocations = Allocation.objects.filter(shipment_line__in=taken).select_related(
        "future_supply", "source_item"
    )
    for allocation in allocations.order_by(F("future_supply_id").desc(nulls_last=True), "pk"):
        held[allocation.shipment_line_id].append(allocation)
    emptied: list[Allocation] = []
    reduced: list[Allocation] = []
    for part_id, quantity in taken.items():
        part, left = parts[part_id], quantity
        for allocation in held[part_id]:
            units_ended = min(allocation.quantity, left)
            if not units_ended:
                continue
            left -= units_ended
            allocation.quantity -= units_ended
            (reduced if allocation.quantity else emptied).append(allocation)
            if shipments[part.shipment_id].state == Shipment.State.FUTURE:
                freed.promised[part.shipment_id].append(_promised(allocation, units_ended))
            if allocation.source_item_id is not None:
                owner = shipments[part.shipment_id].order_id
                freed.at_items[owner, allocation.source_item_id] += units_ended
            elif allocation.future_supply_id is not None:
                freed.of_supply[allocation.future_supply_id] += units_ended
                freed.waits[_queue(shipments[part.shipment_id], part)] -= units_ended
        shipment = shipments[part.shipment_id]
        if shipment.state in WAITS_WHOLE and part.order_line.is_reserving:
            freed.waits[_queue(shipment, part)] -= quantity
    Allocation.objects.filter(pk__in=[allocation.pk for allocation in emptied]).delete()
    Allocation.objects.bulk_update(reduced, ["quantity"])


def _promised(allocation: Allocation, quantity: Decimal) -> dict[str, Any]:
    """Return units of a promise as an event keeps them: figures of lost units read it (§23)."""
    holder = allocation.future_supply or allocation.source_item
    return {
        "line": allocation.shipment_line_id,
        "source": None if holder is None else holder.source_id,
        "supply": allocation.future_supply_id,
        "quantity": str(quantity),
    }


def _queue(shipment: Shipment, part: ShipmentLine) -> QueueKey:
    return QueueKey(part.product_id, shipment.stock_id, shipment.pickup_source_id)
