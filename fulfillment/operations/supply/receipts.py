"""What happens to shipments when a receipt of future supply is taken back."""

from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal

from django.db.models import F

from core.acts import Act
from core.quantities import ZERO
from core.sql import fetch_rows
from fulfillment.models import Allocation, ReceiptShare, Shipment, ShipmentEvent
from fulfillment.operations.shipments.allocation_counters import QueueKey, shift_allocated
from fulfillment.operations.shipments.complete_orders import keep_together
from fulfillment.operations.shipments.locking import note_events, set_columns
from fulfillment.operations.shipments.notices import BY_SYSTEM
from fulfillment.operations.shipments.shortfalls import fall_back
from fulfillment.operations.supply.promises import (
    give_date_of_supply,
    move_allocation,
    queue_of,
)
from inventory.models import Receipt
from inventory.operations import units
from inventory.promises import Promise, ServedShipment, TakeBackPlan

REASON = "RECEIPT"
State = Shipment.State

# Served are those to which the record had promised units, and whoever had units set aside there
# since the receipt: without it, these would not have been there. What is packed, or on a pick list,
# stays. Last in queue order first.
SERVED = f"""
SELECT shipment.id, shipment.number, placed.number,
    sum(LEAST(held.quantity, COALESCE(share.quantity - share.returned_quantity, 0))) AS promised,
    sum(held.quantity) AS held
FROM fulfillment_allocation AS held
JOIN fulfillment_shipmentline AS line ON line.id = held.shipment_line_id
JOIN fulfillment_shipment AS shipment ON shipment.id = line.shipment_id
JOIN orders_order AS placed ON placed.id = shipment.order_id
JOIN inventory_receipt AS receipt ON receipt.id = %(receipt)s
LEFT JOIN fulfillment_receiptshare AS share
    ON share.receipt_id = receipt.id AND share.shipment_line_id = line.id
WHERE held.source_item_id = %(item)s AND shipment.state IN ('{State.READY}', '{State.FUTURE}')
    AND shipment.packed_at IS NULL AND NOT EXISTS (
        SELECT FROM fulfillment_pickline AS pick
        WHERE pick.shipment_id = shipment.id AND pick.is_open)
GROUP BY shipment.id, placed.id, receipt.id
HAVING sum(COALESCE(share.quantity - share.returned_quantity, 0)) > 0
    OR (shipment.state = '{State.READY}'
        AND COALESCE(shipment.released_at, shipment.created_at) >= receipt.received_at)
ORDER BY shipment.priority, COALESCE(shipment.backordered_since, placed.placed_at) DESC,
    shipment.id DESC
"""  # noqa: S608 - constants


def served_by(receipt_id: int, item_id: int) -> list[ServedShipment]:
    """Return who has units at the item that a receipt brought, last in queue order first.

    Rule: Future supply over time, a receipt taken back.
    """
    rows = fetch_rows(SERVED, {"receipt": receipt_id, "item": item_id})
    return [ServedShipment(*row) for row in rows]


def take_from_served(
    receipt_id: int,
    item_id: int,
    plan: TakeBackPlan,
    act: Act,
) -> Decimal:
    """Take units off the served as planned; return how many are promised on the record again.

    What is ``broken`` goes back to BACKORDER whole, with its age; what is ``kept`` is FUTURE on
    the record again. Runs inside the caller's transaction, under its locks; the record's own
    counters, and the units of the item, are the caller's.

    Rule: Future supply over time, a receipt taken back.
    """
    broken = sorted(promise.shipment_id for promise in plan.broken)
    if broken:
        fall_back(broken, Act(act.at, act.actor_id, REASON))
    if not plan.kept:
        return ZERO
    supply_id = Receipt.objects.values_list("future_supply", flat=True).get(pk=receipt_id)
    returned = _promise_again(receipt_id, item_id, supply_id, plan.kept)
    _wait_for_supply([promise.shipment_id for promise in plan.kept], act)
    units.deallocate({item_id: sum(returned.values(), ZERO)})
    shift_allocated({key: -quantity for key, quantity in returned.items()})
    return sum(returned.values(), ZERO)


def _promise_again(
    receipt_id: int, item_id: int, supply_id: int, kept: Sequence[Promise]
) -> dict[QueueKey, Decimal]:
    """Turn units set aside into promises again; return how many, by queue."""
    left = {promise.shipment_id: promise.quantity for promise in kept}
    shares = ReceiptShare.objects.filter(
        receipt=receipt_id, shipment_line__shipment__in=left
    ).order_by("-pk")
    by_line = {share.shipment_line_id: share for share in shares}
    held = Allocation.objects.filter(source_item=item_id, shipment_line__in=by_line)
    returned: defaultdict[QueueKey, Decimal] = defaultdict(Decimal)
    for allocation in held.select_related("shipment_line__shipment").order_by("-shipment_line"):
        line = allocation.shipment_line
        if line is None:
            continue
        share = by_line[line.pk]
        given = share.quantity - share.returned_quantity
        quantity = min(allocation.quantity, given, left[line.shipment_id])
        if not quantity:
            continue
        left[line.shipment_id] -= quantity
        returned[queue_of(line)] += quantity
        move_allocation(allocation, quantity, supply_id=supply_id)
        ReceiptShare.objects.filter(pk=share.pk).update(
            returned_quantity=F("returned_quantity") + quantity
        )
    return returned


def _wait_for_supply(shipment_ids: list[int], act: Act) -> None:
    """Make shipments FUTURE whose units are promised again; a hold of the system ends."""
    chosen = Shipment.objects.filter(pk__in=shipment_ids)
    shipments = list(chosen.order_by("pk"))
    ended = [one for one in shipments if one.hold_reason in BY_SYSTEM]
    set_columns(ended, {"is_held": False, "hold_reason": ""})
    waits = {"state": State.FUTURE, "released_at": None}
    unprinted = {"slip_printed_at": None, "is_slip_out_of_date": False}
    unpaid = {"awaits_payment": False, "payment_retry_at": None}
    set_columns(shipments, {**waits, **unprinted, **unpaid})
    noted = Act(act.at, act.actor_id, REASON)
    note_events(shipments, ShipmentEvent.Kind.PROMISED_AGAIN, noted)
    give_date_of_supply(chosen, noted)
    keep_together({one.order_id for one in shipments}, noted)
