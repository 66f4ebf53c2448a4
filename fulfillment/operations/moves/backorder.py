"""Sends a ready shipment back to backorder when its units are not at the source."""

from collections.abc import Collection, Mapping
from decimal import Decimal

from django.db import transaction

from core.acts import Act
from fulfillment.models import Shipment
from fulfillment.operations.moves.bars import bar
from fulfillment.operations.moves.customer_care import return_to_queue, send_to_care
from fulfillment.operations.shipments.arrivals import note_needs
from fulfillment.operations.shipments.locking import ShipmentError, lock_shipment, lock_shipments
from fulfillment.operations.shipments.shortfalls import (
    fall_back,
    lock_giving_way,
    shipments_giving_way,
)
from inventory.models import SourceItem
from inventory.operations.source_items import ItemChange, SourceItemError, set_items
from inventory.operations.whole_units import FractionError, hold_products
from inventory.ports import HeldUnitsError

State = Shipment.State


class NothingCorrectedError(ShipmentError):
    """The counts equal the books: the next run would undo the move."""


class NotOfShipmentError(ShipmentError):
    """Products are named that the shipment does not take from a source; by id."""

    def __init__(self, product_ids: Collection[int]) -> None:
        super().__init__(", ".join(map(str, sorted(product_ids))))
        self.product_ids = frozenset(product_ids)


class CountRefusedError(ShipmentError):
    """The source items do not take the count; the message says why."""


def move_to_backorder(
    shipment_id: int,
    act: Act,
    *,
    counted: Mapping[int, Decimal] | None = None,
    missing: Collection[int] | None = None,
    expected_version: int | None = None,
) -> Shipment:
    """Send what is READY back to BACKORDER whole, with its age, or an exception to the queue.

    Opens the transaction. ``counted`` corrects what its source holds, by product id. Without it,
    the source is barred for the products that are ``missing``, all of the shipment where none are
    named, so that the next run does not undo it; a pickup shipment, which has no other source,
    goes to CUSTOMER_CARE instead.

    :raises NothingCorrectedError: if the counts are what the books say.
    :raises NotOfShipmentError: if a product is named that is not taken from its source.
    :raises CountRefusedError: if a count is refused, as where virtual lines hold the units.
    :raises WrongStateError: unless it is READY or in CUSTOMER_CARE.
    :raises StaleShipmentError: if ``expected_version`` is not the row's.

    Rule: Shipment states, moving READY back by hand.
    """
    with transaction.atomic():
        # Whether a product uses decimals is held before anything else is locked.
        hold_products({pk for pk, quantity in (counted or {}).items() if quantity % 1})
        if counted:
            _lock_with_others(shipment_id, counted)
        shipment = lock_shipment(
            shipment_id,
            states=[State.READY, State.CUSTOMER_CARE],
            expected_version=expected_version,
        )
        own = _products(shipment)
        if named := {*(counted or ()), *(missing or ())} - own:
            raise NotOfShipmentError(named)
        if shipment.state == State.CUSTOMER_CARE:
            return return_to_queue(shipment_id, act)
        if counted:
            _correct(shipment, counted, act)
        elif shipment.is_pickup:
            send_to_care([shipment], act)
        else:
            source_id = shipment.source_id or 0
            fall_back([shipment.pk], act)
            bar(shipment, source_id, missing or own, act)
        note_needs([shipment.pk])
        shipment.refresh_from_db()
    return shipment


def _products(shipment: Shipment) -> set[int]:
    """Return the products that a shipment takes from its source; none of one that has no source."""
    if shipment.source_id is None:
        return set()
    lines = shipment.lines.filter(quantity__gt=0, order_line__is_reserving=True)
    return set(lines.order_by("pk").values_list("product_id", flat=True))


def _shortfalls(source_id: int | None, counted: Mapping[int, Decimal]) -> dict[int, Decimal]:
    """Return the units that counts of a source leave uncovered, by source item."""
    items = SourceItem.objects.filter(source=source_id, product__in=counted).order_by("pk")
    return {
        item.pk: item.allocated - counted[item.product_id]
        for item in items
        if item.allocated > counted[item.product_id]
    }


def _lock_with_others(shipment_id: int, counted: Mapping[int, Decimal]) -> None:
    """Lock a shipment with those that may have to give way to its counts, in the order of keys."""
    rows = Shipment.objects.filter(pk=shipment_id).order_by("pk")
    source_id = rows.values_list("source", flat=True).first()
    lock_shipments({shipment_id, *shipments_giving_way(_shortfalls(source_id, counted))})


def _correct(shipment: Shipment, counted: Mapping[int, Decimal], act: Act) -> None:
    """Correct the counts of its source, and send it back; other shipments may lose units too."""
    source_id = shipment.source_id or 0
    items = SourceItem.objects.filter(source=source_id, product__in=counted).order_by("pk")
    if all(item.quantity == counted[item.product_id] for item in items):
        raise NothingCorrectedError(shipment.number)
    # Shipments that may have to give way are locked before any source item is.
    lock_giving_way(_shortfalls(source_id, counted))
    fall_back([shipment.pk], act)
    changes = [
        ItemChange(product_id, source_id, {"quantity": quantity})
        for product_id, quantity in sorted(counted.items())
    ]
    try:
        set_items(changes, act)
    except (SourceItemError, HeldUnitsError, FractionError) as error:
        raise CountRefusedError(str(error)) from error
