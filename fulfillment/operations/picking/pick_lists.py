"""Pick lists: made, left by shipments, closed."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import F

from core.acts import Act
from fulfillment.models import PickLine, PickList, Shipment, ShipmentLine
from fulfillment.operations.moves.pack import pack_shipments
from fulfillment.operations.shipments.locking import ShipmentError, lock_shipments
from fulfillment.queries.pick_lists import on_open_lists

# As many shipments are on one list.
MOST_SHIPMENTS = 200


class PickListError(ShipmentError):
    """What was asked of a pick list cannot be; nothing was written."""


class NothingToPickError(PickListError):
    """None of the shipments can be put on a list; ``on_other_lists`` are on one already."""

    def __init__(self, on_other_lists: Sequence[str]) -> None:
        super().__init__(", ".join(on_other_lists))
        self.on_other_lists = on_other_lists


class NotListedError(PickListError):
    """Shipments are not on the list, or left it; ``shipment_ids`` says which."""

    def __init__(self, shipment_ids: Collection[int]) -> None:
        super().__init__(", ".join(str(key) for key in sorted(shipment_ids)))
        self.shipment_ids = shipment_ids


class PackedShipmentError(PickListError):
    """A shipment on the list is packed, and stays on it until it is unpacked or shipped."""


class ClosedPickListError(PickListError):
    """The pick list is closed."""


@dataclass(frozen=True, slots=True)
class NewPickList:
    """A pick list with its shipments, and the others that were asked for, by number.

    ``on_other_lists`` are on another open list, ``not_ready`` cannot be picked at the source now,
    and ``left_over`` were too many for one list.
    """

    pick_list: PickList
    taken: Sequence[str]
    on_other_lists: Sequence[str]
    not_ready: Sequence[str]
    left_over: Sequence[str]


def make_pick_list(source_id: int, shipment_ids: Collection[int], act: Act) -> NewPickList:
    """Put READY shipments of a source on a new list, in the order given; opens the transaction.

    At most 200 are on one. Of two people who ask for the same shipments the second gets the rest.

    :raises NothingToPickError: if none of them can be put on a list; there is no list then.

    Rule: Picking and shipping, pick list (§21).
    """
    with transaction.atomic():
        shipments = {one.pk: one for one in lock_shipments(shipment_ids)}
        listed = on_open_lists(shipments.values())
        order = [shipments[key] for key in dict.fromkeys(shipment_ids) if key in shipments]
        ready = [one for one in order if one.is_to_pack and one.source_id == source_id]
        free = [one for one in ready if one.pk not in listed]
        on_other_lists = [one.number for one in ready if one.pk in listed]
        if not free:
            raise NothingToPickError(on_other_lists)
        taken = free[:MOST_SHIPMENTS]
        pick_list = PickList.objects.create(
            source_id=source_id, created_by_id=act.actor_id, created_at=act.at
        )
        lines = ShipmentLine.objects.filter(shipment__in=taken, quantity__gt=0)
        PickLine.objects.bulk_create(
            PickLine(
                pick_list=pick_list,
                shipment_id=line.shipment_id,
                shipment_line=line,
                quantity=line.quantity,
            )
            for line in lines.order_by("order_line__sku", "shipment__number", "pk")
        )
    return NewPickList(
        pick_list=pick_list,
        taken=[one.number for one in taken],
        on_other_lists=on_other_lists,
        not_ready=[one.number for one in order if one not in ready],
        left_over=[one.number for one in free[MOST_SHIPMENTS:]],
    )


def lock_pick_list(pick_list_id: int) -> PickList:
    """Lock a list that is open, in the caller's transaction.

    :raises ClosedPickListError: if it is closed.

    Rule: Locks are taken in one order: shipments and source items before pick lists, which what
    leaves a list locks as it is written; a list before its picks.
    """
    pick_list = PickList.objects.locked().get(pk=pick_list_id)
    refuse_closed(pick_list)
    return pick_list


def refuse_closed(pick_list: PickList) -> None:
    """Refuse to change a list that is closed.

    :raises ClosedPickListError: if it is.
    """
    if pick_list.state != PickList.State.OPEN:
        raise ClosedPickListError(str(pick_list))


def take_off(pick_list_id: int, shipment_ids: Collection[int]) -> None:
    """Take shipments off a list; opens the transaction.

    What was picked of them is to be put back. A list of which nothing is left is closed.

    :raises ClosedPickListError: if it is closed.
    :raises NotListedError: if one is not on it, or left it, or none is named; none is taken off.
    :raises PackedShipmentError: if one is packed; none is taken off.

    Rule: Picking and shipping, pick list (§21).
    """
    with transaction.atomic():
        pick_list = lock_pick_list(pick_list_id)
        picks = PickLine.objects.filter(pick_list=pick_list, is_open=True)
        leaving = picks.filter(shipment__in=shipment_ids)
        listed = set(leaving.values_list("shipment_id", flat=True))
        missing = set(shipment_ids) - listed
        if missing or not listed:
            raise NotListedError(missing)
        packed = leaving.filter(shipment__packed_at__isnull=False).order_by("shipment")
        for number in packed.values_list("shipment__number", flat=True)[:1]:
            raise PackedShipmentError(number)
        leaving.update(is_open=False, is_put_back=True)
        if not picks.exists():
            _close(pick_list)


def pack_picked(pick_list_id: int, act: Act) -> list[Shipment]:
    """Pack the shipments on a list of which all units are picked; opens the transaction.

    Return those that were packed; what is packed already stays so.

    :raises ClosedPickListError: if the list is closed.

    Rule: Picking and shipping, packed (§21).
    """
    with transaction.atomic():
        picks = PickLine.objects.filter(pick_list=pick_list_id, is_open=True)
        shipments = lock_shipments(set(picks.values_list("shipment", flat=True)))
        lock_pick_list(pick_list_id)
        missing = set(
            picks.filter(picked_quantity__lt=F("quantity")).values_list("shipment", flat=True)
        )
        still_listed = set(picks.values_list("shipment", flat=True))
        picked = [one for one in shipments if one.pk in still_listed - missing and one.is_to_pack]
        pack_shipments(picked, act)
    return picked


def close(pick_list_id: int) -> None:
    """Close a list by hand; what is open on it may be put on another. Opens the transaction.

    What was picked stays picked: its shipments are packed and shipped as they are.

    :raises ClosedPickListError: if it is closed.

    Rule: Picking and shipping, pick list (§21).
    """
    with transaction.atomic():
        pick_list = lock_pick_list(pick_list_id)
        PickLine.objects.filter(pick_list=pick_list, is_open=True).update(is_open=False)
        _close(pick_list)


def _close(pick_list: PickList) -> None:
    pick_list.state = PickList.State.CLOSED
    pick_list.save(update_fields=["state"])
