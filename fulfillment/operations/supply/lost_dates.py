"""Expected dates of shipments that lose the supply behind them."""

from collections.abc import Collection, Mapping

from django.db import connection
from django.db.models import F, Q

from core.acts import Act
from core.sql import array, literals
from fulfillment.models import Shipment, ShipmentEvent, Shipments
from fulfillment.operations.shipments.dates import TODAY, WITHOUT_SUPPLY, DateRules
from inventory.promises import DateMove

STATES = (Shipment.State.BACKORDER, Shipment.State.CUSTOMER_CARE)
# A date of staff stands until its supply moves beyond it, that of known supply until units of it
# are missing.
FREE = f"""
WITH freed AS MATERIALIZED (
    SELECT DISTINCT shipment.id, shipment.expected_on AS former, {WITHOUT_SUPPLY} AS expected_on,
        shipment.is_expected_on_fixed AS was_fixed
    FROM unnest(%(supply_ids)s::bigint[], %(formers)s::date[], %(laters)s::date[],
        %(cuts)s::boolean[]) AS moved(id, former, later, is_cut)
    JOIN inventory_futuresupply AS supply ON supply.id = moved.id
    JOIN fulfillment_shipmentline AS part
        ON part.product_id = supply.product_id AND part.quantity > 0
    JOIN fulfillment_shipment AS shipment ON shipment.id = part.shipment_id
    JOIN orders_order AS parent ON parent.id = shipment.order_id
    JOIN inventory_stocksource AS link
        ON link.stock_id = shipment.stock_id AND link.source_id = supply.source_id
    WHERE shipment.state IN ({literals(*STATES)})
      AND (shipment.is_expected_on_fixed OR shipment.has_known_supply)
      AND COALESCE(shipment.pickup_source_id, supply.source_id) = supply.source_id
      AND moved.former <= shipment.expected_on
      AND CASE WHEN shipment.is_expected_on_fixed
            THEN COALESCE(moved.later > shipment.expected_on, TRUE)
            ELSE moved.is_cut
                OR COALESCE(moved.later > shipment.expected_on OR moved.later < {TODAY}, TRUE) END
), dated AS (
    UPDATE fulfillment_shipment AS shipment
    SET expected_on = freed.expected_on, is_expected_on_fixed = FALSE, has_known_supply = FALSE
    FROM freed WHERE freed.id = shipment.id
)
INSERT INTO fulfillment_shipmentevent (shipment_id, kind, reason, detail, actor_id, created_at)
SELECT id, '{ShipmentEvent.Kind.EXPECTED_DATE_SET}', %(reason)s, jsonb_build_object(
    'from', former, 'to', expected_on, 'is_fixed', FALSE), %(actor_id)s, %(now)s
FROM freed WHERE was_fixed OR former <> expected_on ORDER BY id
"""  # noqa: S608 - constants


def dated_by(supply_ids: Collection[int]) -> Shipments:
    """Return the shipments whose date may rest on these records.

    Those that wait for one of their products, whose date staff or known supply has set, not before
    the record comes.
    """
    chosen: Shipments = Shipment.objects.filter(
        Q(is_expected_on_fixed=True) | Q(has_known_supply=True),
        state__in=STATES,
        lines__quantity__gt=0,
        lines__product__future_supply__in=supply_ids,
        lines__product__future_supply__expected_on__lte=F("expected_on"),
    )
    return chosen


def free_dates(moves: Mapping[int, DateMove], act: Act) -> None:
    """Take back the dates of shipments that wait, where supply, by id, moved beyond them.

    Without it they are expected as any backorder that lost its supply, until the next run knows
    more: no notice names the former date. Runs in the caller's transaction, which has locked
    :func:`dated_by`.

    Rule: Shipment states, two dates (§14a).
    """
    losses = {pk: move for pk, move in moves.items() if move.may_lose}
    if not losses:
        return
    values = {
        **DateRules.in_force().parameters(act.at),
        "supply_ids": array(losses),
        "formers": [move.former for move in losses.values()],
        "laters": [move.later for move in losses.values()],
        "cuts": [move.is_cut for move in losses.values()],
        "reason": act.reason,
        "actor_id": act.actor_id,
    }
    with connection.cursor() as cursor:
        cursor.execute(FREE, values)
