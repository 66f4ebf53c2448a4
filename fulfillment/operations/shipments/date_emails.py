"""Dates of queued e-mails, as they are when these are written."""

from collections.abc import Sequence
from datetime import date, datetime

from core.sql import array, fetch_column, literals
from fulfillment.models import Shipment
from fulfillment.operations.shipments.dates import KNOWN_DATE, DateRules

# Where it was the first date after a confirmation without one, it was agreed to with that e-mail.
RESTATE = f"""
WITH known AS MATERIALIZED (
    SELECT shipment.id, {KNOWN_DATE} AS day
    FROM fulfillment_shipment AS shipment
    JOIN orders_order AS parent ON parent.id = shipment.order_id
    WHERE parent.id = %(order_id)s AND shipment.id = ANY(%(shipment_ids)s)
      AND shipment.state IN ({literals(*Shipment.WAITING_STATES)})
), whole AS (
    SELECT CASE WHEN count(day) = count(*) THEN max(day) END AS day FROM known
), kept AS (
    UPDATE fulfillment_shipmentline AS line
    SET promised_on = whole.day,
        agreed_on = CASE WHEN %(is_first)s AND line.agreed_on = line.promised_on
            THEN whole.day ELSE line.agreed_on END
    FROM known CROSS JOIN whole
    WHERE line.shipment_id = known.id AND line.promised_on = %(said_on)s
      AND whole.day IS DISTINCT FROM %(said_on)s
)
SELECT day FROM whole
"""  # noqa: S608 - constants


def restate_date(
    order_id: int, shipment_ids: Sequence[int], *, said_on: date, is_first: bool, now: datetime
) -> date | None:
    """Return the date that can be given for shipments now; None where nobody can name one.

    They were promised for ``said_on`` by an e-mail that is being written: where known supply, or a
    person, does not stand behind that day any more, what does is promised, or no date yet.
    ``is_first``: it is the first date after a confirmation without one, which the customer agreed
    to. Runs in the caller's transaction, which has locked the order; locks the shipments.

    Rule: Notices to customers, true when written (§18).
    """
    chosen = Shipment.objects.filter(pk__in=shipment_ids)
    list(chosen.locked().values_list("pk"))
    values = {
        **DateRules.in_force().parameters(now),
        "order_id": order_id,
        "shipment_ids": array(shipment_ids),
        "said_on": said_on,
        "is_first": is_first,
    }
    days: list[date | None] = fetch_column(RESTATE, values)
    return days[0]
