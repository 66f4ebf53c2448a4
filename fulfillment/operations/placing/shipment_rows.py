"""Writes the shipments that an order starts with, in one statement however many lines."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
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
from fulfillment.operations.shipments.complete_orders import REST
from fulfillment.operations.shipments.dates import estimate
from inventory.queries.working_days import FIRST_DAY, counted_from
from orders.money import shares
from orders.routed_order import AssessedOrder, RoutedOrder, WrittenOrder

Kind = ShipmentEvent.Kind

# What waits without a date of its own, as later after a run that knows no supply.
ESTIMATE = estimate(
    f"{counted_from('%(placed_at)s::timestamptz')} + %(default_days)s::int",
    FIRST_DAY,
    stock="%(stock_id)s::bigint",
    pickup="%(pickup_source_id)s::bigint",
)
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
        preorder_on, amount, created_at)
    SELECT %(number)s || '-' || (position + %(shipment_count)s), %(order_id)s, %(stock_id)s,
        source_id, %(pickup_source_id)s, state, hold_reason <> '', hold_reason, '',
        CASE WHEN state = '{Shipment.State.CUSTOMER_CARE}' THEN %(care_reason)s::text ELSE '' END,
        %(priority)s, CASE WHEN source_id IS NULL THEN %(placed_at)s::timestamptz END,
        CASE WHEN is_estimated THEN {ESTIMATE} ELSE expected_on END,
        preorder_on IS NOT NULL, preorder_on,
        (SELECT SUM(part.amount) FROM part WHERE part.position = planned.position), %(now)s
    FROM unnest(%(source_ids)s::bigint[], %(states)s::text[], %(dates)s::date[],
            %(preorder_dates)s::date[], %(estimated)s::boolean[], %(hold_reasons)s::text[])
        WITH ORDINALITY AS planned(
            source_id, state, expected_on, preorder_on, is_estimated, hold_reason, position)
    RETURNING id, number, hold_reason
), line AS (
    INSERT INTO fulfillment_shipmentline (
        shipment_id, order_line_id, product_id, original_quantity, quantity, moved_quantity,
        canceled_quantity, refunded_quantity, original_amount, amount, moved_amount,
        canceled_amount, refunded_amount, agreed_on)
    SELECT shipment.id, part.line_id, part.product_id, part.quantity, part.quantity, 0, 0, 0,
        part.amount, part.amount, 0, 0, 0, %(agreed_on)s::date
    FROM part JOIN shipment
        ON shipment.number = %(number)s || '-' || (part.position + %(shipment_count)s)
    RETURNING id, shipment_id, order_line_id
), held AS (
    INSERT INTO fulfillment_allocation (
        order_line_id, shipment_line_id, source_item_id, quantity)
    SELECT part.line_id, line.id, part.item_id, part.quantity
    FROM part
    LEFT JOIN shipment ON part.position > 0
        AND shipment.number = %(number)s || '-' || (part.position + %(shipment_count)s)
    LEFT JOIN line ON line.shipment_id = shipment.id AND line.order_line_id = part.line_id
    WHERE part.item_id IS NOT NULL
)
INSERT INTO fulfillment_shipmentevent (shipment_id, kind, reason, detail, actor_id, created_at)
SELECT id, kind, CASE WHEN kind = '{Kind.HELD}' THEN hold_reason ELSE '' END, '{{}}',
    CASE WHEN kind = '{Kind.CREATED}' THEN %(actor_id)s::integer END, %(now)s
FROM shipment
CROSS JOIN unnest(ARRAY['{Kind.CREATED}', CASE hold_reason WHEN '{REST}' THEN '{Kind.HELD}' END])
    AS kind
WHERE kind IS NOT NULL
"""  # noqa: S608 - constants


