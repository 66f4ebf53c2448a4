"""Lists that people work in all day show every column on a screen of 1280 pixels."""

from collections.abc import Callable
from decimal import Decimal

import pytest
from django.urls import reverse
from playwright.sync_api import Page

from tests.factories.fulfillment import BackorderFactory
from tests.factories.inventory import (
    ProductFactory,
    SalesChannelFactory,
    SourceFactory,
    SourceItemFactory,
    StockFactory,
)
from tests.factories.orders import OrderFactory

# A bar to scroll the page takes 15 of the 1280 pixels; the browser of tests has none.
WITH_BAR = "document.querySelector('#main').style.paddingRight = '15px'"
HIDDEN = "list => list.scrollWidth - list.clientWidth"


@pytest.fixture
def rows(transactional_db: None) -> None:
    """An order, its shipment and its product, whose words and numbers are long."""
    source = SourceFactory(code="seattle", name="Seattle")
    channel = SalesChannelFactory(stock=StockFactory(code="northwind", sources=[source]))
    product = ProductFactory(
        sku="DEMO-BOOTS",
        name="Thüringer Rostbratwurst and other sausages of the region",
        price=Decimal("1263.50"),
        backorders="ALLOW_QTY_BELOW_0_AND_NOTIFY_CUSTOMER",
        notify_quantity_below=Decimal(30),
    )
    SourceItemFactory(source=source, product=product, quantity=20)
    order = OrderFactory(
        number="DEMO-PAYMENT",
        channel=channel,
        customer_name="Zbyszek Piestrzeniewicz the Elder",
        status="PARTIALLY_SHIPPED",
        total=Decimal("12345.50"),
    )
    for number in ("DEMO-PAYMENT-1", "DEMO-PAYMENT-2"):
        BackorderFactory(number=number, order=order, lines={product: 122})


@pytest.mark.parametrize("name", ["orders_order", "inventory_product", "fulfillment_shipment"])
def test_no_column_is_cut_off(open_page: Callable[..., Page], rows: None, name: str) -> None:
    page = open_page(reverse(f"admin:{name}_changelist"))
    page.set_viewport_size({"width": 1280, "height": 900})
    page.evaluate(WITH_BAR)

    listed = page.locator("[data-list-scroll]")
    assert listed.locator("tbody tr").count() >= 1
    assert listed.evaluate(HIDDEN) == 0
    if name == "inventory_product":
        assert listed.locator(".flag").all_inner_texts() == ["Low", "Overridden"]
