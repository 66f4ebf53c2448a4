"""Assigns shipments to a person."""

from collections.abc import Collection

from django.contrib.auth.models import User
from django.db import transaction

from core.acts import Act
from fulfillment.models import Shipment, ShipmentEvent
from fulfillment.operations.shipments.locking import (
    ShipmentError,
    lock_shipment,
    note_events,
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
        person = person_named(username) if username else None
        if shipment.assignee != person:
            assign_shipments([shipment], act, person=person)
    return shipment


def person_named(username: str) -> User:
    """Return the person with the user name.

    :raises UnknownPersonError: if nobody with the user name may work on shipments.
    """
    person = assignable_people().filter(username=username).first()
    if person is None:
        raise UnknownPersonError(username)
    return person


def assign_shipments(shipments: Collection[Shipment], act: Act, *, person: User | None) -> None:
    """Do what :func:`assign` does with shipments that are locked, not over, and not the person's.

    They are read with their assignees.
    """
    details = {
        shipment.pk: {
            "from": shipment.assignee and shipment.assignee.get_username(),
            "to": person and person.get_username(),
        }
        for shipment in shipments
    }
    set_columns(shipments, {"assignee": person})
    note_events(shipments, ShipmentEvent.Kind.ASSIGNED, act, details=details)
