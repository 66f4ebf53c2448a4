"""Dates of queued e-mails, as they are when these are written."""

from collections.abc import Sequence
from datetime import date, datetime

from core.sql import array, fetch_rows, literals
from fulfillment.models import Shipment, ShipmentLine
from fulfillment.models.agreed_date import AGREED_ON
from fulfillment.operations.shipments.dates import IS_INFORMED_OF_DELAYS, KNOWN_DATE, DateRules
from orders.date_statement import DateStatement

# Where it was the first date after a confirmation without one, it was agreed to with that e-mail.
# A day that the customer may not be told of takes the promise back to the former one.
RESTATE = f"""
WITH known AS MATERIALIZED (
    SELECT line.id, {KNOWN_DATE} AS day, {AGREED_ON} AS agreed,
        {IS_INFORMED_OF_DELAYS} AS is_informed
    FROM fulfillment_shipmentline AS line
    JOIN fulfillment_shipment AS shipment ON shipment.id = line.shipment_id
    JOIN orders_order AS parent ON parent.id = shipment.order_id
    JOIN inventory_saleschannel AS channel ON channel.id = parent.channel_id
    LEFT JOIN fulfillment_delayrequest AS request ON request.id = line.delay_request_id
    WHERE parent.id = %(order_id)s AND shipment.id = ANY(%(shipment_ids)s)
      AND shipment.state IN ({literals(*Shipment.WAITING_STATES)})
      AND line.quantity > 0 AND line.promised_on = %(said_on)s
      AND line.promise_told_at = %(said_at)s
), whole AS (
    SELECT CASE WHEN count(day) = count(*) THEN max(day) END AS day, min(agreed) AS agreed,
        bool_and(COALESCE(is_informed, FALSE)) AS is_informed
    FROM known
), stated AS (
    SELECT day, day IS NOT DISTINCT FROM %(said_on)s OR COALESCE(day <= agreed, FALSE)
        OR is_informed AS may_be_told
    FROM whole
), kept AS (
    UPDATE fulfillment_shipmentline AS line
    SET promised_on = CASE WHEN stated.may_be_told THEN stated.day ELSE %(former_on)s::date END,
        agreed_on = CASE WHEN %(is_first)s AND line.agreed_on = line.promised_on
            THEN CASE WHEN stated.may_be_told THEN stated.day END ELSE line.agreed_on END
    FROM known CROSS JOIN stated
    WHERE line.id = known.id AND stated.day IS DISTINCT FROM %(said_on)s
)
SELECT day, may_be_told FROM stated
"""  # noqa: S608 - constants


def restate_date(
    order_id: int, shipment_ids: Sequence[int], statement: DateStatement, *, now: datetime
) -> tuple[date | None, bool]:
    """Return the date that can be given for shipments now, and whether their customer is told it.

    None where nobody can name one. Units of them were promised for ``statement.said_on`` by an
    e-mail that is being written: where known supply, or a person, does not stand behind that day
    any more, what does is promised, or no date yet. Of a delay that the sales channel does not
    inform of, the customer is told nothing, and has the former promise. Runs in the caller's
    transaction, which has locked the order; locks the shipments.

    Rule: Notices to customers, true when written (§18).
    """
    chosen = Shipment.objects.filter(pk__in=shipment_ids)
    list(chosen.locked().values_list("pk"))
    values = {
        **DateRules.in_force().parameters(now),
        "order_id": order_id,
        "shipment_ids": array(shipment_ids),
        "said_on": statement.said_on,
        "said_at": statement.said_at,
        "former_on": statement.former_on,
        "is_first": statement.sets_agreed_date,
    }
    [(day, may_be_told)] = fetch_rows(RESTATE, values)
    return day, may_be_told


def keep_undated(
    order_id: int, shipment_ids: Sequence[int], *, said_at: datetime, told_at: datetime
) -> None:
    """Note that the customer was told at ``told_at``, and not since, that there is no date yet.

    About the units of which an e-mail that was queued at ``said_at`` says nothing. Runs in the
    caller's transaction, which has locked the order; locks the shipments.

    Rule: Shipment states, no date yet is told once, and again after some days (§14a).
    """
    chosen = Shipment.objects.filter(order=order_id, pk__in=shipment_ids)
    list(chosen.locked().values_list("pk"))
    lines = ShipmentLine.objects.filter(shipment__in=chosen, promised_on=None)
    lines.filter(promise_told_at=said_at).update(promise_told_at=told_at)
