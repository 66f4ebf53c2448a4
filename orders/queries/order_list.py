"""The order list, narrowed by age."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db.models import QuerySet

from orders.models import Order


def placed_days_ago(
    orders: QuerySet[Order],
    *,
    least: int | None = None,
    most: int | None = None,
    today: date,
    zone: ZoneInfo,
) -> QuerySet[Order]:
    """Keep the orders placed from ``least`` to ``most`` calendar days before ``today``."""
    if least is not None:
        next_day = today - timedelta(days=least - 1)
        orders = orders.filter(placed_at__lt=datetime.combine(next_day, time(), zone))
    if most is not None:
        since = today - timedelta(days=most)
        orders = orders.filter(placed_at__gte=datetime.combine(since, time(), zone))
    return orders
