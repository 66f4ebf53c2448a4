"""A day at the back office: merchant, staff and operations, each in a browser of their own.

Real processes on the demo's data; releases by hand alone, so that the day has an order.
"""

import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, ViewportSize, expect
from pytest_django import DjangoDbBlocker

from tests.browser.back_office import BackOffice, on_the_demo, receive, sign_in
from tests.browser.conftest import follow, violations

WINDOW: ViewportSize = {"width": 1280, "height": 900}
PHONE: ViewportSize = {"width": 390, "height": 844}
CUT_OFF = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
BY_HAND_ALONE = "UPDATE inventory_inventoryconfiguration SET release_enabled = FALSE"
BACKORDERS = "SELECT backorders FROM inventory_product WHERE sku = %s"
# Northwind's own: the demo's examples begin with DEMO-.
WAITING = """
SELECT count(*) FROM fulfillment_shipment
WHERE state = 'BACKORDER' AND number NOT LIKE 'DEMO-%'
"""
SHIPMENT = "SELECT state, priority FROM fulfillment_shipment WHERE number = %s"


@pytest.fixture
def office(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, tmp_path: Path, run_folder: Path
) -> Iterator[BackOffice]:
    with (
        django_db_blocker.unblock(),
        on_the_demo("backoffice_day", tmp_path, run_folder) as opened,
    ):
        opened.database.execute(BY_HAND_ALONE)
        yield opened


class People:
    """Everybody's browser; what their consoles complain of is kept."""

    def __init__(self, browser: Browser, office: BackOffice) -> None:
        self.browser = browser
        self.office = office
        self.contexts: list[BrowserContext] = []
        self.problems: list[str] = []

    def arrives(self, user: str, *, scheme: Literal["light", "dark"] = "light") -> Page:
        context = self.browser.new_context(
            base_url=self.office.url,
            viewport=WINDOW,
            color_scheme=scheme,
            reduced_motion="reduce",
        )
        self.contexts.append(context)
        page = context.new_page()
        page.on("console", self._note)
        page.on("pageerror", lambda error: self.problems.append(str(error)))
        sign_in(page, self.office.url, user)
        return page

    def _note(self, message: ConsoleMessage) -> None:
        if message.type == "error" or "Content Security Policy" in message.text:
            self.problems.append(message.text)


@pytest.fixture
def people(browser: Browser, office: BackOffice) -> Iterator[People]:
    everybody = People(browser, office)
    yield everybody
    for context in everybody.contexts:
        context.close()
    assert everybody.problems == []


def look(page: Page) -> None:
    """Nothing of the page is cut off, wide and narrow, and everybody can read it."""
    page.wait_for_load_state()
    for window in (PHONE, WINDOW):
        page.set_viewport_size(window)
        assert page.evaluate(CUT_OFF) == 0, page.url
    assert violations(page) == []


def menu(page: Page, entry: str) -> None:
    """Choose an entry of the sidebar; before its words stands the name of its icon."""
    follow(page.get_by_role("link", name=re.compile(f"{entry}$")).first)


def test_a_day_of_merchant_staff_and_operations(people: People, office: BackOffice) -> None:
    merchant_stops_backorders(people.arrives("merchant"), office)
    staff = people.arrives("fulfillment", scheme="dark")
    number = staff_read_why_the_oldest_waits(staff)
    staff_raise_its_priority(staff, office, number)
    receive(people.arrives("merchant"), office, "NW-021", Decimal(62))
    staff_try_and_release_it(staff, office, number)
    operations_change_the_schedule_and_watch_a_run(people.arrives("operations"), office)


def merchant_stops_backorders(page: Page, office: BackOffice) -> None:
    menu(page, "Products")
    page.locator("#searchbar").fill("NW-070")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    follow(page.get_by_role("link", name="NW-070", exact=True))
    look(page)

    follow(page.get_by_role("link", name="Turn off"))
    look(page)
    follow(page.locator('[name="_continue"]'))

    expect(page.locator('[name="backorders_use_config"]')).not_to_be_checked()
    expect(page.locator('[name="backorders_value"]')).to_have_value("NO_BACKORDERS")
    assert office.ask(BACKORDERS, "NW-070") == [("NO_BACKORDERS",)]


