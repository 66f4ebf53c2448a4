"""The links of e-mails about delays, from e-mail to answer, on a phone."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from fulfillment.models import DelayDecision, DelayRequest, Shipment
from fulfillment.operations.delays.silence import act_on_delays
from inventory.models import InventoryConfiguration
from orders.models import Order
from orders.notices.send import send_queued
from orders.order_links import order_token
from tests.browser.conftest import PATIENCE, PHONE, follow, shoot, violations
from tests.factories.fulfillment import BackorderFactory, promise
from tests.factories.inventory import ProductFactory, SalesChannelFactory
from tests.factories.orders import OrderFactory
from tests.inbox import text_of

LINK = re.compile(r"https?://\S+/order/\S+?/(?=\s)")
TODAY = timezone.localdate()
AGREED, SHORT, LATER = (TODAY + timedelta(days=days) for days in (20, 40, 60))
WORDS = {
    "en": ("Late units", "Wait until", "Cancel these units", "The answer was recorded.",
           "You agreed to wait.", "This order was canceled.", "This page does not exist."),
    "sv": ("Försenade varor", "Vänta till den", "Annullera de här varorna",
           "Ditt svar har sparats.", "Du gick med på att vänta.",
           "Beställningen annullerades.", "Sidan finns inte."),
    "fr": ("Articles en retard", "Attendre jusqu’au", "Annuler ces articles",
           "Votre réponse est enregistrée.", "Vous avez accepté d’attendre.",
           "Cette commande a été annulée.", "Cette page n’existe pas."),
}  # fmt: skip
# Of several requests at once: the heading, both buttons, and the one that confirms.
TOGETHER = {
    "en": ("One answer for all of these units", "Wait for all of them", "Cancel all of these",
           "Cancel these units"),
    "sv": ("Ett svar för alla de här varorna", "Vänta på alla", "Annullera alla de här",
           "Annullera de här varorna"),
    "fr": ("Une seule réponse pour tous ces articles", "Attendre tous ces articles",
           "Annuler tous ces", "Annuler ces articles"),
}  # fmt: skip


def late_order(language: str) -> Shipment:
    """Return the shipment of an order that was agreed for one day, and is expected on a later."""
    channel = SalesChannelFactory(delay_rule="CONSENT")
    order = OrderFactory(channel=channel, customer_language=language)
    shipment = BackorderFactory(order=order, lines={ProductFactory(name="Kettle"): 3})
    promise(shipment, AGREED)
    return shipment


def asked(shipment: Shipment, day: date, inbox: list[Any]) -> str:
    """Let the shipment be expected on a day, and return the link by which its customer is asked."""
    rows = Shipment.objects.filter(pk=shipment.pk)
    rows.update(expected_on=day, has_known_supply=True)
    act_on_delays(now=timezone.now())
    send_queued(now=timezone.now())
    [link] = set(LINK.findall(text_of(inbox[-1])))
    return str(link)


def standing() -> tuple[list[str], int]:
    states = DelayRequest.objects.order_by("pk").values_list("state", flat=True)
    return list(states), DelayDecision.objects.count()


@contextmanager
def phone(browser: Browser, language: str) -> Iterator[Page]:
    context = browser.new_context(viewport=PHONE, locale=language, color_scheme="dark")
    context.set_default_timeout(PATIENCE)
    yield context.new_page()
    context.close()


@pytest.mark.parametrize(
    "language",
    [
        "en",
        pytest.param("sv", marks=pytest.mark.long),
        pytest.param("fr", marks=pytest.mark.long),
    ],
)
def test_a_customer_is_asked_agrees_is_asked_again_and_cancels(
    browser: Browser,
    live_server: LiveServer,
    transactional_db: None,
    settings: Settings,
    inbox: list[Any],
    language: str,
) -> None:
    settings.SITE_URL = live_server.url
    InventoryConfiguration.objects.update_or_create(pk=1, defaults={"notice_delay": 0})
    cache.clear()
    late, wait, cancel, recorded, agreed, over, missing = WORDS[language]
    shipment = late_order(language)
    first = asked(shipment, SHORT, inbox)
    wrong: list[str] = []
    with phone(browser, language) as page:
        # A scanner opens the link before the customer does, and answers nothing.
        for method in ("HEAD", "GET"):
            assert page.request.fetch(first, method=method).status == 200
        assert standing() == (["OPEN"], 0)

        page.goto(first)
        expect(page.get_by_role("heading", name=late)).to_be_visible()
        assert page.locator("html").get_attribute("lang") == language
        wrong += problems(page, f"delay-{language}")
        follow(page.get_by_role("button", name=wait))
        expect(page.get_by_text(recorded)).to_be_visible()
        expect(page.get_by_text(agreed)).to_be_visible()
        assert standing() == (["AGREED"], 1)

        second = asked(shipment, LATER, inbox)
        assert standing() == (["AGREED", "OPEN"], 1)
        page.goto(second)
        follow(page.get_by_role("button", name=cancel).first)
        wrong += problems(page, f"delay-cancel-{language}")
        # Only a look: nothing is canceled before it is confirmed.
        assert standing() == (["AGREED", "OPEN"], 1)
        follow(page.get_by_role("button", name=cancel))
        expect(page.get_by_text(recorded)).to_be_visible()
        expect(page.get_by_text(over)).to_be_visible()
        assert standing() == (["AGREED", "CANCELED"], 2)
        wrong += problems(page, f"delay-over-{language}")

        order = Order.objects.get()
        old = order_token(
            order.pk, email=order.customer_email, now=datetime(2020, 1, 1, tzinfo=UTC)
        )
        for link in (f"{second[:-2]}x/", f"{live_server.url}/order/{old}/"):
            page.goto(link)
            expect(page.get_by_role("heading", level=1)).to_have_text(missing)
        wrong += problems(page, f"delay-missing-{language}")
    assert wrong == []


def test_late_parts_of_an_order_are_answered_at_once_in_each_language(
    browser: Browser,
    live_server: LiveServer,
    transactional_db: None,
    settings: Settings,
    inbox: list[Any],
) -> None:
    settings.SITE_URL = live_server.url
    InventoryConfiguration.objects.update_or_create(pk=1, defaults={"notice_delay": 0})
    cache.clear()
    wrong: list[str] = []
    for language, (late, _wait, _cancel, recorded, agreed, over, missing) in WORDS.items():
        together, wait_all, cancel_all, confirm = TOGETHER[language]
        first = late_order(language)
        rest = BackorderFactory(order=first.order, lines={ProductFactory(name="Lid"): 2})
        promise(rest, AGREED)
        Shipment.objects.filter(pk=rest.pk).update(expected_on=LATER, has_known_supply=True)
        link = asked(first, SHORT, inbox)
        requests = DelayRequest.objects.filter(order=first.order)
        assert {one.email_id for one in requests} == {requests[0].email_id}
        with phone(browser, language) as page:
            page.goto(link)
            expect(page.get_by_role("heading", name=late)).to_be_visible()
            expect(page.get_by_role("heading", name=together)).to_be_visible()
            assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
            wrong += problems(page, f"delays-together-{language}")
            follow(page.get_by_role("button", name=wait_all))
            expect(page.get_by_text(recorded)).to_be_visible()
            expect(page.get_by_text(agreed)).to_have_count(2)

            for shipment, day in ((first, LATER), (rest, LATER + timedelta(days=9))):
                link = asked(shipment, day, inbox)
            page.goto(link)
            follow(page.get_by_role("button", name=cancel_all))
            wrong += problems(page, f"delays-together-cancel-{language}")
            follow(page.get_by_role("button", name=confirm))
            expect(page.get_by_text(recorded)).to_be_visible()
            expect(page.get_by_text(over)).to_be_visible()
            page.goto(f"{link[:-2]}x/")
            expect(page.get_by_role("heading", level=1)).to_have_text(missing)
        found = list(requests.order_by("pk").values_list("state", flat=True))
        assert found == ["AGREED", "AGREED", "CANCELED", "CANCELED"]
    assert wrong == []


def problems(page: Page, name: str) -> list[str]:
    shoot(page, name)
    return violations(page)
