"""Chooses the sources of a shipment again, by the rules."""

from decimal import Decimal

from django.db import transaction

from core.acts import Act
from fulfillment.operations.moves.allocation import AllocatedShipment, serve
from fulfillment.operations.moves.deallocated_shipments import (
    DeallocatedShipment,
    deallocate_shipment,
)
from fulfillment.queries.queues import pickup_sources_of
from fulfillment.sourcing.choices import SplitLimits
from fulfillment.sourcing.eligibility import in_order_of_choice
from inventory.options import SourceSelection


def reroute(
    shipment_id: int, act: Act, *, expected_version: int | None = None
) -> AllocatedShipment:
    """Give a READY, BACKORDER, FUTURE or CUSTOMER_CARE shipment its units again, all or none.

    Opens the transaction. Sources are chosen as at placement, within the limits; a READY shipment
    leaves its own source. One that waited and is served by one source becomes READY itself;
    otherwise it is REASSIGNED with a READY child a source. No earlier shipment loses units.

    :raises fulfillment.operations.moves.allocation.NotServedError: if they cannot give all units.
    :raises WrongStateError: if it is over, or held.
    :raises StaleShipmentError: if ``expected_version`` is not the row's.
    :raises orders.refusals.UnpaidOrderError: while the order's payment is not decided.

    Rule: Choosing sources.
    """
    with transaction.atomic():
        target = deallocate_shipment(shipment_id, expected_version=expected_version)
        return serve(target, _in_order(target), act, limits=SplitLimits.of(target.configuration))


def _in_order(target: DeallocatedShipment) -> list[int]:
    others = [source for source in target.sources if not target.is_ready_at(source.source_id)]
    chosen = in_order_of_choice(
        others,
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
