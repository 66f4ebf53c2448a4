"""The pictures of docs/start.md: a backorder on its way out, step by step."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from playwright.sync_api import Page

STORY = ("start-waiting", "start-count", "start-released", "start-ready", "start-shipped")
SKU = "NW-021"
ORDER = "11040"
COUNT = "120"


class Step(NamedTuple):
    name: str
    page: Page


def tell(address: str, opened: Callable[[str], Page]) -> Iterator[Step]:
    """Do what the page says, as a reader does, and yield each page that it shows."""
    staff = opened("fulfillment")
    staff.goto(f"{address}/admin/fulfillment/shipment/review/?sku={SKU}")
    staff.locator("[data-row] th a").first.click()
    yield Step("start-waiting", staff)

    merchant = opened("merchant")
    merchant.goto(f"{address}/admin/inventory/product/?q={SKU}")
    with merchant.expect_navigation():
        merchant.get_by_role("link", name=SKU, exact=True).click()
    row = merchant.locator("#source_items-group tr", has_text="seattle").first
    row.locator('input[name$="-quantity"]').fill(COUNT)
    with merchant.expect_navigation():
        merchant.locator('[name="_continue"]').click()
    yield Step("start-count", merchant)

    until(staff, f"{address}/admin/fulfillment/shipment/?q={ORDER}&state__exact=READY")
    merchant.goto(f"{address}/admin/fulfillment/shipment/?q={SKU}&state__exact=READY")
    yield Step("start-released", merchant)

    with staff.expect_navigation():
        staff.locator("#result_list tbody th a").first.click()
    yield Step("start-ready", staff)
    with staff.expect_navigation():
        staff.get_by_role("button", name="Ship", exact=True).click()
    yield Step("start-shipped", staff)


def until(page: Page, where: str) -> None:
    """Open a list until it has a row: a worker releases the shipment meanwhile."""
    for _ in range(120):
        page.goto(where)
        if page.locator("#result_list tbody th a").count():
            return
        page.wait_for_timeout(1000)
    raise SystemExit(f"{where} stays empty.")
