"""The backorder review as fulfillment staff work through it, in a real browser."""

import re
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from fulfillment.models import ReleaseDecision, ReleaseRun, Shipment
from orders.models import Payment
from tests.browser.conftest import follow, shoot, violations
from tests.factories.fulfillment import BackorderFactory
from tests.factories.inventory import (
    FutureSupplyFactory,
    ProductFactory,
    SalesChannelFactory,
    SourceFactory,
    StockFactory,
)
from tests.factories.orders import OrderFactory

REVIEW = "/admin/fulfillment/shipment/review/"
CUSTOMERS = ("Ada Lovelace", "Björn Borg", "Chloé Martin", "Dmitri Ivanov", "Eva Sørensen")


@pytest.fixture
def queue(transactional_db: None) -> list[Shipment]:
    """Ten shipments, the first the oldest; one held, one planned by a run, one paid until soon."""
    seattle = SourceFactory(code="seattle")
    stock = StockFactory(code="northwind", sources=[seattle])
    channel = SalesChannelFactory(code="web", stock=stock)
    chai, tofu = ProductFactory(sku="NW-001"), ProductFactory(sku="NW-014")
    now = timezone.now()
    FutureSupplyFactory(
        product=chai, source=seattle, quantity=Decimal(40), expected_on=now.date() + timedelta(12)
    )
    shipments = []
    for number in range(10):
        since = now - timedelta(days=45 - 5 * number)
        order = OrderFactory(
            number=f"1000{number}",
            channel=channel,
            customer_name=CUSTOMERS[number % 5],
            placed_at=since,
        )
        shipments.append(
            BackorderFactory(
                number=f"1000{number}-1",
                order=order,
                lines={chai: number + 1, tofu: 2} if number % 3 == 0 else {tofu: number + 1},
                expected_on=now.date() + timedelta(days=3 * number - 4),
            )
        )
    held = shipments[2]
    held.is_held, held.hold_reason = True, Shipment.HoldReason.STAFF
    held.save()
    run = ReleaseRun.objects.create(
        trigger="SCHEDULE", state="COMPLETED", created_at=now, finished_at=now
    )
    ReleaseDecision.objects.create(
        run=run,
        shipment=shipments[0],
        position=1,
        outcome="WAITING",
        explains_wait=True,
        detail={
            "children": [],
            "expected_on": "2026-12-24",
            "shortages": [
                {
                    "sku": "NW-001",
                    "missing": "1",
                    "reasons": ["NO_STOCK", "FUTURE_BEYOND_LIMIT"],
                    "facts": {},
                }
            ],
        },
    )
    Payment.objects.create(
        order=shipments[1].order,
        gateway="manual",
        action="AUTHORIZE",
        state="AUTHORIZED",
        currency="USD",
        amount=Decimal(10),
        expires_at=now + timedelta(days=2),
        created_at=now,
    )
    return shipments


def rows(page: Page) -> list[str]:
    return page.locator("[data-row] [data-fragment]").all_inner_texts()


def test_staff_narrow_the_list_and_read_why_the_oldest_waits(
    open_page: Callable[..., Page], queue: list[Shipment]
) -> None:
    page = open_page(REVIEW)
    page.set_viewport_size({"width": 1280, "height": 900})

    follow(page.get_by_role("navigation", name="Age").get_by_role("link", name="Over 30 days"))
    assert rows(page) == ["10000-1", "10001-1", "10002-1"]
    page.locator(".list-filters summary").click()
    page.select_option("#id_held", "false")
    follow(page.get_by_role("button", name="Apply filters"))
    assert rows(page) == ["10000-1", "10001-1"]
    expect(page.locator(".list-chips")).to_contain_text("Held: No")

    page.locator("[data-fragment]").first.click()
    panel = page.locator("[data-panel]")
    expect(panel).to_contain_text(
        "1 × NW-001 missing: no stock at a source that can ship this order"
    )
    assert rows(page) == ["10000-1", "10001-1"]
    expect(page).to_have_url(re.compile(f"open={queue[0].pk}"))
    page.reload()
    expect(page.locator("[data-panel]")).to_contain_text("1 × NW-001 missing")
    shoot(page, "review")


def test_the_list_is_worked_by_keyboard(
    open_page: Callable[..., Page], queue: list[Shipment]
) -> None:
    page = open_page(REVIEW)
    selected = page.locator("[name=shipment]:checked")

    for key in ("j", "j", "x", "k", "x"):
        page.keyboard.press(key)
    expect(selected).to_have_count(2)
    expect(page.locator("[data-selected-count]")).to_have_text("2 selected")

    page.keyboard.press("Enter")
    expect(page.locator("[data-panel] h2")).to_have_text("10000-1")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.locator("[data-panel] h2")).to_have_text("10001-1")
    page.keyboard.press("Escape")
    expect(page.locator("[data-panel]")).to_be_hidden()

    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_contain_text("Keyboard shortcuts")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.keyboard.press("/")
    page.keyboard.type("xj")
    expect(page.locator("[data-search]")).to_have_value("xj")
    expect(selected).to_have_count(2)

    page.locator("[data-search]").blur()
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.locator("[data-panel] h2")).to_have_text("10000-1")
    page.keyboard.press("o")
    expect(page.locator(".shipment-head h1")).to_have_text("10000-1")


