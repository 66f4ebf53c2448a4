"""A phone order that becomes a backorder, and a part of it canceled, in a real browser."""

import re
from collections.abc import Callable
from decimal import Decimal

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from core.acts import Act
from inventory.models import InventoryConfiguration, Reservation
from orders.models import Cancellation, Order
from orders.placing.place import place_order
from orders.placing.request import Customer, LineRequest, OrderRequest, PaymentRequest
from tests.browser.conftest import follow, in_each_look, shoot, violations
from tests.factories.inventory import (
    ProductFactory,
    SalesChannelFactory,
    SourceFactory,
    SourceItemFactory,
    StockFactory,
)
from tests.invariants import assert_invariants
from tests.orders.addresses import HOME
from tests.present import present

ADD = "/admin/orders/order/add/"
PLACED = re.compile(r"/orders/order/[0-9]+/")


@pytest.fixture
def shop(transactional_db: None) -> None:
    """Ten MUGs at seattle, which takes backorders, and ten LAMPs, which takes none."""
    InventoryConfiguration.load()
    source = SourceFactory(
        code="seattle", is_pickup_location=True, street="Pike", city="Seattle", phone="1"
    )
    SalesChannelFactory(code="web", stock=StockFactory(code="northwind", sources=[source]))
    for sku, backorders in (
        ("MUG", "ALLOW_QTY_BELOW_0_AND_NOTIFY_CUSTOMER"),
        ("LAMP", "NO_BACKORDERS"),
    ):
        product = ProductFactory(sku=sku, name=sku.title(), backorders=backorders)
        SourceItemFactory(product=product, source=source, quantity=Decimal(10))


def fill_customer(page: Page) -> None:
    page.select_option('[name="channel"]', "web")
    page.fill('[name="customer_name"]', "Ada Lovelace")
    page.fill('[name="customer_email"]', "ada@example.com")


def fill_address(page: Page) -> None:
    page.fill('[name="recipient"]', "Ada Lovelace")
    page.fill('[name="street"]', "1 High Street")
    page.fill('[name="city"]', "London")
    page.fill('[name="postcode"]', "SW1A 1AA")
    page.select_option('[name="country"]', "GB")


def test_a_phone_order_becomes_a_backorder_and_a_part_of_it_is_canceled(
    open_page: Callable[..., Page], shop: None
) -> None:
    page = open_page(ADD)
    told = page.locator("[data-told]")
    fill_customer(page)
    fill_address(page)

    page.fill('[name="lines-0-sku"]', "MUG")
    page.fill('[name="lines-0-quantity"]', "12")
    expect(told.nth(0)).to_contain_text("2 will be backordered, and the confirmation says so.")
    expect(page.locator("[data-total]")).to_have_text("120.00 USD")
    page.fill('[name="lines-1-sku"]', "LAMP")
    page.fill('[name="lines-1-quantity"]', "11")
    expect(told.nth(1)).to_contain_text("There are not enough items for sale.")
    page.check('[name="lines-1-DELETE"]')
    expect(page.locator('[name="lines-1-sku"]')).to_be_hidden()
    page.click("[data-add-row]")
    expect(page.locator('[name="lines-3-sku"]')).to_be_focused()
    # The second click gives up the first's answer, and has the same.
    page.dblclick('button[value="place"]')
    expect(page).to_have_url(PLACED)

    expect(page.locator(".order h1")).to_have_text(f"Order {Order.objects.get().number}")
    order = Order.objects.get()
    assert order.lines.get().backordered_quantity == Decimal(2)
    expect(page.locator(".order-lines")).to_contain_text("2 waiting")

    page.get_by_role("link", name="Cancel units").click()
    page.fill('[name="quantity_1"]', "99")
    page.click('.is-main[value="preview"]')
    expect(page.get_by_text("At most 12.")).to_be_visible()
    expect(page.locator('[name="quantity_1"]')).to_have_value("99")
    page.fill('[name="quantity_1"]', "5")
    page.fill('[name="reason"]', "Too late")
    page.click('.is-main[value="preview"]')
    effect = page.locator(".order-note")
    expect(effect).to_contain_text("0.00 USD → 50.00 USD")
    expect(effect).to_contain_text("set aside 10 → 7")
    assert not Cancellation.objects.exists()
    page.click('button[value="edit"]')
    expect(page.locator('[name="quantity_1"]')).to_have_value("5")
    page.click('.is-main[value="preview"]')
    page.dblclick('button[value="confirm"]')

    said = re.compile("Canceled 5 units of order|This change of order .* was made already")
    expect(page.get_by_text(said)).to_be_visible()
    assert order.lines.get().open_quantity == Decimal(7)
    assert Cancellation.objects.get().reason == "Too late"
    assert_invariants()


