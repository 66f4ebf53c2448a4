"""Assigns a shipment to a person."""

from django.db import transaction

from core.acts import Act
from fulfillment.models import Shipment, ShipmentEvent
from fulfillment.operations.shipments.locking import (
    ShipmentError,
    lock_shipment,
    note_event,
    set_columns,
)
from fulfillment.queries.people import assignable_people


class UnknownPersonError(ShipmentError):
    """Nobody with this user name may work on shipments."""


def assign(
    shipment_id: int, act: Act, *, username: str | None, expected_version: int | None = None
) -> Shipment:
    """Assign a shipment that is not over to a person, or to nobody; opens the transaction.

    One that is the person's already stays as it is.

    :raises UnknownPersonError: if nobody with the user name may work on shipments.
    :raises WrongStateError: if it is over.
    :raises StaleShipmentError: if ``expected_version`` is not the row's.

    Rule: Changing an order, notes and assignee (§20).
    """
    with transaction.atomic():
        shipment = lock_shipment(
            shipment_id, states=Shipment.OPEN_STATES, expected_version=expected_version
        )
        person = assignable_people().filter(username=username).first() if username else None
        if username and person is None:
            raise UnknownPersonError(username)
        former = shipment.assignee
        if former != person:
            names = {
                "from": former and former.get_username(),
                "to": person and person.get_username(),
            }
            set_columns([shipment], {"assignee": person})
            note_event(shipment, ShipmentEvent.Kind.ASSIGNED, act, detail=names)
    return shipment
