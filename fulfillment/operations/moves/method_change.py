"""Routes the open shipments of an order anew, when its fulfillment method or its store changes."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils import timezone

from core.acts import Act
from core.quantities import ZERO
from fulfillment.models import Shipment, ShipmentLine
from fulfillment.operations.moves.change_holds import FREE
from fulfillment.operations.moves.customer_care import send_to_care
from fulfillment.operations.moves.deallocated_shipments import (
    HOLDING,
    DeallocatedShipment,
    Former,
    units_by_product,
    with_own_units,
    with_supply,
)
from fulfillment.operations.moves.given_units import Takes, give
from fulfillment.operations.moves.reassignment import by_choice
from fulfillment.operations.payments import hold_for_payment
from fulfillment.operations.placing.routing import after_action_rules
from fulfillment.operations.shipments.allocation_counters import QueueKey, shift_waiting
from fulfillment.operations.shipments.arrivals import note_arrival, note_needs
from fulfillment.operations.shipments.complete_orders import keep_together
from fulfillment.operations.shipments.locking import lock_shipments_of, set_columns
from fulfillment.operations.shipments.shortfalls import date_without_supply, give_back
from fulfillment.queries.pick_lists import on_open_lists
from fulfillment.sourcing.assignment import LineNeed, assign, rest_of
from fulfillment.sourcing.choices import SplitLimits
from inventory.models import SourceItem
from inventory.options import AfterAction
from inventory.queries.salability_facts import context_of_stock, items_with_facts
from orders.models import Order
from orders.refusals import WouldWaitError

HoldReason = Shipment.HoldReason


@dataclass(frozen=True, slots=True)
class HeldShipment:
    """An open shipment of the order, with what it was before it gave back its units."""

    shipment: Shipment
    former: Former
    hold: Mapping[str, Any]
    has_known_supply: bool

    @property
    def was_ready(self) -> bool:
        return self.former.state == Shipment.State.READY

    @property
    def is_routed(self) -> bool:
        """Whether it may be given units: it was READY, or a release run would consider it."""
        if self.was_ready:
            return True
        is_free = not self.hold["is_held"] and not self.shipment.awaits_payment
        return is_free and self.former.state in Shipment.QUEUED_STATES


def route_again(order_id: int, act: Act) -> None:
    """Route the open shipments of an order anew, by the method and the store that it has now.

    Runs in the caller's transaction, which has locked the order. In queue order each is given what
    no earlier shipment needs, the units that it had at a source that still serves it among them;
    what is not there waits with its age, and a release run looks at it. Holds stay, and so do
    exceptions for customer care. One that is on an open pick list stays as it is, with the method
    and the store that it had. Nothing is canceled, whatever the after-action.

    :raises orders.refusals.WouldWaitError: where units of a product that takes no backorders would
        wait, and do not now.

    Rule: Changing an order, method (§20); routing (§13).
    """
    locked = lock_shipments_of(order_id)
    listed = on_open_lists(locked)
    shipments = [shipment for shipment in locked if shipment.pk not in listed]
    if not shipments:
        return
    order, today = shipments[0].order, timezone.localdate(act.at)
    whole = _never_waiting(order, shipments, today=today)
    before = _waiting_units(order, whole)
    _lock_items(shipments)
    held = [_held(shipment) for shipment in shipments]
    holding = [one.shipment.pk for one in held if one.former.state in HOLDING]
    give_back(holding)
    _follow_pickup_source(shipments, order)
    note_arrival(sorted(_waiting_by_product(shipments)))
    for one in sorted(held, key=_queue_order):
        if one.is_routed:
            _route(one, whole, act, today=today)
    after = _waiting_units(order, whole)
    if missing := sorted(sku for sku, units in after.items() if units > before.get(sku, ZERO)):
        raise WouldWaitError(missing)
    _settle(held, act)


def _never_waiting(order: Order, shipments: Sequence[Shipment], *, today: date) -> set[int]:
    """Return the products on shipments that take no backorders, by id; locks their items."""
    lines = ShipmentLine.objects.filter(shipment__in=shipments, quantity__gt=0)
    skus = set(lines.order_by().values_list("product__sku", flat=True))
    context = context_of_stock(order.stock.code, skus, today=today)
    if context is None:
        raise LookupError(order.stock.code)
    _items, facts = items_with_facts(context, lock=True)
    return {
        product.product_id
        for sku, product in context.products.items()
        if not facts[sku].policy.takes_backorders
    }


def _waiting_units(order: Order, product_ids: Collection[int]) -> dict[str, Decimal]:
    """Return the units of these products that the order waits for, by SKU."""
    found: defaultdict[str, Decimal] = defaultdict(Decimal)
    lines = ShipmentLine.objects.filter(
        shipment__order=order,
        shipment__state__in=Shipment.WAITING_STATES,
        product__in=product_ids,
        order_line__is_reserving=True,
    )
    for sku, units in lines.order_by("pk").values_list("product__sku", "quantity"):
        found[sku] += units
    return found


def _lock_items(shipments: Sequence[Shipment]) -> None:
    """Lock the source items of the products on shipments, at whatever source, in key order."""
    lines = ShipmentLine.objects.filter(shipment__in=shipments, quantity__gt=0)
    items = SourceItem.objects.filter(product__in=lines.values("product"))
    list(items.locked().values_list("pk"))


def _held(shipment: Shipment) -> HeldShipment:
    return HeldShipment(
        shipment,
        Former(shipment.state, shipment.source_id, shipment.pickup_source_id),
        {name: getattr(shipment, name) for name in FREE},
        shipment.has_known_supply,
    )


def _follow_pickup_source(shipments: Sequence[Shipment], order: Order) -> None:
    """Have shipments, which all wait now, wait for the order's pickup source, or for none.

    What was READY does so since it gave back its units.
    """
    moved: defaultdict[QueueKey, Decimal] = defaultdict(Decimal)
    own = Shipment.objects.filter(pk__in=[shipment.pk for shipment in shipments])
    for former in set(own.order_by().values_list("pickup_source", flat=True)):
        others = own.filter(pickup_source=former).order_by("pk")
        for product_id, quantity in _waiting_by_product(list(others)).items():
            moved[QueueKey(product_id, order.stock_id, former)] -= quantity
            moved[QueueKey(product_id, order.stock_id, order.pickup_source_id)] += quantity
    shift_waiting(moved)
    set_columns(shipments, {"pickup_source_id": order.pickup_source_id})
    for shipment in shipments:
        shipment.refresh_from_db()
        shipment.order = order


def _waiting_by_product(shipments: Sequence[Shipment]) -> dict[int, Decimal]:
    """Return the units on shipments that take from stock, by product id."""
    lines = ShipmentLine.objects.filter(shipment__in=shipments, quantity__gt=0)
    return units_by_product(list(lines.select_related("order_line").order_by("pk")))


def _queue_order(one: HeldShipment) -> tuple[Any, ...]:
    shipment = one.shipment
    return -shipment.priority, shipment.backordered_since, shipment.pk


def _route(one: HeldShipment, whole: Collection[int], act: Act, *, today: date) -> None:
    """Give a shipment what no earlier one needs; the rest of one that was READY falls back."""
    shipment = one.shipment
    target = with_supply(shipment, one.former, today=today)
    takes, action = _takes(target, whole)
    if takes:
        # Held are the units that it is given, and those that wait.
        set_columns([shipment], FREE)
        ready = give(target, takes, act, moves_more=True).ready
        if one.hold["hold_reason"] == HoldReason.STAFF:
            set_columns(ready, one.hold)
            if shipment.state == Shipment.State.BACKORDER:
                set_columns([shipment], one.hold)
        elif one.hold["hold_reason"] == HoldReason.PAYMENT:
            hold_for_payment([each.pk for each in ready], now=act.at)
    if one.was_ready and action is AfterAction.CUSTOMER_CARE:
        shipment.refresh_from_db()
        if shipment.state == Shipment.State.BACKORDER:
            send_to_care([shipment], act)


def _takes(target: DeallocatedShipment, whole: Collection[int]) -> tuple[Takes, AfterAction]:
    """Return the units that it is given, and what becomes of the rest of it."""
    managed = [line for line in target.lines if line.order_line.is_reserving]
    source_ids = by_choice(target, target.sources)
    assigned = assign(
        [LineNeed(line.pk, line.product_id, line.quantity) for line in managed],
        with_own_units(target).spare,
        source_ids,
        SplitLimits.of(target.configuration),
        needed_whole={line.pk for line in managed if line.product_id in whole},
    )
    takes = {source: dict(given) for source, given in assigned.items()}
    # What needs no units leaves with the first of the others, or by itself.
    unmanaged = {line.pk: line.quantity for line in target.lines if line not in managed}
    if unmanaged and source_ids:
        takes.setdefault(next(iter(takes), source_ids[0]), {}).update(unmanaged)
    given: defaultdict[int, Decimal] = defaultdict(Decimal)
    for units in takes.values():
        for pk, quantity in units.items():
            given[pk] += quantity
    asked = {line.pk: line.quantity for line in target.lines}
    is_pickup = target.shipment.is_pickup
    rules = after_action_rules(target.configuration)
    rest = rest_of(asked, given, rules, is_pickup=is_pickup)
    waiting = {pk for pk, quantity in rest.quantities.items() if quantity == asked[pk]}
    kept = {
        source: {pk: quantity for pk, quantity in units.items() if pk not in waiting}
        for source, units in takes.items()
    }
    return {source: units for source, units in kept.items() if units}, rest.action


def _settle(held: Sequence[HeldShipment], act: Act) -> None:
    """Date what lost its units, or the supply behind its date, and have a run look at it."""
    by_id = {one.shipment.pk: one for one in held}
    waiting = Shipment.objects.filter(pk__in=by_id, state=Shipment.State.BACKORDER)
    rows = list(waiting.order_by("pk").values_list("pk", flat=True))
    lost = [pk for pk in rows if by_id[pk].former.state in HOLDING or by_id[pk].has_known_supply]
    date_without_supply(lost, act)
    note_needs(rows)
    keep_together({one.shipment.order_id for one in held}, act)
