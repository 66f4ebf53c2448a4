"""The figures as they were last counted."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal

from django.db.models import Sum

from core.quantities import ZERO
from fulfillment.models import DailyFigures, SupplyOutlook, WaitingFigures


def figures_since(first: date) -> list[DailyFigures]:
    """Return the counted days from ``first`` on, oldest first."""
    return list(DailyFigures.objects.filter(on__gte=first).order_by("on"))


def waiting_on(day: date) -> list[WaitingFigures]:
    """Return the waiting shipments of ``day``, by age, state and currency."""
    return list(WaitingFigures.objects.filter(on=day).order_by("band", "state", "currency"))


def waiting_by_day(first: date) -> dict[date, int]:
    """Return how many shipments waited at the end of each day from ``first`` on."""
    counted = WaitingFigures.objects.filter(on__gte=first).values("on").order_by("on")
    return dict(counted.annotate(number=Sum("count")).values_list("on", "number"))


def outlook() -> list[SupplyOutlook]:
    """Return incoming and backordered units: overdue, by week, later, without a date."""
    return list(SupplyOutlook.objects.order_by("position"))


def amount_by_currency(rows: Sequence[WaitingFigures]) -> dict[str, Decimal]:
    """Return the value that waits, by currency."""
    found: dict[str, Decimal] = {}
    for row in rows:
        found[row.currency] = found.get(row.currency, ZERO) + row.amount
    return dict(sorted(found.items()))


def oldest_since(rows: Sequence[WaitingFigures]) -> datetime | None:
    """Return the time since which the oldest shipment has waited."""
    return min((row.oldest_since for row in rows), default=None)
