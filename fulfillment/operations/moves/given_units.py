"""Gives shipments units of sources, many in a fixed number of statements."""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import TypeVar

from core.acts import Act
from core.quantities import ZERO
from fulfillment.models import Allocation, Shipment, ShipmentEvent, ShipmentLine
from fulfillment.operations.moves.deallocated_shipments import (
    HOLDING,
    DeallocatedShipment,
    units_by_product,
)
from fulfillment.operations.moves.expected_date import keep_new_dates
from fulfillment.operations.moves.split import split_off
from fulfillment.operations.payments import hold_for_payment
from fulfillment.operations.shipments.allocation_counters import QueueKey, shift_allocated
from fulfillment.operations.shipments.arrivals import note_arrival
from fulfillment.operations.shipments.complete_orders import keep_together
from fulfillment.operations.shipments.locking import note_events, set_columns
from fulfillment.operations.shipments.notices import tell_being_prepared
from inventory.models import Source
from inventory.operations import units
from inventory.queries.working_days import open_days

# Units by source id by shipment line id.
Takes = Mapping[int, Mapping[int, Decimal]]
Key = TypeVar("Key", bound=Hashable)
State, Kind = Shipment.State, ShipmentEvent.Kind
# What a release may change of a shipment, and its notice reads.
HOLDS = ("is_held", "hold_reason", "awaits_payment")


@dataclass(frozen=True, slots=True)
class AllocatedShipment:
    """A served shipment, and the shipments that are READY now: itself or its children."""

    shipment: Shipment
    ready: tuple[Shipment, ...]


@dataclass(frozen=True, slots=True)
class GivenUnits:
    """A shipment without allocations, and the units that it is given."""

    target: DeallocatedShipment
    takes: Takes

    @property
    def was_ready(self) -> bool:
        """Whether it was READY until now."""
        return self.target.former_state == State.READY

    def by_item(self) -> dict[int, Decimal]:
        """Return the units by source item id."""
        managed = {line.pk: line for line in self.target.lines if line.order_line.is_reserving}
        quantities: defaultdict[int, Decimal] = defaultdict(Decimal)
        for source_id, given in self.takes.items():
            for line_id in given.keys() & managed.keys():
                item = self.target.items[source_id, managed[line_id].product_id]
                quantities[item.item_id] += given[line_id]
        return dict(quantities)

    def by_queue(self) -> dict[QueueKey, Decimal]:
        """Return the units by the queue in which they waited."""
        shipment = self.target.shipment
        given: defaultdict[QueueKey, Decimal] = defaultdict(Decimal)
        for line in self.target.lines:
            if line.order_line.is_reserving:
                key = QueueKey(line.product_id, shipment.stock_id, shipment.pickup_source_id)
                given[key] += sum((take.get(line.pk, ZERO) for take in self.takes.values()), ZERO)
        return dict(given)


def give(
    target: DeallocatedShipment, takes: Takes, act: Act, *, moves_more: bool = False
) -> AllocatedShipment:
    """Give a shipment units by source id by shipment line id, as :func:`give_all` does many."""
    [allocated] = give_all([GivenUnits(target, takes)], act, moves_more=moves_more)
    return allocated


def give_all(
    given: Sequence[GivenUnits], act: Act, *, moves_more: bool = False
) -> list[AllocatedShipment]:
    """Give shipments units; what is left of each waits. The number of statements is the same.

    Runs inside the caller's transaction. One that ``moves_more`` of the orders after it holds what
    is ready of an order that ships complete once, at its end. Expected dates move on to working
    days of the new sources; of one that was READY the customer is told as of any other new date.
    Each shipment that was READY takes statements of its own: its units move to a child.

    Rule: Shipment states, two dates: working days (§14a).
    """
    if not given:
        return []
    units.allocate(_summed(one.by_item() for one in given))
    ready = _make_ready(given, act)
    formers = _move_to_working_days([child for children in ready for child in children])
    details = {
        one.target.shipment.pk: {
            "sources": [child.source.code for child in children if child.source]
        }
        for one, children in zip(given, ready, strict=True)
    }
    shipments = [one.target.shipment for one in given]
    events = note_events(shipments, Kind.REASSIGNED, act, details=details)
    moved: list[Shipment] = []
    keys: dict[Shipment, str] = {}
    for one, children, event in zip(given, ready, events, strict=True):
        if one.was_ready:
            moved += children
        else:
            keys |= {child: f"event-{event.pk}-{child.pk}" for child in children}
    if keys:
        _release(keys, act)
    if moved:
        if dated := [child for child in moved if child.pk in formers]:
            keep_new_dates(dated, act, formers=formers)
        if not moves_more:
            keep_together({child.order_id for child in moved}, act, shipments=moved)
    freed = {
        product_id
        for one in given
        if one.target.former_state in HOLDING
        for product_id in units_by_product(one.target.lines)
    }
    if freed:
        note_arrival(sorted(freed))
    shift_allocated(_summed(one.by_queue() for one in given))
    return [AllocatedShipment(*pair) for pair in zip(shipments, map(tuple, ready), strict=True)]


