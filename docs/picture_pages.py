"""The pictures of the docs: whose page each shows, after which steps."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from playwright.sync_api import Locator, Page, ViewportSize

from docs.picture_story import STORY

DESKTOP: ViewportSize = {"width": 1280, "height": 900}
# Pages whose point is further down than a window reaches.
TALL: ViewportSize = {"width": 1280, "height": 1900}
PHONE: ViewportSize = {"width": 390, "height": 1600}


@dataclass(frozen=True, slots=True)
class Picture:
    """A page by the name of its address; ``opens_first`` opens the first row of a list."""

    url_name: str
    query: str = ""
    opens_first: bool = False
    size: ViewportSize | None = None
    is_dark: bool = False
    is_whole: bool = False
    step: Callable[[Page], None] | None = None


def press(control: Locator) -> None:
    """Press what leads to another page, and wait for it."""
    with control.page.expect_navigation():
        control.click()


def choose(page: Page, action: str) -> None:
    """Select all rows of a list and open the page of an action."""
    page.locator("#action-toggle").check()
    page.select_option('select[name="action"]', action)
    press(page.locator('button[name="index"]'))


def hold(page: Page) -> None:
    """Ask what a hold of the first five shipments would do; nothing is changed."""
    for number in range(5):
        page.locator('[name="shipment"]').nth(number).check()
    page.select_option("#bulk-action", "HOLD")
    page.get_by_role("button", name="Continue").click()
    page.fill('[name="reason"]', "Counted again on Friday")


def compare(page: Page) -> None:
    """Make a dry run with each policy; nothing is changed."""
    page.get_by_text("Compare policies", exact=True).click()
    page.get_by_role("button", name="Compare").click()
    page.get_by_text("Took").first.wait_for()
    page.locator("progress").first.wait_for(state="detached")


def transfer(page: Page) -> None:
    """Ask what a transfer of what the list shows would do; nothing is changed."""
    choose(page, "bulk_transfer")
    source = page.get_by_label("To source")
    london = source.locator("option", has_text="london").first.get_attribute("value")
    source.select_option(london)
    page.get_by_label("Quantity of each").fill("2")
    page.get_by_role("button", name="Preview").click()


def upload(page: Page) -> None:
    """Bring in a file of counts, and look at what it would do; only the upload is kept."""
    lines = b"source_code,sku,status,quantity\nseattle,NW-021,1,4\nlondon,NW-070,1,2\n"
    page.get_by_label("File", exact=True).set_input_files(
        {"name": "counts.csv", "mimeType": "text/csv", "buffer": lines}
    )
    page.get_by_role("button", name="Check the file").click()
    page.get_by_role("heading", name="Preview of changes").wait_for()


def open_ledger(page: Page) -> None:
    """Open the ledger of the product."""
    press(page.get_by_role("link", name="Ledger", exact=True).first)


def open_delivery(page: Page) -> None:
    """Open the sheet of an expected delivery."""
    press(page.get_by_role("link", name="PO-DEMO-1", exact=True))


def show_sources(page: Page) -> None:
    """Go to where the product's sources are."""
    page.locator("#source_items-group").evaluate("place => place.scrollIntoView()")


def open_actions(page: Page) -> None:
    """Open the menu of a shipment."""
    page.locator(".shipment-menu > summary").click()


def cancel(page: Page) -> None:
    """Ask what a cancel of a whole order would do; nothing is changed."""
    press(page.get_by_role("link", name="Cancel units").first)
    press(page.get_by_role("button", name="All units of all lines"))
    page.fill('[name="reason"]', "The customer called")
    press(page.locator('button[name="step"][value="preview"]').last)


def decide(page: Page) -> None:
    """Open the first payment that a person decides."""
    press(page.get_by_role("link", name="Decide", exact=True).first)


def take_an_order(page: Page) -> None:
    """Type the first line of an order; it is checked, and not placed."""
    channel = page.locator('[name="channel"]')
    web = channel.locator("option", has_text="web").first.get_attribute("value")
    channel.select_option(web)
    line = page.locator("[data-rows] tr").first.locator("input")
    line.nth(0).fill("NW-021")
    line.nth(1).fill("4")
    line.nth(1).blur()


PICTURES: Mapping[str, Mapping[str, Picture]] = {
    "merchant": {
        "product-list": Picture("inventory_product_changelist"),
        "product-backorders": Picture("inventory_product_changelist", "q=NW-021", opens_first=True),
        "advanced-inventory": Picture(
            "inventory_product_changelist", "q=NW-021", opens_first=True, size=TALL
        ),
        "configuration": Picture("inventory_inventoryconfiguration_changelist"),
        "configuration-phone": Picture("inventory_inventoryconfiguration_changelist", size=PHONE),
        "sources-phone": Picture(
            "inventory_product_changelist",
            "q=NW-021",
            opens_first=True,
            size=PHONE,
            step=show_sources,
        ),
        "bulk-preview": Picture("inventory_sourceitem_changelist", "q=NW-02", step=transfer),
        "import-preview": Picture("inventory_sourceitem_import", step=upload),
        "delivery": Picture("inventory_futuresupply_deliveries", "q=DEMO", step=open_delivery),
        "low-stock": Picture("inventory_low_stock"),
    },
    "fulfillment": {
        "review": Picture("fulfillment_shipment_review", opens_first=True),
        "review-phone": Picture("fulfillment_shipment_review", "age=OLDER", size=PHONE),
        "review-preview": Picture("fulfillment_shipment_review", step=hold),
        "backorders": Picture("fulfillment_shipment_changelist"),
        "shipment": Picture(
            "fulfillment_shipment_changelist", "state__exact=BACKORDER", opens_first=True, size=TALL
        ),
        "ready-shipment": Picture(
            "fulfillment_shipment_changelist", "state__exact=READY", opens_first=True
        ),
        "shipment-actions": Picture(
            "fulfillment_shipment_changelist",
            "state__exact=BACKORDER",
            opens_first=True,
            step=open_actions,
        ),
        "release-run": Picture("fulfillment_releaserun_changelist", opens_first=True, size=TALL),
        "order": Picture("orders_order_changelist", "q=DEMO-PARTIAL", opens_first=True),
        "phone-order": Picture("orders_order_add", step=take_an_order),
        "cancel-preview": Picture(
            "orders_order_changelist", "q=11040", opens_first=True, step=cancel
        ),
        "payment-decision": Picture(
            "orders_paymentoperation_changelist", "to_decide=yes", step=decide
        ),
        "customer-emails": Picture("orders_orderemail_changelist"),
    },
    "operations": {
        "operations-home": Picture("index"),
        "dashboard-phone": Picture("dashboard", size=PHONE, is_dark=True),
        "release-board": Picture("fulfillment_release_board"),
        "policies": Picture("fulfillment_release_board", is_dark=True, step=compare),
        "scheduled-work": Picture("fulfillment_scheduledwork_changelist"),
        "jobs": Picture("core_job_changelist"),
        "ledger": Picture(
            "inventory_product_changelist", "q=NW-021", opens_first=True, step=open_ledger
        ),
    },
    "viewer": {"dashboard": Picture("dashboard", is_whole=True)},
    "admin": {"api-keys": Picture("core_apikey_add")},
}


def every_name() -> list[str]:
    """Return the names of all pictures, those of the story last."""
    return [*(name for pictures in PICTURES.values() for name in pictures), *STORY]
