"""Loads the demo: history in sets, open orders as any order is placed."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Sum
from django.utils import timezone

from core.acts import Act
from demo.catalogue import CHANNEL, STOCK, Catalogue, load_catalogue, read_catalogue
from demo.fixtures import FixtureOrder, orders, shift_to
from demo.past_orders import ADDRESS, load_history
from fulfillment.operations.upkeep.figures import refresh_figures
from inventory.models import Stock
from orders.models import Order, OrderLine
from orders.placing.place import place_order
from orders.placing.request import Address, Customer, LineRequest, OrderRequest

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class DemoSummary:
    """What there is after loading; ``placed_count`` were placed by this call."""

    placed_count: int
    order_count: int
    backordered_order_count: int
    backordered_line_count: int
    backordered_quantity: int

    @property
    def was_loaded(self) -> bool:
        """Whether there was nothing left to load."""
        return self.placed_count == 0


def load_demo(*, now: datetime, progress: Progress) -> DemoSummary:
    """Load what is missing of the demo; ``progress`` is told orders done and in all.

    Opens its transactions: one for catalogue and history, one for each order placed after it. A
    load that was interrupted goes on where it stopped. The dashboard's figures follow.
    """
    fixtures = list(orders())
    zone = timezone.get_current_timezone()
    shift = _shift(fixtures[0], now)
    history = [fixture for fixture in fixtures if fixture.is_history]
    with transaction.atomic():
        if not Stock.objects.filter(code=STOCK).exists():
            load_history(load_catalogue(shift=shift), history, shift=shift, zone=zone)
    progress(len(history), len(fixtures))
    there = set(
        Order.objects.filter(number__in=[fixture.number for fixture in fixtures]).values_list(
            "number", flat=True
        )
    )
    placed_count = 0
    catalogue = read_catalogue()
    counted = fixtures[len(history)].placed_at(shift, zone)
    for done, fixture in enumerate(fixtures[len(history) :], start=len(history) + 1):
        if fixture.number not in there:
            placed_at = fixture.placed_at(shift, zone)
            _count_days(counted, placed_at)
            place_order(_request(fixture), Act(placed_at), tells_customer=False)
            placed_count, counted = placed_count + 1, placed_at
        progress(done, len(fixtures))
    if placed_count:
        _count_days(counted, now)
    refresh_figures(now=now, zone=_zone())
    return _summary(catalogue, placed_count)


def _count_days(since: datetime, until: datetime) -> None:
    """Count how things stood at the end of each day that ended between two moments."""
    day = timezone.localtime(since).date()
    while day < timezone.localtime(until).date():
        refresh_figures(now=datetime.combine(day, time.max, _zone()), zone=_zone())
        day += timedelta(days=1)


def _zone() -> ZoneInfo:
    return ZoneInfo(timezone.get_current_timezone_name())


def _shift(first: FixtureOrder, now: datetime) -> timedelta:
    """Return the shift of the load that was begun, or that of today."""
    begun = Order.objects.filter(stock__code=STOCK, number=first.number).order_by("pk").first()
    if begun is not None:
        return timezone.localtime(begun.placed_at).date() - first.placed_on
    return shift_to(timezone.localtime(now).date())


def _request(fixture: FixtureOrder) -> OrderRequest:
    columns = fixture.columns
    address: dict[str, Any] = {name: columns[name] for name in ADDRESS}
    return OrderRequest(
        channel=CHANNEL,
        customer=Customer(columns["customer_name"], columns["customer_email"], fixture.language),
        lines=tuple(
            LineRequest(line.sku, line.quantity, line.unit_price) for line in fixture.lines
        ),
        address=Address(**address),
        currency=columns["currency"],
        number=fixture.number,
    )


def _summary(catalogue: Catalogue, placed_count: int) -> DemoSummary:
    lines = OrderLine.objects.filter(order__channel=catalogue.channel)
    waiting = lines.filter(backordered_quantity__gt=0)
    units = waiting.aggregate(total=Sum("backordered_quantity"))["total"] or 0
    return DemoSummary(
        placed_count=placed_count,
        order_count=Order.objects.filter(channel=catalogue.channel).count(),
        backordered_order_count=waiting.values("order").distinct().count(),
        backordered_line_count=waiting.count(),
        backordered_quantity=int(units),
    )
