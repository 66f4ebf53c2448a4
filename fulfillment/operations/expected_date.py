"""Sets when a waiting shipment is expected, and tells its customer."""

from datetime import date, datetime

from django.db import transaction

from fulfillment.models import Shipment, ShipmentEvent
from fulfillment.operations.locked_shipments import ShipmentError, locked_shipment, note_event
from orders.models import OrderEmail
from orders.notices.queue import queue_email

WITHOUT_PROMISE = (Shipment.State.BACKORDER, Shipment.State.CUSTOMER_CARE)


class PastDateError(ShipmentError):
    """The date has passed: nothing can be expected on it any more; nothing was written."""


def refuse_past(expected_on: date | None, *, today: date) -> None:
    """Refuse a date before ``today``, which is the site's.

    :raises PastDateError: if the date has passed.
    """
    if expected_on is not None and expected_on < today:
        raise PastDateError(expected_on.isoformat())


def set_expected_date(
    shipment_id: int,
    *,
    expected_on: date | None,
    today: date,
    now: datetime,
    actor_id: int | None = None,
    reason: str = "",
    expected_version: int | None = None,
) -> Shipment:
    """Set the expected date by hand; release runs leave it until it is cleared with None.

    Opens the transaction; the timeline keeps a date that changed, and the customer is told of
    it. What stays as it is leaves no trace. A FUTURE shipment has the
    date of its supply. ``today`` is the date of ``now`` where the site is.

    :raises PastDateError: if the date is before ``today``.
    :raises WrongStateError: unless it is on BACKORDER or in CUSTOMER_CARE.
    :raises StaleShipmentError: if ``expected_version`` is not the row's.

    Rule: Shipment states, expected date.
    """
    refuse_past(expected_on, today=today)
    with transaction.atomic():
        shipment = locked_shipment(
            shipment_id, states=WITHOUT_PROMISE, expected_version=expected_version
        )
        former, was_fixed = shipment.expected_on, shipment.is_expected_on_fixed
        shipment.is_expected_on_fixed = expected_on is not None
        shipment.expected_on = expected_on or former
        shipment.save(update_fields=["expected_on", "is_expected_on_fixed"])
        if shipment.expected_on != former:
            keep_new_date(shipment, former=former, now=now, actor_id=actor_id, reason=reason)
        elif shipment.is_expected_on_fixed != was_fixed:
            _note(shipment, former, now=now, actor_id=actor_id, reason=reason)
    return shipment


def keep_new_date(
    shipment: Shipment,
    *,
    former: date | None,
    now: datetime,
    actor_id: int | None,
    reason: str,
) -> None:
    """Note in the timeline that the date has changed, and queue the e-mail that says so.

    Runs in the caller's transaction, which has written the date.

    Rule: Telling customers, expected date changed.
    """
    event = _note(shipment, former, now=now, actor_id=actor_id, reason=reason)
    _tell(shipment, former, event_key=f"event-{event.pk}", now=now)


def _note(
    shipment: Shipment,
    former: date | None,
    *,
    now: datetime,
    actor_id: int | None,
    reason: str,
) -> ShipmentEvent:
    return note_event(
        shipment,
        ShipmentEvent.Kind.EXPECTED_DATE_SET,
        now=now,
        actor_id=actor_id,
        reason=reason,
        detail={
            "from": _text(former),
            "to": _text(shipment.expected_on),
            "is_fixed": shipment.is_expected_on_fixed,
        },
    )


def _tell(shipment: Shipment, former: date | None, *, event_key: str, now: datetime) -> None:
    lines = shipment.lines.filter(quantity__gt=0).select_related("order_line").order_by("pk")
    queue_email(
        shipment.order,
        kind=OrderEmail.Kind.EXPECTED_DATE_CHANGED,
        event_key=event_key,
        context={
            "lines": [
                {
                    "sku": line.order_line.sku,
                    "name": line.order_line.name,
                    "quantity": str(line.quantity),
                }
                for line in lines
            ],
            "expected_on": _text(shipment.expected_on),
            "former_expected_on": _text(former),
        },
        now=now,
    )


def _text(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
