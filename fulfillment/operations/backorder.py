"""Sends a ready shipment back to wait, when its units turn out not to be there."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from django.db import transaction

from fulfillment.models import Shipment, ShipmentBar
from fulfillment.operations.asked_runs import ask_for_run
from fulfillment.operations.care import return_to_queue, send_to_care
from fulfillment.operations.locked_shipments import ShipmentError, locked_shipment
from fulfillment.operations.shortfalls import fall_back
from inventory.operations.source_items import ItemChange, set_items


class NothingCorrectedError(ShipmentError):
    """The next run would undo it: correct the counts, or bar the source."""


def move_to_backorder(
    shipment_id: int,
    *,
    reason: str,
    now: datetime,
    actor_id: int | None = None,
    expected_version: int | None = None,
) -> Shipment:
    """Send what is READY back and bar its source, or an exception back to the queue.

    Opens the transaction. A pickup shipment that was READY goes to CUSTOMER_CARE.

    :raises WrongStateError: unless it is READY or in CUSTOMER_CARE.
    :raises StaleShipmentError: if ``expected_version`` is not the row's.

    Rule: Shipment states, moving READY back by hand.
    """
    with transaction.atomic():
        in_care = Shipment.State.CUSTOMER_CARE
        shipment = locked_shipment(
            shipment_id,
            states=[Shipment.State.READY, in_care],
            expected_version=expected_version,
        )
        if shipment.state == in_care:
            return return_to_queue(shipment_id, reason=reason, now=now, actor_id=actor_id)
        return send_back(shipment_id, bars_source=True, reason=reason, now=now, actor_id=actor_id)


def send_back(
    shipment_id: int,
    *,
    counted: Mapping[int, Decimal] | None = None,
    bars_source: bool = False,
    reason: str,
    now: datetime,
    actor_id: int | None = None,
    expected_version: int | None = None,
) -> Shipment:
    """Move a READY shipment back to BACKORDER whole, with its age; opens the transaction.

    ``counted`` corrects what its source holds, by product id; ``bars_source`` keeps this
    shipment from being served there again. A pickup shipment, which has no other source, goes
    to CUSTOMER_CARE unless counts are corrected.

    :raises NothingCorrectedError: if neither is done.
    :raises WrongStateError: unless it is READY.
    :raises StaleShipmentError: if ``expected_version`` is not the row's.

    Rule: Shipment states, moving READY back by hand.
    """
    if not counted and not bars_source:
        raise NothingCorrectedError
    with transaction.atomic():
        shipment = locked_shipment(
            shipment_id, states=[Shipment.State.READY], expected_version=expected_version
        )
        source_id = shipment.source_id
        if source_id is None:
            raise NothingCorrectedError
        if bars_source:
            ShipmentBar.objects.get_or_create(shipment=shipment, source_id=source_id)
        if shipment.pickup_source_id is not None and not counted:
            send_to_care([shipment], reason=reason, now=now, actor_id=actor_id)
            shipment.refresh_from_db()
            return shipment
        fall_back([shipment.pk], now=now, actor_id=actor_id, reason=reason)
        if counted:
            set_items(
                [
                    ItemChange(product_id, source_id, {"quantity": quantity})
                    for product_id, quantity in sorted(counted.items())
                ],
                now=now,
                actor_id=actor_id,
            )
        ask_for_run([shipment.pk])
        shipment.refresh_from_db()
    return shipment