def test_a_product_is_offered_enter_goes_on_and_a_known_customer_is_filled_in(
    open_page: Callable[..., Page], shop: None
) -> None:
    request = OrderRequest(
        address=HOME,
        channel="web",
        customer=Customer("Ada Lovelace", "ada@example.com"),
        lines=(LineRequest("LAMP", Decimal(1)),),
    )
    place_order(request, Act(timezone.now()))
    page = open_page(ADD)

    page.locator('[name="lines-0-sku"]').press_sequentially("mug")
    expect(page.locator('datalist option[value="MUG"]')).to_be_attached()
    page.keyboard.press("Enter")
    expect(page.locator('[name="lines-0-quantity"]')).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator('[name="lines-1-sku"]')).to_be_focused()
    page.fill('[name="customer_name"]', "Countess")
    page.fill('[name="customer_email"]', "ada@example.com")
    page.keyboard.press("Tab")
    expect(page.locator('[name="street"]')).to_have_value(HOME.street)
    expect(page.locator('[name="country"]')).to_have_value(HOME.country)
    # What was typed already stays.
    expect(page.locator('[name="customer_name"]')).to_have_value("Countess")
    page.click('button[value="place"]')

    expect(page).to_have_url(PLACED)
    assert list(Order.objects.order_by("-pk")[0].lines.values_list("sku", flat=True)) == ["MUG"]


def test_without_scripts_rows_are_added_and_the_order_is_placed(
    open_page: Callable[..., Page], shop: None
) -> None:
    page = open_page(ADD, has_scripts=False)
    fill_customer(page)
    fill_address(page)
    page.fill('[name="lines-0-sku"]', "MUG")

    page.click('button[value="add"]')
    page.fill('[name="lines-1-sku"]', "LAMP")
    page.click('.order-button[value="check"]')
    expect(page.locator("[data-told]").nth(1)).to_contain_text("In Stock")
    expect(page.locator("[data-total]")).to_have_text("20.00 USD")
    follow(page.locator('button[value="place"]'))

    skus = Order.objects.get().lines.order_by("number").values_list("sku", flat=True)
    assert list(skus) == ["MUG", "LAMP"]


def test_the_pickup_source_is_asked_for_a_pickup_alone(
    open_page: Callable[..., Page], shop: None
) -> None:
    page = open_page(ADD, width="phone")
    source = page.locator('[name="pickup_source"]')
    expect(source).to_be_hidden()

    page.select_option('[name="fulfillment_method"]', "PICKUP")
    source.select_option("seattle")
    fill_customer(page)
    page.fill('[name="lines-0-sku"]', "MUG")
    page.click('button[value="place"]')

    expect(page.locator(".order h1")).to_contain_text("Order ")
    assert present(Order.objects.get().pickup_source).code == "seattle"


def test_a_line_is_added_with_a_declined_payment_and_then_a_good_one(
    open_page: Callable[..., Page], shop: None
) -> None:
    order = paid_order()
    page = open_page(f"/admin/orders/order/{order.pk}/")
    follow(page.get_by_role("link", name="Add lines"))
    page.fill('[name="lines-0-sku"]', "LAMP")
    page.fill('[name="lines-0-unit_price"]', "5")
    page.select_option('[name="way_of_paying"]', "TOKEN")
    page.fill('[name="payment_token"]', "decline")
    page.fill('[name="reason"]', "The customer called")
    follow(page.locator('.is-main[value="preview"]'))
    expect(page.locator(".order-note")).to_contain_text("5.00 USD")

    follow(page.locator('[value="confirm"]'))

    expect(page.get_by_role("alert")).to_contain_text("The payment was declined.")
    page.fill('[name="payment_token"]', "good")
    follow(page.locator('.is-main[value="preview"]'))
    follow(page.locator('[value="confirm"]'))
    expect(page.locator("body")).to_contain_text("Added lines to order")
    assert Order.objects.get().total == Decimal("125.00")
    assert_invariants()


def paid_order() -> Order:
    """Twelve MUGs, of which ten are there, are ordered and paid with the sandbox."""
    request = OrderRequest(
        address=HOME,
        channel="web",
        customer=Customer("Ada Lovelace", "ada@example.com"),
        lines=(LineRequest("MUG", Decimal(12)),),
        payment=PaymentRequest("sandbox"),
    )
    return Order.objects.get(pk=place_order(request, Act(timezone.now())).order_id)


