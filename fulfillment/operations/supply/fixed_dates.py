"""Dates set by staff give way when supply moves beyond them."""

from collections.abc import Collection, Mapping

from django.db import connection

from core.acts import Act
from core.sql import array
from fulfillment.models import Shipment, ShipmentEvent, Shipments
from fulfillment.operations.shipments.dates import WITHOUT_SUPPLY, DateRules
from inventory.promises import DateMove

FREE = f"""
WITH freed AS MATERIALIZED (
    SELECT DISTINCT shipment.id, shipment.expected_on AS former, {WITHOUT_SUPPLY} AS expected_on
    FROM unnest(%(supply_ids)s::bigint[], %(formers)s::date[], %(laters)s::date[])
        AS moved(id, former, later)
    JOIN inventory_futuresupply AS supply ON supply.id = moved.id
    JOIN fulfillment_shipmentline AS part
        ON part.product_id = supply.product_id AND part.quantity > 0
    JOIN fulfillment_shipment AS shipment ON shipment.id = part.shipment_id
    JOIN orders_order AS parent ON parent.id = shipment.order_id
    JOIN inventory_stocksource AS link
        ON link.stock_id = shipment.stock_id AND link.source_id = supply.source_id
    WHERE shipment.state = '{Shipment.State.BACKORDER}' AND shipment.is_expected_on_fixed
      AND COALESCE(shipment.pickup_source_id, supply.source_id) = supply.source_id
      AND moved.former <= shipment.expected_on
      AND COALESCE(moved.later > shipment.expected_on, TRUE)
), dated AS (
    UPDATE fulfillment_shipment AS shipment
    SET expected_on = freed.expected_on, is_expected_on_fixed = FALSE
    FROM freed WHERE freed.id = shipment.id
)
INSERT INTO fulfillment_shipmentevent (shipment_id, kind, reason, detail, actor_id, created_at)
SELECT id, '{ShipmentEvent.Kind.EXPECTED_DATE_SET}', %(reason)s, jsonb_build_object(
    'from', former, 'to', expected_on, 'is_fixed', FALSE), %(actor_id)s, %(now)s
FROM freed ORDER BY id
"""  # noqa: S608 - constants


def with_fixed_dates(supply_ids: Collection[int]) -> Shipments:
    """Return the backorders of the products of these records whose date staff have set."""
    chosen: Shipments = Shipment.objects.backordered().filter(
        is_expected_on_fixed=True,
        lines__quantity__gt=0,
        lines__product__future_supply__in=supply_ids,
    )
    return chosen


def free_fixed_dates(moves: Mapping[int, DateMove], act: Act) -> None:
    """Give dates set by staff back to release runs where supply, by id, moved beyond them.

    They were kept with the former date of the supply; without it they are expected as any backorder
    that lost its supply, until the next run knows more. Runs in the caller's transaction, which has
    locked :func:`with_fixed_dates`.

    Rule: Shipment states, two dates (§14a).
    """
    if not moves:
        return
    values = {
        **DateRules.in_force().parameters(act.at),
        "supply_ids": array(moves),
        "formers": [move.former for move in moves.values()],
        "laters": [move.later for move in moves.values()],
        "reason": act.reason,
        "actor_id": act.actor_id,
    }
    with connection.cursor() as cursor:
        cursor.execute(FREE, values)
