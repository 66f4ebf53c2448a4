"""What future supply does to the shipments that are promised some of it."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.db.models import F, Max, Q, Sum
from django.utils import timezone

from core.acts import Act
from fulfillment.models import (
    Allocation,
    ReceiptShare,
    Shipment,
    ShipmentEvent,
    ShipmentLine,
    Shipments,
)
from fulfillment.operations.moves.expected_date import keep_new_dates
from fulfillment.operations.payments import make_ready
from fulfillment.operations.shipments.allocation_counters import QueueKey, shift_allocated
from fulfillment.operations.shipments.locking import lock_shipments, note_events, set_columns
from fulfillment.operations.shipments.shortfalls import fall_back
from fulfillment.operations.supply.lost_dates import dated_by
from inventory.models import FutureSupply, SourceItem
from inventory.operations import units
from inventory.ports import CameUnits, ReadyShipment
from inventory.promises import Promise
from inventory.queries.working_days import working_days

REASON = "SUPPLY"
# Of allocations, by their shipments.
IN_QUEUE_ORDER = (
    F("shipment_line__shipment__priority").desc(),
    "shipment_line__shipment__backordered_since",
    "shipment_line__shipment_id",
)


def promises(supply_ids: Collection[int]) -> dict[int, list[Promise]]:
    """Return what shipments are still to get from each of the records, in queue order."""
    held = (
        Allocation.objects.filter(future_supply__in=supply_ids)
        .values(
            "future_supply_id",
            "shipment_line__shipment_id",
            "shipment_line__shipment__number",
            "shipment_line__shipment__order__number",
        )
        .annotate(units=Sum("quantity"))
        .order_by(*IN_QUEUE_ORDER, "future_supply_id")
    )
    found: dict[int, list[Promise]] = {supply_id: [] for supply_id in supply_ids}
    for row in held:
        promise = Promise(
            shipment_id=row["shipment_line__shipment_id"],
            shipment_number=row["shipment_line__shipment__number"],
            order_number=row["shipment_line__shipment__order__number"],
            quantity=row["units"],
        )
        found[row["future_supply_id"]].append(promise)
    return found


def lock_promises(supply_ids: Collection[int], *, losing: Collection[int]) -> list[int]:
    """Lock the shipments that are promised some of these records; return their ids.

    So are those that wait with a date by one of the records that are ``losing`` date or units.

    Their orders are locked before them, and all that they hold after, in the order of the house:
    neither a cancellation nor a payment of theirs comes in between.
    """
    promised = Allocation.objects.filter(future_supply__in=supply_ids)
    ids = set(promised.values_list("shipment_line__shipment_id", flat=True))
    if losing:
        ids.update(dated_by(losing).values_list("pk", flat=True))
    return lock_with_supply(supply_ids, ids)


def lock_with_supply(supply_ids: Collection[int], shipment_ids: Collection[int]) -> list[int]:
    """Lock shipments, their orders first, then all that they hold, the records and their items.

    Of a transfer that is the item of its sender too, which may get its units back.

    Rule: Locks are taken in one order.
    """
    locked = [shipment.pk for shipment in lock_shipments(shipment_ids)]
    held = Allocation.objects.filter(shipment_line__shipment__in=locked)
    records = FutureSupply.objects.filter(pk__in=supply_ids)
    at_either_end = Q(source=F("product__future_supply__source")) | Q(
        source=F("product__future_supply__sent_from")
    )
    at_sources = SourceItem.objects.filter(at_either_end, product__future_supply__in=records)
    items = {*at_sources.values_list("pk", flat=True), *held.values_list("source_item", flat=True)}
    list(SourceItem.objects.filter(pk__in=items - {None}).locked().values_list("pk"))
    supply = {*supply_ids, *held.values_list("future_supply", flat=True)}
    list(FutureSupply.objects.filter(pk__in=supply - {None}).locked().values_list("pk"))
    return locked


def break_promises(shipment_ids: Collection[int], act: Act) -> None:
    """Send FUTURE shipments back to BACKORDER whole, with their age.

    Rule: Future supply over time.
    """
    fall_back(sorted(shipment_ids), Act(act.at, act.actor_id, REASON))


def supply_arrived(came: Sequence[CameUnits], act: Act) -> list[ReadyShipment]:
    """Give received units to those promised them, in queue order; receipts keep which.

    Units are set aside at the source items, and a shipment of which nothing is outstanding
    becomes READY (a held one stays held); those are returned. Runs inside the caller's
    transaction, under its locks; the counters of the records are the caller's.

    Rule: Future supply over time, received.
    """
    by_record = _promised_on([one.supply_id for one in came])
    at_items: defaultdict[int, Decimal] = defaultdict(Decimal)
    allocated: defaultdict[QueueKey, Decimal] = defaultdict(Decimal)
    shares: list[ReceiptShare] = []
    served: set[int] = set()
    for one in came:
        for line, taken in _give(by_record[one.supply_id], one.item_id, one.quantity).items():
            shares.append(
                ReceiptShare(receipt_id=one.receipt_id, shipment_line=line, quantity=taken)
            )
            at_items[one.item_id] += taken
            allocated[queue_of(line)] += taken
            served.add(line.shipment_id)
    ReceiptShare.objects.bulk_create(shares)
    units.allocate(at_items, into_safety_stock=True)
    ready = _ready_when_complete(served, act)
    shift_allocated(allocated)
    return ready


def _promised_on(supply_ids: Collection[int]) -> dict[int, list[Allocation]]:
    """Return the allocations of each record, in queue order."""
    held = Allocation.objects.filter(future_supply__in=supply_ids)
    found: defaultdict[int, list[Allocation]] = defaultdict(list)
    ordered = held.select_related("shipment_line__shipment").order_by(*IN_QUEUE_ORDER, "pk")
    for allocation in ordered:
        found[allocation.future_supply_id or 0].append(allocation)
    return found


def move_promises(supply_id: int, act: Act) -> None:
    """Give the shipments promised on a record the date that their supply has now.

    One on two records has the later date. Customers are told of a date that changed.

    Rule: Future supply over time, date moved.
    """
    promised = Allocation.objects.filter(future_supply=supply_id)
    moved = Shipment.objects.filter(pk__in=promised.values("shipment_line__shipment"))
    give_date_of_supply(moved, Act(act.at, act.actor_id, REASON))


def give_date_of_supply(promised: Shipments, act: Act) -> None:
    """Give promised shipments the latest date of their supply, and tell their customers.

    It is moved on to a working day of the source. Supply whose date has passed dates none: they
    keep the date that they have.
    """
    zone = ZoneInfo(timezone.get_current_timezone_name())
    today = act.at.astimezone(zone).date()
    dated = promised.annotate(latest=Max("lines__allocations__future_supply__expected_on"))
    shipments = list(dated.filter(latest__gte=today).select_related("order").order_by("pk"))
    asked = {(one.source_id or 0, one.latest) for one in shipments}
    leaves_on = working_days(asked, now=act.at, zone=zone)
    dates = {one.pk: leaves_on[one.source_id or 0, one.latest] for one in shipments}
    redated = [one for one in shipments if dates[one.pk] != one.expected_on]
    formers = {shipment.pk: shipment.expected_on for shipment in redated}
    for shipment in redated:
        columns = {"is_expected_on_fixed": False, "has_known_supply": True}
        set_columns([shipment], {"expected_on": dates[shipment.pk], **columns})
    keep_new_dates(redated, act, formers=formers)


def queue_of(line: ShipmentLine) -> QueueKey:
    """Return in which queue the units of a line wait; the line comes with its shipment."""
    return QueueKey(line.product_id, line.shipment.stock_id, line.shipment.pickup_source_id)


def move_allocation(
    held: Allocation,
    quantity: Decimal,
    *,
    item_id: int | None = None,
    supply_id: int | None = None,
) -> None:
    """Let units of an allocation be held elsewhere: by an item, or a record of supply."""
    if quantity == held.quantity:
        held.delete()
    else:
        Allocation.objects.filter(pk=held.pk).update(quantity=F("quantity") - quantity)
    there, is_new = Allocation.objects.get_or_create(
        order_line_id=held.order_line_id,
        shipment_line_id=held.shipment_line_id,
        source_item_id=item_id,
        future_supply_id=supply_id,
        defaults={"quantity": quantity},
    )
    if not is_new:
        Allocation.objects.filter(pk=there.pk).update(quantity=F("quantity") + quantity)


def _give(held: list[Allocation], item_id: int, quantity: Decimal) -> dict[ShipmentLine, Decimal]:
    """Turn promises into units set aside, until ``quantity`` is given; return who got how many."""
    given: dict[ShipmentLine, Decimal] = {}
    for promise in held:
        taken = min(promise.quantity, quantity)
        line = promise.shipment_line
        if not taken or line is None:
            continue
        quantity -= taken
        given[line] = taken
        move_allocation(promise, taken, item_id=item_id)
    return given


def _ready_when_complete(shipment_ids: Collection[int], act: Act) -> list[ReadyShipment]:
    outstanding = Q(lines__allocations__future_supply__isnull=False)
    complete = Shipment.objects.filter(pk__in=shipment_ids).exclude(
        pk__in=Shipment.objects.filter(outstanding, pk__in=shipment_ids).values("pk")
    )
    shipments = list(complete.select_related("order").order_by("pk"))
    set_columns(shipments, {"state": Shipment.State.READY, "released_at": act.at})
    note_events(shipments, ShipmentEvent.Kind.RELEASED, Act(act.at, act.actor_id, REASON))
    make_ready([shipment.pk for shipment in shipments], now=act.at)
    return [ReadyShipment(one.pk, one.number, one.order.number) for one in shipments]
