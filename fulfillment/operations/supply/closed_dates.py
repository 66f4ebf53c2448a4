"""Moves promised shipments off the days on which their source has since become closed."""

from datetime import datetime
from zoneinfo import ZoneInfo

from django.db import transaction

from core.acts import Act
from core.sql import fetch_column
from fulfillment.models import Shipment
from fulfillment.operations.shipments.dates import TODAY
from fulfillment.operations.shipments.locking import lock_shipment_rows
from fulfillment.operations.supply.promises import REASON, give_date_of_supply

BATCH_SIZE = 500
# Promised for a day on which nothing leaves; what has passed is replaced elsewhere.
ON_CLOSED_DAYS = f"""
SELECT shipment.id FROM fulfillment_shipment AS shipment
JOIN inventory_closedday AS closed
    ON closed.source_id = shipment.source_id AND closed.closed_on = shipment.expected_on
WHERE shipment.state = '{Shipment.State.FUTURE}' AND shipment.expected_on >= {TODAY}
  AND NOT shipment.is_expected_on_fixed
ORDER BY shipment.id
"""  # noqa: S608 - constants


def move_to_working_days(*, now: datetime, zone: ZoneInfo) -> int:
    """Move promised shipments from closed days of their source to the next working day.

    Their customers are told. Opens its own transactions, one a batch; returns how many stood on
    closed days. A second time finds nothing to do.

    Rule: Shipment states, two dates: working days (§14a).
    """
    found = fetch_column(ON_CLOSED_DAYS, {"now": now, "zone": zone.key})
    for start in range(0, len(found), BATCH_SIZE):
        with transaction.atomic():
            chosen = found[start : start + BATCH_SIZE]
            lock_shipment_rows(chosen)
            promised = Shipment.objects.filter(pk__in=chosen, state=Shipment.State.FUTURE)
            give_date_of_supply(promised, Act(now, None, REASON))
    return len(found)
