"""Pages that answer what a person posted: whole and readable, wide and narrow, light and dark."""

from collections.abc import Callable, Sequence
from itertools import cycle

import pytest
from playwright.sync_api import Page

from inventory.models import InventoryConfiguration, Stock
from orders.models import OrderEmail
from tests.browser.conftest import follow
from tests.browser.test_every_page import ALL_WAYS, IN_FULL, Way, problems
from tests.factories.inventory import (
    FutureSupplyFactory,
    ProductFactory,
    SalesChannelFactory,
    SourceFactory,
    SourceItemFactory,
    StockFactory,
)
from tests.factories.orders import OrderFactory
from tests.inventory.files.imports import NOW

RECEIVE = "/admin/inventory/futuresupply/{}/receive/"


@pytest.fixture
def shop(transactional_db: None) -> int:
    """A product at a source with ten units expected, and three e-mails; return the supply."""
    InventoryConfiguration.load()
    # A browser's test leaves an empty database behind, without what migrations made.
    Stock.objects.get_or_create(code="default", defaults={"name": "Default"})
    source = SourceFactory(code="seattle")
    SalesChannelFactory(code="web", stock=StockFactory(sources=[source]))
    for sku in ("MUG", "LAMP"):
        product = ProductFactory(sku=sku, min_cart_qty=5)
        SourceItemFactory(product=product, source=source, quantity=10)
    for number, state in enumerate(("FAILED", "UNKNOWN", "QUEUED")):
        OrderEmail.objects.create(
            order=OrderFactory(number=f"A-{number}"),
            kind="CONFIRMATION",
            event_key="placed",
            language="en",
            recipient=f"customer-{number}@example.com",
            state=state,
            last_error="" if state == "QUEUED" else "452 4.2.2 The mailbox is full.",
            created_at=NOW,
            next_attempt_at=NOW,
        )
    return FutureSupplyFactory(product=product, source=source, quantity=10).pk


def receive_too_many(page: Page, supply: int) -> None:
    page.goto(RECEIVE.format(supply))
    page.fill('[name="quantity"]', "21")
    follow(page.get_by_role("button", name="Show affected shipments"))
    page.get_by_label("More than expected came").wait_for()


def receive_what_more_came(page: Page, supply: int) -> None:
    receive_too_many(page, supply)
    page.get_by_label("More than expected came").check()
    page.get_by_label("Why so many came").fill("Two deliveries came together")
    follow(page.get_by_role("button", name="Show affected shipments"))
    page.get_by_text("No shipment loses its promise.").wait_for()


def leave_nothing_to_buy(page: Page, _supply: int) -> None:
    page.goto("/admin/inventory/inventoryconfiguration/1/change/")
    page.locator('[name="max_cart_qty_use_config"]').uncheck()
    page.locator('[name="max_cart_qty_value"]').fill("3")
    follow(page.locator('[name="_save"]'))
    page.get_by_label("Save anyway").wait_for()


def send_again(page: Page, _supply: int) -> None:
    page.goto("/admin/orders/orderemail/")
    page.locator("#action-toggle").check()
    page.select_option('select[name="action"]', "send_again")
    follow(page.locator('button[name="index"]'))
    page.get_by_text("2 e-mails will be queued again.").wait_for()


def order_without_an_address(page: Page, _supply: int) -> None:
    page.goto("/admin/orders/order/add/")
    page.select_option('[name="channel"]', "web")
    page.fill('[name="customer_name"]', "Ada Lovelace")
    page.fill('[name="customer_email"]', "ada@example.com")
    page.fill('[name="lines-0-sku"]', "MUG")
    page.fill('[name="lines-0-quantity"]', "2")
    follow(page.get_by_role("button", name="Place the order"))
    page.locator(".errorlist").first.wait_for()


def upload_what_cannot_be_read(page: Page, _supply: int) -> None:
    page.goto("/admin/inventory/sourceitem/import/")
    page.get_by_label("File", exact=True).set_input_files(
        {"name": "counts.csv", "mimeType": "text/csv", "buffer": b"a,b\n1,2\n"}
    )
    follow(page.get_by_role("button", name="Check the file"))
    page.locator(".errorlist").first.wait_for()


ANSWERS = (
    receive_too_many,
    receive_what_more_came,
    leave_nothing_to_buy,
    send_again,
    order_without_an_address,
    upload_what_cannot_be_read,
)


@pytest.mark.parametrize(
    "turns",
    [[(way,) for way in IN_FULL], pytest.param([ALL_WAYS], marks=pytest.mark.long)],
    ids=["by turns", "all"],
)
def test_every_answer_is_whole_and_readable(
    open_page: Callable[..., Page], shop: int, turns: Sequence[Sequence[Way]]
) -> None:
    page = open_page("/admin/")
    wrong = {}

    for ask, ways in zip(ANSWERS, cycle(turns), strict=False):
        ask(page, shop)
        wrong[ask.__name__] = problems(page, ways=ways, name=ask.__name__)

    assert {name: found for name, found in wrong.items() if found} == {}