def staff_read_why_the_oldest_waits(page: Page) -> str:
    menu(page, "Backorder review")
    follow(page.get_by_role("navigation", name="Age").get_by_role("link", name="Over 30 days"))
    expect(page.locator("[data-row]")).to_have_count(10)
    oldest = page.locator("[data-fragment]").first
    expect(oldest).to_have_text("10990-3")

    page.keyboard.press("j")
    page.keyboard.press("Enter")

    panel = page.locator("[data-panel]")
    expect(panel).to_contain_text(
        "62 × NW-021 missing: no stock at a source that can ship this order"
    )
    expect(panel).to_contain_text("Receive 62 × NW-021 at seattle.")
    look(page)
    return oldest.inner_text()


def staff_raise_its_priority(page: Page, office: BackOffice, number: str) -> None:
    page.keyboard.press("o")
    expect(page.locator("#content").get_by_role("heading", name=number)).to_be_visible()
    page.locator("summary", has_text="More actions").click()
    page.locator("summary", has_text="Set priority").click()
    look(page)
    page.get_by_label("Priority").last.fill("5")
    page.locator("#do-set-priority").get_by_label("Reason").fill("A hospital waits for it")
    follow(page.get_by_role("button", name="Set priority"))

    expect(page.locator(".shipment-timeline")).to_contain_text("0 → 5")
    expect(page.locator(".shipment-timeline")).to_contain_text("A hospital waits for it")
    assert office.ask(SHIPMENT, number) == [("BACKORDER", 5)]


def staff_try_and_release_it(page: Page, office: BackOffice, number: str) -> None:
    choose(page, number, "DRY_RUN")
    expect(page.get_by_text("Completed", exact=True)).to_be_visible()
    expect(page.get_by_role("row", name=number)).to_contain_text("Ready at seattle: 62 × NW-021")
    look(page)
    assert office.ask(SHIPMENT, number) == [("BACKORDER", 5)]

    choose(page, number, "RELEASE")
    expect(page.locator(".bulk-table")).to_contain_text("Ready at seattle: 62 × NW-021")
    look(page)
    page.get_by_label("Reason").fill("It has arrived")
    page.get_by_role("button", name="Release now: 1 shipment").click()

    expect(page.get_by_text("Completed", exact=True)).to_be_visible()
    assert office.ask(SHIPMENT, number) == [("READY", 5)]
    assert office.ask(WAITING) == [(74,)]
    page.get_by_role("link", name=number).click()
    expect(page.locator(".shipment-head")).to_contain_text("Ready")


def choose(page: Page, number: str, action: str) -> None:
    """Select the shipment in the review, and ask for the action."""
    page.goto("/admin/fulfillment/shipment/review/")
    page.get_by_role("checkbox", name=f"Select {number}").check()
    page.select_option("#bulk-action", action)
    follow(page.get_by_role("button", name="Continue"))


def operations_change_the_schedule_and_watch_a_run(page: Page, office: BackOffice) -> None:
    menu(page, "Release board")
    expect(page.locator(".board-rhythm")).to_contain_text("Every 15 minutes, next at")
    page.get_by_text("Change the schedule").click()
    page.get_by_label("by a crontab").check()
    page.get_by_label("Crontab", exact=True).fill("30 6 * * 1-5")
    page.get_by_role("button", name="Show the next five runs").click()
    expect(page.locator(".board-times li")).to_have_count(5)
    follow(page.get_by_role("button", name="Save and continue editing"))
    expect(page.locator(".board-rhythm")).to_contain_text("At 06:30, Monday through Friday")
    menu(page, "Release board")
    look(page)

    runs = page.get_by_role("region", name="Last runs").locator("tbody tr")
    before = runs.count()
    # The run cannot read what waits, so it is not over before anybody has looked.
    with office.database.transaction():
        office.database.execute("LOCK TABLE fulfillment_waitingbalance IN ACCESS EXCLUSIVE MODE")
        page.get_by_role("button", name="Dry run").click()

        going = page.get_by_role("region", name=re.compile("^Dry run"))
        expect(going.get_by_role("progressbar")).to_be_visible()
        expect(runs).to_have_count(before)
        going.get_by_role("link").click()
        standing = page.get_by_role("region", name="Progress")
        expect(standing.get_by_role("progressbar")).to_be_visible()
        expect(standing).not_to_contain_text("Completed")
        look(page)

    # The page moves by itself.
    expect(standing).to_contain_text("Completed")
    expect(standing).to_contain_text("Dry run")
    expect(standing.get_by_role("progressbar")).to_have_count(0)
    look(page)
    menu(page, "Release board")
    expect(runs).to_have_count(before + 1)
    expect(runs.first).to_contain_text("Completed")
    assert office.ask(WAITING) == [(74,)]
