"""A person is looked up and erased in a real browser."""

from playwright.sync_api import Page, expect

from orders.models import Order
from tests.browser.conftest import PHONE, follow, violations
from tests.factories.orders import OrderFactory

WIDER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
NAME, EMAIL = "Zebedee Quillfeather", "zebedee@quillfeather.example"


def test_a_person_is_looked_up_and_erased(page: Page) -> None:
    order = OrderFactory(customer_name=NAME, customer_email=EMAIL, status="CANCELED")
    page.goto("/admin/personal-data/")
    found = [violations(page)]
    page.get_by_label("E-mail, name, order number").fill("quillfeather")
    follow(page.get_by_role("button", name="Look up"))
    follow(page.get_by_role("button", name=EMAIL))
    found.append(violations(page))
    page.set_viewport_size(PHONE)
    found.append(violations(page))
    assert page.evaluate(WIDER) == 0

    page.get_by_label("Erase these data for good").check()
    follow(page.get_by_role("button", name="Erase data"))

    expect(page.get_by_text("Erased the person from")).to_be_visible()
    assert found == [[], [], []]
    order.refresh_from_db()
    assert (order.customer_name, Order.objects.filter(customer_email=EMAIL).count()) == ("–", 0)
