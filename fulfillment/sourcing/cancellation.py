"""From which shipments canceled or refunded units are taken; PURE."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

ZERO = Decimal(0)

# Units that wait are taken first.
TURN = {"CUSTOMER_CARE": 0, "BACKORDER": 1, "FUTURE": 2, "READY": 3}


@dataclass(frozen=True, slots=True)
class OpenPart:
    """Units of an order line on a shipment that is not over; ``part_id`` is its line there."""

    part_id: int
    shipment_id: int
    state: str
    order_line_id: int
    quantity: Decimal


def take(parts: Iterable[OpenPart], wanted: Mapping[int, Decimal]) -> dict[int, Decimal]:
    """Return the units to take off each part, by part id, for what is wanted of each order line.

    What waits comes first (customer care, backorder, future), then what is ready; of each kind
    the newest shipment first. Takes less where there is less.

    Rule: Reservations, canceling takes units that wait first.
    """
    left = dict(wanted)
    taken: dict[int, Decimal] = {}
    for part in sorted(parts, key=lambda part: (TURN[part.state], -part.shipment_id, part.part_id)):
        units = min(part.quantity, left.get(part.order_line_id, ZERO))
        if units > 0:
            taken[part.part_id] = units
            left[part.order_line_id] -= units
    return taken
