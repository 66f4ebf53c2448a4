from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from io import StringIO
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db.models import Count, Max, Sum
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from core.acts import Act
from demo.load import load_demo
from fulfillment.models import ReleaseRun, Shipment, WaitingBalance, WaitingFigures
from fulfillment.release.runs.engine import run_release
from inventory.models import FutureSupply, SourceItem
from orders.models import Order, OrderLine
from tests.invariants import assert_invariants

NOW = datetime(2026, 6, 15, 14, tzinfo=UTC)


def ignore(done: Any, total: Any) -> None:
    """Progress is for people."""


@pytest.mark.django_db
def test_northwind_is_loaded_with_exactly_its_numbers(
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    # History in sets: 88 orders that are placed, 75 of which ask for dated supply when they are
    # paid for, and the figures of each day that they take.
    with django_assert_max_num_queries(2_200):
        summary = load_demo(now=NOW, progress=ignore)

    assert summary.order_count == 830
    assert summary.placed_count == 88
    opened = OrderLine.objects.exclude(order__status=Order.Status.COMPLETE)
    assert opened.count() == 239
    assert opened.aggregate(units=Sum("quantity"))["units"] == Decimal(5601)
    assert summary.backordered_quantity == 3656
    assert summary.backordered_line_count == 151
    assert summary.backordered_order_count == 75
    assert Shipment.objects.filter(state=Shipment.State.BACKORDER).count() == 75
    waiting = WaitingBalance.objects.aggregate(units=Sum("quantity"))["units"]
    assert waiting == Decimal(3656)
    languages = Order.objects.values_list("customer_language").order_by("customer_language")
    assert dict(languages.annotate(Count("pk"))) == {"en": 697, "fr": 96, "sv": 37}
    newest = Order.objects.aggregate(at=Max("placed_at"))["at"]
    assert timezone.localtime(newest).date() == date(2026, 6, 14)
    by_day = WaitingFigures.objects.filter(state="BACKORDER").values("on").order_by("on")
    waited = dict(by_day.annotate(waited=Sum("count")).values_list("on", "waited"))
    assert (waited[date(2026, 5, 11)], waited[date(2026, 6, 15)]) == (4, 75)
    assert len(waited) == 37
    assert_invariants()

    again = load_demo(now=NOW + timedelta(days=3), progress=ignore)

    assert again.was_loaded
    assert again.backordered_quantity == 3656
    assert Order.objects.count() == 830


@pytest.mark.django_db
def test_units_are_shared_out_and_incoming_supply_is_dated_from_the_load() -> None:
    load_demo(now=NOW, progress=ignore)

    chai = SourceItem.objects.filter(product__sku="NW-001").order_by("source__code")
    held = [(item.source.code, item.quantity) for item in chai.select_related("source")]
    assert held == [("london", Decimal(26)), ("seattle", Decimal(13))]
    scones = FutureSupply.objects.get(product__sku="NW-021")
    assert (scones.quantity, scones.source.code) == (Decimal(40), "london")
    assert scones.expected_on == date(2026, 6, 22)  # 7 + 21 mod 21 days after the load
    undated = FutureSupply.objects.filter(expected_on=None).values_list("product__sku", flat=True)
    assert all(int(sku[3:]) % 5 == 0 for sku in undated)


@pytest.mark.django_db
def test_the_command_says_what_there_is_and_that_it_was_loaded_already(settings: Settings) -> None:
    settings.DEMO_PASSWORD = "secret-of-the-demo"  # noqa: S105 - of this test
    first, second = StringIO(), StringIO()

    call_command("load_demo", stdout=first)
    call_command("load_demo", stdout=second)

    assert "3656 units wait on 151 lines of 75 orders" in first.getvalue()
    assert "already loaded" not in first.getvalue()
    assert "already loaded" in second.getvalue()
    merchant = User.objects.get(username="merchant")
    assert merchant.check_password("secret-of-the-demo")
    assert [group.name for group in merchant.groups.all()] == ["Merchant"]
    assert User.objects.get(username="admin").is_superuser


@pytest.mark.django_db
def test_a_load_that_was_interrupted_goes_on_with_the_same_dates() -> None:
    class InterruptedError(Exception):
        """The loader was killed."""

    def stop_after(done: Any, total: Any) -> None:
        if done == 800:
            raise InterruptedError

    with pytest.raises(InterruptedError):
        load_demo(now=NOW, progress=stop_after)
    summary = load_demo(now=NOW + timedelta(days=2), progress=ignore)

    assert summary.placed_count == 30
    assert summary.backordered_quantity == 3656
    newest = Order.objects.aggregate(at=Max("placed_at"))["at"]
    assert timezone.localtime(newest).date() == date(2026, 6, 14)


@pytest.mark.django_db(transaction=True)
def test_a_release_right_after_loading_releases_nothing() -> None:
    load_demo(now=NOW, progress=ignore)

    run = run_release(act=Act(NOW), zone=ZoneInfo("UTC"), trigger=ReleaseRun.Trigger.COMMAND)

    assert (run.state, run.released_count, run.future_count) == ("COMPLETED", 0, 0)
    assert Shipment.objects.backordered().count() == 75
    assert_invariants()
