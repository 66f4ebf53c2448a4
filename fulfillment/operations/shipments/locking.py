"""Shipments under lock, where every move by hand starts."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from core.acts import Act
from fulfillment.models import Shipment, ShipmentEvent
from orders.models import Order


class ShipmentError(Exception):
    """What was asked of a shipment cannot be; nothing was written."""


class WrongStateError(ShipmentError):
    """The shipment is in a state, or held, that does not allow this."""


class OnPickListError(WrongStateError):
    """The shipment is on an open pick list, and is not moved while it is."""


class StaleShipmentError(ShipmentError):
    """The shipment has changed since it was shown."""


def lock_shipments(shipment_ids: Collection[int]) -> list[Shipment]:
    """Lock shipments, their orders first, each table in key order; in the caller's transaction.

    They come in key order, as they are now, each with its order.

    Rule: Locks are taken in one order: orders before shipments.
    """
    chosen = Shipment.objects.filter(pk__in=shipment_ids)
    orders = Order.objects.order_by("pk").select_for_update()
    owners = {order.pk: order for order in orders.filter(pk__in=chosen.values("order_id"))}
    shipments = list(chosen.locked())
    for shipment in shipments:
        shipment.order = owners[shipment.order_id]
    return shipments


def lock_shipment_rows(shipment_ids: Collection[int]) -> None:
    """Lock shipments as :func:`lock_shipments` does, for what reads them next."""
    chosen = Shipment.objects.filter(pk__in=shipment_ids)
    orders = Order.objects.order_by("pk").select_for_update()
    list(orders.filter(pk__in=chosen.values("order_id")).values_list("pk"))
    list(chosen.locked().values_list("pk"))


def lock_shipments_of(order_id: int) -> list[Shipment]:
    """Lock an order, then its open shipments; in the caller's transaction.

    They come in key order, each with the order. A release run locks shipments alone: children that
    it made while it was waited for are locked too.

    Rule: Locks are taken in one order: orders before shipments.
    """
    order = Order.objects.select_for_update().get(pk=order_id)
    rows = Shipment.objects.filter(order=order, state__in=Shipment.OPEN_STATES)
    known: set[int] = set()
    while True:
        shipments = list(rows.locked())
        found = {shipment.pk for shipment in shipments}
        if found <= known:
            break
        known |= found
    for shipment in shipments:
        shipment.order = order
    return shipments


def lock_open_shipments(order_id: int) -> None:
    """Lock the open shipments of an order as :func:`lock_shipments_of`, for what changes next."""
    lock_shipments_of(order_id)


def lock_shipment(
    shipment_id: int, *, states: Collection[str], expected_version: int | None = None
) -> Shipment:
    """Lock a shipment, its order first, and check its state; in the caller's transaction.

    :raises WrongStateError: if it is in none of ``states``.
    :raises StaleShipmentError: if ``expected_version`` is given and is not the row's.

    Rule: Shipment states.
    """
    [shipment] = lock_shipments([shipment_id])
    if expected_version is not None and shipment.version != expected_version:
        raise StaleShipmentError(shipment.number)
    if shipment.state not in states:
        raise WrongStateError(f"{shipment.number}: {shipment.state}")
    return shipment


def set_columns(shipments: Collection[Shipment], columns: Mapping[str, Any]) -> None:
    """Give shipments that are locked the same values, by column, in one statement."""
    for shipment in shipments:
        for name, value in columns.items():
            setattr(shipment, name, value)
    Shipment.objects.filter(pk__in=[shipment.pk for shipment in shipments]).update(**columns)


def note_event(
    shipment: Shipment, kind: str, act: Act, *, detail: Mapping[str, Any] | None = None
) -> ShipmentEvent:
    """Add to the shipment's timeline what happened, who did it, and why."""
    details = {shipment.pk: detail or {}}
    [event] = note_events([shipment], kind, act, details=details)
    return event


def note_events(
    shipments: Iterable[Shipment],
    kind: str,
    act: Act,
    *,
    details: Mapping[int, Mapping[str, Any]] | None = None,
) -> list[ShipmentEvent]:
    """Add to the timeline of each what happened, as :func:`note_event`, in one statement.

    ``details`` are by shipment id. The events come in the order of the shipments.
    """
    return ShipmentEvent.objects.bulk_create(
        ShipmentEvent(
            shipment=shipment,
            kind=kind,
            reason=act.reason,
            detail=dict((details or {}).get(shipment.pk, {})),
            actor_id=act.actor_id,
            created_at=act.at,
        )
        for shipment in shipments
    )
