"""The search from the keyboard, from the menu, on a phone, and without scripts."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.conftest import violations
from tests.factories.inventory import ProductFactory
from tests.factories.orders import OrderFactory


def test_keys_open_the_search_and_enter_opens_the_first(open_page: Callable[..., Page]) -> None:
    chai = ProductFactory(sku="NW-001", name="Chai")
    order = OrderFactory(number="10248")
    page = open_page("/admin/orders/order/")
    dialog = page.locator("#search-dialog")

    page.keyboard.press("Control+k")
    expect(dialog.locator(".search-title")).to_have_text(["10248"])
    assert violations(page) == []
    page.keyboard.type("zzzz")
    expect(dialog).to_contain_text("Nothing found for “zzzz”.")
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    page.keyboard.press("/")
    # Enter waits for the answer to what was typed.
    page.keyboard.type("chai")
    page.keyboard.press("Enter")

    page.wait_for_url(f"**/admin/inventory/product/{chai.pk}/change/")
    page.keyboard.press("/")
    expect(dialog.locator(".search-title")).to_have_text(["10248"])
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/admin/orders/order/{order.pk}/change/")


def test_on_a_phone_the_search_opens_from_the_head_of_the_page(
    open_page: Callable[..., Page],
) -> None:
    page = open_page("/admin/orders/order/", width="phone", scheme="dark")

    page.locator("header").get_by_role("link", name="Search").click()

    expect(page.locator("#search-dialog")).to_contain_text("Nothing here yet")
    assert violations(page) == []


def test_without_scripts_the_box_leads_to_a_page(open_page: Callable[..., Page]) -> None:
    ProductFactory(sku="NW-001", name="Chai")
    page = open_page("/admin/inventory/product/", has_scripts=False)

    box = page.locator("#nav-sidebar").get_by_role("searchbox")
    box.fill("chai")
    box.press("Enter")

    expect(page.locator(".search-page .search-title")).to_have_text(["NW-001 · Chai"])
    page.locator(".search-page .search-result").click()
    expect(page).to_have_title("NW-001 | Change product | Backorder back office")
