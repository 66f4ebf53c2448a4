"""Notes in timelines that a hold ended the packing of shipments."""

from collections.abc import Collection

from django.db import connection

from core.acts import Act
from core.sql import array, literals
from fulfillment.models import Shipment, ShipmentEvent

State, Kind = Shipment.State, ShipmentEvent.Kind

# The database itself takes the mark off what is held. Its last word is that it was packed.
NOTE = f"""
INSERT INTO fulfillment_shipmentevent (shipment_id, kind, reason, detail, actor_id, created_at)
SELECT shipment.id, '{Kind.UNPACKED}', shipment.hold_reason, '{{}}',
    CASE WHEN shipment.hold_reason = '{Shipment.HoldReason.STAFF}' THEN %(actor)s::int END, %(now)s
FROM fulfillment_shipment AS shipment
WHERE shipment.order_id = ANY(%(orders)s::bigint[]) AND shipment.state = '{State.READY}'
  AND shipment.is_held AND (
    SELECT event.kind FROM fulfillment_shipmentevent AS event
    WHERE event.shipment_id = shipment.id
      AND event.kind IN ({literals(Kind.PACKED, Kind.UNPACKED)})
    ORDER BY event.id DESC LIMIT 1) = '{Kind.PACKED}'
ORDER BY shipment.id
"""  # noqa: S608 - constants


def note_unpacked(order_ids: Collection[int], act: Act) -> None:
    """Say in the timelines of shipments that a hold has unpacked them, with the hold's reason.

    Runs in the caller's transaction, which has locked the orders, after the hold. What its
    timeline says already is not said again.

    Rule: Picking and shipping, packed (§21).
    """
    facts = {"orders": array(sorted(order_ids)), "actor": act.actor_id, "now": act.at}
    with connection.cursor() as cursor:
        cursor.execute(NOTE, facts)
