"""Two people with the same product open, in a real browser: nothing that either saves is lost."""

from collections.abc import Callable
from decimal import Decimal

import pytest
from playwright.sync_api import Locator, Page, expect

from inventory.models import Product, SourceItem
from tests.browser.conftest import follow, violations
from tests.browser.test_product_page import box, url, value
from tests.factories.inventory import ProductFactory, SourceFactory, SourceItemFactory
from tests.option_values import own_value

BOTH = (
    "This was changed to “12.00 USD” after the page was opened. You entered “15.00 USD”. Save "
    "again to write your value, or enter another."
)


@pytest.fixture
def product(transactional_db: None) -> Product:
    product = ProductFactory(sku="LAMP", name="Lamp", price=Decimal(10))
    for code, quantity in (("leeds", 5), ("malmo", 7)):
        SourceItemFactory(
            product=product, source=SourceFactory(code=code), quantity=Decimal(quantity)
        )
    return product


def on_hand(page: Page, row: int) -> Locator:
    return page.locator(f'[name="source_items-{row}-quantity"]')


def save(page: Page) -> None:
    follow(page.locator('[name="_continue"]'))


@pytest.mark.parametrize(
    ("width", "scheme", "has_scripts"),
    [
        ("phone", "dark", True),
        ("desktop", "light", False),
        pytest.param("desktop", "light", True, marks=pytest.mark.long),
    ],
)
def test_the_second_sees_both_values_and_loses_nothing(
    open_page: Callable[..., Page], product: Product, width: str, scheme: str, has_scripts: bool
) -> None:
    looks = {"width": width, "scheme": scheme, "has_scripts": has_scripts}
    first, second = open_page(url(product), **looks), open_page(url(product), **looks)

    first.locator('[name="price"]').fill("12")
    on_hand(first, 0).fill("4")
    save(first)
    second.locator('[name="price"]').fill("15")
    second.locator('[name="name"]').fill("Lamp, blue")
    second.locator(".options-folded > summary").click()
    box(second, "min_cart_qty").uncheck()
    value(second, "min_cart_qty").fill("2")
    save(second)

    expect(second.get_by_text(BOTH)).to_be_visible()
    expect(second.locator('[name="price"]')).to_have_value("15")
    expect(second.locator('[name="name"]')).to_have_value("Lamp, blue")
    expect(value(second, "min_cart_qty")).to_have_value("2")
    expect(on_hand(second, 0)).to_have_value("4")
    stored = Product.objects.get()
    assert (stored.price, stored.name, own_value(stored, "min_cart_qty")) == (
        Decimal(12),
        "Lamp",
        None,
    )
    if has_scripts:
        assert violations(second) == []

    save(second)
    stored.refresh_from_db()
    assert (stored.price, stored.name, own_value(stored, "min_cart_qty")) == (
        Decimal(15),
        "Lamp, blue",
        2,
    )
    held = SourceItem.objects.order_by("source__code").values_list("quantity", flat=True)
    assert list(held) == [4, 7]
