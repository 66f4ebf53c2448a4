"""Counts the figures that pages show, to keep them."""

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection, transaction
from django.db.models import Q

from core.sql import literals
from fulfillment.models import DailyFigures, Shipment, SupplyOutlook, WaitingFigures
from fulfillment.models.release_conditions import CONSIDERED_SQL
from inventory.models import FutureSupply, InventoryConfiguration, SourceItem
from inventory.queries.low_items import low_item
from inventory.resolution import resolve
from orders.models import OrderChange, OrderEmail, Payment

State, Period = Shipment.State, SupplyOutlook.Period

# Index reads only of the days asked for: releases by release time, orders by placing time.
DAYS = (
    """
    INSERT INTO fulfillment_dailyfigures AS kept ("on", released_count, ordered_quantity,
        backordered_quantity, low_item_count, overdue_supply_count, payment_hold_count,
        unknown_payment_count, failed_email_count, queued_email_count, overtaken_count,
        refreshed_at)
    SELECT day::date, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, %(now)s
    FROM generate_series(%(first)s::date, %(today)s::date, '1 day') AS day
    ON CONFLICT ("on") DO UPDATE SET released_count = 0, ordered_quantity = 0,
        backordered_quantity = 0, refreshed_at = %(now)s
    """,
    """
    UPDATE fulfillment_dailyfigures AS kept SET released_count = counted.number
    FROM (SELECT (released_at AT TIME ZONE %(zone)s)::date AS day, count(*) AS number
          FROM fulfillment_shipment
          WHERE released_at >= %(first)s::timestamp AT TIME ZONE %(zone)s
          GROUP BY 1) AS counted
    WHERE kept."on" = counted.day
    """,
    f"""
    UPDATE fulfillment_dailyfigures AS kept
    SET ordered_quantity = counted.ordered, backordered_quantity = counted.backordered
    FROM (SELECT (placed.placed_at AT TIME ZONE %(zone)s)::date AS day,
                 sum(line.quantity) AS ordered, sum(line.backordered_quantity) AS backordered
          FROM orders_order AS placed
          JOIN orders_orderline AS line ON line.order_id = placed.id
          LEFT JOIN orders_orderchange AS change ON change.id = line.change_id
          WHERE placed.placed_at >= %(first)s::timestamp AT TIME ZONE %(zone)s
            AND line.is_reserving
            AND (change.id IS NULL OR change.state = '{OrderChange.State.APPLIED}')
          GROUP BY 1) AS counted
    WHERE kept."on" = counted.day
    """,  # noqa: S608 - constants
)

STANDING = f"""
UPDATE fulfillment_dailyfigures
SET low_item_count = %(low)s, overdue_supply_count = %(overdue)s,
    unknown_payment_count = %(unknown)s, failed_email_count = %(failed)s,
    queued_email_count = %(queued)s,
    payment_hold_count = (SELECT count(*) FROM fulfillment_shipment
                          WHERE is_held AND hold_reason = '{Shipment.HoldReason.PAYMENT}')
WHERE "on" = %(today)s
"""  # noqa: S608 - constants

# Who waits for so long that Ageing would keep units for them, while in the last week others
# behind them in the queue were released with a product that they wait for.
OVERTAKEN = f"""
WITH recent AS MATERIALIZED (
    SELECT taker.stock_id, line.product_id, taker.priority,
        max(taker.backordered_since) AS youngest
    FROM fulfillment_shipment AS taker
    JOIN fulfillment_shipmentline AS line ON line.shipment_id = taker.id
    WHERE taker.released_at >= %(now)s - interval '7 days'
    GROUP BY 1, 2, 3
)
UPDATE fulfillment_dailyfigures SET overtaken_count = (
    SELECT count(*) FROM fulfillment_shipment AS shipment
    JOIN orders_order AS parent ON parent.id = shipment.order_id
    WHERE {CONSIDERED_SQL} AND shipment.state = '{State.BACKORDER}'
      AND shipment.backordered_since
        < (%(today)s::date - %(ageing_days)s::int + 1)::timestamp AT TIME ZONE %(zone)s
      AND EXISTS (
        SELECT 1 FROM fulfillment_shipmentline AS line
        JOIN recent ON recent.product_id = line.product_id AND recent.stock_id = shipment.stock_id
        WHERE line.shipment_id = shipment.id AND line.quantity > 0
          AND (-recent.priority, recent.youngest)
            > (-shipment.priority, shipment.backordered_since)))
WHERE "on" = %(today)s
"""  # noqa: S608 - constants

BANDS = " ".join(
    f"ELSE '{band}'" if ages.most is None else f"WHEN waiting.age <= {ages.most} THEN '{band}'"
    for band, ages in WaitingFigures.AGES.items()
)
WAITING = (
    'DELETE FROM fulfillment_waitingfigures WHERE "on" = %(today)s',
    f"""
    INSERT INTO fulfillment_waitingfigures ("on", band, state, currency, count, held_count,
        amount, oldest_since)
    SELECT %(today)s,
        CASE {BANDS} END,
        waiting.state, placed.currency, count(*), count(*) FILTER (WHERE waiting.is_held),
        sum(waiting.amount), min(waiting.backordered_since)
    FROM (SELECT order_id, state, is_held, amount, backordered_since,
                 %(today)s::date - (backordered_since AT TIME ZONE %(zone)s)::date AS age
          FROM fulfillment_shipment
          WHERE state IN ({literals(*Shipment.WAITING_STATES)})) AS waiting
    JOIN orders_order AS placed ON placed.id = waiting.order_id
    GROUP BY 2, 3, 4
    """,  # noqa: S608 - constants
)


