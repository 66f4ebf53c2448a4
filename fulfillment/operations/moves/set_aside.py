"""Sets ready units aside for the customer who collects them."""

from collections.abc import Collection
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from core.acts import Act
from fulfillment.models import Shipment, ShipmentEvent
from fulfillment.operations.moves.departures import refusal_to_leave
from fulfillment.operations.shipments.delay_ends import end_requests_without_units
from fulfillment.operations.shipments.locking import (
    WrongStateError,
    lock_shipment,
    note_events,
    set_columns,
)
from fulfillment.operations.shipments.notices import tell_ready_to_collect
from inventory.models import InventoryConfiguration
from inventory.resolution import resolve


def can_be_set_aside(shipment: Shipment) -> bool:
    """Return whether the shipment is READY for pickup, may leave, and is not set aside yet."""
    is_to_do = shipment.pickup_source_id is not None and shipment.set_aside_at is None
    return is_to_do and shipment.may_leave


def set_aside(shipment_id: int, act: Act, *, expected_version: int | None = None) -> Shipment:
    """Note that the store has the units of a shipment ready to collect; opens the transaction.

    The customer is told where, and until when they are kept, and is asked no more about a delay.

    :raises WrongStateError: unless it is READY for pickup, not held, and not set aside yet.
    :raises StaleShipmentError: if ``expected_version`` is not the row's.
    :raises orders.refusals.UnpaidOrderError: while the order's payment is not decided.

    Rule: Notices to customers, ready to collect (§18).
    """
    with transaction.atomic():
        shipment = lock_shipment(
            shipment_id, states=[Shipment.State.READY], expected_version=expected_version
        )
        if (error := refusal_to_leave(shipment)) is not None:
            raise error
        if not can_be_set_aside(shipment):
            raise WrongStateError(shipment.number)
        set_aside_shipments([shipment], act)
    return shipment


def set_aside_shipments(shipments: Collection[Shipment], act: Act) -> None:
    """Do what :func:`set_aside` does with shipments that are locked and can be set aside."""
    configuration = InventoryConfiguration.load().overrides()
    days = timedelta(days=resolve("collect_days", configuration=configuration).value)
    collect_by = timezone.localdate(act.at) + days
    set_columns(shipments, {"set_aside_at": act.at, "collect_by": collect_by})
    note_events(shipments, ShipmentEvent.Kind.SET_ASIDE, act)
    end_requests_without_units({shipment.order_id for shipment in shipments}, now=act.at)
    tell_ready_to_collect(shipments, now=act.at)