class PlannedShipment(NamedTuple):
    """A shipment as it begins, with its units by line number; without a source it waits.

    ``is_estimated``: it is expected ``default_backorder_days`` after its order, on a working day.
    """

    units: Mapping[int, Decimal]
    state: str
    source_id: int | None = None
    expected_on: date | None = None
    preorder_on: date | None = None
    is_estimated: bool = False


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

    Shipments are numbered from 1, or on from those that the order has: those that are READY, then
    one for each release date of pre-orders, then what else waits. The source items are not touched:
    :func:`inventory.operations.units.allocate` moves them.
    """
    shipments = _shipments(written, order, routed, act)
    if parts := _parts(written, order, routed, shipments):
        _write(parts, shipments, written, order, act)
    waiting = routed.waiting
    waits: defaultdict[QueueKey, Decimal] = defaultdict(Decimal)
    for line in order.lines:
        if line.is_reserving and line.number in waiting:
            product_id = line.product.product_id
            key = QueueKey(product_id, order.context.stock_id, order.pickup_source_id)
            waits[key] += waiting[line.number]
    shift_waiting(waits)


def _shipments(
    written: WrittenOrder, order: AssessedOrder, routed: RoutedOrder, act: Act
) -> list[PlannedShipment]:
    """Return the shipments of an order; a pre-order is promised for its release date.

    Rules: Routing at placement; Pre-orders, §23.
    """
    ready, waiting = Shipment.State.READY.value, Shipment.State.BACKORDER.value
    found = [PlannedShipment(units, ready, source) for source, units in routed.ready.items()]
    for release_on, units in routed.preordered.items():
        found.append(PlannedShipment(units, waiting, None, release_on, release_on))
    if routed.left:
        found.append(PlannedShipment(routed.left, routed.action.value, is_estimated=True))
    return found


def _parts(
    written: WrittenOrder,
    order: AssessedOrder,
    routed: RoutedOrder,
    shipments: Sequence[PlannedShipment],
) -> list[Part]:
    """Return the units of each line in each shipment; the last has the money that remains."""
    item_ids = item_ids_of(order)
    virtual = [(0, source, units) for source, units in routed.virtual.items()]
    physical = [
        (position, shipment.source_id, shipment.units)
        for position, shipment in enumerate(shipments, start=1)
    ]
    canceled = routed.canceled
    unit = smallest_unit(order.currency)
    parts = []
    for line in order.lines:
        number, product_id = line.number, line.product.product_id
        portions = [
            (position, source, units[number])
            for position, source, units in [*virtual, *physical]
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
    shipments: Sequence[PlannedShipment],
    written: WrittenOrder,
    order: AssessedOrder,
    act: Act,
) -> None:
    execute_prepared(
        WRITE,
        {
            "order_id": written.order_id,
            "number": written.number,
            "stock_id": order.context.stock_id,
            "pickup_source_id": order.pickup_source_id,
            "priority": written.priority,
            "placed_at": written.placed_at,
            "shipment_count": written.shipment_count,
            "hold_reasons": array(_hold_reasons(shipments, written)),
            "agreed_on": written.agreed_on,
            "source_ids": array([shipment.source_id for shipment in shipments]),
            "states": array([shipment.state for shipment in shipments]),
            "dates": [shipment.expected_on for shipment in shipments],
            "preorder_dates": [shipment.preorder_on for shipment in shipments],
            "estimated": array([shipment.is_estimated for shipment in shipments]),
            "default_days": int(str(order.configuration["default_backorder_days"])),
            "zone": timezone.get_current_timezone_name(),
            "care_reason": gettext(NOT_ASSIGNED),
            **dict(zip(Part._fields, arrays(parts), strict=True)),
            "now": act.at,
            "actor_id": act.actor_id,
        },
    )


def _hold_reasons(shipments: Sequence[PlannedShipment], written: WrittenOrder) -> list[str]:
    """Return why each shipment is held from its beginning; empty where it is not.

    Rule: Changing an order, ship complete (§20).
    """
    ready = Shipment.State.READY.value
    is_incomplete = any(shipment.state != ready for shipment in shipments)
    rest = REST.value if written.ship_complete and is_incomplete else ""
    return [
        written.hold_reason or (rest if shipment.state == ready else "") for shipment in shipments
    ]
