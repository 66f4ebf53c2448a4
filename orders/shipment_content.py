"""What left with a shipment of an order, as the order shows it; PURE."""

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class ShippedUnits:
    """Units of an order line that left with one shipment, from its source."""

    shipment_id: int
    shipment_number: str
    source_id: int
    source: str
    quantity: Decimal


@dataclass(frozen=True, slots=True)
class ShippedParcel:
    """A parcel: its carrier's name, its number and the link to it, of which both may be empty."""

    carrier: str
    number: str
    link: str
