"""Orders of the demo change as customers ask: an address, a line, how they are delivered."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django import DjangoDbBlocker

from tests.browser.back_office import BackOffice, on_the_demo, sign_in
from tests.browser.conftest import follow
from tests.invariants import INVARIANTS

# An order of Northwind's own, all of which waits.
WAITING = """
SELECT parent.id FROM orders_order AS parent
WHERE parent.number NOT LIKE 'DEMO-%' AND parent.status = 'PROCESSING' AND NOT EXISTS (
    SELECT FROM fulfillment_shipment AS other
    WHERE other.order_id = parent.id AND other.state <> 'BACKORDER')
ORDER BY parent.id LIMIT 1
"""
STREET = "SELECT street FROM orders_order WHERE id = %s"
CHANGES = "SELECT state FROM orders_orderchange WHERE order_id = %s ORDER BY id"
STORES = """
SELECT DISTINCT pickup_source_id FROM fulfillment_shipment
WHERE order_id = %s AND state IN ('READY', 'BACKORDER', 'FUTURE')
"""
HOME = {
    "recipient": "Ada Lovelace",
    "street": "2 Pike Street",
    "postcode": "98101",
    "city": "Seattle",
    "country": "US",
}


@pytest.fixture
def office(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, tmp_path: Path, run_folder: Path
) -> Iterator[BackOffice]:
    with (
        django_db_blocker.unblock(),
        on_the_demo("backoffice_order_changes", tmp_path, run_folder) as opened,
    ):
        yield opened


def test_customers_of_the_demo_change_their_orders(office: BackOffice, browser: Browser) -> None:
    page = browser.new_page(base_url=office.url)
    sign_in(page, office.url, "fulfillment")

    the_address_of_a_waiting_order_is_corrected(page, office)
    order_id = a_pickup_is_ordered_by_telephone(page)
    a_line_is_added_with_a_declined_and_then_a_good_payment(page, office, order_id)
    the_pickup_becomes_ship_to_home(page, office, order_id)

    assert {rule: rows for rule, query in INVARIANTS.items() if (rows := office.ask(query))} == {}
    page.close()


def the_address_of_a_waiting_order_is_corrected(page: Page, office: BackOffice) -> None:
    ((order_id,),) = office.ask(WAITING)
    page.goto(f"/admin/orders/order/{order_id}/")
    follow(page.get_by_role("link", name="Change order"))
    page.fill('[name="street"]', "60 rue de l’Abbaye")
    page.fill('[name="reason"]', "A typing error")
    follow(page.locator('.is-main[value="preview"]'))
    expect(page.locator(".order-note")).to_contain_text("→ 60 rue de l’Abbaye")
    follow(page.locator('[value="confirm"]'))
    assert office.ask(STREET, order_id) == [("60 rue de l’Abbaye",)]


def a_pickup_is_ordered_by_telephone(page: Page) -> int:
    page.goto("/admin/orders/order/add/")
    page.fill('[name="customer_email"]', "ada@example.com")
    page.fill('[name="customer_name"]', "Ada Lovelace")
    page.select_option('[name="channel"]', "web")
    page.select_option('[name="fulfillment_method"]', "PICKUP")
    page.select_option('[name="pickup_source"]', "redmond")
    page.select_option('[name="gateway"]', "sandbox")
    page.fill('[name="lines-0-sku"]', "NW-001")
    follow(page.locator('button[value="place"]'))
    placed = re.search(r"/orders/order/([0-9]+)/", page.url)
    assert placed is not None, page.url
    return int(placed.group(1))


def a_line_is_added_with_a_declined_and_then_a_good_payment(
    page: Page, office: BackOffice, order_id: int
) -> None:
    follow(page.get_by_role("link", name="Add lines"))
    page.fill('[name="lines-0-sku"]', "NW-002")
    page.select_option('[name="way_of_paying"]', "TOKEN")
    page.fill('[name="payment_token"]', "decline")
    page.fill('[name="reason"]', "The customer called")
    follow(page.locator('.is-main[value="preview"]'))
    follow(page.locator('[value="confirm"]'))
    expect(page.get_by_role("alert")).to_contain_text("The payment was declined.")
    page.fill('[name="payment_token"]', "good")
    follow(page.locator('.is-main[value="preview"]'))
    follow(page.locator('[value="confirm"]'))
    assert office.ask(CHANGES, order_id) == [("DECLINED",), ("APPLIED",)]


def the_pickup_becomes_ship_to_home(page: Page, office: BackOffice, order_id: int) -> None:
    follow(page.get_by_role("link", name="Change order"))
    street = page.locator('[data-field="street"]')
    expect(street).to_be_hidden()
    page.select_option('[name="fulfillment_method"]', "SHIP_TO_HOME")
    expect(page.locator('[data-field="pickup_source"]')).to_be_hidden()
    for name in ("recipient", "street", "postcode", "city"):
        page.fill(f'[name="{name}"]', HOME[name])
    page.select_option('[name="country"]', HOME["country"])
    page.fill('[name="reason"]', "Has no car")
    follow(page.locator('.is-main[value="preview"]'))
    expect(page.locator(".order-note")).to_contain_text("Pickup → Ship to home")
    follow(page.locator('[value="confirm"]'))
    expect(page.locator("body")).to_contain_text("Changed order")
    assert office.ask(STORES, order_id) == [(None,)]
