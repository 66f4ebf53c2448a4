"""Counts what the dashboard and the metrics show, and keeps it."""

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection, transaction
from django.db.models import Q

from fulfillment.models import DailyFigures
from fulfillment.operations.upkeep.figures_sql import DAYS, OUTLOOK, OVERTAKEN, STANDING, WAITING
from inventory.models import FutureSupply, InventoryConfiguration, SourceItem
from inventory.queries.low_items import low_item
from inventory.resolution import resolve
from orders.models import OrderEmail, Payment

FIGURES_LOCK = 7_305_116_002
BACKFILLED_DAYS = 90
OUTLOOK_WEEKS = 8


def refresh_figures(*, now: datetime, zone: ZoneInfo) -> bool:
    """Count today anew, and the days since the last count; return whether this call did it.

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
