"""Lists that people work in all day show every column at 1280 pixels, in every language."""

from collections.abc import Callable
from decimal import Decimal

import pytest
from django.urls import reverse
from playwright.sync_api import Page

from core.models import PersonLanguage
from tests.browser.conftest import superuser
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
FLAGS = {
    "en": ["Low", "Overridden"],
    "sv": ["Lågt", "Egna värden"],
    "fr": ["Faible", "Spécifique"],
}


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


LISTS = [
    "orders_order",
    "inventory_product",
    "inventory_sourceitem",
    "fulfillment_shipment",
    "fulfillment_shipment_review",
]


@pytest.mark.parametrize("name", LISTS)
def test_no_column_is_cut_off(open_page: Callable[..., Page], rows: None, name: str) -> None:
    view = name if name.endswith("_review") else f"{name}_changelist"
    hidden = {}
    for language, flags in FLAGS.items():
        PersonLanguage.objects.update_or_create(user=superuser(), defaults={"language": language})
        page = open_page(reverse(f"admin:{view}"))
        page.set_viewport_size({"width": 1280, "height": 900})
        page.evaluate(WITH_BAR)

        listed = page.locator("[data-list-scroll]")
        assert listed.locator("tbody tr").count() >= 1
        hidden[language] = listed.evaluate(HIDDEN)
        if name == "inventory_product":
            assert listed.locator(".flag").all_inner_texts() == flags

    assert hidden == dict.fromkeys(FLAGS, 0)
