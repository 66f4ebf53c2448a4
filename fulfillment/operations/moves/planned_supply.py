"""Supply that locked shipments are planned to be given one after the other, before any write."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from core.quantities import ZERO
from fulfillment.models import Allocation, Shipment, ShipmentLine, SourceBar
from fulfillment.operations.moves.deallocated_shipments import (
    DeallocatedShipment,
    Former,
    StockSupply,
    units_by_product,
    with_own_units,
)
from fulfillment.operations.moves.given_units import GivenUnits
from fulfillment.queries.queues import Turn, waiting_ahead_of_turns, waiting_by_queue
from fulfillment.sourcing.eligibility import Queue
from inventory.models import StockSource
from inventory.salability import SalableItem

State = Shipment.State


class _EndedWait(NamedTuple):
    """What a shipment that is given units waited for until then, and where in the queues."""

    stock_id: int
    turn: Turn | None
    units: Mapping[Queue, Decimal]


class SupplyInTurn:
    """What a shipment could be given after those before it in the plan; all of them are locked.

    Each finds what it would find if the ones before it had been given their units already, in
    transactions of their own.
    """

    def __init__(self, shipments: Sequence[Shipment], *, today: date) -> None:
        self.lines = _lines_of(shipments)
        self.barred = _bars_of(shipments)
        self.held = _held_by(shipments)
        self.formers = {
            one.pk: Former(one.state, one.source_id, one.pickup_source_id) for one in shipments
        }
        self.turns = {one.pk: _turn_of(one) for one in shipments}
        self.supply: dict[int, StockSupply] = {}
        self.items: dict[int, SalableItem] = {}
        self.items_of_product: defaultdict[tuple[int, int], list[int]] = defaultdict(list)
        self.waiting: dict[int, Mapping[Queue, Decimal]] = {}
        by_stock: defaultdict[int, list[Shipment]] = defaultdict(list)
        for one in shipments:
            by_stock[one.stock_id].append(one)
        for stock_id, ones in sorted(by_stock.items()):
            self._read_stock(stock_id, ones, today=today)
        self.related = _related(by_stock)
        self.served: list[_EndedWait] = []

    def _read_stock(self, stock_id: int, shipments: Sequence[Shipment], *, today: date) -> None:
        skus = {line.order_line.sku for one in shipments for line in self.lines[one.pk]}
        supply = StockSupply.read(shipments[0].stock, skus, today=today)
        self.supply[stock_id] = supply
        for item in supply.items:
            self.items[item.item_id] = item
            self.items_of_product[stock_id, item.product_id].append(item.item_id)
        own = {one.pk: units_by_product(self.lines[one.pk]) for one in shipments}
        asked = {
            turn: list(own[one.pk])
            for one in shipments
            if (turn := self.turns[one.pk]) is not None and own[one.pk]
        }
        self.waiting |= waiting_ahead_of_turns(stock_id, asked)
        beside = [one for one in shipments if self.turns[one.pk] is None]
        if beside:
            products = {product_id for one in beside for product_id in own[one.pk]}
            whole = waiting_by_queue(stock_id, products)
            for one in beside:
                self.waiting[one.pk] = _less(whole, self._waits_for(one), own[one.pk])

    def target_of(self, shipment: Shipment) -> DeallocatedShipment:
        """Return a shipment as if it had given back what it holds, with what it could be given."""
        former = self.formers[shipment.pk]
        if former.state == State.READY:
            shipment.pickup_source_id = shipment.order.pickup_source_id
        lines = self.lines[shipment.pk]
        target = self.supply[shipment.stock_id].target(
            shipment,
            former,
            lines=lines,
            items=self._items_for(shipment),
            waiting=self._waiting_for(shipment),
            barred=self.barred[shipment.pk],
        )
        return with_own_units(target) if target.has_new_method else target

    def take(self, given: GivenUnits) -> None:
        """Count units as given: those after it in the plan find the rest."""
        shipment = given.target.shipment
        changes = given.by_item()
        for item_id, quantity in self._set_aside_for(shipment).items():
            changes[item_id] = changes.get(item_id, ZERO) - quantity
        for item_id, quantity in changes.items():
            if (item := self.items.get(item_id)) is not None:
                self.items[item_id] = replace(item, allocated=item.allocated + quantity)
        if self.formers[shipment.pk].state in Shipment.WAITING_STATES:
            turn = _own_turn(shipment)
            self.served.append(_EndedWait(shipment.stock_id, turn, self._waits_for(shipment)))

    def _items_for(self, shipment: Shipment) -> list[SalableItem]:
        freed = self._set_aside_for(shipment)
        products = dict.fromkeys(line.product_id for line in self.lines[shipment.pk])
        found = []
        for product_id in products:
            for item_id in self.items_of_product[shipment.stock_id, product_id]:
                item = self.items[item_id]
                back = freed.get(item_id)
                found.append(replace(item, allocated=item.allocated - back) if back else item)
        return found

    def _set_aside_for(self, shipment: Shipment) -> dict[int, Decimal]:
        freed: defaultdict[int, Decimal] = defaultdict(Decimal)
        for line in self.lines[shipment.pk]:
            for item_id, quantity in self.held[line.pk]:
                freed[item_id] += quantity
        return dict(freed)

    def _waits_for(self, shipment: Shipment) -> dict[Queue, Decimal]:
        """Return what a waiting shipment waits for still."""
        waits: defaultdict[Queue, Decimal] = defaultdict(Decimal)
        former = self.formers[shipment.pk]
        for line in self.lines[shipment.pk]:
            if line.order_line.is_reserving:
                came = sum((quantity for _item_id, quantity in self.held[line.pk]), ZERO)
                waits[Queue(line.product_id, former.pickup_source_id)] += line.quantity - came
        return dict(waits)

    def _waiting_for(self, shipment: Shipment) -> Mapping[Queue, Decimal]:
        """Return what those before a shipment wait for, without those given units meanwhile."""
        waiting = dict(self.waiting.get(shipment.pk, {}))
        turn = self.turns[shipment.pk]
        for stock_id, ended_turn, units in self.served:
            if stock_id not in self.related[shipment.stock_id]:
                continue
            if turn is not None and (ended_turn is None or ended_turn > turn):
                continue
            for queue, quantity in units.items():
                if queue in waiting:
                    waiting[queue] -= quantity
        return waiting


def _less(
    whole: Mapping[Queue, Decimal], waits: Mapping[Queue, Decimal], products: Collection[int]
) -> dict[Queue, Decimal]:
    """Return what waits for these products besides what one shipment waits for."""
    found = {queue: units for queue, units in whole.items() if queue.product_id in products}
    for queue, quantity in waits.items():
        found[queue] = found.get(queue, ZERO) - quantity
    return found


def _own_turn(shipment: Shipment) -> Turn | None:
    """Return where a waiting shipment stands in the queues; None where nobody knows since when."""
    if shipment.backordered_since is None:
        return None
    return Turn(-shipment.priority, shipment.backordered_since, shipment.pk)


def _turn_of(shipment: Shipment) -> Turn | None:
    """Return the turn of a shipment without what it holds; in care it comes after all others."""
    if shipment.state == State.CUSTOMER_CARE:
        return None
    since: datetime = shipment.backordered_since or shipment.order.placed_at
    return Turn(-shipment.priority, since, shipment.pk)


def _lines_of(shipments: Sequence[Shipment]) -> dict[int, list[ShipmentLine]]:
    found: dict[int, list[ShipmentLine]] = {one.pk: [] for one in shipments}
    parts = ShipmentLine.objects.filter(shipment__in=shipments, quantity__gt=0)
    for line in parts.select_related("order_line").order_by("shipment", "order_line__number"):
        found[line.shipment_id].append(line)
    return found


def _bars_of(shipments: Sequence[Shipment]) -> dict[int, frozenset[tuple[int, int]]]:
    found: dict[int, set[tuple[int, int]]] = {one.pk: set() for one in shipments}
    bars = SourceBar.objects.in_force().filter(shipment__in=shipments).order_by("pk")
    for shipment_id, *pair in bars.values_list("shipment_id", "source_id", "product_id"):
        found[shipment_id].add((pair[0], pair[1]))
    return {pk: frozenset(pairs) for pk, pairs in found.items()}


def _held_by(shipments: Sequence[Shipment]) -> dict[int, list[tuple[int, Decimal]]]:
    """Return what is set aside at source items, by shipment line id."""
    found: defaultdict[int, list[tuple[int, Decimal]]] = defaultdict(list)
    held = Allocation.objects.filter(
        shipment_line__shipment__in=shipments, source_item__isnull=False
    ).order_by("pk")
    held_by_line: Iterable[tuple[Any, ...]] = held.values_list(
        "shipment_line_id", "source_item_id", "quantity"
    )
    for line_id, item_id, quantity in held_by_line:
        found[line_id].append((item_id, quantity))
    return found


def _related(stock_ids: Collection[int]) -> dict[int, set[int]]:
    """Return each stock with every stock that shares a source with it, by stock id."""
    found = {stock_id: {stock_id} for stock_id in stock_ids}
    links = StockSource.objects.filter(stock__in=stock_ids).order_by("pk")
    for own, other in links.values_list("stock_id", "source__links__stock_id"):
        found[own].add(other)
    return found
