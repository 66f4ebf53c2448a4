"""Sets the expected date of a waiting shipment, of which its customer is told."""

from collections.abc import Collection, Mapping
from datetime import date

from django.db import transaction

from core.acts import Act
from fulfillment.models import Shipment, ShipmentEvent
from fulfillment.operations.shipments.dates import DateRules, tell_dates
from fulfillment.operations.shipments.locking import (
    ShipmentError,
    lock_shipment,
    note_events,
    set_columns,
)

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
    act: Act,
    *,
    expected_on: date | None,
    today: date,
    expected_version: int | None = None,
) -> Shipment:
    """Set the expected date by hand; release runs leave it until it is cleared with None.

    Opens the transaction; the timeline keeps a date that changed, and the customer gets an e-mail.
    A date that stays is not noted. A FUTURE shipment has the date of its supply. ``today`` is the
    date of the act where the site is.

    :raises PastDateError: if the date is before ``today``.
    :raises WrongStateError: unless it is on BACKORDER or in CUSTOMER_CARE.
    :raises StaleShipmentError: if ``expected_version`` is not the row's.

    Rule: Shipment states, expected date.
    """
    refuse_past(expected_on, today=today)
    with transaction.atomic():
        shipment = lock_shipment(
            shipment_id, states=WITHOUT_PROMISE, expected_version=expected_version
        )
        set_expected_dates([shipment], act, expected_on=expected_on)
    return shipment


def set_expected_dates(
    shipments: Collection[Shipment], act: Act, *, expected_on: date | None
) -> None:
    """Do what :func:`set_expected_date` does with shipments that are locked, WITHOUT_PROMISE.

    ``expected_on`` has not passed.
    """
    is_fixed = expected_on is not None
    dates = {} if expected_on is None else {"expected_on": expected_on}
    formers = {shipment.pk: shipment.expected_on for shipment in shipments}
    refixed = {s.pk for s in shipments if s.is_expected_on_fixed != is_fixed}
    columns = {**dates, "is_expected_on_fixed": is_fixed, "has_known_supply": False}
    set_columns(shipments, columns)
    changed = [s for s in shipments if s.expected_on != formers[s.pk] or s.pk in refixed]
    keep_new_dates(changed, act, formers=formers)


def keep_new_dates(
    shipments: Collection[Shipment], act: Act, *, formers: Mapping[int, date | None]
) -> None:
    """Note in the timelines that dates have changed, and give them to the customers.

    ``formers`` are the dates until now, by shipment id. Runs in the caller's transaction, which
    has locked orders and shipments, and written the dates.

    Rule: Shipment states, two dates (§14a).
    """
    events = _note(shipments, formers, act)
    keys = {event.shipment_id: f"event-{event.pk}" for event in events}
    tell_dates(keys, DateRules.in_force(), now=act.at)


def _note(
    shipments: Collection[Shipment], formers: Mapping[int, date | None], act: Act
) -> list[ShipmentEvent]:
    details = {
        shipment.pk: {
            "from": _text(formers[shipment.pk]),
            "to": _text(shipment.expected_on),
            "is_fixed": shipment.is_expected_on_fixed,
        }
        for shipment in shipments
    }
    return note_events(shipments, ShipmentEvent.Kind.EXPECTED_DATE_SET, act, details=details)


def _text(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
