"""Shipments that a change of an order adds, or takes away: held until its payment is decided."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from core.acts import Act
from fulfillment.models import Shipment, ShipmentLine
from fulfillment.operations.shipments.arrivals import note_needs
from fulfillment.operations.shipments.complete_orders import keep_together, waits_for_rest
from fulfillment.operations.shipments.locking import lock_shipments_of, set_columns
from fulfillment.queries.pick_lists import on_open_lists
from orders.refusals import ListedShipmentError, ShipmentOnHoldError

HoldReason = Shipment.HoldReason
FREE = {"is_held": False, "hold_reason": "", "hold_note": ""}


def confirm_added_lines(order_id: int, line_ids: Collection[int], *, now: datetime) -> None:
    """Let the shipments of added lines, by order line id, go on; a release run looks at them.

    Runs in the caller's transaction, which has locked the order. Where every other open shipment
    of the order is held, they are held for the same reason. What the change would take away, and
    what is left of it, goes on too.

    Rule: Changing an order, new lines (§20).
    """
    shipments = lock_shipments_of(order_id)
    lines = ShipmentLine.objects.filter(order_line__in=line_ids, shipment__in=shipments)
    own = set(lines.order_by("pk").values_list("shipment_id", flat=True))
    added = [shipment for shipment in shipments if shipment.pk in own]
    kept = [one for one in shipments if one.pk not in own and one.hold_reason == HoldReason.CHANGE]
    set_columns(kept, FREE)
    note_needs([one.pk for one in kept if one.state in Shipment.QUEUED_STATES])
    columns = _hold_of([shipment for shipment in shipments if shipment.pk not in own])
    in_care = [one for one in added if one.state == Shipment.State.CUSTOMER_CARE]
    set_columns([one for one in added if one not in in_care], columns)
    set_columns(in_care, FREE)
    note_needs([one.pk for one in added if one.state in Shipment.QUEUED_STATES])
    keep_together([order_id], Act(now))


def hold_for_change(order_id: int, line_ids: Collection[int], *, now: datetime) -> None:
    """Hold the open shipments with units of lines, by order line id, until a change is decided.

    Runs in the caller's transaction, which has locked the order and its open shipments.

    :raises orders.refusals.ListedShipmentError: while one is on an open pick list.
    :raises orders.refusals.ShipmentOnHoldError: if one is held for another reason.

    Rule: Changing an order, units that a change would take away cannot ship (§20).
    """
    shipments = lock_shipments_of(order_id)
    lines = ShipmentLine.objects.filter(
        order_line__in=line_ids, shipment__in=shipments, quantity__gt=0
    )
    own = set(lines.order_by("pk").values_list("shipment_id", flat=True))
    chosen = [shipment for shipment in shipments if shipment.pk in own]
    refuse_listed(chosen)
    for shipment in chosen:
        if shipment.is_held and not waits_for_rest(shipment):
            raise ShipmentOnHoldError(shipment.number)
    set_columns(chosen, {"is_held": True, "hold_reason": HoldReason.CHANGE, "hold_note": ""})
    keep_together([order_id], Act(now))


def refuse_listed(shipments: Collection[Shipment]) -> None:
    """Refuse shipments of which one is on an open pick list.

    :raises orders.refusals.ListedShipmentError: which names the first.
    """
    listed = on_open_lists(shipments)
    for shipment in sorted(shipments, key=lambda each: each.pk):
        if shipment.pk in listed:
            raise ListedShipmentError(shipment.number)


def _hold_of(others: Sequence[Shipment]) -> dict[str, Any]:
    """Return the hold that the others share; none where one of them may go on."""
    if not all(one.is_held and not waits_for_rest(one) for one in others) or not others:
        return FREE
    first = others[0]
    return {
        "is_held": True,
        "hold_reason": first.hold_reason,
        "hold_note": first.hold_note,
        "awaits_payment": first.awaits_payment,
    }
