"""Finds who gives way when fewer units are there than are set aside."""

from collections.abc import Collection, Mapping
from decimal import Decimal
from typing import Any, NamedTuple

from django.db import connection

from core.acts import Act
from core.sql import fetch_rows, literals
from fulfillment.models import Allocation, Shipment, ShipmentEvent
from fulfillment.operations.shipments.allocation_counters import END_ALLOCATIONS, QUEUES
from fulfillment.operations.shipments.complete_orders import keep_together
from fulfillment.operations.shipments.dates import (
    DEFAULT_FROM_TODAY,
    WITHOUT_SUPPLY,
    DateRules,
)
from fulfillment.operations.shipments.locking import lock_shipments
from inventory.holders import Holder
from inventory.models import FutureSupply, SourceItem
from inventory.ports import GivingWay, HeldByVirtualLinesError, PackedUnitsError

# Those on no open pick list first, and what is set aside for its customer last of all; then last
# in queue order first. A shipment that never waited counts from when its order was placed.
HOLDERS = """
SELECT allocation.source_item_id, shipment.id, COALESCE(shipment.number, ''), placed.number,
    sum(allocation.quantity), shipment.packed_at IS NOT NULL
FROM fulfillment_allocation AS allocation
JOIN orders_orderline AS line ON line.id = allocation.order_line_id
JOIN orders_order AS placed ON placed.id = line.order_id
LEFT JOIN fulfillment_shipmentline AS part ON part.id = allocation.shipment_line_id
LEFT JOIN fulfillment_shipment AS shipment ON shipment.id = part.shipment_id
LEFT JOIN fulfillment_pickline AS pick ON pick.shipment_line_id = part.id AND pick.is_open
WHERE allocation.source_item_id = ANY(%s)
GROUP BY allocation.source_item_id, shipment.id, placed.id
ORDER BY allocation.source_item_id, shipment.set_aside_at IS NOT NULL,
    bool_or(pick.id IS NOT NULL), shipment.priority,
    COALESCE(shipment.backordered_since, placed.placed_at) DESC, shipment.id DESC
"""

# What was on a pick list when its order changed still leaves as it was to leave; what it gives back
# waits in the queue of its order. What is READY counts in no queue.
FOLLOW_ORDER = f"""
UPDATE fulfillment_shipment AS shipment
SET pickup_source_id = placed.pickup_source_id, set_aside_at = NULL, collect_by = NULL
FROM orders_order AS placed
WHERE placed.id = shipment.order_id AND shipment.id = ANY(%(ended)s)
  AND shipment.state = '{Shipment.State.READY}'
  AND shipment.pickup_source_id IS DISTINCT FROM placed.pickup_source_id
"""  # noqa: S608 - constants

# A hold of staff, and one for an order change, outlast the units.
LASTING = literals(Shipment.HoldReason.STAFF, Shipment.HoldReason.CHANGE)
# Another waiting spell begins where the shipment was READY.
FALL_BACK = f"""
UPDATE fulfillment_shipment AS shipment
SET state = '{Shipment.State.BACKORDER}', source_id = NULL, released_at = NULL, set_aside_at = NULL,
    slip_printed_at = NULL, is_slip_out_of_date = FALSE,
    collect_by = NULL,
    backordered_since = COALESCE(shipment.backordered_since, placed.placed_at),
    is_held = shipment.hold_reason IN ({LASTING}), awaits_payment = FALSE, payment_retry_at = NULL,
    hold_reason = CASE WHEN shipment.hold_reason IN ({LASTING})
        THEN shipment.hold_reason ELSE '' END,
    spell = CASE WHEN shipment.state = '{Shipment.State.READY}' THEN '{{}}' ELSE shipment.spell END
FROM orders_order AS placed
WHERE placed.id = shipment.order_id AND shipment.id = ANY(%(ended)s)
"""  # noqa: S608 - constants

# A shipment that never waited may be the first of its queue.
MAKE_QUEUES = QUEUES.make("""(
    SELECT line.product_id, shipment.stock_id, shipment.pickup_source_id
    FROM fulfillment_shipmentline AS line
    JOIN fulfillment_shipment AS shipment ON shipment.id = line.shipment_id
    WHERE shipment.id = ANY(%(ended)s))""")

