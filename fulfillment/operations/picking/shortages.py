"""Takes units that are missing on the shelf off the count of their source."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from django.db import transaction
from django.db.models import F, Q

from core.acts import Act
from core.quantities import ZERO
from core.sql import fetch_rows
from fulfillment.models import Allocation, PickLine, PickList, Shipment, ShipmentLine
from fulfillment.operations.moves.split import split_off
from fulfillment.operations.picking.pick_lists import PickListError, lock_pick_list
from fulfillment.operations.shipments.arrivals import note_needs
from fulfillment.operations.shipments.locking import lock_shipments
from fulfillment.operations.shipments.shortfalls import fall_back
from inventory.models import InventoryConfiguration, SourceItem
from inventory.operations.source_items import ItemChange, SourceItemError, set_items
from inventory.operations.whole_units import hold_products, refuse_fractions_at
from inventory.options import ReleaseMode
from inventory.ports import HeldUnitsError

REASON = "SHORT"

# What each shipment holds of one item, first in queue order first. What is packed or set aside, and
# what was picked, is there: a person has held it.
HELD = """
SELECT shipment.id, shipment.number, part.id, sum(allocation.quantity),
    CASE WHEN shipment.set_aside_at IS NOT NULL OR shipment.packed_at IS NOT NULL
        THEN sum(allocation.quantity)
        ELSE LEAST(sum(allocation.quantity), COALESCE((
            SELECT pick.picked_quantity FROM fulfillment_pickline AS pick
            WHERE pick.shipment_line_id = part.id AND NOT pick.is_put_back
            ORDER BY pick.id DESC LIMIT 1), 0)) END,
    (SELECT pick.id FROM fulfillment_pickline AS pick
     WHERE pick.shipment_line_id = part.id AND pick.is_open AND pick.pick_list_id = %(pick_list)s)
FROM fulfillment_allocation AS allocation
JOIN fulfillment_shipmentline AS part ON part.id = allocation.shipment_line_id
JOIN fulfillment_shipment AS shipment ON shipment.id = part.shipment_id
JOIN orders_order AS placed ON placed.id = shipment.order_id
WHERE allocation.source_item_id = %(item)s
GROUP BY shipment.id, part.id, placed.id
ORDER BY shipment.priority DESC, COALESCE(shipment.backordered_since, placed.placed_at),
    shipment.id, part.id
