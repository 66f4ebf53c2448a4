"""The shipments that canceled or refunded units are taken from; PURE."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from core.quantities import ZERO

# Waiting units are taken first.
STATES_IN_ORDER = ("CUSTOMER_CARE", "BACKORDER", "FUTURE", "READY")


@dataclass(frozen=True, slots=True)
class OpenPart:
    """Units of an order line on an open shipment; ``part_id`` is the shipment line."""

    part_id: int
    shipment_id: int
    state: str
    order_line_id: int
    quantity: Decimal


def units_to_cancel(parts: Iterable[OpenPart], wanted: Mapping[int, Decimal]) -> dict[int, Decimal]:
    """Return the units to take off each part, by part id; ``wanted`` are units by order line.

    Waiting units come first (customer care, backorder, future), then ready ones; of each state
    the newest shipment first. Where fewer units are open, all of them.

    Rule: Reservations, canceling takes units that wait first.
    """
    left = dict(wanted)
    taken: dict[int, Decimal] = {}
    for part in sorted(parts, key=_order):
        units = min(part.quantity, left.get(part.order_line_id, ZERO))
        if units > 0:
            taken[part.part_id] = units
            left[part.order_line_id] -= units
    return taken


def _order(part: OpenPart) -> tuple[int, int, int]:
    return STATES_IN_ORDER.index(part.state), -part.shipment_id, part.part_id
