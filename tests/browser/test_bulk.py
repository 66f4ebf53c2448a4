"""A bulk action in a real browser: selected, previewed, done, and followed to its end."""

from collections.abc import Callable, Collection
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from core.models import Job
from core.operations import jobs
from inventory import ports
from inventory.holders import Holder
from inventory.models import InventoryConfiguration, SourceItem
from tests.browser.conftest import follow, in_each_look, shoot, violations
from tests.factories.inventory import ProductFactory, SourceFactory, SourceItemFactory

NOW = datetime(2026, 3, 1, 9, tzinfo=UTC)
ITEMS = "/admin/inventory/sourceitem/"


class BarPort:
    """Stands in for those downstream."""

    def end_bars(self, item_ids: Collection[int]) -> None:
        pass

    def note_arrival(self, product_ids: Collection[int]) -> None:
        pass

    def holders(self, item_ids: Any) -> dict[Any, list[Holder]]:
        return {key: [Holder("SHP-7", "1001", Decimal(4), False)] for key in item_ids}


@pytest.fixture
def items(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> list[SourceItem]:
    monkeypatch.setattr(ports, "_registered", [BarPort()])
    monkeypatch.setattr(jobs, "call_worker", lambda name, *, job_id: None)
    seattle, london = SourceFactory(code="seattle"), SourceFactory(code="london")
    lamp = ProductFactory(sku="LAMP", qty_uses_decimals=True)
    desk = ProductFactory(sku="DESK", qty_uses_decimals=True)
    return [
        SourceItemFactory(product=lamp, source=seattle, quantity=Decimal(20)),
        SourceItemFactory(product=lamp, source=london, quantity=Decimal("2.5")),
        SourceItemFactory(product=desk, source=seattle, quantity=Decimal(9), allocated=Decimal(4)),
    ]


def quantities() -> list[Decimal]:
    return list(SourceItem.objects.order_by("pk").values_list("quantity", flat=True))


@in_each_look
def test_units_are_transferred_after_each_row_was_shown(
    open_page: Callable[..., Page], items: list[SourceItem], width: str, scheme: str
) -> None:
    page = open_page(ITEMS, width=width, scheme=scheme)
    page.locator("#action-toggle").check()
    page.locator('select[name="action"]').select_option("bulk_transfer")
    follow(page.locator('button[name="index"]'))

    page.get_by_label("To source").select_option(label="london – London")
    page.get_by_label("Quantity of each").fill("7.5")
    page.get_by_role("button", name="Preview").click()

    expect(page.locator('[data-count="changed"]')).to_have_text("1")
    expect(page.locator('[data-count="refused"]')).to_have_text("2")
    expect(page.locator("tr.is-change")).to_contain_text("Quantity: 20 → 12.5")
    assert violations(page) == []
    if width == "desktop" and scheme == "light":
        shoot(page, "bulk-preview")
    overflow = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
    assert page.evaluate(overflow) is False

    page.get_by_role("button", name="Change 1 row").click()
    expect(page.get_by_role("status")).to_contain_text("All rows are done.")
    assert violations(page) == []
    assert quantities() == [Decimal("12.5"), Decimal(10), Decimal(9)]


def test_without_scripts_it_is_chosen_shown_and_done_all_the_same(
    open_page: Callable[..., Page], items: list[SourceItem]
) -> None:
    page = open_page(ITEMS, has_scripts=False)
    page.locator('input[name="_selected_action"]').first.check()
    page.locator('select[name="action"]').select_option("bulk_status")
    page.locator('button[name="index"]').click()

    page.get_by_label("3: the whole list").or_(page.get_by_label("All 3 of the list")).check()
    page.get_by_label("Status").select_option(label="Out of Stock")
    page.get_by_role("button", name="Preview").click()
    page.get_by_role("button", name="Change 3 rows").click()

    expect(page.get_by_role("status")).to_contain_text("All rows are done.")
    assert set(SourceItem.objects.values_list("status", flat=True)) == {"OUT_OF_STOCK"}


def test_an_option_is_set_for_products_and_what_is_refused_says_why(
    open_page: Callable[..., Page], items: list[SourceItem]
) -> None:
    ProductFactory(sku="EBOOK", product_type="VIRTUAL")
    page = open_page("/admin/inventory/product/")
    page.locator("#action-toggle").check()
    page.locator('select[name="action"]').select_option("bulk_option")
    follow(page.locator('button[name="index"]'))

    page.locator('[name="option"][value="backorders"]').check()
    page.locator('[name="backorders_use_config"]').uncheck()
    page.locator('[name="backorders_value"]').select_option(label="Allow Qty Below 0")
    page.get_by_role("button", name="Preview").click()

    expect(page.locator("tbody tr").first).to_contain_text(
        "Stays as it is: A virtual product with managed stock takes no backorders."
    )
    expect(page.locator('[data-count="changed"]')).to_have_text("2")
    assert violations(page) == []


def test_the_progress_of_a_job_moves_survives_a_reload_and_ends(
    open_page: Callable[..., Page], items: list[SourceItem]
) -> None:
    # given
    InventoryConfiguration.objects.update_or_create(pk=1, defaults={"bulk_batch_size": 1})
    keys = ",".join(str(item.pk) for item in items)
    page = open_page(f"{ITEMS}bulk/status/?asked=1&status=OUT_OF_STOCK&ids={keys}", width="phone")
    page.get_by_role("button", name="Change 3 rows").click()
    expect(page.get_by_role("progressbar")).to_have_attribute("aria-valuenow", "0")

    # when a worker says how far it is
    job = Job.objects.get()
    Job.objects.update(
        state="RUNNING", done_count=1, started_at=NOW, heartbeat_at=NOW + timedelta(seconds=1)
    )

    # then
    expect(page.get_by_role("progressbar")).to_have_attribute("aria-valuenow", "33")
    expect(page.get_by_role("status")).to_have_text("1 of 3 rows are done.")
    assert violations(page) == []
    page.reload()
    expect(page.get_by_role("progressbar")).to_have_attribute("aria-valuenow", "33")
    shoot(page, "job-progress-phone")
    page.get_by_role("button", name="Stop it").click()
    expect(page.get_by_role("status")).to_contain_text("It stops soon.")

    # when it is over
    Job.objects.update(is_cancel_requested=False)
    jobs.run(job_id=job.pk, now=NOW)
    expect(page.get_by_role("status")).to_have_text("All 3 rows are done.")
    page.get_by_role("link", name="Show the results").click()
    expect(page.get_by_role("status")).to_contain_text("All rows are done.")
    assert set(SourceItem.objects.values_list("status", flat=True)) == {"OUT_OF_STOCK"}


@pytest.mark.parametrize("has_scripts", [True, False])
def test_one_of_many_sources_is_chosen_by_typing(
    open_page: Callable[..., Page], transactional_db: None, has_scripts: bool
) -> None:
    for number in range(60):
        SourceFactory(code=f"many-{number:02}")
    product = ProductFactory(sku="LAMP")
    address = f"/admin/inventory/product/bulk/assign/?ids={product.pk}"
    page = open_page(address, has_scripts=has_scripts)

    box = page.get_by_label("Sources to assign")
    box.press_sequentially("many-07, many-5")
    if has_scripts:
        expect(page.locator("datalist option")).to_have_count(10)
        assert page.locator("datalist option").first.get_attribute("value") == "many-07, many-50"
        assert violations(page) == []
    box.fill("many-07, many-55")
    follow(page.get_by_role("button", name="Preview").first)

    expect(page.locator("main")).to_contain_text("Assign to many-07, many-55")
