"""Sets the expected date of a waiting shipment, and tells its customer."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import date

from django.db import transaction

from core.acts import Act
from fulfillment.models import Shipment, ShipmentEvent, ShipmentLine
from fulfillment.operations.shipments.locking import (
    ShipmentError,
    lock_shipment,
    note_events,
    set_columns,
)
from orders.models import OrderEmail
from orders.notices.queue import Notice, line_facts, queue_emails

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
    set_columns(shipments, {**dates, "is_expected_on_fixed": is_fixed})
    moved = [s for s in shipments if s.expected_on != formers[s.pk]]
    stayed = [s for s in shipments if s.expected_on == formers[s.pk] and s.pk in refixed]
    keep_new_dates(moved, act, formers=formers)
    _note(stayed, formers, act)


def keep_new_dates(
    shipments: Collection[Shipment], act: Act, *, formers: Mapping[int, date | None]
) -> None:
    """Note in the timelines that dates have changed, and queue the e-mails that say so.

    ``formers`` are the dates until now, by shipment id. Runs in the caller's transaction, which
    has written the dates.

    Rule: Telling customers, expected date changed.
    """
    lines = _lines_of(shipments)
    notices = [
        Notice(
            event.shipment.order,
            f"event-{event.pk}",
            {
                "lines": lines[event.shipment_id],
                "expected_on": event.detail["to"],
                "former_expected_on": event.detail["from"],
            },
        )
        for event in _note(shipments, formers, act)
    ]
    queue_emails(notices, kind=OrderEmail.Kind.EXPECTED_DATE_CHANGED, now=act.at)


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


def _lines_of(shipments: Collection[Shipment]) -> Mapping[int, list[dict[str, str]]]:
    """Return what is on each, by shipment id, as an e-mail lists it."""
    found: defaultdict[int, list[dict[str, str]]] = defaultdict(list)
    lines = ShipmentLine.objects.filter(shipment__in=shipments, quantity__gt=0)
    for line in lines.select_related("order_line").order_by("pk"):
        found[line.shipment_id].append(line_facts(line.order_line, line.quantity))
    return found


def _text(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
