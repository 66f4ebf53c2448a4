"""The dates of a shipment, in SQL: the estimate without supply, the promise.

The expected date is an estimate; the promise is the date that the customer was last given. A
date is given only where known supply covers the shipment by it, or a person has set it; else the
customer is given no date yet. The fragments are about rows named ``shipment`` and ``parent``, its
order, and take the parameters of :meth:`DateRules.parameters`.

Rule: Shipment states, two dates (§14a).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection
from django.utils import timezone

from core.sql import array, fetch_rows, literals
from fulfillment.delays.terms import SETTLED
from fulfillment.models import DelayRequest, Shipment, ShipmentEvent
from fulfillment.models.agreed_date import AGREED_ON, PLACED_ON
from inventory.models import InventoryConfiguration
from inventory.options import DelayRule
from inventory.queries.working_days import FIRST_DAY, counted_from, working_day
from inventory.resolution import resolve
from orders.models import OrderEmail
from orders.ports import PromisedLine

TODAY = "(%(now)s::timestamptz AT TIME ZONE %(zone)s)::date"


def estimate(
    *days: str, stock: str = "shipment.stock_id", pickup: str = "shipment.pickup_source_id"
) -> str:
    """Return the expression of the latest of ``days``, on a working day.

    That of the source where it is collected; else the earliest of the sources that serve the stock
    and ship to home. ``days`` may depend on a row named ``source``.

    Rule: Shipment states, two dates: working days (§14a).
    """
    latest = f"GREATEST({', '.join(days)})"
    return f"""COALESCE((
        SELECT min({working_day("source.id", "latest.day")})
        FROM inventory_source AS source
        CROSS JOIN LATERAL (SELECT {latest} AS day) AS latest
        WHERE source.is_enabled AND CASE WHEN {pickup} IS NULL
            THEN source.ships_to_home AND EXISTS (
                SELECT FROM inventory_stocksource AS link
                WHERE link.source_id = source.id AND link.stock_id = {stock})
            ELSE source.id = {pickup} END
    ), (
        SELECT {latest} FROM (SELECT NULL::bigint AS id, NULL::time AS cut_off_time) AS source))
    """  # noqa: S608 - constants


# Of a shipment that falls back, and of one that never waited.
DEFAULT_FROM_TODAY = estimate(f"{FIRST_DAY} + %(default_days)s::int")
DEFAULT = estimate(f"{counted_from('parent.placed_at')} + %(default_days)s::int", FIRST_DAY)
# Of a shipment that lost the supply by which it was dated.
WITHOUT_SUPPLY = estimate(
    "shipment.expected_on",
    f"{FIRST_DAY} + %(default_days)s::int",
    f"""(SELECT max({AGREED_ON}) FROM fulfillment_shipmentline AS line
        WHERE line.shipment_id = shipment.id AND line.quantity > 0)""",  # noqa: S608 - constants
)

OWN_DATE = f"""
    CASE WHEN (shipment.is_expected_on_fixed OR shipment.has_known_supply)
        AND shipment.expected_on >= {TODAY} THEN shipment.expected_on END
"""
# What waits of an order that ships complete, and what is ready of it, leaves with the last of it.
IS_KEPT_TOGETHER = f"""
    (parent.ship_complete AND (shipment.hold_reason = '{Shipment.HoldReason.REST}'
        OR shipment.state IN ({literals(*Shipment.WAITING_STATES)})))
"""
# The date that the customer may be given; none where nothing stands behind it.
KNOWN_DATE = f"""
    CASE WHEN {IS_KEPT_TOGETHER} THEN (
        SELECT CASE WHEN count(day) = count(*) THEN max(day) END FROM (
            SELECT {OWN_DATE} AS day FROM fulfillment_shipment AS shipment
            WHERE shipment.order_id = parent.id
              AND shipment.state IN ({literals(*Shipment.WAITING_STATES)})) AS rest)
    ELSE {OWN_DATE} END
"""  # noqa: S608 - constants
# The estimate, whatever stands behind it.
ESTIMATE = f"""
    CASE WHEN {IS_KEPT_TOGETHER} THEN (
        SELECT max(rest.expected_on) FROM fulfillment_shipment AS rest
        WHERE rest.order_id = parent.id
          AND rest.state IN ({literals(*Shipment.WAITING_STATES)}))
    ELSE shipment.expected_on END
