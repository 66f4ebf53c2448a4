"""The rows of the order list, with the columns that are sums over an order's lines."""

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.db.models import DecimalField, OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from orders.models import Order, OrderLine

NOTHING = Decimal(0)
# Those with something backordered alone: the sum is then read from their small index.
BACKORDERED_LINES = OrderLine.objects.filter(backordered_quantity__gt=0)


def with_backordered(orders: QuerySet[Order]) -> QuerySet[Order]:
    """Add ``backordered``: the units of an order that were backordered when it was placed."""
    of_order = BACKORDERED_LINES.filter(order=OuterRef("pk")).order_by().values("order")
    total = of_order.annotate(total=Sum("backordered_quantity")).values("total")
    return orders.annotate(
        backordered=Coalesce(Subquery(total), NOTHING, output_field=DecimalField())
    )


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
