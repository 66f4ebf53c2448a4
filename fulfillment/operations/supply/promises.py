"""What future supply does to the shipments that are promised some of it."""

from collections import defaultdict
from collections.abc import Collection
from decimal import Decimal

from django.db.models import F, Max, Q, Sum

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
from fulfillment.operations.shipments.locked import locked_shipments, note_events, set_columns
from fulfillment.operations.shipments.shortfalls import fall_back
from inventory.models import FutureSupply, SourceItem
from inventory.operations import units
from inventory.promises import Promise

REASON = "SUPPLY"
# Of allocations, by their shipments.
IN_QUEUE_ORDER = (
    F("shipment_line__shipment__priority").desc(),
    "shipment_line__shipment__backordered_since",
    "shipment_line__shipment_id",
)


def promises(supply_id: int) -> list[Promise]:
    """Return what shipments are still to get from a record, in queue order."""
    held = (
        Allocation.objects.filter(future_supply=supply_id)
        .values(
            "shipment_line__shipment_id",
            "shipment_line__shipment__number",
            "shipment_line__shipment__order__number",
        )
        .annotate(units=Sum("quantity"))
        .order_by(*IN_QUEUE_ORDER)
    )
    return [
        Promise(
            shipment_id=row["shipment_line__shipment_id"],
            shipment_number=row["shipment_line__shipment__number"],
            order_number=row["shipment_line__shipment__order__number"],
            quantity=row["units"],
        )
        for row in held
    ]


def lock_promises(supply_ids: Collection[int]) -> list[int]:
    """Lock the shipments that are promised some of these records; return their ids.

    Their orders are locked before them, and all that they hold after, in the order of the house:
    neither a cancellation nor a payment of theirs comes in between.
    """
    promised = Allocation.objects.filter(future_supply__in=supply_ids)
    ids = set(promised.values_list("shipment_line__shipment_id", flat=True))
    return lock_with_supply(supply_ids, ids)


def lock_with_supply(supply_ids: Collection[int], shipment_ids: Collection[int]) -> list[int]:
    """Lock shipments, their orders first, then all that they hold, the records and their items.

    Rule: Locks are taken in one order.
    """
    locked = [shipment.pk for shipment in locked_shipments(shipment_ids)]
    held = Allocation.objects.filter(shipment_line__shipment__in=locked)
    records = FutureSupply.objects.filter(pk__in=supply_ids)
    at_places = SourceItem.objects.filter(
        product__future_supply__in=records, source=F("product__future_supply__source")
    )
    items = {*at_places.values_list("pk", flat=True), *held.values_list("source_item", flat=True)}
    list(SourceItem.objects.filter(pk__in=items - {None}).locked().values_list("pk"))
    supply = {*supply_ids, *held.values_list("future_supply", flat=True)}
    list(FutureSupply.objects.filter(pk__in=supply - {None}).locked().values_list("pk"))
    return locked


def break_promises(shipment_ids: Collection[int], act: Act) -> None:
    """Send FUTURE shipments back to BACKORDER whole, with their age.

    Rule: Future supply over time.
    """
    fall_back(sorted(shipment_ids), Act(act.at, act.actor_id, REASON))


def supply_arrived(
    supply_id: int,
    item_id: int,
    act: Act,
    *,
    quantity: Decimal,
    receipt_id: int | None,
) -> None:
    """Give received units to those promised them, in queue order; the receipt keeps which.

    Units are set aside at the source item, and a shipment of which nothing is outstanding
    becomes READY (a held one stays held). Runs inside the caller's transaction, under its locks;
    the record's own counters are the caller's.

    Rule: Future supply over time, received.
    """
    if not quantity:
        return
    held = list(
        Allocation.objects.filter(future_supply=supply_id)
        .select_related("shipment_line__shipment")
        .order_by(*IN_QUEUE_ORDER, "pk")
    )
    given = _give(held, item_id, quantity)
    if receipt_id is not None:
        ReceiptShare.objects.bulk_create(
            ReceiptShare(receipt_id=receipt_id, shipment_line=line, quantity=taken)
            for line, taken in given.items()
        )
    units.allocate({item_id: sum(given.values(), Decimal(0))}, into_safety_stock=True)
    _ready_when_complete({line.shipment_id for line in given}, act)
    allocated: defaultdict[QueueKey, Decimal] = defaultdict(Decimal)
    for line, taken in given.items():
        allocated[queue_of(line)] += taken
    shift_allocated(allocated)


def move_promises(supply_id: int, act: Act) -> None:
    """Give the shipments promised on a record the date that their supply has now.

    One on two records has the later date. Customers are told of a date that changed.

    Rule: Future supply over time, date moved.
    """
    promised = Allocation.objects.filter(future_supply=supply_id)
    moved = Shipment.objects.filter(pk__in=promised.values("shipment_line__shipment"))
    give_date_of_supply(moved, Act(act.at, act.actor_id, REASON))


def give_date_of_supply(promised: Shipments, act: Act) -> None:
    """Give promised shipments the latest date of their supply, and tell their customers."""
    dated = promised.annotate(latest=Max("lines__allocations__future_supply__expected_on"))
    shipments = dated.select_related("order").order_by("pk")
    redated = [shipment for shipment in shipments if shipment.latest != shipment.expected_on]
    formers = {shipment.pk: shipment.expected_on for shipment in redated}
    for shipment in redated:
        set_columns([shipment], {"expected_on": shipment.latest})
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
    """Let units of an allocation be held at another place: an item, or a record of supply."""
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


def _ready_when_complete(shipment_ids: Collection[int], act: Act) -> None:
    outstanding = Q(lines__allocations__future_supply__isnull=False)
    complete = Shipment.objects.filter(pk__in=shipment_ids).exclude(
        pk__in=Shipment.objects.filter(outstanding, pk__in=shipment_ids).values("pk")
    )
    shipments = list(complete.select_related("order").order_by("pk"))
    set_columns(shipments, {"state": Shipment.State.READY, "released_at": act.at})
    note_events(shipments, ShipmentEvent.Kind.RELEASED, Act(act.at, act.actor_id, REASON))
    make_ready([shipment.pk for shipment in shipments], now=act.at)