"""  # noqa: S608 - constants
# Later than agreed, where the confirmation is written and said nothing of the units of a line.
IS_LATER_THAN_SAID = f"""
    (line.promise_told_at IS NULL AND {AGREED_ON} < {ESTIMATE} AND EXISTS (
        SELECT FROM orders_orderemail AS confirmation WHERE confirmation.order_id = parent.id
            AND confirmation.kind = '{OrderEmail.Kind.CONFIRMATION}' AND (
                confirmation.body <> '' OR confirmation.state = '{OrderEmail.State.LEFT_OUT}')))
"""

# Whose customers are informed of a delay without being asked, §18a.
IS_INFORMED_OF_DELAYS = f"""
    (channel.delay_rule = '{DelayRule.NOTIFY}' OR (
        channel.delay_rule = '{DelayRule.CONSENT}'
        AND request.answer = '{DelayRequest.Answer.WAIT}'))
"""


# When a shipment, or any of an order that is kept together, got the date that it has.
DATED_AT = f"""
    COALESCE((SELECT max(event.created_at) FROM fulfillment_shipmentevent AS event
              WHERE event.shipment_id = ANY (CASE WHEN {IS_KEPT_TOGETHER} THEN ARRAY(
                    SELECT other.id FROM fulfillment_shipment AS other
                    WHERE other.order_id = parent.id)
                ELSE ARRAY[shipment.id] END) AND event.detail ? 'to'
                AND event.kind IN ({literals(*ShipmentEvent.DATING_KINDS)})),
        shipment.created_at)
"""  # noqa: S608 - constants

# An e-mail about a date is not written yet: what it says is what is so by then.
UNREAD = f"""
    EXISTS (SELECT FROM orders_orderemail AS unread
            WHERE unread.order_id = parent.id AND unread.body = ''
              AND unread.kind = '{OrderEmail.Kind.EXPECTED_DATE_CHANGED}'
              AND unread.state = '{OrderEmail.State.QUEUED}' AND %s)
"""

# A delay that is told now: it stood for a day, or few days are left. So is what is no delay: a date
# in time, one no later than the customer knows, the first after a confirmation without one, and
# what takes the place of a date that passed, or that nobody read.
IS_DUE = f"""
    (known.day <= {AGREED_ON} OR known.day <= line.promised_on
        OR (line.promise_told_at IS NOT NULL AND line.agreed_on IS NULL)
        OR line.promised_on < {TODAY}
        OR {AGREED_ON} - {TODAY} < %(ask_days)s::int
        OR {DATED_AT} <= %(now)s::timestamptz - %(settled)s::interval
        OR {UNREAD % "unread.created_at = line.promise_told_at"})
"""

# What the customer does not know yet.
IS_NEWS = f"""
    CASE WHEN line.promise_told_at IS NULL THEN {IS_LATER_THAN_SAID}
         WHEN known.day IS NOT NULL THEN line.promised_on IS DISTINCT FROM known.day
         WHEN line.promised_on IS NOT NULL THEN line.promised_on < {ESTIMATE}
         ELSE line.promise_told_at
             <= %(now)s::timestamptz - make_interval(days => %(retell_days)s::int) END
"""
IS_DUE_NEWS = f"{IS_NEWS} AND {IS_DUE}"
# It gives the first date after a confirmation without one.
IS_FIRST_DATE = "unread.context ->> 'sets_agreed_date' = 'true'"
IS_GIVEN = "line.promise_told_at IS NOT NULL"


@dataclass(frozen=True, slots=True)
class DateRules:
    """The options that dates follow, in days, and the site's time zone.

    ``ask_days`` are those before an agreed date in which a delay does not have to stand for a day.
    Without ``sends_dates`` customers get new dates only where a channel's delay rule asks for it.
    """

    zone: ZoneInfo
    default_days: int
    promise_days: int
    retell_days: int
    ask_days: int
    sends_dates: bool

    @classmethod
    def in_force(cls) -> "DateRules":
        """Return the rules of the configuration, in the current time zone: the site's."""
        configuration = InventoryConfiguration.load().overrides()
        names = (
            "default_backorder_days",
            "promise_days",
            "delay_retell_days",
            "delay_ask_days",
            "send_expected_date_changed",
        )
        values = [resolve(name, configuration=configuration).value for name in names]
        return cls(ZoneInfo(timezone.get_current_timezone_name()), *values)

    def parameters(self, now: datetime) -> dict[str, Any]:
        """Return the values that the fragments of this module take."""
        return {
            "now": now,
            "zone": self.zone.key,
            "default_days": self.default_days,
            "promise_days": self.promise_days,
            "retell_days": self.retell_days,
            "ask_days": self.ask_days,
            "settled": SETTLED,
            "sends_dates": self.sends_dates,
        }


