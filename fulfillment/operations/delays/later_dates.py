"""Informs customers of delays that stood for a day, where they are informed without being asked."""

from datetime import datetime

from django.db import transaction

from core.sql import fetch_column, literals
from fulfillment.models import Shipment, ShipmentEvent
from fulfillment.models.agreed_date import AGREED_ON
from fulfillment.operations.shipments.dates import (
    IS_DUE_NEWS,
    IS_INFORMED_OF_DELAYS,
    KNOWN_DATE,
    TODAY,
    DateRules,
    tell_dates,
)
from fulfillment.operations.shipments.locking import lock_shipment_rows

BATCH_SIZE = 1_000

# A release run tells of what it makes ready. So of what is ready the day counts that it got since,
# from its calendar; what is set aside for a customer who collects it has left for them.
GOT_DAY_WHEN_READY = f"""
    (shipment.state = '{Shipment.State.READY}' AND shipment.set_aside_at IS NULL AND EXISTS (
        SELECT FROM fulfillment_shipmentevent AS event
        WHERE event.shipment_id = shipment.id AND event.created_at >= shipment.released_at
          AND event.kind = '{ShipmentEvent.Kind.EXPECTED_DATE_SET}'))
"""

# What can leave today is left to the notice of its run, and that there is still no date is told
# again when another estimate passes.
LATER = f"""
SELECT DISTINCT shipment.id
FROM fulfillment_shipment AS shipment
JOIN fulfillment_shipmentline AS line ON line.shipment_id = shipment.id
JOIN orders_order AS parent ON parent.id = shipment.order_id
JOIN inventory_saleschannel AS channel ON channel.id = parent.channel_id
LEFT JOIN fulfillment_delayrequest AS request ON request.id = line.delay_request_id
CROSS JOIN LATERAL (SELECT {KNOWN_DATE} AS day) AS known
WHERE (shipment.state IN ({literals(*Shipment.WAITING_STATES)}) OR {GOT_DAY_WHEN_READY})
  AND line.quantity > 0 AND {IS_INFORMED_OF_DELAYS}
  AND COALESCE(known.day > GREATEST({AGREED_ON}, {TODAY}),
      shipment.state <> '{Shipment.State.READY}'
      AND (line.promised_on IS NOT NULL OR line.promise_told_at IS NULL))
  AND {IS_DUE_NEWS}
ORDER BY shipment.id
"""  # noqa: S608 - constants


def tell_later_dates(rules: DateRules, *, now: datetime) -> int:
    """Inform customers of delays that stood for a day, or at once where few days are left.

    Of a later date that known supply or a person stands behind, or that there is no date yet. A
    date that went back meanwhile is not told. Units of which the confirmation said nothing are
    told once they are late. So is told of what is ready and leaves later than agreed, for the days
    on which its source works. Returns how many e-mails were queued.

    Opens its own transactions, one a batch, and locks orders first: a second worker finds nothing
    left to tell.

    Rule: Delays, when the later date has stood for a day (§18a).
    """
    later = fetch_column(LATER, rules.parameters(now))
    count = 0
    for start in range(0, len(later), BATCH_SIZE):
        batch = later[start : start + BATCH_SIZE]
        with transaction.atomic():
            lock_shipment_rows(batch)
            keys = {pk: f"later-{pk}-{now:%Y%m%dT%H%M%S}" for pk in batch}
            count += tell_dates(keys, rules, now=now)
    return count
