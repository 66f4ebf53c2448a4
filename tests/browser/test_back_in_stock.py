"""From a product that is out of stock to the e-mail that it is back, on a phone, in three
languages."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.cache import cache
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from inventory.models import BackInStockRequest, SourceItem
from inventory.operations.back_in_stock import send_queued, tell_due
from orders.models import Order
from orders.order_links import order_token
from tests.browser.conftest import PATIENCE, PHONE, follow, shoot, violations
from tests.browser.layout import cut_off
from tests.factories.inventory import (
    ProductFactory,
    SalesChannelFactory,
    SourceFactory,
    SourceItemFactory,
    StockFactory,
)
from tests.factories.orders import OrderFactory, OrderLineFactory
from tests.inbox import text_of

LINK = re.compile(r"https?://\S+/back-in-stock/(\w+)/\S+/(?=\s)")
WORDS = {
    "en": {
        "ask": "E-mail me when it can be bought again",
        "asked": "Confirm your request by the link in it.",
        "confirm": "Confirm",
        "confirmed": "Your request is confirmed.",
        "back": "This product can be bought again:",
        "unsubscribe": "Unsubscribe",
        "unsubscribed": "You are unsubscribed.",
        "gone": "This link does not work.",
    },
    "sv": {
        "ask": "Mejla mig när den går att köpa igen",
        "asked": "Bekräfta med länken i det.",
        "confirm": "Bekräfta",
        "confirmed": "Din bevakning är bekräftad.",
        "back": "Den här produkten går att köpa igen:",
        "unsubscribe": "Avsluta",
        "unsubscribed": "Utskicken är avslutade.",
        "gone": "Länken fungerar inte.",
    },
    "fr": {
        "ask": "M’avertir par e-mail de son retour en vente",
        "asked": "Confirmez avec le lien qu’il contient.",
        "confirm": "Confirmer",
        "confirmed": "Votre demande est confirmée.",
        "back": "Ce produit est de nouveau en vente\u00a0:",
        "unsubscribe": "Se désabonner",
        "unsubscribed": "Vous êtes désabonné.",
        "gone": "Ce lien ne fonctionne pas.",
    },
}


def order_of_kettle(language: str) -> tuple[Order, SourceItem]:
    """Return an order of a kettle that is sold out and takes no backorders, and its source item."""
    kettle = ProductFactory(sku="KETTLE", name="Kettle", backorders="NO_BACKORDERS")
    item = SourceItemFactory(product=kettle, source=SourceFactory(), quantity=Decimal(0))
    channel = SalesChannelFactory(stock=StockFactory(sources=[item.source]))
    order = OrderFactory(number="1001", channel=channel, customer_language=language)
    OrderLineFactory(order=order, product=kettle)
    return order, item


def last_link(inbox: list[Any], page: str) -> str:
    """Return the address of a page in the last e-mail."""
    text = text_of(inbox[-1])
    return next(found[0] for found in LINK.finditer(f"{text}\n") if found[1] == page)


@contextmanager
def phone(browser: Browser, language: str) -> Iterator[Page]:
    context = browser.new_context(viewport=PHONE, locale=language, java_script_enabled=True)
    context.set_default_timeout(PATIENCE)
    yield context.new_page()
    context.close()


def problems(page: Page, name: str) -> list[str]:
    """Return what is wrong with a page in the light and in the dark."""
    found = []
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        found += violations(page) + cut_off(page)
        shoot(page, f"back-in-stock-{name}-{scheme}")
    return found


@pytest.mark.parametrize("language", WORDS)
def test_a_customer_asks_confirms_and_hears_of_stock_once(
    browser: Browser,
    live_server: LiveServer,
    transactional_db: None,
    settings: Settings,
    inbox: list[Any],
    language: str,
) -> None:
    settings.SITE_URL = live_server.url
    cache.clear()
    words = WORDS[language]
    order, item = order_of_kettle(language)
    now, today = timezone.now(), timezone.localdate()
    token = order_token(order.pk, email=order.customer_email, now=now)
    wrong: list[str] = []
    with phone(browser, language) as page:
        page.goto(f"{live_server.url}/order/{token}/")
        assert page.locator("html").get_attribute("lang") == language
        wrong += problems(page, f"offered-{language}")
        follow(page.get_by_role("button", name=words["ask"]))
        expect(page.get_by_role("status")).to_contain_text(words["asked"])
        wrong += problems(page, f"asked-{language}")
        send_queued(now=timezone.now())
        assert len(inbox) == 1

        confirm = last_link(inbox, "confirm")
        # A scanner opens the link before the customer does, and confirms nothing.
        assert page.request.get(confirm).status == 200
        assert not BackInStockRequest.objects.exclude(confirmed_at=None).exists()
        page.goto(confirm)
        wrong += problems(page, f"confirm-{language}")
        follow(page.get_by_role("button", name=words["confirm"]))
        expect(page.get_by_role("heading", level=1)).to_have_text(words["confirmed"])
        assert page.locator("html").get_attribute("lang") == language
        wrong += problems(page, f"confirmed-{language}")
        assert tell_due(now=now, today=today) == 0

        SourceItem.objects.filter(pk=item.pk).update(quantity=5)
        later = now + timedelta(minutes=5)
        assert tell_due(now=later, today=today) == 1
        assert tell_due(now=later, today=today) == 0
        send_queued(now=later)
        assert len(inbox) == 2
        assert words["back"] in text_of(inbox[-1])
        assert "Kettle" in text_of(inbox[-1])

        page.goto(last_link(inbox, "unsubscribe"))
        wrong += problems(page, f"unsubscribe-{language}")
        follow(page.get_by_role("button", name=words["unsubscribe"]))
        expect(page.get_by_role("heading", level=1)).to_have_text(words["unsubscribed"])
        assert not BackInStockRequest.objects.exists()
        page.goto(confirm)
        expect(page.get_by_role("heading", level=1)).to_have_text(words["gone"])
        wrong += problems(page, f"gone-{language}")
    assert wrong == []