def _summed(quantities: Iterable[Mapping[Key, Decimal]]) -> dict[Key, Decimal]:
    total: defaultdict[Key, Decimal] = defaultdict(Decimal)
    for own in quantities:
        for key, quantity in own.items():
            total[key] += quantity
    return dict(total)


def _make_ready(given: Sequence[GivenUnits], act: Act) -> list[list[Shipment]]:
    """Have the given units of each shipment READY, on itself or on its children; return these."""
    made = [_split(one, act) for one in given]
    by_source: defaultdict[int, list[Shipment]] = defaultdict(list)
    items: dict[tuple[int, int], int] = {}
    for one, children in zip(given, made, strict=True):
        for child, source_id in children:
            by_source[source_id].append(child)
            for (item_source, product_id), item in one.target.items.items():
                if item_source == source_id:
                    items[child.pk, product_id] = item.item_id
    sources = Source.objects.in_bulk(by_source)
    for source_id, ready in by_source.items():
        columns = {"state": State.READY, "care_reason": "", "released_at": act.at}
        set_columns(ready, {"source": sources[source_id], **columns})
    _set_aside([child for ready in by_source.values() for child in ready], items)
    return [[child for child, _source_id in children] for children in made]


def _split(one: GivenUnits, act: Act) -> list[tuple[Shipment, int]]:
    """Return the shipments that have the given units, each with the id of their source."""
    shipment, takes = one.target.shipment, one.takes
    needed = sum((line.quantity for line in one.target.lines), ZERO)
    is_whole = needed == sum((sum(given.values(), ZERO) for given in takes.values()), ZERO)
    if is_whole and len(takes) == 1 and not one.was_ready:
        return [(shipment, next(iter(takes)))]
    ready = [(split_off(shipment, given, act), source_id) for source_id, given in takes.items()]
    if is_whole:
        shipment.state, shipment.source_id = State.REASSIGNED, one.target.former_source_id
        shipment.save(update_fields=["state", "source"])
    return ready


def _set_aside(ready: Sequence[Shipment], items: Mapping[tuple[int, int], int]) -> None:
    """Allocate all units on shipments; ``items`` are source item ids by shipment and product id."""
    parts = ShipmentLine.objects.filter(
        shipment__in=ready, quantity__gt=0, order_line__is_reserving=True
    )
    Allocation.objects.bulk_create(
        Allocation(
            order_line_id=part.order_line_id,
            shipment_line=part,
            source_item_id=items[part.shipment_id, part.product_id],
            quantity=part.quantity,
        )
        for part in parts.order_by("pk")
    )


def _move_to_working_days(ready: Sequence[Shipment]) -> dict[int, date | None]:
    """Move dates that no person has set off closed days; return the former ones, by shipment id."""
    dated = [
        (one, one.source_id, one.expected_on)
        for one in ready
        if one.source_id and one.expected_on and not one.is_expected_on_fixed
    ]
    days = open_days({(source_id, day) for _, source_id, day in dated})
    formers: dict[int, date | None] = {}
    by_day: defaultdict[date, list[Shipment]] = defaultdict(list)
    for one, source_id, day in dated:
        if days[source_id, day] != day:
            formers[one.pk] = day
            by_day[days[source_id, day]].append(one)
    for day, moved in by_day.items():
        set_columns(moved, {"expected_on": day})
    return formers


def _release(keys: Mapping[Shipment, str], act: Act) -> None:
    """Hold shipments that need a new authorization, and tell the customers of the others.

    Each has the key of its event.

    Rule: Notices to customers, being prepared (§18).
    """
    note_events(keys, Kind.RELEASED, replace(act, reason=""))
    hold_for_payment([shipment.pk for shipment in keys], now=act.at)
    columns = Shipment.objects.filter(pk__in=[shipment.pk for shipment in keys]).order_by("pk")
    now = {row.pop("pk"): row for row in columns.values("pk", *HOLDS)}
    for shipment in keys:
        for name, value in now[shipment.pk].items():
            setattr(shipment, name, value)
    free = {shipment: key for shipment, key in keys.items() if not shipment.is_held}
    tell_being_prepared(free, now=act.at)
