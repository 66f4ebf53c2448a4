"""Writes the shipments that an order starts with, in one statement however many lines."""

from collections import defaultdict
from datetime import timedelta
from decimal import Decimal
from typing import NamedTuple

from django.utils import timezone
from django.utils.translation import gettext, gettext_noop

from core.acts import Act
from core.currencies import smallest_unit
from core.quantities import ZERO
from core.sql import array, arrays, execute_prepared
from fulfillment.models import Shipment, ShipmentEvent
from fulfillment.operations.placing.routing import item_ids_of
from fulfillment.operations.shipments.allocation_counters import QueueKey, shift_waiting
from inventory.options import AfterAction
from orders.money import shares
from orders.ports import AssessedOrder, RoutedOrder, WrittenOrder

NOT_ASSIGNED = gettext_noop("No source could be given when the order was placed.")

# Parts at position 0 belong to no shipment: virtual lines, which only set units aside.
WRITE = f"""
WITH part AS (
    SELECT * FROM unnest(%(position)s::int[], %(line_id)s::bigint[], %(product_id)s::bigint[],
        %(quantity)s::numeric[], %(amount)s::numeric[], %(item_id)s::bigint[])
        AS part(position, line_id, product_id, quantity, amount, item_id)
), shipment AS (
    INSERT INTO fulfillment_shipment (
        number, order_id, stock_id, source_id, pickup_source_id, state, is_held, hold_reason,
        hold_note, care_reason, priority, backordered_since, expected_on, is_expected_on_fixed,
        amount, tracking, created_at)
    SELECT %(number)s || '-' || position, %(order_id)s, %(stock_id)s, source_id,
        %(pickup_source_id)s, CASE WHEN waits THEN %(waiting_state)s::text
            ELSE '{Shipment.State.READY}' END,
        FALSE, '', '', CASE WHEN waits THEN %(care_reason)s::text ELSE '' END, %(priority)s,
        CASE WHEN waits THEN %(placed_at)s::timestamptz END,
        CASE WHEN waits THEN %(expected_on)s::date END, FALSE,
        (SELECT SUM(part.amount) FROM part WHERE part.position = planned.position), '', %(now)s
    FROM unnest(%(source_ids)s::bigint[]) WITH ORDINALITY AS planned(source_id, position),
        LATERAL (SELECT source_id IS NULL AS waits) AS unassigned
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
SELECT id, '{ShipmentEvent.Kind.CREATED}', '', '{{}}', %(actor_id)s, %(now)s FROM shipment
"""  # noqa: S608 - constants


class Part(NamedTuple):
    """Units of one order line in one shipment, and the source item they are set aside at."""

    position: int
    line_id: int
    product_id: int
    quantity: Decimal
    amount: Decimal
    item_id: int | None


def write_routed_order(
    written: WrittenOrder,
    order: AssessedOrder,
    routed: RoutedOrder,
    act: Act,
) -> None:
    """Write the shipments of a routed order with their allocations, and count waiting units.

    Shipments are numbered from 1. The source items are not touched:
    :func:`inventory.operations.units.allocate` moves them.
    """
    if parts := _parts(written, order, routed):
        _write(parts, written, order, routed, act)
    waiting = routed.waiting
    waits: defaultdict[QueueKey, Decimal] = defaultdict(Decimal)
    for line in order.lines:
        if line.is_reserving and line.number in waiting:
            product_id = line.product.product_id
            key = QueueKey(product_id, order.context.stock_id, order.pickup_source_id)
            waits[key] += waiting[line.number]
    shift_waiting(waits)


def _parts(written: WrittenOrder, order: AssessedOrder, routed: RoutedOrder) -> list[Part]:
    """Return the units of each line in each shipment; the last has the money that remains."""
    item_ids = item_ids_of(order)
    shipments = list(enumerate([*routed.ready.items(), (None, routed.waiting)], start=1))
    virtual = [(0, taken) for taken in routed.virtual.items()]
    canceled = routed.canceled
    unit = smallest_unit(order.currency)
    parts = []
    for line in order.lines:
        number, product_id = line.number, line.product.product_id
        portions = [
            (position, source, units[number])
            for position, (source, units) in [*virtual, *shipments]
            if number in units
        ]
        shipped = [units for position, _, units in portions if position]
        amounts = shares(line.total, [canceled.get(number, ZERO), *shipped], unit=unit)[1:]
        worth = [ZERO] * (len(portions) - len(shipped)) + amounts
        for (position, source, units), amount in zip(portions, worth, strict=True):
            item_id = item_ids[source, product_id] if source and line.is_reserving else None
            line_id = written.line_ids[number]
            parts.append(Part(position, line_id, product_id, units, amount, item_id))
    return sorted(parts, key=lambda part: part.position)


def _write(
    parts: list[Part],
    written: WrittenOrder,
    order: AssessedOrder,
    routed: RoutedOrder,
    act: Act,
) -> None:
    days = int(str(order.configuration["default_backorder_days"]))
    placed_on = timezone.localtime(written.placed_at).date()
    today = timezone.localtime(act.at).date()
    needs_care = routed.action is AfterAction.CUSTOMER_CARE
    execute_prepared(
        WRITE,
        {
            "order_id": written.order_id,
            "number": written.number,
            "stock_id": order.context.stock_id,
            "pickup_source_id": order.pickup_source_id,
            "priority": written.priority,
            "placed_at": written.placed_at,
            "expected_on": max(placed_on + timedelta(days=days), today),
            "source_ids": array([*routed.ready, *([None] if routed.waiting else [])]),
            "waiting_state": routed.action.value,
            "care_reason": gettext(NOT_ASSIGNED) if needs_care else "",
            **dict(zip(Part._fields, arrays(parts), strict=True)),
            "now": act.at,
            "actor_id": act.actor_id,
        },
    )
