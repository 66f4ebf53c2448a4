"""The kept figures say what the rows say."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.db.models import Sum

from fulfillment.models import (
    Allocation,
    DailyFigures,
    ReleaseDecision,
    ReleaseRun,
    Shipment,
    SupplyOutlook,
    WaitingBalance,
    WaitingFigures,
)
from fulfillment.operations.upkeep.figures import FIGURES_LOCK, refresh_figures
from fulfillment.operations.upkeep.old_decisions import delete_old_decisions
from inventory.models import Product, Stock
from orders.models import OrderEmail, Payment
from tests.factories.fulfillment import BackorderFactory
from tests.factories.inventory import (
    FutureSupplyFactory,
    ProductFactory,
    SourceFactory,
    SourceItemFactory,
    StockFactory,
)
from tests.factories.orders import OrderFactory

pytestmark = pytest.mark.django_db

STOCKHOLM = ZoneInfo("Europe/Stockholm")
# A Wednesday, half past midnight in Stockholm while it is still Tuesday in UTC.
NOW = datetime(2026, 4, 14, 22, 30, tzinfo=UTC)
TODAY = date(2026, 4, 15)


def refresh(now: datetime = NOW) -> bool:
    return refresh_figures(now=now, zone=STOCKHOLM)


def waiting(days: int, **values: Any) -> Shipment:
    since = datetime(2026, 4, 15, 0, 10, tzinfo=STOCKHOLM) - timedelta(days=days)
    return BackorderFactory(backordered_since=since, lines={ProductFactory(): 2}, **values)


@pytest.mark.parametrize(
    ("days", "band"),
    [
        (0, "WEEK"),
        (7, "WEEK"),
        (8, "FORTNIGHT"),
        (14, "FORTNIGHT"),
        (15, "MONTH"),
        (30, "MONTH"),
        (31, "OLDER"),
    ],
)
def test_age_counts_calendar_days_in_the_zone_of_the_site(days: int, band: str) -> None:
    shipment = waiting(days)

    refresh()

    row = WaitingFigures.objects.get()
    assert (row.on, row.band, row.state, row.currency) == (TODAY, band, "BACKORDER", "USD")
    assert (row.count, row.held_count, row.amount) == (1, 0, Decimal("20.00"))
    assert row.oldest_since == shipment.backordered_since


def test_waiting_is_counted_by_state_and_currency_with_what_is_held() -> None:
    waiting(3)
    waiting(5, is_held=True, hold_reason="PAYMENT")
    waiting(3, state="CUSTOMER_CARE", care_reason="Ask")
    waiting(3, order=OrderFactory(currency="SEK"))
    Shipment.objects.filter(pk=waiting(3).pk).update(state="CANCELED")

    refresh()

    found = WaitingFigures.objects.order_by("state", "currency").values_list(
        "state", "currency", "count", "held_count", "amount"
    )
    assert list(found) == [
        ("BACKORDER", "SEK", 1, 0, Decimal("20.00")),
        ("BACKORDER", "USD", 2, 1, Decimal("40.00")),
        ("CUSTOMER_CARE", "USD", 1, 0, Decimal("20.00")),
    ]
    assert DailyFigures.objects.get(on=TODAY).payment_hold_count == 1


def test_releases_and_orders_fall_on_the_day_of_the_site() -> None:
    order = OrderFactory(placed_at=datetime(2026, 4, 14, 22, 5, tzinfo=UTC))
    shipment = BackorderFactory(order=order, lines={ProductFactory(): 4})
    line = order.lines.get()
    line.backordered_quantity = Decimal(1)
    line.save()
    Shipment.objects.filter(pk=shipment.pk).update(
        released_at=datetime(2026, 4, 14, 21, 59, tzinfo=UTC)
    )

    refresh()

    yesterday, today = DailyFigures.objects.order_by("-on")[:2][::-1]
    assert (yesterday.on, yesterday.released_count) == (date(2026, 4, 14), 1)
    assert (today.on, today.released_count) == (TODAY, 0)
    assert (today.ordered_quantity, today.backordered_quantity) == (Decimal(4), Decimal(1))
    assert yesterday.ordered_quantity == 0


def test_first_count_reaches_back_ninety_days_and_later_ones_to_the_last() -> None:
    refresh()
    assert DailyFigures.objects.count() == 91

    BackorderFactory(lines={ProductFactory(): 1}, released_at=NOW - timedelta(days=40))
    refresh(NOW + timedelta(days=2))

    assert DailyFigures.objects.count() == 93
    assert DailyFigures.objects.get(on=date(2026, 3, 6)).released_count == 0
    assert DailyFigures.objects.get(on=TODAY).refreshed_at == NOW + timedelta(days=2)
    assert DailyFigures.objects.get(on=date(2026, 4, 14)).refreshed_at == NOW


def test_counting_again_counts_nothing_twice() -> None:
    waiting(3)
    refresh()
    before = list(WaitingFigures.objects.values_list("count", "amount"))

    refresh()

    assert list(WaitingFigures.objects.values_list("count", "amount")) == before


def test_exceptions_are_counted_as_they_stand() -> None:
    SourceItemFactory(quantity=Decimal(1), notify_quantity_below=Decimal(2))
    SourceItemFactory(quantity=Decimal(2), notify_quantity_below=Decimal(2))
    FutureSupplyFactory(expected_on=TODAY - timedelta(days=1))
    FutureSupplyFactory(expected_on=TODAY)
    order = OrderFactory()
    Payment.objects.create(
        order=order, gateway="manual", state="UNKNOWN", currency="USD", amount=1, created_at=NOW
    )
    for number, state in enumerate(("FAILED", "QUEUED", "SENDING", "SENT")):
        OrderEmail.objects.create(
            order=order, kind="RELEASED", event_key=f"{number}", state=state, language="en",
            recipient="a@example.com", created_at=NOW, next_attempt_at=NOW,
        )  # fmt: skip

    refresh()

    day = DailyFigures.objects.get(on=TODAY)
    assert day.low_item_count == 1
    assert day.overdue_supply_count == 1
    assert day.unknown_payment_count == 1
    assert (day.failed_email_count, day.queued_email_count) == (1, 2)


def test_outlook_sets_what_comes_beside_what_is_waited_for() -> None:
    product = ProductFactory()
    FutureSupplyFactory(product=product, quantity=5, expected_on=date(2026, 4, 13))
    FutureSupplyFactory(
        product=product, quantity=7, received_quantity=3, expected_on=date(2026, 4, 19)
    )
    FutureSupplyFactory(product=product, quantity=9, expected_on=date(2026, 4, 20))
    FutureSupplyFactory(product=product, quantity=2, expected_on=date(2026, 6, 8))
    FutureSupplyFactory(product=product, quantity=1, expected_on=None)
    FutureSupplyFactory(product=product, quantity=99, state="CANCELED")
    waiting(3, expected_on=date(2026, 4, 14))
    waiting(3, expected_on=date(2026, 4, 20))
    waiting(3)

    refresh()

    rows = SupplyOutlook.objects.exclude(incoming_quantity=0, waiting_quantity=0)
    assert [
        (row.period, row.begins_on, row.incoming_quantity, row.waiting_quantity) for row in rows
    ] == [
        ("PAST", None, Decimal(5), Decimal(2)),
        ("WEEK", date(2026, 4, 13), Decimal(4), Decimal(0)),
        ("WEEK", date(2026, 4, 20), Decimal(9), Decimal(2)),
        ("LATER", date(2026, 6, 8), Decimal(2), Decimal(0)),
        ("NO_DATE", None, Decimal(1), Decimal(2)),
    ]
    assert SupplyOutlook.objects.count() == 11


def test_outlook_waits_for_as_much_as_the_counters_of_the_queues() -> None:
    item = SourceItemFactory(allocated=Decimal(1))
    promised = BackorderFactory(lines={item.product: 3})
    line = promised.lines.get()
    Allocation.objects.create(
        order_line=line.order_line, shipment_line=line, source_item=item, quantity=1
    )
    Shipment.objects.filter(pk=promised.pk).update(state="FUTURE", source=item.source)
    WaitingBalance.objects.filter(product=item.product).update(quantity=2)
    waiting(3)

    refresh()

    counted = SupplyOutlook.objects.aggregate(units=Sum("waiting_quantity"))["units"]
    assert counted == WaitingBalance.objects.aggregate(units=Sum("quantity"))["units"] == 4


def test_decisions_of_old_runs_go_and_their_runs_stay() -> None:
    shipment = waiting(1)
    old, fresh, running = (
        ReleaseRun.objects.create(
            trigger="SCHEDULE",
            state="COMPLETED" if finished_at else "RUNNING",
            created_at=NOW,
            finished_at=finished_at,
        )
        for finished_at in (NOW - timedelta(days=90, seconds=1), NOW - timedelta(days=90), None)
    )
    for run in (old, fresh, running):
        ReleaseDecision.objects.create(run=run, shipment=shipment, position=1, outcome="WAITING")

    assert delete_old_decisions(now=NOW, days=90) == 1

    assert set(ReleaseDecision.objects.values_list("run", flat=True)) == {fresh.pk, running.pk}
    assert ReleaseRun.objects.count() == 3


@pytest.mark.django_db(transaction=True)
def test_while_another_counts_nothing_is_counted() -> None:
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [FIGURES_LOCK])

            assert refresh() is False
            assert not DailyFigures.objects.exists()
            cursor.execute("SELECT pg_advisory_unlock(%s)", [FIGURES_LOCK])
    finally:
        other.close()

    assert refresh() is True


def taken(
    product: Product, stock: Stock, *, released_days: int = 1, since_days: int = 2, **values: Any
) -> Shipment:
    """A shipment that was released some days ago, after it had waited since before."""
    shipment = BackorderFactory(
        order=OrderFactory(channel__stock=stock),
        backordered_since=NOW - timedelta(days=since_days),
        lines={product: 1},
    )
    released_at = NOW - timedelta(days=released_days)
    Shipment.objects.filter(pk=shipment.pk).update(
        state="READY", source=SourceFactory(), released_at=released_at, **values
    )
    return shipment


@pytest.mark.parametrize(
    ("days", "own", "theirs", "count"),
    [
        (14, {}, {}, 1),
        (13, {}, {}, 0),
        (20, {}, {"since_days": 21}, 0),
        (20, {}, {"priority": -1, "since_days": 21}, 1),
        (20, {}, {"priority": 1}, 0),
        (20, {}, {"released_days": 8}, 0),
        (20, {"is_held": True, "hold_reason": "STAFF"}, {}, 0),
    ],
)
def test_the_old_that_others_overtook_are_counted(
    days: int, own: dict[str, Any], theirs: dict[str, int], count: int
) -> None:
    shipment = waiting(days, **own)
    taken(shipment.lines.get().product, shipment.stock, **theirs)

    refresh()

    assert DailyFigures.objects.get(on=TODAY).overtaken_count == count


def test_another_product_or_stock_overtakes_nobody() -> None:
    shipment = waiting(20)
    taken(ProductFactory(), shipment.stock)
    taken(shipment.lines.get().product, StockFactory())

    refresh()

    assert DailyFigures.objects.get(on=TODAY).overtaken_count == 0
