"""Orders before the release date of a product: backorders whatever is on hand (§23)."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from threading import Barrier
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection

from core.acts import Act
from fulfillment.models import Shipment
from fulfillment.operations.delays.later_dates import tell_later_dates
from fulfillment.operations.moves.expected_date import set_expected_date
from fulfillment.operations.moves.preorders import PreorderDates, moved_dates
from fulfillment.operations.shipments.dates import DateRules
from fulfillment.release.runs.engine import run_release
from inventory.models import InventoryConfiguration, Product, StockBalance
from inventory.operations.options import save_product
from orders.models import Order, OrderEmail
from orders.notices.send import send_queued
from orders.placing.batch import place_orders
from orders.placing.errors import OrderRefusedError
from orders.placing.place import place_order
from orders.placing.request import Customer, LineRequest, OrderRequest
from tests.factories.inventory import (
    ProductFactory,
    SalesChannelFactory,
    SourceFactory,
    SourceItemFactory,
    StockFactory,
)
from tests.inbox import text_of
from tests.invariants import assert_invariants
from tests.orders.addresses import HOME

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
RELEASE = date(2026, 4, 1)


def open_shop(**games: dict[str, Any]) -> None:
    """One source with 10 of each of these products and of MUG, which takes no backorders."""
    InventoryConfiguration.load()
    source = SourceFactory(code="seattle")
    SalesChannelFactory(code="web", stock=StockFactory(code="shop", sources=[source]))
    for sku, own in {"MUG": {}, **games}.items():
        SourceItemFactory(product=ProductFactory(sku=sku, **own), source=source, quantity=10)


def order(*lines: tuple[str, int], **changes: Any) -> OrderRequest:
    request = OrderRequest(
        address=HOME,
        channel="web",
        customer=Customer("Ada Example", "ada@example.com"),
        lines=tuple(LineRequest(sku, Decimal(quantity)) for sku, quantity in lines),
    )
    return replace(request, **changes)


def shipments() -> list[tuple[Any, ...]]:
    found = Shipment.objects.order_by("pk")
    return [
        (
            shipment.state,
            [(line.order_line.sku, line.quantity) for line in shipment.lines.order_by("pk")],
            shipment.preorder_on,
            shipment.expected_on,
        )
        for shipment in found
    ]


@pytest.mark.django_db
def test_orders_before_the_release_date_wait_for_it_whatever_is_on_hand() -> None:
    """Each release date has a shipment; what is missing besides follows the after-action."""
    open_shop(GAME={"release_on": RELEASE}, SEQUEL={"release_on": date(2026, 5, 1)})
    Product.objects.filter(sku="MUG").update(backorders="ALLOW_QTY_BELOW_0")
    InventoryConfiguration.objects.update(partial_match_action="CUSTOMER_CARE")

    placed = place_order(order(("SEQUEL", 1), ("GAME", 2), ("MUG", 12)), Act(NOW))

    assert shipments() == [
        ("READY", [("MUG", 10)], None, None),
        ("BACKORDER", [("GAME", 2)], RELEASE, RELEASE),
        ("BACKORDER", [("SEQUEL", 1)], date(2026, 5, 1), date(2026, 5, 1)),
        ("CUSTOMER_CARE", [("MUG", 2)], None, date(2026, 3, 16)),
    ]
    lines = Order.objects.get(pk=placed.order_id).lines.order_by("number")
    assert [line.backordered_quantity for line in lines] == [1, 2, 0]
    assert_invariants()

    # On the day itself it is sold like any other product.
    place_order(order(("GAME", 3)), Act(datetime(2026, 4, 1, 12, tzinfo=UTC)))

    # Units for the pre-orders before it stay.
    assert shipments()[-1] == ("READY", [("GAME", 3)], None, None)


@pytest.mark.django_db
def test_a_limit_counts_what_waits_in_every_stock() -> None:
    open_shop(GAME={"release_on": RELEASE, "preorder_limit": 12})
    far = SourceFactory(code="york")
    SalesChannelFactory(code="far", stock=StockFactory(sources=[far]))
    SourceItemFactory(product=Product.objects.get(sku="GAME"), source=far, quantity=0)
    place_order(order(("GAME", 7)), Act(NOW))
    place_order(order(("GAME", 4), channel="far"), Act(NOW))

    with pytest.raises(OrderRefusedError) as refused:
        place_order(order(("GAME", 2)), Act(NOW))
    place_orders([order(("GAME", 1), channel="far")], Act(NOW))

    assert [problem.code for problem in refused.value.problems] == ["NOT_ENOUGH_ITEMS"]
    waiting = StockBalance.objects.filter(product__sku="GAME").order_by("stock__code")
    assert sorted(waiting.values_list("waiting_quantity", flat=True)) == [5, 7]
    assert Order.objects.count() == 3


@pytest.mark.django_db(transaction=True)
def test_buyers_in_stocks_without_a_common_source_meet_at_the_limit() -> None:
    """Only the lock on the product lets one of them find what the other has ordered."""
    open_shop(GAME={"release_on": RELEASE, "preorder_limit": 1})
    game = Product.objects.get(sku="GAME")
    channels = ["web", "b", "c", "d"]
    for code in channels[1:]:
        source = SourceFactory()
        SalesChannelFactory(code=code, stock=StockFactory(sources=[source]))
        SourceItemFactory(product=game, source=source)
    start = Barrier(len(channels))

    def buy(channel: str) -> list[str]:
        outcomes = []
        try:
            start.wait(timeout=120)
            for _ in range(2):
                try:
                    place_order(order(("GAME", 1), channel=channel), Act(NOW))
                    outcomes.append("placed")
                except OrderRefusedError as refused:
                    outcomes.append(refused.problems[0].code)
        finally:
            connection.close()
        return outcomes

    with ThreadPoolExecutor(len(channels)) as pool:
        outcomes = [outcome for found in pool.map(buy, channels) for outcome in found]

    assert (outcomes.count("placed"), outcomes.count("NOT_ENOUGH_ITEMS")) == (1, 7)
    assert_invariants()


def run(now: datetime) -> None:
    run_release(act=Act(now), zone=ZoneInfo("UTC"), trigger="SCHEDULE")


def dates(number: str) -> tuple[Any, ...]:
    found = Shipment.objects.get(number=number)
    return found.state, found.preorder_on, found.expected_on, found.is_expected_on_fixed


@pytest.mark.django_db
def test_no_run_releases_a_preorder_before_its_date_and_then_in_queue_order() -> None:
    open_shop(GAME={"release_on": RELEASE})
    place_order(order(("GAME", 6), number="1"), Act(NOW))
    place_order(order(("GAME", 6), number="2"), Act(NOW))

    run(datetime(2026, 3, 31, 23, tzinfo=UTC))
    before = [dates("1-1"), dates("2-1")]
    run(datetime(2026, 4, 1, 1, tzinfo=UTC))

    waits = ("BACKORDER", RELEASE, RELEASE, True)
    assert before == [waits, waits]
    assert (dates("1-1")[0], dates("2-1")) == ("READY", waits)
    # Nothing covers the second: its date passes unkept, and is replaced.
    run(datetime(2026, 4, 2, 1, tzinfo=UTC))
    assert dates("2-1") == ("BACKORDER", RELEASE, date(2026, 4, 16), False)
    assert Shipment.objects.get(number="2-1").missed_promise_count == 1
    assert_invariants()


@pytest.mark.django_db
def test_a_preorder_moves_with_the_release_date(inbox: list[Any]) -> None:
    """A later date is a delay, told when it stood for a day; an earlier one is news too."""
    open_shop(GAME={"release_on": RELEASE})
    place_order(order(("GAME", 1), number="1"), Act(NOW))
    place_order(order(("GAME", 1), number="2"), Act(NOW))
    send_queued(now=NOW + timedelta(minutes=10))
    assert "Pre-ordered: 1. We expect to send this on 1 Apr 2026." in text_of(inbox[0])
    set_expected_date(
        Shipment.objects.get(number="2-1").pk,
        Act(NOW),
        expected_on=date(2026, 8, 1),
        today=NOW.date(),
    )
    inbox.clear()

    def move(day: date | None) -> None:
        game = Product.objects.get(sku="GAME")
        game.release_on = day
        save_product(game, Act(NOW + timedelta(hours=1)), changed={"release_on"})

    later = date(2026, 6, 1)
    move(later)
    tell_later_dates(DateRules.in_force(), now=NOW + timedelta(hours=25))
    moved = [dates("1-1"), dates("2-1")]
    promise = Shipment.objects.get(number="1-1").lines.get()
    move(None)
    freed = [dates("1-1"), dates("2-1")]

    # What staff expect on a later day stays.
    assert moved == [
        ("BACKORDER", later, later, True),
        ("BACKORDER", later, date(2026, 8, 1), True),
    ]
    assert (promise.promised_on, promise.agreed_on) == (later, RELEASE)
    mails = OrderEmail.objects.filter(kind="EXPECTED_DATE_CHANGED", order__number="1")
    assert [mail.context["expected_on"] for mail in mails] == ["2026-06-01"]
    assert freed == [
        ("BACKORDER", None, later, False),
        ("BACKORDER", None, date(2026, 8, 1), True),
    ]
    run(NOW + timedelta(hours=2))
    assert [dates("1-1")[0], dates("2-1")[0]] == ["READY", "READY"]


@pytest.mark.parametrize(
    ("stored", "releases", "moved"),
    [
        # A backorder that gets a release date waits for it; staff may expect it later.
        ((None, 5, False, True), [9], (9, 9, True, False)),
        ((None, 12, True, False), [9], (9, 12, True, False)),
        # With a product that has none nobody stands behind the date.
        ((None, 5, False, True), [9, None], (9, 9, False, False)),
        ((9, 9, True, False), [9, 20], (20, 20, True, False)),
        # Moved earlier, or to a day that has come.
        ((9, 9, True, False), [7], (7, 7, True, False)),
        ((9, 9, True, False), [1], (1, 2, False, False)),
        # Nothing to wait for.
        ((None, 5, False, True), [1, None], (None, 5, False, True)),
        ((9, 9, True, False), [None], (None, 9, False, False)),
        ((9, 15, True, False), [None], (None, 15, True, False)),
    ],
)
def test_dates_that_move_with_release_dates(stored: Any, releases: Any, moved: Any) -> None:
    """Days of March 2026; today is the second."""

    def day(number: int | None) -> date | None:
        return None if number is None else date(2026, 3, number)

    def of(row: Any) -> PreorderDates:
        return PreorderDates(day(row[0]), day(row[1]), *row[2:])

    found = moved_dates(of(stored), [day(number) for number in releases], today=NOW.date())

    assert found == of(moved)
