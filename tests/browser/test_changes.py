"""Who changed a threshold, in three clicks."""

from collections.abc import Callable

from django.urls import reverse
from playwright.sync_api import Locator, Page

from inventory.models import Product
from tests.browser.test_every_page import problems
from tests.factories.inventory import ProductFactory


def test_who_changed_a_threshold_takes_three_clicks(open_page: Callable[..., Page]) -> None:
    lamp = ProductFactory(sku="LAMP")
    Product.objects.filter(pk=lamp.pk).update(name="Desk lamp")
    Product.objects.filter(pk=lamp.pk).update(out_of_stock_threshold=-5)
    page = open_page("/admin/")
    clicks = 0

    def click(locator: Locator) -> None:
        nonlocal clicks
        clicks += 1
        locator.click()

    click(page.get_by_role("link", name="Changes", exact=True))
    # Choosing from a list counts as a click.
    clicks += 1
    page.get_by_label("Field").select_option(label="Out-of-Stock Threshold")
    click(page.get_by_role("button", name="Show changes"))
    page.wait_for_url("**field=out_of_stock_threshold**")

    (entry,) = page.locator(".changes-list > li").all()
    assert "LAMP" in entry.inner_text()
    assert "Out-of-Stock Threshold inherited → -5" in entry.inner_text()
    assert clicks == 3
    assert problems(page, without="") == []
    entry.get_by_role("link", name="LAMP", exact=True).click()
    page.wait_for_url(f"**{reverse('admin:inventory_product_change', args=[lamp.pk])}")
