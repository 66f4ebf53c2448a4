"""A shipment under lock that gave back what it held, with all that it could be given."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum

from fulfillment.models import Shipment, ShipmentLine, SourceBar
from fulfillment.operations.shipments.locked import WrongStateError, locked_shipment
from fulfillment.operations.shipments.shortfalls import give_back
from fulfillment.queries.queues import Queue, waiting_ahead, waiting_beside
from fulfillment.sourcing.spare_units import SpareUnits, spare_units
from inventory.models import SourceItem
from inventory.queries.availability import effective_configuration
from inventory.queries.selling import context_of_stock, items_of
from inventory.selling import (
    LinkedSource,
    SalableItem,
    SellingContext,
    places_with_decimals,
)
from orders.locking import UnpaidOrderError

MOVABLE = (
    Shipment.State.READY,
    Shipment.State.BACKORDER,
    Shipment.State.FUTURE,
    Shipment.State.CUSTOMER_CARE,
)
HOLDING = (Shipment.State.READY, Shipment.State.FUTURE)


class Unfit(StrEnum):
    """Why a source may not serve a shipment."""

    NOT_LINKED = "NOT_LINKED"
    DISABLED = "DISABLED"
    BARRED = "BARRED"
    NOT_SHIPPING_HOME = "NOT_SHIPPING_HOME"
    NOT_FOR_PICKUP = "NOT_FOR_PICKUP"


@dataclass(frozen=True, slots=True)
class DeallocatedShipment:
    """A shipment under lock that holds nothing, and what it may be given.

    ``sources`` are those that may serve it, by priority; ``unfit`` says of the stock's others,
    by code, why not. ``waiting`` is what those wait for who come before it. ``barred`` are (source
    id, product id) pairs, at which it is given nothing.
    """

    shipment: Shipment
    former_state: str
    former_source_id: int | None
    lines: Sequence[ShipmentLine]
    sources: tuple[LinkedSource, ...]
    unfit: Mapping[str, Unfit]
    items: Mapping[tuple[int, int], SalableItem]
    spare: SpareUnits
    waiting: Mapping[Queue, Decimal]
    configuration: Mapping[str, object]
    barred: frozenset[tuple[int, int]]

    def is_ready_at(self, source_id: int) -> bool:
        """Whether it was READY at this source until now."""
        is_ready = self.former_state == Shipment.State.READY
        return is_ready and self.former_source_id == source_id


def deallocate_shipment(shipment_id: int, *, expected_version: int | None) -> DeallocatedShipment:
    """Lock a shipment with all it could be given, and give back what it holds.

    Runs inside the caller's transaction, which must serve it or be undone. Whoever comes before
    it in the queue is not overtaken; an exception of customer care, which has no place in the
    queue, comes after all who wait.

    :raises WrongStateError: if it is over, or held.
    :raises StaleShipmentError: if ``expected_version`` is not the row's.
    :raises orders.locking.UnpaidOrderError: while the order's payment is not decided.

    Rule: Shipment states, moving to READY by hand.
    """
    shipment = locked_shipment(shipment_id, states=MOVABLE, expected_version=expected_version)
    if shipment.is_held:
        raise WrongStateError(f"{shipment.number}: {shipment.get_hold_reason_display()}")
    if not shipment.order.is_paid_for:
        raise UnpaidOrderError(shipment.order.number)
    former_state, former_source_id = shipment.state, shipment.source_id
    parts = shipment.lines.filter(quantity__gt=0).select_related("order_line")
    lines = list(parts.order_by("order_line__number"))
    list(SourceItem.objects.filter(product__in=[line.product_id for line in lines]).locked())
    if former_state in HOLDING:
        give_back([shipment.pk])
        shipment.refresh_from_db(fields=["state", "source", "backordered_since"])
    context = context_of_stock(shipment.stock.code, {line.order_line.sku for line in lines})
    if context is None:
        raise LookupError(shipment.stock.code)
    unfit = _unfit(shipment, context.links)
    bars = SourceBar.objects.in_force().filter(shipment=shipment)
    barred = frozenset(bars.order_by("pk").values_list("source_id", "product_id"))
    items = items_of(context, lock=True)
    own = units_by_product(lines)
    in_care = former_state == Shipment.State.CUSTOMER_CARE
    waiting = waiting_beside(shipment, own) if in_care else waiting_ahead(shipment, own)
    return DeallocatedShipment(
        shipment=shipment,
        former_state=former_state,
        former_source_id=former_source_id,
        lines=lines,
        sources=tuple(link for link in context.links if link.code not in unfit),
        unfit=unfit,
        items={(item.source_id, item.product_id): item for item in items},
        spare=_spare(shipment, context, items, waiting, barred),
        waiting=waiting,
        configuration=effective_configuration(context),
        barred=barred,
    )


def units_by_product(lines: Sequence[ShipmentLine]) -> dict[int, Decimal]:
    """Return the units that lines take from stock, by product id."""
    own: defaultdict[int, Decimal] = defaultdict(Decimal)
    for line in lines:
        if line.order_line.is_reserving:
            own[line.product_id] += line.quantity
    return dict(own)


def _unfit(shipment: Shipment, links: Sequence[LinkedSource]) -> dict[str, Unfit]:
    causes = {link.code: _cause(shipment, link) for link in links}
    return {code: cause for code, cause in causes.items() if cause is not None}


def _cause(shipment: Shipment, link: LinkedSource) -> Unfit | None:
    if not link.is_enabled:
        return Unfit.DISABLED
    if shipment.pickup_source_id is None:
        return None if link.ships_to_home else Unfit.NOT_SHIPPING_HOME
    return None if link.source_id == shipment.pickup_source_id else Unfit.NOT_FOR_PICKUP


def _spare(
    shipment: Shipment,
    context: SellingContext,
    items: Sequence[SalableItem],
    waiting: Mapping[Queue, Decimal],
    barred: Collection[tuple[int, int]],
) -> SpareUnits:
    """Return what it may be given; those who come before it may use what is barred from it."""
    enabled = {link.source_id for link in context.links if link.is_enabled}
    spare = spare_units(
        available={
            (item.source_id, item.product_id): item.available
            for item in items
            if item.is_in_stock and item.source_id in enabled
        },
        waiting={(queue[0], queue[1]): quantity for queue, quantity in waiting.items()},
        home_source_ids={
            link.source_id for link in context.links if link.is_enabled and link.ships_to_home
        },
        pickup_source_id=shipment.pickup_source_id,
        with_decimals=places_with_decimals(context, items),
    )
    at_source = {key: units for key, units in spare.at_source.items() if key not in barred}
    return replace(spare, at_source=at_source)
