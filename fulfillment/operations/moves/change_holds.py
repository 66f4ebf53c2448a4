"""Shipments of lines that a change added to an order: held until the change is applied."""

from collections.abc import Collection, Sequence
from typing import Any

from fulfillment.models import Shipment, ShipmentLine
from fulfillment.operations.shipments.arrivals import note_needs
from fulfillment.operations.shipments.locking import lock_shipments_of, set_columns

HoldReason = Shipment.HoldReason
FREE = {"is_held": False, "hold_reason": "", "hold_note": ""}


def confirm_added_lines(order_id: int, line_ids: Collection[int]) -> None:
    """Let the shipments of added lines, by order line id, go on; a release run looks at them.

    Runs in the caller's transaction, which has locked the order. Where every other open shipment
    of the order is held, they are held for the same reason.

    Rule: Changing an order, new lines (§20).
    """
    shipments = lock_shipments_of(order_id)
    lines = ShipmentLine.objects.filter(order_line__in=line_ids, shipment__in=shipments)
    own = set(lines.order_by("pk").values_list("shipment_id", flat=True))
    added = [shipment for shipment in shipments if shipment.pk in own]
    columns = _hold_of([shipment for shipment in shipments if shipment.pk not in own])
    in_care = [one for one in added if one.state == Shipment.State.CUSTOMER_CARE]
    set_columns([one for one in added if one not in in_care], columns)
    set_columns(in_care, FREE)
    note_needs([one.pk for one in added if one.state in Shipment.QUEUED_STATES])


def _hold_of(others: Sequence[Shipment]) -> dict[str, Any]:
    """Return the hold that the others share; none where one of them may go on."""
    if not others or not all(shipment.is_held for shipment in others):
        return FREE
    first = others[0]
    return {
        "is_held": True,
        "hold_reason": first.hold_reason,
        "hold_note": first.hold_note,
        "awaits_payment": first.awaits_payment,
    }