"""


class NotShortError(PickListError):
    """No unit of the product is missing on the list."""


class FoundTooManyError(PickListError):
    """More units were found than the list still needs; ``missing`` are those that it needs."""

    def __init__(self, missing: Decimal) -> None:
        super().__init__(f"{missing}")
        self.missing = missing


class ShortCountRefusedError(PickListError):
    """The source item does not take the count; the message says why."""


@dataclass(frozen=True, slots=True)
class PickShortage:
    """What a person found of a product while picking.

    ``found`` are units for this list beside those that are counted as picked, ``left`` those that
    are still at the source besides. ``mode`` says what of a shipment on the list falls back with
    missing units; None: as releases have it.
    """

    product_id: int
    found: Decimal
    left: Decimal = ZERO
    mode: ReleaseMode | None = None


@dataclass(frozen=True, slots=True)
class ShortOutcome:
    """What a shortage comes to: the count before and after, and who waits again.

    ``waiting`` are shipments, by number, that fell back to BACKORDER, new parts included.
    """

    counted_before: Decimal
    counted: Decimal
    waiting: Sequence[str]


class _LineHolding(NamedTuple):
    """Units of the item that one shipment line holds."""

    shipment_id: int
    number: str
    line_id: int
    quantity: Decimal
    in_hand: Decimal
    pick_id: int | None

    @property
    def missing(self) -> Decimal:
        return self.quantity - self.in_hand


class _HoldersMovedError(Exception):
    """Who holds units has changed before it was locked; the locks were given back."""


def report_short(pick_list_id: int, shortage: PickShortage, act: Act) -> ShortOutcome:
    """Count a product at the list's source as it was found; opens the transaction.

    Found units are counted as picked, first in queue order first. The count becomes what was
    found, what is left, and what is picked or packed and not shipped. What it does not cover falls
    back, last in queue order first: of this list the missing units as the mode has it, other
    shipments whole.

    :raises ClosedPickListError: if the list is closed.
    :raises NotShortError: if the list misses no unit of the product, or its source counts none.
    :raises FoundTooManyError: for more than the list misses.
    :raises ShortCountRefusedError: if the count is refused, as where virtual lines hold the units.
    :raises inventory.operations.whole_units.FractionError: for a fraction of a unit that is whole.

    Rule: Picking and shipping, short (§21).
    """
    while True:
        try:
            with transaction.atomic():
                return _report(pick_list_id, shortage, act)
        except _HoldersMovedError:
            continue


def _report(pick_list_id: int, shortage: PickShortage, act: Act) -> ShortOutcome:
    units = (shortage.found, shortage.left)
    if any(quantity % 1 for quantity in units):
        hold_products({shortage.product_id})
    item, shipments, held = _locked(pick_list_id, shortage.product_id)
    key = (item.product_id, item.source_id)
    refuse_fractions_at((key, quantity) for quantity in units)
    missing = sum((one.missing for one in held if one.pick_id is not None), ZERO)
    if missing <= 0:
        raise NotShortError(f"{shortage.product_id}")
    if shortage.found > missing:
        raise FoundTooManyError(missing)
    held = _count_found(held, shortage.found, now=act.at)
    counted = shortage.left + sum((one.in_hand for one in held), ZERO)
    mode = shortage.mode or ReleaseMode(InventoryConfiguration.load().in_force("release_mode"))
    falling = _falling(held, mode, uncovered=sum((one.quantity for one in held), ZERO) - counted)
    numbers = _send_back(falling, shipments, act)
    try:
        set_items([ItemChange(*key, {"quantity": counted})], act)
    except (SourceItemError, HeldUnitsError) as error:
        raise ShortCountRefusedError(str(error)) from error
    return ShortOutcome(item.quantity, counted, numbers)


def _locked(
    pick_list_id: int, product_id: int
) -> tuple[SourceItem, dict[int, Shipment], list[_LineHolding]]:
    """Lock all that may lose units, and return the item, the shipments by id, and what they hold.

    Rule: Locks are taken in one order: orders, shipments, source items, pick lists.
    """
    source = PickList.objects.filter(pk=pick_list_id).values("source")
    at_source = SourceItem.objects.filter(product=product_id, source__in=source)
    item_id = at_source.order_by("pk").values_list("pk", flat=True).first()
    if item_id is None:
        # Its stock is not managed: the source holds no count of it.
        raise NotShortError(f"{product_id}")
    seen = {one.shipment_id for one in _held(pick_list_id, item_id)}
    shipments = {shipment.pk: shipment for shipment in lock_shipments(seen)}
    held_items = Allocation.objects.filter(shipment_line__shipment__in=seen).values("source_item")
    items = SourceItem.objects.filter(Q(pk=item_id) | Q(pk__in=held_items)).locked()
    [item] = [one for one in items if one.pk == item_id]
    lock_pick_list(pick_list_id)
    held = _held(pick_list_id, item_id)
    if {one.shipment_id for one in held} - seen:
        raise _HoldersMovedError
    return item, shipments, held


def _held(pick_list_id: int, item_id: int) -> list[_LineHolding]:
    """Return who holds units of an item, first in queue order first."""
    rows = fetch_rows(HELD, {"pick_list": pick_list_id, "item": item_id})
    return [_LineHolding(*row) for row in rows]


def _count_found(
    held: Sequence[_LineHolding], found: Decimal, *, now: datetime
) -> list[_LineHolding]:
    """Count found units as picked, first in queue order first; return what is held then."""
    counted = []
    for one in held:
        taken = min(found, one.missing) if one.pick_id is not None else ZERO
        if one.pick_id is not None and taken:
            PickLine.objects.filter(pk=one.pick_id).update(
                picked_quantity=F("picked_quantity") + taken, counted_at=now
            )
        counted.append(one._replace(in_hand=one.in_hand + taken))
        found -= taken
    return counted


def _falling(
    held: Sequence[_LineHolding], mode: ReleaseMode, *, uncovered: Decimal
) -> dict[int, dict[int, Decimal]]:
    """Return what falls back, last in queue order first: units by shipment line, by shipment.

    A shipment without units named falls back whole.
    """
    falling: dict[int, dict[int, Decimal]] = {}
    whole = {one.shipment_id for one in held if one.pick_id is None or mode is ReleaseMode.FULL}
    for one in reversed(held):
        if uncovered <= 0:
            break
        if one.missing <= 0 or (one.shipment_id in falling and one.shipment_id in whole):
            continue
        parts = falling.setdefault(one.shipment_id, {})
        if one.shipment_id in whole:
            uncovered -= sum(each.quantity for each in held if each.shipment_id == one.shipment_id)
        else:
            by_line = mode is ReleaseMode.BY_LINE
            parts[one.line_id] = one.quantity if by_line else min(one.missing, uncovered)
            uncovered -= parts[one.line_id]
    return falling


def _send_back(
    falling: Mapping[int, Mapping[int, Decimal]], shipments: Mapping[int, Shipment], act: Act
) -> list[str]:
    """Send shipments, and parts of them, back to BACKORDER; return their numbers."""
    act = replace(act, reason=REASON)
    leaving = []
    for shipment_id, parts in sorted(falling.items()):
        shipment = shipments[shipment_id]
        lines = ShipmentLine.objects.filter(shipment=shipment, quantity__gt=0)
        has_rest = any(parts.get(line.pk) != line.quantity for line in lines)
        leaving.append(
            split_off(shipment, parts, act, are_picked=False) if parts and has_rest else shipment
        )
    if leaving:
        fall_back(sorted(one.pk for one in leaving), act)
        note_needs([one.pk for one in leaving])
    return sorted(one.number for one in leaving)
