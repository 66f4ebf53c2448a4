"""Which units of a source item their holders keep; PURE."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from core.quantities import ZERO, format_quantity
from core.text import Sentence
from core.text import gettext_noop as _

PACKED_HOLD = _("Shipments that are packed hold %(held)s: %(shipments)s. Unpack them first.")
VIRTUAL_HOLD = _(
    "Virtual products of the orders %(orders)s hold %(held)s; the quantity cannot be below that."
)


@dataclass(frozen=True, slots=True)
class Holder:
    """A shipment (or, for virtual lines, an order) that holds units of a source item."""

    shipment_number: str
    order_number: str
    quantity: Decimal
    is_virtual: bool
    is_packed: bool = False

    @property
    def stays(self) -> bool:
        """Whether it keeps its units: it cannot wait, or is packed."""
        return self.is_virtual or self.is_packed


def why_units_stay(holders: Iterable[Holder], quantity: Decimal) -> Sentence | None:
    """Return why an item cannot be counted to a quantity; None where it can.

    What is packed is named first: it can be unpacked.

    Rule: Reservations, counts.
    """
    staying = [one for one in holders if one.stays]
    if _units(staying) <= quantity:
        return None
    if packed := [one for one in staying if one.is_packed]:
        shipments = ", ".join(sorted({one.shipment_number for one in packed}))
        held = format_quantity(_units(packed))
        return Sentence(PACKED_HOLD, {"shipments": shipments, "held": held})
    orders = ", ".join(sorted({one.order_number for one in staying}))
    return Sentence(VIRTUAL_HOLD, {"orders": orders, "held": format_quantity(_units(staying))})


def _units(holders: Iterable[Holder]) -> Decimal:
    return sum((one.quantity for one in holders), ZERO)
