"""Counts what is picked: by scans, each of them once, or by a number."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import F, Q, QuerySet

from core.acts import Act
from fulfillment.models import PickLine, PickList, PickScan
from fulfillment.operations.picking.pick_lists import PickListError, lock_pick_list, refuse_closed
from inventory.codes import spellings


class UnknownCodeError(PickListError):
    """No product of the list has this SKU or barcode."""


class PickedAlreadyError(PickListError):
    """All units of the product are picked already."""


@dataclass(frozen=True, slots=True)
class Count:
    """How many units are picked, it is said; ``shown`` is what the person saw (None: whatever)."""

    picked: Decimal
    shown: Decimal | None = None


class NotOnPickListError(PickListError):
    """The list has no such pick that is open; ``pick_id`` is what was named."""

    def __init__(self, pick_id: int) -> None:
        super().__init__(f"{pick_id}")
        self.pick_id = pick_id


class PickRefusedError(PickListError):
    """The count of ``pick`` cannot be; nothing of what was counted with it is kept."""

    def __init__(self, pick: PickLine) -> None:
        super().__init__(f"{pick.pk}")
        self.pick = pick


class PackedPickError(PickRefusedError):
    """Fewer units are said to be picked of a shipment that is packed; it is unpacked first."""


class TooManyPickedError(PickRefusedError):
    """More units, or fewer than none, are said to be picked than the shipment needs."""


class CountedMeanwhileError(PickRefusedError):
    """Others counted units of the pick since it was shown; ``pick`` has how many are picked now."""


def scan(pick_list_id: int, code: str, act: Act, *, key: str) -> PickLine:
    """Add one picked unit of the product with a SKU or barcode; opens the transaction.

    It is of the first shipment on the list that misses one. A scan that was counted before, by
    its ``key``, counts nothing again. Returns the pick as it is then.

    :raises ClosedPickListError: if the list is closed.
    :raises UnknownCodeError: if no open pick is of such a product.
    :raises PickedAlreadyError: if all its units are picked.

    Rule: Picking and shipping, pick list (§21).
    """
    with transaction.atomic():
        # Of two that are sent at once, one waits here and finds the other counted.
        pick_list = PickList.objects.locked().get(pk=pick_list_id)
        counted = PickScan.objects.select_related("pick").filter(pick_list=pick_list, key=key)
        if (before := counted.order_by("pk").first()) is not None:
            return before.pick
        refuse_closed(pick_list)
        pick = _next_pick(pick_list, code)
        left = pick.quantity - pick.picked_quantity
        pick.picked_quantity += min(left, Decimal(1))
        pick.counted_at = act.at
        pick.save(update_fields=["picked_quantity", "counted_at"])
        PickScan.objects.create(
            pick_list=pick_list, key=key, pick=pick, scanned_by_id=act.actor_id, scanned_at=act.at
        )
    return pick


def product_to_pick(pick_list_id: int, code: str) -> int:
    """Return the id of the product with a SKU or barcode of which the list has an open pick.

    :raises UnknownCodeError: if it has none.
    """
    picks = _picks_of(pick_list_id, code)
    return picks[0].shipment_line.product_id


def _picks_of(pick_list_id: int, code: str) -> QuerySet[PickLine]:
    picks = PickLine.objects.filter(
        Q(shipment_line__product__barcode__in=spellings(code))
        | Q(shipment_line__order_line__sku=code),
        pick_list=pick_list_id,
        is_open=True,
    ).order_by("pk")
    if not picks.exists():
        raise UnknownCodeError(code)
    return picks


def _next_pick(pick_list: PickList, code: str) -> PickLine:
    picks = _picks_of(pick_list.pk, code)
    pick = picks.filter(picked_quantity__lt=F("quantity")).first()
    if pick is None:
        raise PickedAlreadyError(code)
    return pick


def set_picked(pick_list_id: int, counts: Mapping[int, Count], *, now: datetime) -> None:
    """Say how many units are picked, by pick id; opens the transaction. All or none is written.

    :raises ClosedPickListError: if the list is closed.
    :raises NotOnPickListError: if it has no such pick that is open.
    :raises CountedMeanwhileError: if others counted since.
    :raises TooManyPickedError: for less than 0, or more than the shipment needs.
    :raises PackedPickError: for fewer of a shipment that is packed.

    Rule: Picking and shipping, pick list (§21).
    """
    with transaction.atomic():
        pick_list = lock_pick_list(pick_list_id)
        open_picks = PickLine.objects.filter(pick_list=pick_list, is_open=True)
        picks = open_picks.select_related("shipment", "shipment_line__order_line").in_bulk(
            list(counts)
        )
        for pick_id, count in counts.items():
            pick = picks.get(pick_id)
            if pick is None:
                raise NotOnPickListError(pick_id)
            if count.shown not in (None, pick.picked_quantity):
                raise CountedMeanwhileError(pick)
            if not 0 <= count.picked <= pick.quantity:
                raise TooManyPickedError(pick)
            if count.picked < pick.picked_quantity and pick.shipment.packed_at is not None:
                raise PackedPickError(pick)
            pick.picked_quantity, pick.counted_at = count.picked, now
        PickLine.objects.bulk_update(picks.values(), ["picked_quantity", "counted_at"])
