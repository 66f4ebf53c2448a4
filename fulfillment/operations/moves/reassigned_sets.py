"""Reassigns many shipments to one source in a fixed number of statements."""

from collections.abc import Iterator, Sequence

from django.utils import timezone

from core.acts import Act
from fulfillment.models import Shipment, ShipmentLine
from fulfillment.operations.moves.deallocated_shipments import (
    GIVEN_BACK,
    HOLDING,
    refuse_to_move,
)
from fulfillment.operations.moves.given_units import GivenUnits, give_all
from fulfillment.operations.moves.planned_supply import SupplyInTurn
from fulfillment.operations.moves.reassignment import named_source, takes_of
from fulfillment.operations.shipments.locking import ShipmentError, lock_shipments
from fulfillment.operations.shipments.shortfalls import give_back
from fulfillment.queries.pick_lists import on_open_lists
from fulfillment.sourcing.choices import SplitLimits
from inventory.models import SourceItem
from orders.refusals import OrderChangeError


def reassign_shipments(
    shipment_ids: Sequence[int], act: Act, *, source_code: str
) -> dict[int, Exception]:
    """Reassign shipments as ``reassign`` does one, in this order; return why others stay, by id.

    Runs in the caller's transaction. One that cannot have its units keeps no other from them.

    Rule: Shipment states, moving to READY by hand.
    """
    own = {shipment.pk: shipment for shipment in lock_shipments(shipment_ids)}
    lines = ShipmentLine.objects.filter(shipment__in=own, quantity__gt=0)
    list(SourceItem.objects.filter(product__in=lines.values("product")).locked())
    refused: dict[int, Exception] = {}
    for part in _parts([own[pk] for pk in shipment_ids if pk in own]):
        refused |= _reassign_part(part, act, source_code=source_code)
    return refused


def _parts(shipments: Sequence[Shipment]) -> Iterator[list[int]]:
    """Yield the ids of those that are reassigned together.

    Where an order ships complete, the second of its shipments is held or let go with the first; of
    two that were READY, the customer gets two new dates.
    """
    part: list[int] = []
    orders: set[int] = set()
    for shipment in shipments:
        is_bound = shipment.order.ship_complete or shipment.state == Shipment.State.READY
        if is_bound and shipment.order_id in orders:
            yield part
            part, orders = [], set()
        part.append(shipment.pk)
        orders.add(shipment.order_id)
    yield part


def _reassign_part(
    shipment_ids: Sequence[int], act: Act, *, source_code: str
) -> dict[int, Exception]:
    own = {shipment.pk: shipment for shipment in lock_shipments(shipment_ids)}
    shipments = [own[pk] for pk in shipment_ids]
    listed = on_open_lists(shipments)
    supply = SupplyInTurn(shipments, today=timezone.localdate(act.at))
    given: list[GivenUnits] = []
    refused: dict[int, Exception] = {}
    for shipment in shipments:
        try:
            refuse_to_move(shipment, listed)
            target = supply.target_of(shipment)
            source_id = named_source(target, source_code)
            units = GivenUnits(target, takes_of(target, [source_id], SplitLimits()))
        except (ShipmentError, OrderChangeError) as error:
            refused[shipment.pk] = error
        else:
            supply.take(units)
            given.append(units)
    _give_back([one.target.shipment for one in given if one.target.former_state in HOLDING])
    give_all(given, act)
    return refused


def _give_back(shipments: Sequence[Shipment]) -> None:
    """End what shipments hold; they show what is another for each."""
    if not shipments:
        return
    give_back([shipment.pk for shipment in shipments])
    keys = [shipment.pk for shipment in shipments]
    # By the names of the columns: a source would be read for each.
    columns = [
        field.attname for field in Shipment._meta.concrete_fields if field.name in GIVEN_BACK
    ]
    rows = {row["pk"]: row for row in Shipment.objects.filter(pk__in=keys).values("pk", *columns)}
    for shipment in shipments:
        for name in columns:
            setattr(shipment, name, rows[shipment.pk][name])
