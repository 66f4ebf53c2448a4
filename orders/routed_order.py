"""An order as it was assessed, with what routing decided for it; PURE."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from inventory.options import AfterAction
from inventory.salability import SalableItem, SalableProduct, SellingContext


@dataclass(frozen=True, slots=True)
class AssessedLine:
    """A line that can be sold, with what was decided for it; ``number`` counts from 1."""

    number: int
    product: SalableProduct
    quantity: Decimal
    unit_price: Decimal
    discount: Decimal
    tax: Decimal
    total: Decimal
    is_reserving: bool
    takes_backorders: bool
    notifies_customer: bool
    # The release date that it waits for, whatever is on hand.
    preorder_on: date | None = None


@dataclass(frozen=True, slots=True)
class AssessedOrder:
    """An order with the facts that it was assessed on, and is routed on.

    ``configuration`` holds the effective global options; ``currency`` is an ISO 4217 code;
    ``destination`` is latitude, longitude.
    """

    context: SellingContext
    configuration: Mapping[str, object]
    currency: str
    items: Sequence[SalableItem]
    pickup_source_id: int | None
    destination: tuple[Decimal, Decimal] | None
    lines: Sequence[AssessedLine]


@dataclass(frozen=True, slots=True)
class RoutedOrder:
    """What routing decided, in units by line number.

    ``ready`` and ``virtual`` are set aside, by source id; ``unassigned`` are the units that no
    source could be given for, and ``action`` is what becomes of them. ``allocated`` are all units
    set aside, by source item id. ``preordered`` wait for a release date, by that date; the
    after-action is not theirs.
    """

    ready: Mapping[int, Mapping[int, Decimal]]
    virtual: Mapping[int, Mapping[int, Decimal]]
    unassigned: Mapping[int, Decimal]
    action: AfterAction
    allocated: Mapping[int, Decimal]
    preordered: Mapping[date, Mapping[int, Decimal]] = field(default_factory=dict)

    @property
    def left(self) -> Mapping[int, Decimal]:
        """Units that are kept in one shipment without a source, and wait for no release date."""
        return {} if self.action is AfterAction.CANCEL else self.unassigned

    @property
    def waiting(self) -> Mapping[int, Decimal]:
        """Units that are kept in a shipment without a source."""
        return self._with_preordered(self.left)

    @property
    def backordered(self) -> Mapping[int, Decimal]:
        """Units accepted without units to cover them, or before their release date."""
        is_backordered = self.action is AfterAction.BACKORDER
        return self._with_preordered(self.unassigned if is_backordered else {})

    @property
    def canceled(self) -> Mapping[int, Decimal]:
        """Units canceled when the order is placed."""
        return self.unassigned if self.action is AfterAction.CANCEL else {}

    def _with_preordered(self, units: Mapping[int, Decimal]) -> Mapping[int, Decimal]:
        """Return units by line number; a line waits for a release date whole, or not at all."""
        every = (units, *self.preordered.values())
        return {number: quantity for lines in every for number, quantity in lines.items()}


@dataclass(frozen=True, slots=True)
class WrittenOrder:
    """An order whose rows were just written; ``line_ids`` by line number.

    Without anything due there is no payment operation. ``shipment_count`` is how many shipments the
    order had before; with a ``hold_reason`` the new ones are held. An order that is to
    ``ship_complete`` leaves whole. ``agreed_on`` is the agreed date of the units where it does not
    follow from the day of the order.
    """

    order_id: int
    number: str
    status: str
    priority: int
    placed_at: datetime
    line_ids: Mapping[int, int]
    operation_id: int | None
    operation_key: str | None
    shipment_count: int = 0
    hold_reason: str = ""
    ship_complete: bool = False
    agreed_on: date | None = None
