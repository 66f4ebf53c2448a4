"""What the inventory asks of those downstream, who know of orders.

The inventory never imports them: fulfillment registers its answer when the apps are ready.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from core import formats
from core.acts import Act
from core.text import gettext_noop as _
from inventory.holders import Holder
from inventory.promises import DateMove, Promise, ServedShipment, TakeBackPlan

KEPT_PACKED = _(
    "These shipments are packed and keep their units: %(shipments)s. Unpack them first, or enter a "
    "higher quantity."
)
KEPT_VIRTUAL = _(
    "Virtual products of these orders keep their units: %(orders)s. Enter a higher quantity."
)


class HeldUnitsError(Exception):
    """What holds the units that must go cannot wait for others; nothing was written.

    Its text is a sentence in the reader's language.
    """


class HeldByVirtualLinesError(HeldUnitsError):
    """Virtual lines hold the units that must go: they have no shipment that could wait.

    ``orders`` are the numbers of the orders that hold them.
    """

    def __init__(self, orders: list[str]) -> None:
        super().__init__(formats.filled(KEPT_VIRTUAL, {"orders": ", ".join(orders)}))
        self.orders = orders


class PackedUnitsError(HeldUnitsError):
    """Packed shipments, by number, hold the units that must go; they are unpacked first."""

    def __init__(self, shipments: list[str]) -> None:
        values = {"shipments": ", ".join(shipments)}
        super().__init__(formats.filled(KEPT_PACKED, values))
        self.shipments = shipments


@dataclass(frozen=True, slots=True)
class CameUnits:
    """Units of a record that came for shipments promised them, at a source item, by a receipt."""

    supply_id: int
    item_id: int
    receipt_id: int
    quantity: Decimal


@dataclass(frozen=True, slots=True)
class ReadyShipment:
    """A shipment that has all its units now."""

    shipment_id: int
    shipment_number: str
    order_number: str


@dataclass(frozen=True, slots=True)
class GivingWay:
    """Shipments that are locked because they will give way, and every item that they hold."""

    numbers: frozenset[str] = frozenset()
    item_ids: frozenset[int] = frozenset()


NOBODY = GivingWay()


class InventoryPort(Protocol):
    """The upcalls of the inventory. All run inside the caller's transaction."""

    def holders(self, source_item_ids: Collection[int]) -> Mapping[int, list[Holder]]:
        """Return who holds allocated units of each item, by item id."""

    def lock_giving_way(self, shortfalls: Mapping[int, Decimal]) -> GivingWay:
        """Lock the shipments that :meth:`deallocate_shortfall` would send back, before their items.

        Virtual lines and packed shipments that hold what must go are passed over here.
        """

    def deallocate_shortfall(self, shortfalls: Mapping[int, Decimal], act: Act) -> list[str]:
        """Take at least the given units off each item, by item id, last in queue order first.

        Whole shipments go back to BACKORDER with their age; what is packed stays. Return their
        numbers.

        :raises PackedUnitsError: when packed shipments hold what must go.
        :raises HeldByVirtualLinesError: when virtual lines hold it.
        """

    def would_give_way(self, shortfalls: Mapping[int, Decimal]) -> list[str]:
        """Return the shipments that :meth:`deallocate_shortfall` would send back now.

        For previews: units that no shipment holds are no error, the write decides.
        """

    def orders_of_fractions(
        self, keys: Collection[tuple[int, int]], product_ids: Collection[int]
    ) -> Mapping[int, Sequence[str]]:
        """Return the numbers of the orders that need fractions of products, by product id.

        Those that have a fraction set aside at, or promised to, one of these source items, by
        (product id, source id), and those that have a fraction of one of the products open.
        """

    def move_preorders(self, product_ids: Collection[int], act: Act) -> None:
        """Give the shipments that wait for these products their release dates as they are now."""

    def note_arrival(self, product_ids: Collection[int]) -> None:
        """Note that more of these products may be released; a run follows after the commit."""

    def end_bars(self, source_item_ids: Collection[int]) -> None:
        """Note that units of these items came in, were returned, or counted to another number."""

    def promises(self, supply_ids: Collection[int]) -> Mapping[int, Sequence[Promise]]:
        """Return what shipments are still to get from each record, in queue order, by its id."""

    def lock_promises(
        self, supply_ids: Collection[int], *, losing: Collection[int]
    ) -> Collection[int]:
        """Lock the shipments that are promised some of these records, their orders first, and the
        records; return the ids of the shipments.

        Of the records that are ``losing`` date or units, also those that wait with a date by them.
        """

    def break_promises(self, shipment_ids: Collection[int], act: Act) -> None:
        """Send promised shipments back to wait, whole, with their age."""

    def move_promises(self, supply_id: int, act: Act) -> None:
        """Give promised shipments the date of their supply, and tell their customers."""

    def free_dates(self, moves: Mapping[int, DateMove], act: Act) -> None:
        """Take back the dates of shipments that wait, where supply, by id, moved beyond them."""

    def supply_arrived(self, came: Sequence[CameUnits], act: Act) -> Sequence[ReadyShipment]:
        """Set received units aside at their source items for those promised them, in queue order.

        The receipts keep the shipments that they served. Return those that became READY.
        """

    def served_by(self, receipt_id: int, item_id: int) -> Sequence[ServedShipment]:
        """Return who has units at the item that a receipt brought, last in queue order first."""

    def lock_with_supply(
        self, supply_ids: Collection[int], shipment_ids: Collection[int]
    ) -> Collection[int]:
        """Lock these shipments, their orders first, then all that they hold, with the records and
        their source items, those of senders too; return which shipments there are.
        """

    def take_from_served(
        self, receipt_id: int, item_id: int, plan: TakeBackPlan, act: Act
    ) -> Decimal:
        """Take units off the served as planned; return how many are promised on the record again.

        The counters of the record are the caller's.
        """


_registered: list[InventoryPort] = []


def register(implementation: InventoryPort) -> None:
    """Make ``implementation`` the one that :func:`current` returns."""
    _registered[:] = [implementation]


def current() -> InventoryPort:
    """Return the registered implementation."""
    return _registered[0]
