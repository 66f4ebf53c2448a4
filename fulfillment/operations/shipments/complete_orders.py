"""Holds ready shipments of orders that ship complete until nothing of the order waits."""

from collections.abc import Collection

from core.acts import Act
from core.sql import array, fetch_column, fetch_rows, literals
from fulfillment.models import Shipment, ShipmentEvent
from fulfillment.operations.shipments.held_packages import note_unpacked
from fulfillment.operations.shipments.locking import lock_shipments_of
from fulfillment.operations.shipments.notices import tell_of_lifted_holds
from orders.models import OrderChange

State, Kind = Shipment.State, ShipmentEvent.Kind
REST, CHANGE = Shipment.HoldReason.REST, Shipment.HoldReason.CHANGE

# A shipment that is held for another reason keeps it, and the others wait for it; so they do for
# what a change holds until its payment is decided, and not for what it holds while it is written.
# What customers were told to collect stays theirs to collect. Of an order that does not ship
# complete, or does no longer, nothing waits for the rest.
KEEPS_REST = f"""
    (other.state IN ({literals(*Shipment.WAITING_STATES)})
     OR (other.state = '{State.READY}' AND other.is_held AND other.hold_reason <> '{REST}'
         AND (other.hold_reason <> '{CHANGE}' OR EXISTS (
             SELECT FROM orders_orderchange AS change
             WHERE change.order_id = other.order_id
               AND change.state = '{OrderChange.State.PENDING}'))))
"""
KEEP_TOGETHER = f"""
WITH parent AS MATERIALIZED (
    SELECT id, ship_complete AND EXISTS (
        SELECT FROM fulfillment_shipment AS other
        WHERE other.order_id = orders_order.id AND {KEEPS_REST}
    ) AS waits
    FROM orders_order
    WHERE id = ANY(%(orders)s::bigint[]) AND (ship_complete OR %(no_longer)s)
), changed AS (
    UPDATE fulfillment_shipment AS shipment
    SET is_held = parent.waits, hold_reason = CASE WHEN parent.waits THEN '{REST}' ELSE '' END
    FROM parent
    WHERE shipment.order_id = parent.id AND shipment.state = '{State.READY}'
      AND CASE WHEN parent.waits THEN NOT shipment.is_held AND shipment.set_aside_at IS NULL
          ELSE shipment.hold_reason = '{REST}' END
    RETURNING shipment.id, shipment.is_held
)
INSERT INTO fulfillment_shipmentevent (shipment_id, kind, reason, detail, actor_id, created_at)
SELECT id, CASE WHEN is_held THEN '{Kind.HELD}' ELSE '{Kind.HOLD_LIFTED}' END, '{REST}', '{{}}',
    NULL, %(now)s
FROM changed ORDER BY id
RETURNING shipment_id, kind
"""  # noqa: S608 - constants
OTHERS_KEEP_REST = f"""
SELECT EXISTS (
    SELECT FROM fulfillment_shipment AS other
    WHERE other.order_id = %s AND other.id <> %s AND {KEEPS_REST})
"""  # noqa: S608 - constants


def keep_together(
    order_ids: Collection[int],
    act: Act,
    *,
    shipments: Collection[Shipment] = (),
    no_longer: bool = False,
) -> None:
    """Hold what is READY of orders that ship complete while something waits, and let it go after.

    Runs in the caller's transaction, which has locked the orders, after every write by which a
    shipment becomes READY, stops being so, ends, or is held or let go for another reason. What is
    let go goes together, and its customers are told as after any hold. ``shipments`` are rows in
    hand, to be shown as they are then. What any hold has unpacked says so in its timeline.
    ``no_longer``: orders that have just stopped shipping complete are let go too. However many
    orders, the number of statements is the same.

    Rule: Changing an order, ship complete (§20).
    """
    if not order_ids:
        return
    facts = {"orders": array(sorted(order_ids)), "no_longer": no_longer, "now": act.at}
    is_held = {pk: kind == Kind.HELD for pk, kind in fetch_rows(KEEP_TOGETHER, facts)}
    for shipment in shipments:
        if shipment.pk in is_held:
            shipment.is_held = is_held[shipment.pk]
            shipment.hold_reason = REST if shipment.is_held else ""
    note_unpacked(order_ids, act)
    if free := [pk for pk, held in is_held.items() if not held]:
        let_go = Shipment.objects.filter(pk__in=free).select_related("order").order_by("pk")
        tell_of_lifted_holds(let_go, now=act.at)


def follow_ship_complete(order_id: int, act: Act) -> None:
    """Hold or let go what is READY of an order that has begun, or ceased, to ship complete.

    Runs in the caller's transaction; locks the order, and its open shipments.

    Rule: Changing an order, ship complete (§20).
    """
    lock_shipments_of(order_id)
    keep_together([order_id], act, no_longer=True)


def would_wait_for_rest(shipment: Shipment, *, is_whole: bool) -> bool:
    """Return whether units of a waiting shipment, once READY, would wait for the rest of its order.

    They leave together with what else is ready where they are all that the order waits for;
    ``is_whole``: nothing of the shipment itself stays behind. The shipment is read with its order.

    Rule: Changing an order, ship complete (§20).
    """
    if not shipment.order.ship_complete:
        return False
    return not is_whole or bool(fetch_column(OTHERS_KEEP_REST, [shipment.order_id, shipment.pk])[0])


def waits_for_rest(shipment: Shipment) -> bool:
    """Whether nothing but the rest of its order keeps a READY shipment from leaving."""
    return shipment.hold_reason == REST
