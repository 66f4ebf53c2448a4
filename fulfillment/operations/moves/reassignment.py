"""Gives a shipment its units at other sources: the one named, or those of the rules."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from core.acts import Act
from core.quantities import ZERO
from fulfillment.models import Shipment
from fulfillment.operations.moves.deallocated_shipments import (
    DeallocatedShipment,
    deallocate_shipment,
)
from fulfillment.operations.moves.given_units import AllocatedShipment, Takes, give
from fulfillment.operations.shipments.complete_orders import waits_for_rest
from fulfillment.operations.shipments.locking import (
    ShipmentError,
    WrongStateError,
    lock_shipments_of,
)
from fulfillment.queries.pick_lists import on_open_lists
from fulfillment.queries.queues import pickup_sources_of
from fulfillment.sourcing.assignment import LineNeed, assign
from fulfillment.sourcing.choices import SplitLimits
from fulfillment.sourcing.eligibility import Ineligibility, in_order_of_choice
from inventory.options import SourceSelection
from inventory.salability import LinkedSource


class NotServedError(ShipmentError):
    """These sources cannot give all units without taking them from earlier shipments.

    ``missing`` are the units that lack, by SKU.
    """

    def __init__(self, missing: Mapping[str, Decimal]) -> None:
        super().__init__(", ".join(f"{sku}: {units:f}" for sku, units in missing.items()))
        self.missing = missing


def serve(
    target: DeallocatedShipment, source_ids: Sequence[int], act: Act, *, limits: SplitLimits
) -> AllocatedShipment:
    """Give a shipment all its units from these sources, tried in this order, or refuse.

    Runs inside the caller's transaction. What waited and leaves from one source becomes READY
    itself; otherwise one READY child a source, and the shipment is REASSIGNED.

    :raises NotServedError: if they cannot give all of them.

    Rule: Choosing sources.
    """
    return give(target, takes_of(target, source_ids, limits), act)


def takes_of(target: DeallocatedShipment, source_ids: Sequence[int], limits: SplitLimits) -> Takes:
    """Return units by source id by shipment line id: all that a shipment needs.

    :raises NotServedError: if these sources cannot give them.
    """
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
        source_id = named_source(target, source_code)
        return serve(target, [source_id], act, limits=SplitLimits())


def named_source(target: DeallocatedShipment, source_code: str) -> int:
    """Return the id of the source that a shipment is reassigned to.

    :raises SourceNotEligibleError: if the source may not serve it.
    :raises WrongStateError: if it is READY there already.

    Rule: Shipment states, moving to READY by hand.
    """
    named = [source.source_id for source in target.sources if source.code == source_code]
    if not named:
        cause = target.ineligible.get(source_code, Ineligibility.NOT_LINKED)
        raise SourceNotEligibleError(source_code, cause)
    if any((named[0], line.product_id) in target.barred for line in target.lines):
        raise SourceNotEligibleError(source_code, Ineligibility.BARRED)
    if target.is_ready_at(named[0]):
        raise WrongStateError(f"{target.shipment.number}: {source_code}")
    return named[0]


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
        takes = takes_of(target, by_choice(target, target.sources), limits)
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