def telling(touched: str, *, is_told: str = IS_DUE_NEWS) -> str:
    """Return the statement that gives the customers of shipments their new dates.

    ``touched`` is a relation of ``shipment_id`` and ``event_key``, whose orders and shipments are
    locked. Each line whose customer was given a date before, or no date yet, gets the promise that
    the e-mail states; nothing is queued where the customer knows it. So does a line of which the
    confirmation said nothing, once it is late (§6). Of a date that nobody can name, the customer is
    informed once it is later than the promise, and again after ``retell_days``. A delay is left to
    :mod:`fulfillment.operations.delays.later_dates` until it stood for a day. Nothing is said of a
    delay where the sales channel does nothing about delays, or asks
    (:mod:`fulfillment.operations.delays`). The first date that is read after a confirmation without
    one is the agreed date; where the confirmation said nothing of the units, that date stays what
    it was. ``is_told`` is the condition of a line beside these: that it is news, and due.

    Takes the parameters of :class:`DateRules`, and those of :data:`EMAIL`.
    """
    return f"""
    WITH due AS MATERIALIZED (
        SELECT line.id, line.shipment_id, line.order_line_id, line.quantity, touched.event_key,
            line.promised_on AS former, line.agreed_on, known.day,
            CASE WHEN line.promised_on IS NULL THEN line.promise_told_at END AS undated_at,
            shipment.state = '{Shipment.State.READY}' AS is_ready,
            CASE WHEN line.promise_told_at IS NULL THEN {AGREED_ON}
                WHEN {TODAY} <= {PLACED_ON} + %(promise_days)s::int
                THEN known.day END AS completing_day,
            COALESCE(line.agreed_on = line.promised_on, FALSE) AND {UNREAD % IS_FIRST_DATE}
                AS is_completed_again,
            %(sends_dates)s OR channel.delay_rule <> '{DelayRule.OFF}' AS is_sent
        FROM {touched} AS touched
        JOIN fulfillment_shipment AS shipment ON shipment.id = touched.shipment_id
        JOIN orders_order AS parent ON parent.id = shipment.order_id
        JOIN fulfillment_shipmentline AS line ON line.shipment_id = shipment.id
        JOIN inventory_saleschannel AS channel ON channel.id = parent.channel_id
        LEFT JOIN fulfillment_delayrequest AS request ON request.id = line.delay_request_id
        CROSS JOIN LATERAL (SELECT {KNOWN_DATE} AS day) AS known
        WHERE shipment.state IN ({literals(*Shipment.OPEN_STATES)})
          AND line.quantity > 0
          AND (known.day <= {AGREED_ON} OR {IS_INFORMED_OF_DELAYS})
          AND {is_told}
    ), kept AS (
        UPDATE fulfillment_shipmentline AS line
        SET promised_on = due.day, promise_told_at = %(now)s,
            agreed_on = COALESCE(
                CASE WHEN NOT due.is_completed_again THEN line.agreed_on END,
                due.completing_day, line.agreed_on)
        FROM due WHERE line.id = due.id AND due.is_sent
    )
    INSERT INTO orders_orderemail (
        order_id, kind, event_key, state, language, recipient, context, subject, body,
        attempt_count, last_error, created_at, next_attempt_at, left_out_reason)
    SELECT parent.id, %(date_notice)s, due.event_key,
        CASE WHEN due.is_sent THEN '{OrderEmail.State.QUEUED}'
            ELSE '{OrderEmail.State.LEFT_OUT}' END,
        parent.customer_language, parent.customer_email,
        jsonb_build_object('former_expected_on', max(due.former), 'expected_on', due.day,
            'undated_at', CASE WHEN bool_and(due.undated_at IS NOT NULL)
                THEN max(due.undated_at) END,
            'is_ready', due.is_ready, 'sets_agreed_date', bool_or(due.completing_day IS NOT NULL
                AND (due.agreed_on IS NULL OR due.is_completed_again)),
            'shipments', jsonb_build_array(due.shipment_id),
            'lines', jsonb_agg(jsonb_build_object(
                'sku', order_line.sku, 'name', order_line.name,
                'quantity', due.quantity::text) ORDER BY order_line.number)),
        '', '', 0, '', %(now)s, %(now)s,
        CASE WHEN due.is_sent THEN '' ELSE '{OrderEmail.LeftOut.SWITCHED_OFF}' END
    FROM due
    JOIN orders_orderline AS order_line ON order_line.id = due.order_line_id
    JOIN orders_order AS parent ON parent.id = order_line.order_id
    GROUP BY parent.id, due.shipment_id, due.event_key, due.day, due.is_ready, due.is_sent
    ON CONFLICT DO NOTHING
    """  # noqa: S608 - constants


