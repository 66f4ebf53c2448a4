"""The page of an order for its customer, on a phone, without JavaScript, in three languages."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.core.cache import cache
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from inventory.models import InventoryConfiguration
from orders.models import Cancellation, Order
from orders.order_links import order_token
from tests.browser.conftest import DESKTOP, PATIENCE, PHONE, follow, shoot, violations
from tests.factories.fulfillment import BackorderFactory, promise
from tests.factories.inventory import ProductFactory
from tests.factories.orders import OrderFactory

CUT_OFF = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
WORDS = {
    "en": ("Your order 1001", "Expected by 15 Mar 2031", "Cancel these units",
           "The units were canceled.", "This page does not exist.", "Too many requests."),
    "sv": ("Din beställning 1001", "Väntas senast den 15 mars 2031", "Annullera de här varorna",
           "Varorna har annullerats.", "Sidan finns inte.",
           "För många förfrågningar."),
    "fr": ("Votre commande 1001", "Attendu au plus tard le 15 mars 2031", "Annuler ces articles",
           "Les articles ont été annulés.", "Cette page n’existe pas.",
           "Trop de requêtes."),
}  # fmt: skip


def make_order(language: str) -> Order:
    """Three kettles that wait and a long name, promised for 15 March 2031."""
    InventoryConfiguration.objects.update_or_create(pk=1, defaults={"customers_may_cancel": True})
    order = OrderFactory(
        number="1001",
        customer_language=language,
        city="Paris",
        country="FR",
        total=Decimal("1234.50"),
    )
    kettle = ProductFactory(name="Kettle")
    shipment = BackorderFactory(number="1001-1", order=order, lines={kettle: 3})
    promise(shipment, date(2031, 3, 15))
    BackorderFactory(order=order, lines={ProductFactory(name="Verylongname" * 12): 1})
    return order


def address(order: Order, *, now: datetime | None = None) -> str:
    token = order_token(order.pk, email=order.customer_email, now=now or timezone.now())
    return f"/order/{token}/"


def problems(page: Page, name: str) -> list[str]:
    """Return what is wrong with a page, on a phone in the dark, and wide in the light."""
    found = []
    for window, scheme in ((PHONE, "dark"), (DESKTOP, "light")):
        page.set_viewport_size(window)
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        found += violations(page)
        if cut_off := page.evaluate(CUT_OFF):
            found.append(f"{cut_off} pixels are cut off")
        shoot(page, f"{name}-{window['width']}-{scheme}")
    page.set_viewport_size(PHONE)
    return found


@pytest.mark.parametrize("language", WORDS)
def test_a_customer_sees_the_order_and_cancels_what_waits(
    open_page: Callable[..., Page], language: str
) -> None:
    cache.clear()
    title, expected, cancel, done, *_others = WORDS[language]
    page = open_page(address(make_order(language)), width="phone", is_signed_in=False)

    expect(page.get_by_role("heading", level=1)).to_have_text(title)
    assert page.locator("html").get_attribute("lang") == language
    expect(page.get_by_text(expected)).to_be_visible()
    wrong = problems(page, f"status-{language}")
    follow(page.get_by_role("button", name=cancel).first)
    wrong += problems(page, f"status-cancel-{language}")
    assert not Cancellation.objects.exists()
    follow(page.get_by_role("button", name=cancel))

    expect(page.get_by_text(done)).to_be_visible()
    wrong += problems(page, f"status-done-{language}")
    assert Cancellation.objects.count() == 1
    assert wrong == []


@pytest.mark.parametrize("language", WORDS)
def test_links_that_open_nothing_and_too_many_requests(
    browser: Browser,
    live_server: LiveServer,
    transactional_db: None,
    settings: Settings,
    language: str,
) -> None:
    cache.clear()
    settings.ORDER_PAGE_RATE = 8
    order = make_order(language)
    good, old = address(order), address(order, now=datetime(2020, 1, 1, tzinfo=UTC))
    title, *_others, missing, too_many = WORDS[language]
    context = browser.new_context(
        base_url=live_server.url, viewport=PHONE, locale=language, java_script_enabled=False
    )
    context.set_default_timeout(PATIENCE)
    page = context.new_page()

    # A mail server looks at the link before its reader does.
    for method in ("GET", "HEAD", "GET"):
        assert context.request.fetch(good, method=method).status == 200
    page.goto(good)
    expect(page.get_by_role("heading", level=1)).to_have_text(title)
    for wrong in (f"{good[:-2]}/", old):
        page.goto(wrong)
        expect(page.get_by_role("heading", level=1)).to_have_text(missing)
    # A minute may end between two of these requests, and the count begins again.
    for _request in range(3 * settings.ORDER_PAGE_RATE):
        page.goto(good)
        if page.get_by_role("heading", level=1).inner_text() == too_many:
            break
    expect(page.get_by_role("heading", level=1)).to_have_text(too_many)
    assert not Cancellation.objects.exists()
    context.close()
