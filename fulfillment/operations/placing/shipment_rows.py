"""Writes the shipments that an order starts with, in one statement however many lines."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from core.sql import array, prepared_cursor

# Parts at position 0 belong to no shipment: virtual lines, which only set units aside.
WRITE = """
WITH part AS (
    SELECT * FROM unnest(%(positions)s::int[], %(line_ids)s::bigint[], %(product_ids)s::bigint[],
        %(quantities)s::numeric[], %(amounts)s::numeric[], %(item_ids)s::bigint[])
        AS part(position, line_id, product_id, quantity, amount, item_id)
), shipment AS (
    INSERT INTO fulfillment_shipment (
        number, order_id, stock_id, source_id, pickup_source_id, state, is_held, hold_reason,
        hold_note, care_reason, priority, backordered_since, expected_on, is_expected_on_fixed,
        amount, tracking, created_at)
    SELECT %(number)s || '-' || position, %(order_id)s, %(stock_id)s, source_id,
        %(pickup_source_id)s, state, FALSE, '', '', care_reason, %(priority)s,
        CASE WHEN source_id IS NULL THEN %(placed_at)s::timestamptz END,
        CASE WHEN source_id IS NULL THEN %(expected_on)s::date END,
        FALSE, amount, '', %(now)s
    FROM unnest(%(numbers)s::int[], %(states)s::text[], %(source_ids)s::bigint[],
        %(care_reasons)s::text[], %(values)s::numeric[])
        AS planned(position, state, source_id, care_reason, amount)
    RETURNING id, number
), line AS (
    INSERT INTO fulfillment_shipmentline (
        shipment_id, order_line_id, product_id, original_quantity, quantity, moved_quantity,
        canceled_quantity, refunded_quantity, original_amount, amount, moved_amount,
        canceled_amount, refunded_amount)
    SELECT shipment.id, part.line_id, part.product_id, part.quantity, part.quantity, 0, 0, 0,
        part.amount, part.amount, 0, 0, 0
    FROM part JOIN shipment ON shipment.number = %(number)s || '-' || part.position
    RETURNING id, shipment_id, order_line_id
), held AS (
    INSERT INTO fulfillment_allocation (
        order_line_id, shipment_line_id, source_item_id, quantity)
    SELECT part.line_id, line.id, part.item_id, part.quantity
    FROM part
    LEFT JOIN shipment ON shipment.number = %(number)s || '-' || part.position
    LEFT JOIN line ON line.shipment_id = shipment.id AND line.order_line_id = part.line_id
    WHERE part.item_id IS NOT NULL
)
INSERT INTO fulfillment_shipmentevent (shipment_id, kind, reason, detail, actor_id, created_at)
SELECT id, 'CREATED', '', '{}', %(actor_id)s, %(now)s FROM shipment
"""


@dataclass(frozen=True, slots=True)
class PlacedPart:
    """Units of one order line in one shipment, and the source item they are set aside at."""

    order_line_id: int
    product_id: int
    quantity: Decimal
    amount: Decimal
    source_item_id: int | None = None


@dataclass(frozen=True, slots=True)
class PlacedShipment:
    """One shipment of a new order; without a source it waits."""

    state: str
    source_id: int | None
    parts: tuple[PlacedPart, ...]
    care_reason: str = ""


@dataclass(frozen=True, slots=True)
class OrderOfShipments:
    """What every shipment of a new order repeats of it."""

    order_id: int
    number: str
    stock_id: int
    pickup_source_id: int | None
    priority: int
    placed_at: datetime
    expected_on: date


def write_placed_shipments(
    order: OrderOfShipments,
    shipments: Collection[PlacedShipment],
    *,
    virtual: Collection[PlacedPart],
    now: datetime,
    actor_id: int | None,
) -> None:
    """Write shipments numbered from 1, their lines, allocations and first event.

    ``virtual`` are the units that virtual lines hold, which need no shipment. The source items
    are not touched: :func:`inventory.operations.units.allocate` moves them.
    """
    if not shipments and not virtual:
        return
    parts = [(0, part) for part in virtual]
    parts += [
        (position, part)
        for position, shipment in enumerate(shipments, start=1)
        for part in shipment.parts
    ]
    with prepared_cursor() as cursor:
        cursor.execute(
            WRITE,
            {
                **_order_columns(order),
                **_shipment_columns(shipments),
                "positions": array(position for position, _ in parts),
                "line_ids": array(part.order_line_id for _, part in parts),
                "product_ids": array(part.product_id for _, part in parts),
                "quantities": array(part.quantity for _, part in parts),
                "amounts": array(part.amount for _, part in parts),
                "item_ids": array(part.source_item_id for _, part in parts),
                "now": now,
                "actor_id": actor_id,
            },
        )


def _order_columns(order: OrderOfShipments) -> dict[str, Any]:
    return {
        "order_id": order.order_id,
        "number": order.number,
        "stock_id": order.stock_id,
        "pickup_source_id": order.pickup_source_id,
        "priority": order.priority,
        "placed_at": order.placed_at,
        "expected_on": order.expected_on,
    }


def _shipment_columns(shipments: Collection[PlacedShipment]) -> dict[str, Any]:
    return {
        "numbers": array(range(1, len(shipments) + 1)),
        "states": array(shipment.state for shipment in shipments),
        "source_ids": array(shipment.source_id for shipment in shipments),
        "care_reasons": array(shipment.care_reason for shipment in shipments),
        "values": array(
            sum((part.amount for part in shipment.parts), Decimal(0)) for shipment in shipments
        ),
    }
