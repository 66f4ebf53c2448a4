"""The dashboard in a real browser: at both widths, light and dark, with and without scripts."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from fulfillment.models import Shipment
from fulfillment.operations.upkeep.figures import refresh_figures
from orders.models import Order
from tests.browser.conftest import follow, in_each_look, shoot, violations
from tests.factories.fulfillment import BackorderFactory
from tests.factories.inventory import FutureSupplyFactory, ProductFactory, SourceItemFactory

WIDER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.fixture
def figures(transactional_db: None) -> None:
    now = timezone.now()
    source = SourceItemFactory(quantity=Decimal(0), notify_quantity_below=Decimal(5)).source
    for days in (1, 9, 20, 45):
        BackorderFactory(
            backordered_since=now - timedelta(days=days),
            expected_on=now.date() + timedelta(days=days),
            lines={ProductFactory(): days},
        )
        released = BackorderFactory(lines={ProductFactory(): 1})
        Shipment.objects.filter(pk=released.pk).update(
            state="READY", source=source, released_at=now - timedelta(days=days)
        )
    in_euros = BackorderFactory(backordered_since=now - timedelta(days=1), lines={}).order
    Order.objects.filter(pk=in_euros.pk).update(currency="EUR")
    FutureSupplyFactory(quantity=Decimal(30), expected_on=now.date() + timedelta(days=12))
    refresh_figures(now=now, zone=ZoneInfo("UTC"))


@in_each_look
def test_it_is_whole_and_readable(
    open_page: Callable[..., Page], figures: None, width: str, scheme: str
) -> None:
    page = open_page("/admin/dashboard/", width=width, scheme=scheme)
    expect(page.get_by_role("heading", name="Needs attention")).to_be_visible()
    shoot(page, f"dashboard-{width}-{scheme}")

    assert page.evaluate(WIDER) == 0
    assert violations(page) == []
    for summary in page.locator("figure summary").all():
        summary.click()
    assert page.evaluate(WIDER) == 0
    assert violations(page) == []


def test_a_number_leads_to_its_list_and_a_chart_to_its_table(
    open_page: Callable[..., Page], figures: None
) -> None:
    page = open_page("/admin/dashboard/")

    chart = page.locator("#chart-age")
    expect(chart.locator("rect")).to_have_count(4)
    chart.locator("summary").click()
    row = chart.get_by_role("row", name="Over 30 days")
    expect(row.get_by_role("cell")).to_have_text(["1", "450.00 USD"])
    follow(row.get_by_role("link", name="1", exact=True))

    expect(page.get_by_role("heading", name="Backorder review").first).to_be_visible()
    assert "age=OLDER" in page.url


def test_without_scripts_it_says_the_same(open_page: Callable[..., Page], figures: None) -> None:
    page = open_page("/admin/dashboard/", has_scripts=False)

    expect(page.locator(".figures-card").first).to_contain_text("5")
    expect(page.locator("#chart-supply rect")).to_have_count(22)
