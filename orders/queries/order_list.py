"""The order list, narrowed by age."""

from datetime import date, datetime, time, timedelta

from django.db.models import QuerySet
from django.utils import timezone

from orders.models import Order


def placed_days_ago(
    orders: QuerySet[Order], *, least: int | None = None, most: int | None = None, today: date
) -> QuerySet[Order]:
    """Keep the orders placed from ``least`` to ``most`` calendar days before ``today``."""
    if least is not None:
        orders = orders.filter(placed_at__lt=_start_of(today - timedelta(days=least - 1)))
    if most is not None:
        orders = orders.filter(placed_at__gte=_start_of(today - timedelta(days=most)))
    return orders


def _start_of(day: date) -> datetime:
    return datetime.combine(day, time(), timezone.get_current_timezone())
