"""Renews the pictures of the docs from a running demo.

``python docs/screenshots.py [ADDRESS [NAME …]]`` takes all pictures, or those named. Needs
Chromium, and a demo with at least one release run (``manage.py release_backorders``).
"""

import os
import shutil
import sys
from pathlib import Path

from playwright.sync_api import Page, ViewportSize, sync_playwright

IMAGES = Path(__file__).parent / "images"
DESKTOP: ViewportSize = {"width": 1280, "height": 900}
# Pages whose point is further down than a window reaches.
TALL: ViewportSize = {"width": 1280, "height": 1900}
LONG_PAGES = {"advanced-inventory", "shipment", "release-run"}
WHOLE_PAGES = {"dashboard"}
PHONE: ViewportSize = {"width": 390, "height": 1600}

# Who looks at what; a list's first row is opened where the address ends in ":first".
PICTURES = {
    "merchant": {
        "product-list": "inventory/product/",
        "advanced-inventory": "inventory/product/?q=NW-021:first",
        "configuration": "inventory/inventoryconfiguration/",
        "configuration-phone": "inventory/inventoryconfiguration/",
        "sources-phone": "inventory/product/?q=NW-021:first",
        "bulk-preview": "inventory/sourceitem/?q=NW-02",
        "import-preview": "inventory/sourceitem/import/",
    },
    "fulfillment": {
        "review": "fulfillment/shipment/review/:first",
        "review-phone": "fulfillment/shipment/review/?age=OLDER",
        "review-preview": "fulfillment/shipment/review/",
        "backorders": "fulfillment/shipment/?state__exact=BACKORDER",
        "shipment": "fulfillment/shipment/?state__exact=BACKORDER:first",
        "release-run": "fulfillment/releaserun/:first",
    },
    "operations": {
        "dashboard": "dashboard/",
        "dashboard-phone": "dashboard/",
        "release-board": "fulfillment/releaserun/board/",
        "policies": "fulfillment/releaserun/board/",
    },
}
IN_THE_DARK = {"dashboard-phone", "policies"}


def shoot(page: Page, address: str, name: str, where: str) -> None:
    """Write ``docs/images/NAME.png``: what fits the window of the page it stands for."""
    page.emulate_media(color_scheme="dark" if name in IN_THE_DARK else "light")
    page.set_viewport_size(size_of(name))
    page.goto(f"{address}/admin/{where.removesuffix(':first')}")
    if where.endswith(":first"):
        page.locator("#result_list tbody th a, [data-row] th a").first.click()
    page.wait_for_load_state("networkidle")
    if name in STEPS:
        STEPS[name](page)
    picture = IMAGES / f"{name}.png"
    page.screenshot(path=picture, animations="disabled", full_page=name in WHOLE_PAGES)


def size_of(name: str) -> ViewportSize:
    """Return the size of the window that a picture is taken of."""
    if name.endswith("-phone"):
        return PHONE
    return TALL if name in LONG_PAGES else DESKTOP


def preview(page: Page) -> None:
    """Ask what a hold of the first five shipments would do; nothing is changed."""
    for place in range(5):
        page.locator('[name="shipment"]').nth(place).check()
    page.select_option("#bulk-action", "HOLD")
    page.get_by_role("button", name="Continue").click()
    page.fill('[name="reason"]', "Counted again on Friday")
    page.wait_for_load_state("networkidle")


def compare(page: Page) -> None:
    """Make a dry run with each policy; nothing is changed."""
    page.get_by_text("Compare policies", exact=True).click()
    page.get_by_role("button", name="Compare").click()
    page.get_by_text("Took").first.wait_for()
    page.locator("progress").first.wait_for(state="detached")


def transfer(page: Page) -> None:
    """Ask what a transfer of what the list shows would do; nothing is changed."""
    page.locator("#action-toggle").check()
    page.select_option('select[name="action"]', "bulk_transfer")
    with page.expect_navigation():
        page.locator('button[name="index"]').click()
    place = page.get_by_label("To source")
    london = place.locator("option", has_text="london").first.get_attribute("value")
    place.select_option(london)
    page.get_by_label("Quantity of each").fill("2")
    page.get_by_role("button", name="Preview").click()
    page.wait_for_load_state("networkidle")


def upload(page: Page) -> None:
    """Bring in a file of counts, and look at what it would do; only the upload is kept."""
    lines = b"source_code,sku,status,quantity\nseattle,NW-021,1,4\nlondon,NW-070,1,2\n"
    page.get_by_label("File", exact=True).set_input_files(
        {"name": "counts.csv", "mimeType": "text/csv", "buffer": lines}
    )
    page.get_by_role("button", name="Check the file").click()
    page.get_by_role("heading", name="Preview of changes").wait_for()


def show_sources(page: Page) -> None:
    """Go to where the product's sources are."""
    page.locator("#source_items-group").evaluate("place => place.scrollIntoView()")


# What is done on a page before its picture is taken.
STEPS = {
    "bulk-preview": transfer,
    "import-preview": upload,
    "policies": compare,
    "review-preview": preview,
    "sources-phone": show_sources,
}


def sign_in(page: Page, address: str, user: str) -> None:
    page.goto(f"{address}/admin/login/")
    page.fill('[name="username"]', user)
    page.fill('[name="password"]', os.environ.get("DEMO_PASSWORD", "backorders"))
    page.press('[name="password"]', "Enter")
    page.wait_for_url(lambda url: "/login/" not in url)


def main(address: str, names: list[str]) -> None:
    """Sign in as each user and write the pictures named, or every one."""
    with sync_playwright() as driver:
        browser = driver.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        for user, pictures in PICTURES.items():
            page = browser.new_page(viewport=DESKTOP)
            sign_in(page, address, user)
            for name, where in pictures.items():
                if not names or name in names:
                    shoot(page, address, name, where)
            page.close()
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8000", sys.argv[2:])