@in_each_look
def test_the_page_of_new_lines_hinders_nobody(
    open_page: Callable[..., Page], shop: None, width: str, scheme: str
) -> None:
    order = paid_order()
    page = open_page(f"/admin/orders/order/{order.pk}/tasks/add-lines/", width=width, scheme=scheme)
    page.fill('[name="lines-0-sku"]', "LAMP")
    page.fill('[name="lines-0-unit_price"]', "5")
    page.select_option('[name="way_of_paying"]', "TOKEN")
    page.fill('[name="payment_token"]', "timeout")
    page.fill('[name="reason"]', "The customer called")
    for step in ("form", "preview", "pending"):
        assert violations(page) == [], step
        assert is_within(page), step
        shoot(page, f"order-add-lines-{step}-{width}-{scheme}")
        if step != "pending":
            value = "preview" if step == "form" else "confirm"
            follow(page.locator(f'.is-main[value="{value}"]'))
    expect(page.locator("body")).to_contain_text("has not answered about the change")


@in_each_look
def test_the_page_of_a_change_hinders_nobody(
    open_page: Callable[..., Page], shop: None, width: str, scheme: str
) -> None:
    order = paid_order()
    mall = SourceFactory(
        code="mall", is_pickup_location=True, ships_to_home=False, street="1", city="T", phone="1"
    )
    order.stock.links.create(source=mall, priority=9)
    path = f"/admin/orders/order/{order.pk}/tasks/change/"
    page = open_page(path, width=width, scheme=scheme)
    page.select_option('[name="fulfillment_method"]', "PICKUP")
    expect(page.locator('[data-field="street"]')).to_be_hidden()
    page.select_option('[name="pickup_source"]', "mall")
    page.fill('[name="reason"]', "The customer called")
    for step in ("form", "preview"):
        assert violations(page) == [], step
        assert is_within(page), step
        shoot(page, f"order-change-{step}-{width}-{scheme}")
        if step == "form":
            follow(page.locator('.is-main[value="preview"]'))
    expect(page.locator(".order-note")).to_contain_text("10 × MUG: ready now, will wait.")


@in_each_look
def test_the_page_of_a_substitute_hinders_nobody(
    open_page: Callable[..., Page], shop: None, width: str, scheme: str
) -> None:
    order = paid_order()
    path = f"/admin/orders/order/{order.pk}/tasks/substitute/"
    page = open_page(path, width=width, scheme=scheme)
    page.fill('[name="quantity"]', "3")
    page.fill('[name="sku"]', "LAMP")
    page.fill('[name="new_quantity"]', "4")
    page.fill('[name="reason"]', "The customer called")
    for step in ("form", "preview"):
        assert violations(page) == [], step
        assert is_within(page), step
        shoot(page, f"order-substitute-{step}-{width}-{scheme}")
        value = "preview" if step == "form" else "confirm"
        follow(page.locator(f'.is-main[value="{value}"]'))
    expect(page.locator("body")).to_contain_text("Substituted units of order")
    assert_invariants()


@in_each_look
def test_what_orders_say_hinders_nobody(
    open_page: Callable[..., Page], shop: None, width: str, scheme: str
) -> None:
    request = OrderRequest(
        address=HOME,
        channel="web",
        customer=Customer("Ada Lovelace", "ada@example.com"),
        lines=(LineRequest("MUG", Decimal(12)), LineRequest("LAMP", Decimal(2))),
    )
    order = Order.objects.get(pk=place_order(request, Act(timezone.now())).order_id)
    Reservation.objects.filter(quantity=Decimal(-2)).delete()
    page = open_page(ADD, width=width, scheme=scheme)
    fill_customer(page)
    page.fill('[name="lines-0-sku"]', "MUG")
    page.fill('[name="lines-0-quantity"]', "5")
    page.fill('[name="lines-1-sku"]', "LAMP")
    page.fill('[name="lines-1-quantity"]', "11")
    expect(page.locator("[data-told]").nth(1)).to_contain_text("not enough")
    assert violations(page) == []
    assert is_within(page)
    shoot(page, f"phone-order-{width}-{scheme}")

    for name, path in {
        "order-cancel": f"/admin/orders/order/{order.pk}/tasks/cancel/",
        "ledger": "/admin/inventory/reservation/ledger/?sku=MUG&stock=northwind",
        "inconsistencies": "/admin/fulfillment/waitingbalance/inconsistencies/",
    }.items():
        page.goto(path)
        assert violations(page) == [], path
        assert is_within(page), path
        shoot(page, f"{name}-{width}-{scheme}")
        if name == "order-cancel":
            follow(page.locator('.is-main[value="preview"]'))
            assert violations(page) == [], "preview"
            shoot(page, f"order-cancel-preview-{width}-{scheme}")


def is_within(page: Page) -> bool:
    """Whether the page itself never scrolls sideways."""
    return bool(page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))
