"""Customers whose orders all ended long ago: they are erased without being asked for.

Rule: People, access, personal data, after ``personal_data_days`` (domain.md §24).
"""

from datetime import datetime, timedelta

from django.db.models import Count, Max, Model, Q
from django.db.models.functions import Upper

from config.personal_data.erasure import ERASED_ADDRESS, erase_if_ended
from config.personal_data.people import orders_of
from core.callers import Caller
from fulfillment.models import ShipmentEvent
from orders.models import Order, OrderEmail, Refund

# All texts are read once for so many; with more, what finds their words takes too long.
AT_ONCE = 20
MOST_A_DAY = 2_000
ERASED = ERASED_ADDRESS.split("{}")[1]
# What happens to an order, with the path to it.
HAPPENINGS: tuple[tuple[type[Model], str], ...] = (
    (ShipmentEvent, "shipment__order"),
    (OrderEmail, "order"),
    (Refund, "order"),
)


def erase_old_customers(*, now: datetime, days: int) -> int:
    """Erase who has only orders that ended and to which nothing has happened for ``days`` days;
    return how many people, at most 2,000. With 0 days: nobody.

    Whoever has something open stays, until that has ended, too.
    """
    if not days:
        return 0
    before, count, last = now - timedelta(days=days), 0, ""
    while count < MOST_A_DAY and (people := _people_after(last, before)):
        last = people[-1]
        if quiet := [email for email in people if email not in _with_news(people, before)]:
            count += erase_if_ended(Caller(now), quiet)
    return count


def _people_after(last: str, before: datetime) -> list[str]:
    """Return the next addresses, in capital letters, whose orders were placed before then."""
    kept = Order.objects.exclude(customer_email__endswith=ERASED)
    by_email = kept.order_by().annotate(spelled=Upper("customer_email")).values("spelled")
    ended = by_email.filter(spelled__gt=last).annotate(
        newest=Max("placed_at"), open=Count("pk", filter=~Q(status__in=Order.ENDED))
    )
    found = ended.filter(newest__lt=before, open=0).order_by("spelled")[:AT_ONCE]
    return [row["spelled"] for row in found]


def _with_news(people: list[str], before: datetime) -> set[str]:
    """Return to whose orders something has happened since."""
    orders = orders_of(*people)
    keys: set[int] = set()
    for model, path in HAPPENINGS:
        news = model._default_manager.filter(
            **{f"{path}__in": orders.values("pk"), "created_at__gte": before}
        )
        keys.update(news.values_list(path, flat=True))
    return {order.customer_email.upper() for order in orders if order.pk in keys}
