"""Which sources the units of order lines left from."""

from collections import defaultdict
from collections.abc import Collection
from decimal import Decimal

from fulfillment.models import Shipment, ShipmentLine


def shipped_from(line_ids: Collection[int]) -> dict[int, list[tuple[int, Decimal]]]:
    """Return (source id, units) by order line id, in the order in which they left."""
    left: defaultdict[int, list[tuple[int, Decimal]]] = defaultdict(list)
    parts = ShipmentLine.objects.filter(
        order_line__in=line_ids, shipment__state=Shipment.State.FULFILLED, quantity__gt=0
    )
    for line_id, source_id, quantity in parts.order_by(
        "shipment__fulfilled_at", "shipment_id"
    ).values_list("order_line_id", "shipment__source_id", "quantity"):
        left[line_id].append((source_id, quantity))
    return dict(left)
