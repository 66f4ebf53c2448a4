"""Future supply and low stock in a real browser: on a phone, by keyboard, without scripts."""

from collections.abc import Callable
from decimal import Decimal

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from inventory.models import FutureSupply
from tests.browser.conftest import in_each_look, shoot, violations
from tests.factories.inventory import ProductFactory, SourceFactory, SourceItemFactory
from tests.inventory.test_supply_pages import promised_supply, states

WIDER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.fixture
def supply(transactional_db: None) -> FutureSupply:
    return promised_supply()


@pytest.mark.parametrize("has_scripts", [True, False])
def test_a_cut_is_shown_and_confirmed_on_a_phone(
    open_page: Callable[..., Page], supply: FutureSupply, has_scripts: bool
) -> None:
    address = reverse("admin:inventory_futuresupply_change", args=[supply.pk])
    page = open_page(address, width="phone", has_scripts=has_scripts)
    page.get_by_role("link", name="Change quantity or date").click()

    page.get_by_label("Quantity in all").fill("7")
    page.get_by_role("button", name="Show affected shipments").press("Enter")

    goes_back = page.get_by_role("table", name="Shipments that wait again")
    expect(goes_back.get_by_role("row")).to_have_count(2)
    expect(goes_back).to_contain_text("O3")
    expect(page.get_by_role("table", name="Shipments that stay promised")).to_contain_text("O1")
    if has_scripts:
        assert page.evaluate(WIDER) == 0
        assert violations(page) == []
        shoot(page, "future-supply-phone")
    assert states() == {"O1": "FUTURE", "O2": "FUTURE", "O3": "FUTURE"}

    page.get_by_role("button", name="Change it").click()

    expect(page.get_by_text("This shipment is on backorder again")).to_be_visible()
    assert states() == {"O1": "FUTURE", "O2": "FUTURE", "O3": "BACKORDER"}
    assert FutureSupply.objects.get().quantity == 7


@pytest.mark.parametrize(
    ("action", "scheme"),
    [
        ("receive", "light"),
        ("cancel", "dark"),
        pytest.param("receive", "dark", marks=pytest.mark.long),
        pytest.param("cancel", "light", marks=pytest.mark.long),
    ],
)
def test_the_other_pages_are_readable(
    open_page: Callable[..., Page], supply: FutureSupply, action: str, scheme: str
) -> None:
    address = reverse(f"admin:inventory_futuresupply_{action}", args=[supply.pk])

    page = open_page(address, scheme=scheme)

    expect(page.locator("h1.supply-title")).to_be_visible()
    assert page.evaluate(WIDER) == 0
    assert violations(page) == []
    shoot(page, f"future-supply-{action}-{scheme}")


@in_each_look
def test_low_stock_is_listed_and_counted(
    open_page: Callable[..., Page], transactional_db: None, width: str, scheme: str
) -> None:
    source = SourceFactory(code="london")
    for sku, quantity in [("LAMP", "0"), ("KETTLE", "0.5")]:
        SourceItemFactory(
            source=source, product=ProductFactory(sku=sku), quantity=Decimal(quantity)
        )

    page = open_page(reverse("admin:inventory_low_stock"), width=width, scheme=scheme)

    expect(page.locator("#result_list tbody tr")).to_have_count(2)
    expect(page.get_by_role("link", name="Export as CSV")).to_be_visible()
    assert page.evaluate(WIDER) == 0
    assert violations(page) == []
    shoot(page, f"low-stock-{width}-{scheme}")
