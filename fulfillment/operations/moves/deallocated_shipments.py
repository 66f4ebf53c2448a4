"""A locked shipment whose allocations were released, with its eligible supply."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from core.quantities import ZERO
from fulfillment.models import Shipment, ShipmentLine, SourceBar
from fulfillment.operations.shipments.complete_orders import waits_for_rest
from fulfillment.operations.shipments.locking import (
    OnPickListError,
    WrongStateError,
    lock_shipment,
)
from fulfillment.operations.shipments.shortfalls import give_back
from fulfillment.queries.pick_lists import on_open_lists
from fulfillment.queries.queues import waiting_ahead, waiting_beside
from fulfillment.sourcing.eligibility import (
    Ineligibility,
    Queue,
    SpareUnits,
    available_units,
    eligible,
    ineligibilities,
    spare_units,
)
from inventory.models import SourceItem, Stock
from inventory.queries.salability_facts import context_of_stock, effective_configuration, items_of
from inventory.salability import (
    LinkedSource,
    SalableItem,
    SellingContext,
    items_with_decimals,
)
from orders.refusals import UnpaidOrderError

HOLDING = (Shipment.State.READY, Shipment.State.FUTURE)
# What is another for a shipment that gave back what it held.
GIVEN_BACK = [
    "state",
    "source",
    "pickup_source",
    "backordered_since",
    "is_held",
    "hold_reason",
    "set_aside_at",
    "collect_by",
]


class Former(NamedTuple):
    """What a shipment was before its allocations were released."""

    state: str
    source_id: int | None
    pickup_source_id: int | None


@dataclass(frozen=True, slots=True)
class DeallocatedShipment:
    """A locked shipment without allocations, and its eligible supply.

    ``sources`` are those that may serve it, by priority; ``ineligible`` are the stock's others,
    by code, with the cause. ``waiting`` are the units that shipments before it wait for.
    ``barred`` are (source id, product id) pairs that it is given nothing of.
    """

    shipment: Shipment
    former_state: str
    former_source_id: int | None
    former_pickup_source_id: int | None
    lines: Sequence[ShipmentLine]
    sources: tuple[LinkedSource, ...]
    ineligible: Mapping[str, Ineligibility]
    items: Mapping[tuple[int, int], SalableItem]
    spare: SpareUnits
    waiting: Mapping[Queue, Decimal]
    configuration: Mapping[str, object]
    barred: frozenset[tuple[int, int]]

    @property
    def has_new_method(self) -> bool:
        """Whether it leaves another way, or for another store, than until now."""
        return self.former_pickup_source_id != self.shipment.pickup_source_id

    def is_ready_at(self, source_id: int) -> bool:
        """Whether it was READY at this source until now, to leave as its order is to leave."""
        is_ready = self.former_state == Shipment.State.READY
        return is_ready and self.former_source_id == source_id and not self.has_new_method


def deallocate_shipment(
    shipment_id: int, *, today: date, expected_version: int | None
) -> DeallocatedShipment:
    """Lock a shipment with its eligible supply, and release its allocations.

    Runs inside the caller's transaction, which must serve it or be undone. Units that earlier
    shipments in the queue need are not spare; an exception of customer care, which has no position
    in the queue, comes after all of them. Units of a product whose release date is after ``today``
    are not spare.

    One that was on a pick list when its order changed follows the order's method and store now, and
    keeps its own units where they can leave so.

    :raises WrongStateError: if it is over, or held for another reason than the rest of its order.
    :raises OnPickListError: while it is on an open pick list.
    :raises StaleShipmentError: if ``expected_version`` is not the row's.
    :raises orders.refusals.UnpaidOrderError: while the order's payment is not decided.

    Rule: Shipment states, moving to READY by hand.
    """
    shipment = lock_shipment(
        shipment_id, states=Shipment.OPEN_STATES, expected_version=expected_version
    )
    refuse_to_move(shipment, on_open_lists([shipment]))
    former = Former(shipment.state, shipment.source_id, shipment.pickup_source_id)
    products = shipment.lines.filter(quantity__gt=0).values("product")
    list(SourceItem.objects.filter(product__in=products).locked())
    if former.state in HOLDING:
        give_back([shipment.pk])
        shipment.refresh_from_db(fields=GIVEN_BACK)
    target = with_supply(shipment, former, today=today)
    return with_own_units(target) if target.has_new_method else target


def refuse_to_move(shipment: Shipment, listed: Collection[int]) -> None:
    """Refuse to give other units to a locked shipment, read with its order.

    ``listed`` are the ids of shipments on open pick lists.

    :raises WrongStateError: if it is over, or held for another reason than the rest of its order.
    :raises OnPickListError: while it is on an open pick list.
    :raises orders.refusals.UnpaidOrderError: while the order's payment is not decided.
    """
    if shipment.state not in Shipment.OPEN_STATES:
        raise WrongStateError(f"{shipment.number}: {shipment.state}")
    if shipment.is_held and not waits_for_rest(shipment):
        raise WrongStateError(f"{shipment.number}: {shipment.get_hold_reason_display()}")
    if not shipment.order.is_paid_for:
        raise UnpaidOrderError(shipment.order.number)
    if shipment.pk in listed:
        raise OnPickListError(shipment.number)


def with_supply(shipment: Shipment, former: Former, *, today: date) -> DeallocatedShipment:
    """Return a locked shipment that holds nothing, with its eligible supply; locks source items.

    ``former`` is what it was before it gave back what it held.
    """
    parts = shipment.lines.filter(quantity__gt=0).select_related("order_line")
    lines = list(parts.order_by("order_line__number"))
    supply = StockSupply.read(shipment.stock, {line.order_line.sku for line in lines}, today=today)
    bars = SourceBar.objects.in_force().filter(shipment=shipment)
    own = units_by_product(lines)
    in_care = former.state == Shipment.State.CUSTOMER_CARE
    return supply.target(
        shipment,
        former,
        lines=lines,
        items=supply.items,
        waiting=waiting_beside(shipment, own) if in_care else waiting_ahead(shipment, own),
        barred=frozenset(bars.order_by("pk").values_list("source_id", "product_id")),
    )


@dataclass(frozen=True, slots=True)
class StockSupply:
    """What a stock could give: its sources, and its locked items of some products."""

    context: SellingContext
    items: Sequence[SalableItem]
    configuration: Mapping[str, object]

    @classmethod
    def read(cls, stock: Stock, skus: Collection[str], *, today: date) -> "StockSupply":
        """Read it, and lock the items."""
        context = context_of_stock(stock.code, skus, today=today)
        if context is None:
            raise LookupError(stock.code)
        items = items_of(context, lock=True)
        return cls(context, items, effective_configuration(context))

    def target(
        self,
        shipment: Shipment,
        former: Former,
        *,
        lines: Sequence[ShipmentLine],
        items: Sequence[SalableItem],
        waiting: Mapping[Queue, Decimal],
        barred: frozenset[tuple[int, int]],
    ) -> DeallocatedShipment:
        """Return a shipment with its eligible supply among these ``items``."""
        ineligible = _ineligible(shipment, self.context.links)
        return DeallocatedShipment(
            shipment=shipment,
            former_state=former.state,
            former_source_id=former.source_id,
            former_pickup_source_id=former.pickup_source_id,
            lines=lines,
            sources=tuple(link for link in self.context.links if link.code not in ineligible),
            ineligible=ineligible,
            items={(item.source_id, item.product_id): item for item in items},
            spare=_spare(shipment, self.context, items, waiting, barred),
            waiting=waiting,
            configuration=self.configuration,
            barred=barred,
        )


def with_own_units(target: DeallocatedShipment) -> DeallocatedShipment:
    """Count the units of what was READY, at a source that still serves it, among its spare ones.

    They were set aside for it, so it overtakes nobody with them.
    """
    spare, source_id = target.spare, target.former_source_id
    was_ready = target.former_state == Shipment.State.READY
    if not was_ready or source_id not in {source.source_id for source in target.sources}:
        return target
    at_source, in_all = dict(spare.at_source), dict(spare.in_all)
    for product_id, own in units_by_product(target.lines).items():
        item = target.items.get((source_id, product_id))
        if item is not None:
            there = min(item.available, own)
            at_source[source_id, product_id] = max(
                there, at_source.get((source_id, product_id), ZERO)
            )
            in_all[product_id] = max(there, in_all.get(product_id, ZERO))
    return replace(target, spare=replace(spare, at_source=at_source, in_all=in_all))


def units_by_product(lines: Sequence[ShipmentLine]) -> dict[int, Decimal]:
    """Return the units that lines take from stock, by product id."""
    own: defaultdict[int, Decimal] = defaultdict(Decimal)
    for line in lines:
        if line.order_line.is_reserving:
            own[line.product_id] += line.quantity
    return dict(own)


def _ineligible(shipment: Shipment, links: Sequence[LinkedSource]) -> dict[str, Ineligibility]:
    pickup = shipment.pickup_source_id
    causes = {link.code: ineligibilities(link, pickup_source_id=pickup) for link in links}
    return {code: found[0] for code, found in causes.items() if found}


def _spare(
    shipment: Shipment,
    context: SellingContext,
    items: Sequence[SalableItem],
    waiting: Mapping[Queue, Decimal],
    barred: Collection[tuple[int, int]],
) -> SpareUnits:
    """Return its spare units; earlier shipments may use units that are barred from it."""
    home = eligible(context.links, pickup_source_id=None)
    spare = spare_units(
        available=available_units(items, context.links, closed=context.preordered_ids),
        waiting=waiting,
        home_source_ids={link.source_id for link in home},
        pickup_source_id=shipment.pickup_source_id,
        with_decimals=items_with_decimals(context, items),
    )
    at_source = {key: units for key, units in spare.at_source.items() if key not in barred}
    return replace(spare, at_source=at_source)