# Why they waited before, in id order: the next run says why they wait now.
FORGET_REASONS = """
UPDATE fulfillment_releasedecision SET explains_wait = FALSE
WHERE id IN (SELECT id FROM fulfillment_releasedecision
             WHERE shipment_id = ANY(%(ended)s) AND explains_wait ORDER BY id FOR UPDATE)
"""

# Where no date was known before, they are expected so many days from now; the next run knows more.
DATE_AND_NOTE = f"""
WITH fallen AS MATERIALIZED (
    SELECT shipment.id, shipment.expected_on AS former, CASE
            WHEN shipment.is_expected_on_fixed THEN shipment.expected_on
            WHEN shipment.has_known_supply THEN {WITHOUT_SUPPLY}
            ELSE COALESCE(shipment.expected_on, {DEFAULT_FROM_TODAY}) END AS expected_on
    FROM fulfillment_shipment AS shipment
    JOIN orders_order AS parent ON parent.id = shipment.order_id
    WHERE shipment.id = ANY(%(ended)s)
), dated AS (
    UPDATE fulfillment_shipment AS shipment
    SET expected_on = fallen.expected_on, has_known_supply = FALSE
    FROM fallen WHERE fallen.id = shipment.id
)
INSERT INTO fulfillment_shipmentevent (shipment_id, kind, reason, detail, actor_id, created_at)
SELECT id, '{ShipmentEvent.Kind.BACKORDERED}', %(reason)s, CASE
        WHEN former IS DISTINCT FROM expected_on
        THEN jsonb_build_object('from', former, 'to', expected_on) ELSE '{{}}'::jsonb END,
    %(actor_id)s, %(now)s
FROM fallen
"""  # noqa: S608 - constants


class Holding(NamedTuple):
    """Units of one source item that one shipment holds; no shipment for virtual lines.

    What is packed stays.
    """

    item_id: int
    shipment_id: int | None
    shipment_number: str
    order_number: str
    quantity: Decimal
    is_packed: bool


def holdings(source_item_ids: Collection[int]) -> list[Holding]:
    """Return who holds units of these items, last in queue order first."""
    return [Holding(*row) for row in fetch_rows(HOLDERS, [list(source_item_ids)])]


def holders(source_item_ids: Collection[int]) -> dict[int, list[Holder]]:
    """Return who holds units of each item, by item id."""
    found: dict[int, list[Holder]] = {}
    for holding in holdings(source_item_ids):
        found.setdefault(holding.item_id, []).append(
            Holder(
                holding.shipment_number,
                holding.order_number,
                holding.quantity,
                is_virtual=holding.shipment_id is None,
                is_packed=holding.is_packed,
            )
        )
    return found


def deallocate_shortfall(shortfalls: Mapping[int, Decimal], act: Act) -> list[str]:
    """Take at least the given units off each item; return the shipments that lost them, by number.

    Whole READY shipments, and FUTURE ones with units there, go back to BACKORDER with their age,
    last in queue order first, until the rest is covered. What is packed stays. Runs in the
    caller's transaction.

    :raises PackedUnitsError: when packed shipments hold what must go.
    :raises HeldByVirtualLinesError: when virtual lines hold it.

    Rule: Reservations, a count below what is allocated.
    """
    found = holdings(shortfalls)
    chosen, left = _chosen(found, shortfalls)
    if short := {item_id for item_id, units in left.items() if units > 0}:
        _refuse([holding for holding in found if holding.item_id in short])
    fall_back(sorted(chosen), Act(act.at, act.actor_id, "COUNT"))
    return sorted(chosen.values())


def _refuse(holdings: Collection[Holding]) -> None:
    """Refuse to take units from these, which hold what must go."""
    if packed := {one.shipment_number for one in holdings if one.is_packed}:
        raise PackedUnitsError(sorted(packed))
    orders = {one.order_number for one in holdings if one.shipment_id is None}
    raise HeldByVirtualLinesError(sorted(orders))


