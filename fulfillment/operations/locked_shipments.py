"""A shipment under lock, checked: the start of every move by hand."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from django.db.models import BigIntegerField
from django.db.models.expressions import RawSQL

from fulfillment.models import Shipment, ShipmentEvent
from orders.models import Order

# PostgreSQL's own version of a row: the transaction that wrote it last.
VERSION = RawSQL("fulfillment_shipment.xmin::text::bigint", [], output_field=BigIntegerField())


class ShipmentError(Exception):
    """What was asked of a shipment cannot be; nothing was written."""


class WrongStateError(ShipmentError):
    """The shipment is in a state, or held, that does not allow this."""


class StaleShipmentError(ShipmentError):
    """The shipment has changed since it was shown."""


def locked_shipment(
    shipment_id: int, *, states: Collection[str], expected_version: int | None = None
) -> Shipment:
    """Lock a shipment, its order first, and check its state; in the caller's transaction.

    :raises WrongStateError: if it is in none of ``states``.
    :raises StaleShipmentError: if ``expected_version`` is given and is not the row's.

    Rule: Shipment states.
    """
    owner = Shipment.objects.filter(pk=shipment_id).values("order_id")
    order = Order.objects.select_for_update().get(pk__in=owner)
    rows = Shipment.objects.filter(pk=shipment_id)
    shipment: Shipment = rows.locked().get()
    version = rows.annotate(version=VERSION).values_list("version", flat=True).get()
    if expected_version is not None and version != expected_version:
        raise StaleShipmentError(shipment.number)
    if shipment.state not in states:
        raise WrongStateError(f"{shipment.number}: {shipment.state}")
    shipment.order = order
    return shipment


def note_event(
    shipment: Shipment,
    kind: str,
    *,
    now: datetime,
    actor_id: int | None,
    reason: str = "",
    detail: Mapping[str, Any] | None = None,
) -> ShipmentEvent:
    """Add to the shipment's timeline what happened, who did it, and why."""
    return ShipmentEvent.objects.create(
        shipment=shipment,
        kind=kind,
        reason=reason,
        detail=dict(detail or {}),
        actor_id=actor_id,
        created_at=now,
    )
