"""Gives a shipment its units at other sources: the one named, or those of the rules."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from core.acts import Act
from core.quantities import ZERO
from fulfillment.models import Allocation, Shipment, ShipmentEvent
from fulfillment.operations.moves.deallocated_shipments import (
    HOLDING,
    DeallocatedShipment,
    deallocate_shipment,
    units_by_product,
)
from fulfillment.operations.moves.expected_date import keep_new_dates
from fulfillment.operations.moves.split import split_off
from fulfillment.operations.payments import hold_for_payment
from fulfillment.operations.shipments.allocation_counters import QueueKey, shift_allocated
from fulfillment.operations.shipments.arrivals import note_arrival
from fulfillment.operations.shipments.complete_orders import keep_together, waits_for_rest
from fulfillment.operations.shipments.locking import (
    ShipmentError,
    WrongStateError,
    lock_shipments_of,
    note_event,
    set_columns,
)
from fulfillment.operations.shipments.notices import tell_being_prepared
from fulfillment.queries.pick_lists import on_open_lists
from fulfillment.queries.queues import pickup_sources_of
from fulfillment.sourcing.assignment import LineNeed, assign
from fulfillment.sourcing.choices import SplitLimits
from fulfillment.sourcing.eligibility import Ineligibility, in_order_of_choice
from inventory.operations import units
from inventory.options import SourceSelection
from inventory.queries.working_days import open_days
from inventory.salability import LinkedSource

# Units by source id by shipment line id.
Takes = Mapping[int, Mapping[int, Decimal]]


class NotServedError(ShipmentError):
    """These sources cannot give all units without taking them from earlier shipments.

    ``missing`` are the units that lack, by SKU.
    """

    def __init__(self, missing: Mapping[str, Decimal]) -> None:
        super().__init__(", ".join(f"{sku}: {units:f}" for sku, units in missing.items()))
        self.missing = missing


@dataclass(frozen=True, slots=True)
class AllocatedShipment:
    """A served shipment, and the shipments that are READY now: itself or its children."""

    shipment: Shipment
    ready: tuple[Shipment, ...]


def serve(
    target: DeallocatedShipment, source_ids: Sequence[int], act: Act, *, limits: SplitLimits
) -> AllocatedShipment:
    """Give a shipment all its units from these sources, tried in this order, or refuse.

    Runs inside the caller's transaction. What waited and leaves from one source becomes READY
    itself; otherwise one READY child a source, and the shipment is REASSIGNED.

    :raises NotServedError: if they cannot give all of them.

    Rule: Choosing sources.
    """
    return give(target, _takes(target, source_ids, limits), act)


def give(
    target: DeallocatedShipment, takes: Takes, act: Act, *, moves_more: bool = False
) -> AllocatedShipment:
    """Give a shipment units by source id by shipment line id; what is left of it waits.

    Runs inside the caller's transaction. One that ``moves_more`` of the order after it holds what
    is ready of an order that ships complete once, at its end. Expected dates move on to working
    days of the new sources; of one that was READY the customer is told as of any other new date.

    Rule: Shipment states, two dates: working days (§14a).
    """
    units.allocate(_by_item(target, takes))
    ready = _ready(target, takes, act)
    formers = _move_to_working_days(ready)
    detail = {"sources": [shipment.source.code for shipment in ready if shipment.source]}
    shipment = target.shipment
    event = note_event(shipment, ShipmentEvent.Kind.REASSIGNED, act, detail=detail)
    if target.former_state != Shipment.State.READY:
        _release(ready, event, act)
    else:
        moved = [one for one in ready if one.pk in formers]
        keep_new_dates(moved, act, formers=formers)
        if not moves_more:
            keep_together([shipment.order_id], act, shipments=ready)
    if target.former_state in HOLDING:
        note_arrival(sorted(units_by_product(target.lines)))
    given: defaultdict[QueueKey, Decimal] = defaultdict(Decimal)
    for line in target.lines:
        if line.order_line.is_reserving:
            key = QueueKey(line.product_id, shipment.stock_id, shipment.pickup_source_id)
            given[key] += sum((take.get(line.pk, ZERO) for take in takes.values()), ZERO)
    shift_allocated(given)
    return AllocatedShipment(shipment, tuple(ready))


def _takes(target: DeallocatedShipment, source_ids: Sequence[int], limits: SplitLimits) -> Takes:
    """Return units by source id by shipment line id; all of them, or it is refused."""
    managed = [line for line in target.lines if line.order_line.is_reserving]
    needs = [LineNeed(line.pk, line.product_id, line.quantity) for line in managed]
    lines = {need.line for need in needs}
    assigned = assign(needs, target.spare, source_ids, limits, needed_whole=lines)
    takes = {source: dict(given) for source, given in assigned.items()}
    missing: defaultdict[str, Decimal] = defaultdict(Decimal)
    for line in managed:
        given = sum((take.get(line.pk, ZERO) for take in takes.values()), ZERO)
        missing[line.order_line.sku] += line.quantity - given
    lacking = {sku: quantity for sku, quantity in missing.items() if quantity}
    if lacking or not source_ids:
        raise NotServedError(lacking)
    # What needs no units leaves with the first of the others.
    first = takes.setdefault(next(iter(takes), source_ids[0]), {})
    first.update(
        (line.pk, line.quantity) for line in target.lines if not line.order_line.is_reserving
    )
    return takes


def _by_item(target: DeallocatedShipment, takes: Takes) -> dict[int, Decimal]:
    managed = {line.pk: line for line in target.lines if line.order_line.is_reserving}
    quantities: defaultdict[int, Decimal] = defaultdict(Decimal)
    for source_id, given in takes.items():
        for line_id in given.keys() & managed.keys():
            item = target.items[source_id, managed[line_id].product_id]
            quantities[item.item_id] += given[line_id]
    return dict(quantities)


def _ready(target: DeallocatedShipment, takes: Takes, act: Act) -> list[Shipment]:
    shipment = target.shipment
    needed = sum((line.quantity for line in target.lines), ZERO)
    is_whole = needed == sum((sum(given.values(), ZERO) for given in takes.values()), ZERO)
    if is_whole and len(takes) == 1 and target.former_state != Shipment.State.READY:
        ready = [(shipment, next(iter(takes)))]
    else:
        ready = [(split_off(shipment, given, act), source_id) for source_id, given in takes.items()]
        if is_whole:
            shipment.state, shipment.source_id = Shipment.State.REASSIGNED, target.former_source_id
            shipment.save(update_fields=["state", "source"])
    for child, source_id in ready:
        child.state, child.source_id, child.care_reason = Shipment.State.READY, source_id, ""
        child.released_at = act.at
        child.save(update_fields=["state", "source", "care_reason", "released_at"])
        _set_aside(target, child, source_id)
    return [child for child, _source_id in ready]


def _move_to_working_days(ready: Sequence[Shipment]) -> dict[int, date | None]:
    """Move dates that no person has set off closed days; return the former ones, by shipment id."""
    dated = [
        (one, one.source_id, one.expected_on)
        for one in ready
        if one.source_id and one.expected_on and not one.is_expected_on_fixed
    ]
    days = open_days({(source_id, day) for _, source_id, day in dated})
    formers: dict[int, date | None] = {}
    for one, source_id, day in dated:
        if days[source_id, day] != day:
            formers[one.pk] = day
            set_columns([one], {"expected_on": days[source_id, day]})
    return formers


def _set_aside(target: DeallocatedShipment, ready: Shipment, source_id: int) -> None:
    parts = ready.lines.filter(quantity__gt=0, order_line__is_reserving=True).order_by("pk")
    Allocation.objects.bulk_create(
        Allocation(
            order_line_id=part.order_line_id,
            shipment_line=part,
            source_item_id=target.items[source_id, part.product_id].item_id,
            quantity=part.quantity,
        )
        for part in parts
    )


def _release(ready: Sequence[Shipment], event: ShipmentEvent, act: Act) -> None:
    """Hold shipments that need a new authorization, and tell the customers of the others.

    Rule: Notices to customers, being prepared (§18).
    """
    for shipment in ready:
        note_event(shipment, ShipmentEvent.Kind.RELEASED, replace(act, reason=""))
    hold_for_payment([shipment.pk for shipment in ready], now=act.at)
    for shipment in ready:
        shipment.refresh_from_db(fields=["is_held", "hold_reason", "awaits_payment"])
    free = [shipment for shipment in ready if not shipment.is_held]
    keys = {shipment: f"event-{event.pk}-{shipment.pk}" for shipment in free}
    tell_being_prepared(keys, now=act.at)


class SourceNotEligibleError(ShipmentError):
    """The source may not serve the shipment; ``cause`` says why."""

    def __init__(self, source_code: str, cause: Ineligibility) -> None:
        super().__init__(f"{source_code}: {cause}")
        self.source_code = source_code
        self.cause = cause


def reassign(
    shipment_id: int, act: Act, *, source_code: str, expected_version: int | None = None
) -> AllocatedShipment:
    """Give a READY, BACKORDER, FUTURE or CUSTOMER_CARE shipment its units at one source, whole.

    Opens the transaction. A READY one is REASSIGNED, and its child is READY at the source; one
    that waited becomes READY itself. No earlier shipment loses units.

    :raises SourceNotEligibleError: if the source may not serve it.
    :raises NotServedError: if the source cannot give all units.
    :raises WrongStateError: if it is over, held, or there already.
    :raises StaleShipmentError: if ``expected_version`` is not the row's.
    :raises orders.refusals.UnpaidOrderError: while the order's payment is not decided.

    Rule: Shipment states, moving to READY by hand.
    """
    with transaction.atomic():
        target = deallocate_shipment(
            shipment_id, today=timezone.localdate(act.at), expected_version=expected_version
        )
        named = [source.source_id for source in target.sources if source.code == source_code]
        if not named:
            cause = target.ineligible.get(source_code, Ineligibility.NOT_LINKED)
            raise SourceNotEligibleError(source_code, cause)
        if any((named[0], line.product_id) in target.barred for line in target.lines):
            raise SourceNotEligibleError(source_code, Ineligibility.BARRED)
        if target.is_ready_at(named[0]):
            raise WrongStateError(f"{target.shipment.number}: {source_code}")
        return serve(target, named, act, limits=SplitLimits())


def reroute(
    shipment_id: int, act: Act, *, expected_version: int | None = None
) -> AllocatedShipment:
    """Give a READY, BACKORDER, FUTURE or CUSTOMER_CARE shipment its units again, all or none.

    Opens the transaction. Sources are chosen as at placement, within the limits; a READY shipment
    leaves its own source. One that waited and is served by one source becomes READY itself;
    otherwise it is REASSIGNED with a READY child a source. No earlier shipment loses units.

    :raises fulfillment.operations.moves.reassignment.NotServedError: if they cannot give all units.
    :raises WrongStateError: if it is over, or held.
    :raises StaleShipmentError: if ``expected_version`` is not the row's.
    :raises orders.refusals.UnpaidOrderError: while the order's payment is not decided.

    Rule: Choosing sources.
    """
    with transaction.atomic():
        target = deallocate_shipment(
            shipment_id, today=timezone.localdate(act.at), expected_version=expected_version
        )
        return serve(target, _in_order(target), act, limits=SplitLimits.of(target.configuration))


def choose_sources_again(order_id: int, act: Act) -> None:
    """Give the READY shipments of an order the sources of the rules, by its address as it is now.

    Runs in the caller's transaction, which has locked the order. One that is held or on an open
    pick list stays, and so does one that no other choice serves: no earlier shipment loses units.

    Rule: Changing an order, choose sources again (§20).
    """
    ready = [
        shipment
        for shipment in lock_shipments_of(order_id)
        if shipment.state == Shipment.State.READY
        and (not shipment.is_held or waits_for_rest(shipment))
    ]
    listed = on_open_lists(ready)
    for shipment in ready:
        if shipment.pk in listed:
            continue
        with transaction.atomic():
            target = deallocate_shipment(
                shipment.pk, today=timezone.localdate(act.at), expected_version=None
            )
            limits = SplitLimits.of(target.configuration)
            if not _is_served_otherwise(target, limits):
                # It keeps its allocations as they are.
                transaction.set_rollback(True)
                continue
            serve(target, by_choice(target, target.sources), act, limits=limits)


def _is_served_otherwise(target: DeallocatedShipment, limits: SplitLimits) -> bool:
    """Return whether the sources of the rules serve it, from elsewhere or as its order now asks."""
    try:
        takes = _takes(target, by_choice(target, target.sources), limits)
    except NotServedError:
        return False
    return target.has_new_method or set(takes) != {target.former_source_id}


def _in_order(target: DeallocatedShipment) -> list[int]:
    others = [source for source in target.sources if not target.is_ready_at(source.source_id)]
    return by_choice(target, others)


def by_choice(target: DeallocatedShipment, sources: Sequence[LinkedSource]) -> list[int]:
    """Return the ids of sources in the order in which placement would choose them."""
    chosen = in_order_of_choice(
        sources,
        algorithm=SourceSelection(str(target.configuration["source_selection"])),
        destination=_destination(target),
        last=pickup_sources_of(target.waiting),
    )
    return [source.source_id for source in chosen]


def _destination(target: DeallocatedShipment) -> tuple[Decimal, Decimal] | None:
    order = target.shipment.order
    if order.latitude is None or order.longitude is None:
        return None
    return order.latitude, order.longitude