def would_give_way(shortfalls: Mapping[int, Decimal]) -> list[str]:
    """Return the shipments that :func:`deallocate_shortfall` would send back; writes nothing.

    For previews, which lock nothing: allocations may have ended since the shortfalls were
    counted. So more units than shipments hold are no error here; the write decides.
    """
    return sorted(shipments_giving_way(shortfalls).values())


def shipments_giving_way(shortfalls: Mapping[int, Decimal]) -> dict[int, str]:
    """Return the numbers of these shipments by id; as :func:`would_give_way` it locks nothing."""
    return _chosen(holdings(shortfalls), shortfalls)[0]


def lock_giving_way(shortfalls: Mapping[int, Decimal]) -> GivingWay:
    """Lock the shipments that :func:`deallocate_shortfall` would send back, their orders before
    them, and their items.

    Their units stay as they are while the caller's transaction lasts. Virtual lines that hold
    units to be taken are left out, and so is what is packed.

    Rule: Locks are taken in one order: orders, shipments, source items.
    """
    chosen = shipments_giving_way(shortfalls)
    locked = {shipment.pk: shipment.number for shipment in lock_shipments(chosen)}
    held = Allocation.objects.filter(shipment_line__shipment__in=locked, source_item__isnull=False)
    items = held.order_by("source_item").values_list("source_item", flat=True).distinct()
    return GivingWay(frozenset(locked.values()), frozenset(items))


def _chosen(
    found: list[Holding], shortfalls: Mapping[int, Decimal]
) -> tuple[dict[int, str], dict[int, Decimal]]:
    """Return the shipments that lose units, and the units of each item that none can give."""
    chosen: dict[int, str] = {}
    left = dict(shortfalls)
    for holding in found:
        if (
            holding.shipment_id is not None
            and not holding.is_packed
            and (left[holding.item_id] > 0 or holding.shipment_id in chosen)
        ):
            chosen[holding.shipment_id] = holding.shipment_number
            left[holding.item_id] -= holding.quantity
    return chosen, left


def fall_back(shipment_ids: list[int], act: Act) -> None:
    """Move shipments back to BACKORDER whole, with their age; their allocations end.

    Without the supply by which they were dated, they are expected at the agreed date or
    ``default_backorder_days`` from now, and never earlier than before. Their orders are locked by
    the caller: what else is ready of one that ships complete waits for them.

    Rule: Shipment states, two dates (§14a).
    """
    fallen = give_back(shipment_ids)
    date_without_supply(fallen, act)
    rows = Shipment.objects.filter(pk__in=fallen)
    keep_together(set(rows.order_by().values_list("order", flat=True)), act)


def date_without_supply(shipment_ids: list[int], act: Act) -> None:
    """Date shipments that lost what they held, or the supply behind their date, and note that.

    Rule: Shipment states, two dates (§14a).
    """
    parameters: dict[str, Any] = {
        "ended": shipment_ids,
        **DateRules.in_force().parameters(act.at),
        "actor_id": act.actor_id,
        "reason": act.reason,
    }
    with connection.cursor() as cursor:
        cursor.execute(DATE_AND_NOTE, parameters)


def give_back(shipment_ids: list[int]) -> list[int]:
    """Do what :func:`fall_back` does, without an event; return the ids of the shipments.

    What was READY waits for the pickup source of its order, or for none.
    """
    locked = list(
        Shipment.objects.filter(pk__in=shipment_ids).locked().values_list("pk", flat=True)
    )
    held = Allocation.objects.filter(shipment_line__shipment__in=locked)
    items = SourceItem.objects.filter(pk__in=held.values("source_item"))
    list(items.locked().values_list("pk"))
    supply = FutureSupply.objects.filter(pk__in=held.values("future_supply"))
    list(supply.locked().values_list("pk"))
    with connection.cursor() as cursor:
        for statement in (FOLLOW_ORDER, MAKE_QUEUES, END_ALLOCATIONS, FALL_BACK):
            cursor.execute(statement, {"ended": locked})
    forget_reasons(locked)
    return locked


def forget_reasons(shipment_ids: list[int]) -> None:
    """Let earlier decisions no longer explain why these shipments wait."""
    with connection.cursor() as cursor:
        cursor.execute(FORGET_REASONS, {"ended": shipment_ids})
