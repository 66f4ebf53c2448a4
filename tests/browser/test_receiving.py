"""Receiving in a real browser: ten lines in six clicks, and by a scanner without scripts."""

from collections.abc import Callable
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import FilePayload, Page, expect

from core.clock import today
from inventory.models import FutureSupply, Receipt
from tests.browser.conftest import follow, in_each_look, shoot, violations
from tests.factories.inventory import FutureSupplyFactory, ProductFactory, SourceFactory
from tests.invariants import assert_invariants
from tests.pdf import pages_of

WIDER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
OPEN = reverse("admin:inventory_futuresupply_deliveries")


@pytest.fixture
def delivery(transactional_db: None) -> None:
    """PO-7: ten lines of 3 units."""
    source = SourceFactory(code="london")
    for number in range(10):
        FutureSupplyFactory(
            source=source,
            product=ProductFactory(sku=f"LINE-{number}"),
            quantity=3,
            reference="PO-7",
            expected_on=today(),
        )


def test_ten_lines_are_received_in_six_clicks(
    open_page: Callable[..., Page], delivery: None
) -> None:
    page = open_page("/admin/")
    clicks = 0

    def click(role: Any, name: str) -> None:
        nonlocal clicks
        clicks += 1
        follow(page.get_by_role(role, name=name, exact=True).first)

    click("link", "Future supply")
    click("link", "Receive a delivery")
    click("link", "PO-7")
    click("button", "Review delivery")
    click("button", "Receive delivery")

    expect(page.get_by_text("Received 10 lines of PO-7.")).to_be_visible()
    assert clicks <= 6
    assert Receipt.objects.count() == 10
    assert set(FutureSupply.objects.values_list("state", flat=True)) == {"RECEIVED"}
    assert_invariants()


@pytest.mark.parametrize("has_scripts", [True, False])
def test_a_scanner_types_a_code_and_enter(
    open_page: Callable[..., Page], delivery: None, has_scripts: bool
) -> None:
    page = open_page(OPEN, width="phone", has_scripts=has_scripts)
    follow(page.get_by_role("link", name="PO-7"))

    for code in ("LINE-3", "LINE-3", "LINE-7"):
        box = page.get_by_label("Scan or type a SKU or barcode")
        if has_scripts:
            expect(box).to_be_focused()
        box.fill(code)
        with page.expect_navigation():
            box.press("Enter")

    expect(page.get_by_label("Units of LINE-3")).to_have_value("2")
    expect(page.get_by_label("Units of LINE-7")).to_have_value("1")
    expect(page.get_by_label("Units of LINE-0")).to_have_value("0")


def test_a_received_delivery_is_printed_without_what_is_clicked(
    open_page: Callable[..., Page], delivery: None
) -> None:
    page = open_page(OPEN)
    for role, name in (
        ("link", "PO-7"),
        ("button", "Review delivery"),
        ("button", "Receive delivery"),
    ):
        follow(page.get_by_role(role, name=name))  # type: ignore[arg-type]
    expect(page.get_by_role("link", name="Receive another delivery")).to_be_visible()

    printed = "\n".join(line for lines in pages_of(page.pdf()) for line in lines)

    # Its digits and hyphens are drawn of equal width, by glyphs that have no text.
    assert "Delivery PO" in printed
    assert printed.count("Product LINE") == 10
    # Neither its buttons, nor the menu beside it.
    for left_out in ("Receive another delivery", "Print labels", "Future supply", "Dashboard"):
        assert left_out not in printed, left_out


@in_each_look
def test_the_pages_of_a_delivery_are_readable(
    open_page: Callable[..., Page], delivery: None, width: str, scheme: str
) -> None:
    page = open_page(OPEN, width=width, scheme=scheme)
    wrong = []
    steps = [
        page.get_by_role("link", name="PO-7"),
        page.get_by_role("button", name="Review delivery"),
        page.get_by_role("button", name="Receive delivery"),
    ]

    for number, step in enumerate([*steps, None]):
        wrong += [*violations(page), page.evaluate(WIDER)]
        shoot(page, f"delivery-{number}-{width}-{scheme}")
        if step is not None:
            follow(step)

    assert [found for found in wrong if found] == []


@in_each_look
def test_a_file_is_corrected_and_fills_the_sheet(
    open_page: Callable[..., Page], delivery: None, width: str, scheme: str
) -> None:
    page = open_page(OPEN, width=width, scheme=scheme)

    upload(page, "reference,sku,quantity\nPO-7,LINE-1,many\nPO-7,LINE-9,2\n")
    expect(page.get_by_role("table", name="Errors")).to_contain_text("not a number")
    wrong = [*violations(page), page.evaluate(WIDER)]
    upload(page, "reference,sku,quantity\nPO-7,LINE-1,3\nPO-7,LINE-9,2\n")

    expect(page.get_by_label("Units of LINE-1", exact=True)).to_have_value("3")
    expect(page.get_by_label("Units of LINE-9", exact=True)).to_have_value("2")
    expect(page.get_by_label("Units of LINE-0", exact=True)).to_have_value("0")
    page.get_by_text("Fill the sheet from a file").click()
    wrong += [*violations(page), page.evaluate(WIDER)]
    assert [found for found in wrong if found] == []


def upload(page: Page, text: str) -> None:
    content = FilePayload(name="note.csv", mimeType="text/csv", buffer=text.encode())
    page.get_by_label("File", exact=True).set_input_files(content)
    follow(page.get_by_role("button", name="Fill the sheet"))