EMAIL = {
    "date_notice": OrderEmail.Kind.EXPECTED_DATE_CHANGED.value,
    "queued": OrderEmail.State.QUEUED.value,
}
CHOSEN = (
    "(SELECT * FROM unnest(%(shipment_ids)s::bigint[], %(event_keys)s::text[])"
    " AS chosen(shipment_id, event_key))"
)
TELL = telling(CHOSEN)
TELL_AGAIN = telling(CHOSEN, is_told=IS_GIVEN)


def tell_dates(
    event_keys: Mapping[int, str], rules: DateRules, *, now: datetime, is_again: bool = False
) -> int:
    """Give customers the new dates of these shipments, by id; each with the key of its event.

    ``is_again``: also where they know it, and at once. Returns how many e-mails were queued.

    Runs in the caller's transaction, which has locked orders and shipments, and written the dates.

    Rule: Notices to customers, an e-mail and the promise are one (§18).
    """
    if not event_keys:
        return 0
    values = {
        **rules.parameters(now),
        **EMAIL,
        "shipment_ids": array(event_keys),
        "event_keys": list(event_keys.values()),
    }
    with connection.cursor() as cursor:
        cursor.execute(TELL_AGAIN if is_again else TELL, values)
        return int(cursor.rowcount)


# What a confirmation states of each backordered line: how many of its units wait, and their latest
# date, or none where some of them have none.
CONFIRM = f"""
WITH waiting AS MATERIALIZED (
    SELECT line.id, line.order_line_id, line.quantity, {KNOWN_DATE} AS day, shipment.preorder_on
    FROM fulfillment_shipmentline AS line
    JOIN fulfillment_shipment AS shipment ON shipment.id = line.shipment_id
    JOIN orders_order AS parent ON parent.id = shipment.order_id
    JOIN orders_orderline AS order_line ON order_line.id = line.order_line_id
    WHERE shipment.order_id = %(order_id)s AND line.quantity > 0
      AND shipment.state IN ({literals(*Shipment.WAITING_STATES)})
      AND order_line.backordered_quantity > 0 AND order_line.has_backorder_notice
), stated AS (
    SELECT order_line_id, sum(quantity) AS quantity,
        CASE WHEN count(day) = count(*) THEN max(day) END AS day,
        COALESCE(bool_and(preorder_on = day), FALSE) AS is_preorder
    FROM waiting GROUP BY order_line_id
), kept AS (
    UPDATE fulfillment_shipmentline AS line
    SET promised_on = stated.day, promise_told_at = %(now)s, agreed_on = stated.day
    FROM waiting JOIN stated ON stated.order_line_id = waiting.order_line_id
    WHERE line.id = waiting.id
)
SELECT order_line_id, quantity, day, is_preorder FROM stated
"""  # noqa: S608 - constants


def confirm_dates(order_id: int, *, now: datetime) -> dict[int, PromisedLine]:
    """Promise the backordered units of an order what its confirmation states, and return that.

    By order line id; lines of which nothing waits are left out, and so are those whose customer is
    not informed of backorders: their promise is ``promise_days`` after the order. Runs in the
    caller's transaction, which has locked the order; locks its shipments.

    Rule: Backordered part of an order line (§6), the promise of the confirmation (§18a).
    """
    list(Shipment.objects.filter(order=order_id).locked().values_list("pk"))
    zone = timezone.get_current_timezone_name()
    rows = fetch_rows(CONFIRM, {"order_id": order_id, "now": now, "zone": zone})
    return {line_id: PromisedLine(*promised) for line_id, *promised in rows}
