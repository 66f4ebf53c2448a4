"""The order list, narrowed by age."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db.models import QuerySet

from orders.models import Order


def placed_days_ago(
    orders: QuerySet[Order], *, least: int, most: int | None, today: date, zone: ZoneInfo
) -> QuerySet[Order]:
    """Keep the orders placed from ``least`` to ``most`` calendar days before ``today``."""
    until = datetime.combine(today - timedelta(days=least), time.max, zone)
    orders = orders.filter(placed_at__lte=until)
    if most is None:
        return orders
    since = datetime.combine(today - timedelta(days=most), time.min, zone)
    return orders.filter(placed_at__gte=since)