def test_a_move_is_chosen_by_keyboard(
    open_page: Callable[..., Page], queue: list[Shipment]
) -> None:
    page = open_page(REVIEW)
    for key in ("j", "x", "j", "x", "a"):
        page.keyboard.press(key)

    expect(page.locator("#bulk-action")).to_be_focused()
    page.keyboard.press("H")
    expect(page.locator("#bulk-action")).to_have_value("HOLD")
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Continue")).to_be_focused()
    page.keyboard.press("Enter")

    expect(page.locator(".bulk h1")).to_have_text("Hold")
    expect(page.locator("[data-selected]")).to_have_attribute("data-selected", "2")


def test_a_move_for_many_is_previewed_and_made(
    open_page: Callable[..., Page], queue: list[Shipment]
) -> None:
    page = open_page(REVIEW)
    page.locator("[name=shipment]").nth(2).check()
    page.locator("[name=shipment]").nth(3).check()
    page.select_option("#bulk-action", "HOLD")
    page.get_by_role("button", name="Continue").click()

    outcomes = page.locator(".bulk-table tbody tr")
    expect(outcomes.nth(0)).to_contain_text("Stays as it is: Held already: Held by staff.")
    expect(outcomes.nth(1)).to_contain_text("Held: not released until the hold is lifted")
    assert violations(page) == []
    shoot(page, "review-preview")
    assert Shipment.objects.filter(is_held=True).count() == 1

    page.fill("[name=reason]", "Counted again on Friday")
    page.get_by_role("button", name="Hold (1)").click()
    expect(page.locator("body")).to_contain_text("Hold: 1 shipment changed.")
    assert Shipment.objects.filter(is_held=True).count() == 2


def test_without_scripts_the_explanation_is_a_link_and_moves_are_forms(
    open_page: Callable[..., Page], queue: list[Shipment]
) -> None:
    page = open_page(REVIEW, has_scripts=False)

    page.locator("[data-fragment]").first.click()
    expect(page.locator("[data-panel]")).to_contain_text("1 × NW-001 missing")
    page.locator("[name=shipment]").first.check()
    page.select_option("#bulk-action", "SET_PRIORITY")
    page.get_by_role("button", name="Continue").click()
    page.fill("[name=priority]", "4")
    page.get_by_role("button", name="Preview").click()
    page.fill("[name=reason]", "A hospital")
    page.get_by_role("button", name="Change 1 row").click()
    expect(page.locator("body")).to_contain_text("Set priority: 1 shipment changed.")


def test_a_view_is_saved_and_taken_up_again(
    open_page: Callable[..., Page], queue: list[Shipment]
) -> None:
    page = open_page(f"{REVIEW}?age=OLDER&sort=-value")
    page.locator("summary", has_text="Save view").click()
    page.fill("#view-name", "Old and dear")
    page.locator(".list-drop[open] button").click()

    views = page.get_by_role("navigation", name="Views")
    expect(views.locator("[aria-current]")).to_have_text("Old and dear")
    page.goto(REVIEW)
    follow(views.get_by_role("link", name="Old and dear"))
    assert rows(page) == ["10002-1", "10000-1", "10001-1"]


def test_filters_open_beside_the_list_and_each_can_be_removed(
    open_page: Callable[..., Page], queue: list[Shipment]
) -> None:
    page = open_page(REVIEW)
    drawer = page.locator(".list-drawer")
    expect(drawer).to_be_hidden()
    page.locator(".list-filters summary").click()
    expect(drawer).to_be_visible()
    expect(page.locator("[data-drawer-close]")).to_be_focused()
    page.keyboard.press("Escape")
    expect(drawer).to_be_hidden()

    page.locator(".list-filters summary").click()
    page.get_by_label("Backorder", exact=True).check()
    page.select_option("#id_held", "true")
    follow(page.get_by_role("button", name="Apply filters"))

    assert page.url.endswith("?state=BACKORDER&held=true")
    assert rows(page) == ["10002-1"]
    follow(page.locator(".list-chips a", has_text="Held"))
    assert page.url.endswith("?state=BACKORDER")
    assert len(rows(page)) == 10


def test_the_head_stays_in_sight_and_on_a_phone_a_row_is_a_card_of_three_facts(
    open_page: Callable[..., Page], queue: list[Shipment]
) -> None:
    page = open_page(REVIEW)
    page.set_viewport_size({"width": 1600, "height": 420})
    expect(page.locator(".list-scroll.is-whole")).to_be_visible()
    page.locator("[data-row]").last.scroll_into_view_if_needed()
    expect(page.locator("thead th").nth(1)).to_be_in_viewport()

    page.set_viewport_size({"width": 390, "height": 844})
    expect(page.locator(".list-table thead")).to_be_hidden()
    facts = page.locator("[data-row]").first.locator("td[data-label]:visible")
    assert facts.evaluate_all("cells => cells.map((cell) => cell.dataset.label)") == [
        "Customer",
        "Expected",
        "Missing",
    ]


def test_two_people_at_one_shipment(open_page: Callable[..., Page], queue: list[Shipment]) -> None:
    address = f"/admin/fulfillment/shipment/{queue[0].pk}/change/"
    first, second = open_page(address), open_page(address)
    for page, reason in ((first, "Mine came first"), (second, "I typed this")):
        page.locator("summary", has_text="More actions").click()
        page.locator("summary", has_text="Hold").click()
        page.fill("[name=hold-reason]", reason)

    first.locator("#do-hold button").click()
    expect(first.locator("body")).to_contain_text("10000-1 is on hold.")
    second.locator("#do-hold button").click()

    alert = second.get_by_role("alert")
    expect(alert).to_contain_text("This shipment has changed since you opened it.")
    expect(alert).to_contain_text("Held: Not held → Held by staff")
    expect(second.locator("[name=hold-reason]")).to_have_value("I typed this")
    assert violations(second) == []
