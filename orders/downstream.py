"""What orders ask of those downstream, who know of shipments.

Orders never import them: fulfillment registers its answer when the apps are ready. Every call
runs inside the caller's transaction, under the locks that placement holds.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Protocol

from inventory.selling import LinkedSource, SellableItem


@dataclass(frozen=True, slots=True)
class LineToRoute:
    """One line of an order that is being placed; ``number`` counts from 1."""

    number: int
    product_id: int
    quantity: Decimal
    amount: Decimal
    is_virtual: bool
    is_reserving: bool
    is_whole: bool


@dataclass(frozen=True, slots=True)
class OrderToRoute:
    """An order with the facts it is routed on, read under lock.

    ``configuration`` holds the effective global options; ``destination`` is latitude, longitude.
    """

    stock_id: int
    pickup_source_id: int | None
    destination: tuple[Decimal, Decimal] | None
    lines: tuple[LineToRoute, ...]
    links: tuple[LinkedSource, ...]
    items: tuple[SellableItem, ...]
    configuration: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class RoutedOrder:
    """What routing decided, by line number; ``plan`` is fulfillment's own, to hand back.

    ``backordered``, ``in_care`` and ``canceled`` are the units that were not assigned, by what
    became of them. ``allocated`` are the units set aside, by source item.
    """

    backordered: Mapping[int, Decimal]
    in_care: Mapping[int, Decimal]
    canceled: Mapping[int, Decimal]
    allocated: Mapping[int, Decimal]
    plan: object

    def unassigned(self, line_number: int) -> Decimal:
        """Return the units of a line that no source could be given for."""
        parts = (self.backordered, self.in_care, self.canceled)
        return sum((part.get(line_number, Decimal(0)) for part in parts), Decimal(0))


@dataclass(frozen=True, slots=True)
class WrittenOrder:
    """An order whose rows were just written; ``line_ids`` by line number."""

    order_id: int
    number: str
    priority: int
    placed_at: datetime
    line_ids: Mapping[int, int]


class Downstream(Protocol):
    """The upcalls of orders."""

    def route(self, order: OrderToRoute) -> RoutedOrder:
        """Decide which sources serve an order and what waits; writes nothing.

        Rule: Routing at placement.
        """

    def write_shipments(
        self,
        written: WrittenOrder,
        order: OrderToRoute,
        routed: RoutedOrder,
        *,
        now: datetime,
        actor_id: int | None,
    ) -> None:
        """Write the shipments of a routed order, set its units aside, and count what waits."""

    def end_virtual_allocations(self, quantities: Mapping[int, Decimal]) -> Mapping[int, Decimal]:
        """End allocations of virtual lines, by order line id; return units by source item id."""

    def cancel_open(
        self, order_id: int, *, now: datetime, actor_id: int | None, reason: str
    ) -> None:
        """Cancel everything of the order that is open, with full compensation."""


_registered: list[Downstream] = []


def register(implementation: Downstream) -> None:
    """Make ``implementation`` the one that :func:`current` returns."""
    _registered[:] = [implementation]


def current() -> Downstream:
    """Return the registered implementation."""
    return _registered[0]