# Position 0 is what should have come; 1 to the number of weeks, from this week on; then what
# comes later; then what has no date. What a FUTURE shipment received already waits no more.
def _period(date: str) -> str:
    return f"""
    CASE WHEN {date} IS NULL THEN %(weeks)s + 2
         WHEN {date} < %(today)s::date THEN 0
         ELSE LEAST(({date} - %(monday)s::date) / 7, %(weeks)s) + 1 END
    """


OUTLOOK = (
    "DELETE FROM fulfillment_supplyoutlook",
    f"""
    INSERT INTO fulfillment_supplyoutlook (position, period, begins_on, incoming_quantity,
        waiting_quantity)
    SELECT position,
        CASE WHEN position = 0 THEN '{Period.PAST}' WHEN position <= %(weeks)s THEN '{Period.WEEK}'
             WHEN position = %(weeks)s + 1 THEN '{Period.LATER}' ELSE '{Period.NO_DATE}' END,
        CASE WHEN position BETWEEN 1 AND %(weeks)s + 1
             THEN %(monday)s::date + 7 * (position - 1) END,
        COALESCE(incoming.units, 0), COALESCE(waited.units, 0)
    FROM generate_series(0, %(weeks)s + 2) AS position
    LEFT JOIN (
        SELECT {_period("expected_on")} AS position,
            sum(GREATEST(quantity - received_quantity, 0)) AS units
        FROM inventory_futuresupply WHERE state = '{FutureSupply.State.OPEN}' GROUP BY 1
    ) AS incoming USING (position)
    LEFT JOIN (
        SELECT {_period("shipment.expected_on")} AS position,
            sum(line.quantity - COALESCE(received.units, 0)) AS units
        FROM fulfillment_shipment AS shipment
        JOIN fulfillment_shipmentline AS line ON line.shipment_id = shipment.id
        JOIN orders_orderline AS ordered ON ordered.id = line.order_line_id
            AND ordered.is_reserving
        LEFT JOIN (
            SELECT allocation.shipment_line_id, sum(allocation.quantity) AS units
            FROM fulfillment_shipment AS promised
            JOIN fulfillment_shipmentline AS part ON part.shipment_id = promised.id
            JOIN fulfillment_allocation AS allocation ON allocation.shipment_line_id = part.id
            WHERE promised.state = '{State.FUTURE}' AND allocation.source_item_id IS NOT NULL
            GROUP BY 1
        ) AS received ON received.shipment_line_id = line.id
        WHERE shipment.state IN ({literals(*Shipment.WAITING_STATES)})
        GROUP BY 1
    ) AS waited USING (position)
    """,  # noqa: S608 - constants
)


FIGURES_LOCK = 7_305_116_002
BACKFILLED_DAYS = 90
OUTLOOK_WEEKS = 8


def refresh_figures(*, now: datetime, zone: ZoneInfo) -> bool:
    """Count today again, and the days since the last count; return whether this call did it.

    Days that nobody counted (the first time: the last 90) get what their rows still tell:
    releases, and units ordered and backordered. How much waited on them is not known any more.
    Opens the transaction. Of two at once, the second leaves the work to the first.
    """
    today = now.astimezone(zone).date()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [FIGURES_LOCK])
        if not cursor.fetchone()[0]:
            return False
        facts = {
            "first": _first_day(today),
            "today": today,
            "monday": today - timedelta(days=today.weekday()),
            "weeks": OUTLOOK_WEEKS,
            "zone": zone.key,
            "now": now,
            **_standing(today),
        }
        for statement in (*DAYS, STANDING, OVERTAKEN, *WAITING, *OUTLOOK):
            cursor.execute(statement, facts)
    return True


def _first_day(today: date) -> date:
    """Return the last day that was counted: its row may be from before its end."""
    earliest = today - timedelta(days=BACKFILLED_DAYS)
    counted = DailyFigures.objects.filter(on__lt=today).order_by("-on").values_list("on", flat=True)
    return max(earliest, counted.first() or earliest)


def _standing(today: date) -> dict[str, Any]:
    configuration = InventoryConfiguration.load()
    overdue = FutureSupply.objects.open().filter(expected_on__lt=today)
    queued = Q(state__in=[OrderEmail.State.QUEUED, OrderEmail.State.SENDING])
    ageing_days = resolve("ageing_days", configuration=configuration.overrides()).value
    return {
        "ageing_days": ageing_days,
        "low": SourceItem.objects.filter(low_item(configuration=configuration)).count(),
        "overdue": overdue.count(),
        "unknown": Payment.objects.filter(state=Payment.State.UNKNOWN).count(),
        "failed": OrderEmail.objects.filter(state__in=OrderEmail.TROUBLED).count(),
        "queued": OrderEmail.objects.filter(queued).count(),
    }
