"""Daily tasks with backorders, in as few clicks as they may take."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from core.clock import today
from fulfillment.models import Shipment, SourceBar
from inventory.models import SalesChannel
from tests.browser.clicks import Clicks
from tests.factories.fulfillment import BackorderFactory
from tests.factories.inventory import (
    ProductFactory,
    SalesChannelFactory,
    SourceFactory,
    SourceItemFactory,
    StockFactory,
)
from tests.factories.orders import OrderFactory


@pytest.fixture
def channel(transactional_db: None) -> SalesChannel:
    source = SourceFactory(code="seattle", name="Seattle")
    SourceItemFactory(source=source, product=ProductFactory(sku="CHAI"), quantity=5)
    return SalesChannelFactory(stock=StockFactory(sources=[source]))


def waiting(channel: SalesChannel, number: str, customer: str, days: int) -> Shipment:
    order = OrderFactory(
        number=number,
        channel=channel,
        customer_name=customer,
        placed_at=timezone.now() - timedelta(days=days),
    )
    product = channel.stock.links.get().source.items.get().product
    return BackorderFactory(number=f"{number}-1", order=order, lines={product: 2})


def test_why_an_order_waits_and_its_release_take_four_clicks(
    open_page: Callable[..., Page], channel: SalesChannel
) -> None:
    shipment = waiting(channel, "20001", "Ada Lovelace", 40)
    item = channel.stock.links.get().source.items.get()
    SourceBar.objects.create(
        shipment=shipment, source=item.source, product=item.product, created_at=timezone.now()
    )
    page, clicks = open_page("/admin/"), Clicks()

    page.keyboard.press("Control+k")
    page.keyboard.type("20001-1")
    expect(page.get_by_role("link", name=re.compile("^20001-1 Backorder"))).to_be_visible()
    with page.expect_navigation():
        page.keyboard.press("Enter")

    why = page.get_by_role("region", name="Why it waits")
    expect(why).to_contain_text(
        "5 × CHAI at seattle may not go: the source is barred for this shipment."
    )
    clicks.go(why.get_by_role("link", name="Lift bar"))
    page.locator("#do-lift-bar").get_by_label("Reason").fill("Found on another shelf")
    clicks.go(page.get_by_role("button", name="Lift bar"))
    clicks.open(page.locator("summary", has_text="Release now"))
    page.locator("#do-release").get_by_label("Reason").fill("It is there")
    clicks.go(page.get_by_role("button", name="Release now"))

    assert clicks.count <= 4
    assert Shipment.objects.get().state == "READY"


def test_a_new_date_for_a_customers_oldest_takes_at_most_eight_clicks(
    open_page: Callable[..., Page], channel: SalesChannel
) -> None:
    for number, customer, days in (
        ("20001", "Ada Lovelace", 40),
        ("20002", "Ada Lovelace", 35),
        ("20003", "Ada Lovelace", 3),
        ("20004", "Björn Borg", 50),
    ):
        waiting(channel, number, customer, days)
    day = today() + timedelta(days=10)
    page, clicks = open_page("/admin/"), Clicks()
    page.set_viewport_size({"width": 1280, "height": 900})

    clicks.go(page.get_by_role("link", name=re.compile("Backorder review$")).first)
    clicks.go(page.get_by_role("navigation", name="Age").get_by_role("link", name="Over 30 days"))
    page.locator("[data-search]").fill("Lovelace")
    with page.expect_navigation():
        page.locator("[data-search]").press("Enter")
    clicks.open(page.get_by_role("checkbox", name=re.compile("that match")))
    # Choosing from a list counts as a click.
    clicks.count += 1
    page.select_option("#bulk-action", "SET_EXPECTED_DATE")
    clicks.go(page.get_by_role("button", name="Continue"))
    page.locator("[name=expected_on]").fill(day.isoformat())
    clicks.go(page.get_by_role("button", name="Preview"))
    page.locator("[name=reason]").fill("The supplier called")
    clicks.go(page.get_by_role("button", name="Change 2 rows"))

    assert clicks.count <= 8
    moved = Shipment.objects.filter(expected_on=day, is_expected_on_fixed=True)
    assert sorted(moved.values_list("number", flat=True)) == ["20001-1", "20002-1"]
