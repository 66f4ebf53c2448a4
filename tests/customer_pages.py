"""Each page that customers open by a link, in each state that it has words of its own for."""

import re
from datetime import date, timedelta
from typing import Any

from django.core.cache import cache
from django.test import Client
from django.urls import URLPattern, reverse

from config.urls import urlpatterns
from fulfillment.models import DelayRequest, DemandDigest, Shipment
from inventory.models import (
    BackInStockRequest,
    InventoryConfiguration,
    LowStockDigest,
    Product,
    SalesChannel,
)
from inventory.operations.back_in_stock import NewBackInStockRequest, ask
from orders.models import Order
from orders.order_links import order_token
from tests.factories.inventory import ProductFactory
from tests.fulfillment.delays.consent import AGREED, LONG, NOW, SOON, expect, open_shop, run_job
from tests.fulfillment.delays.consent import waiting as waiting_shipment
from tests.lints.translations import ROOT

TEMPLATES = ROOT / "templates"
# Those of the pages, beside what they extend.
ROOMS = ("orders/status_page",)
VERSION = re.compile(r'name="version" value="([^"]+)"')
# The names of languages are in each language itself.
NAMES_OF_LANGUAGES = re.compile(r"<nav.*?</nav>", re.DOTALL)


def linked_pages() -> set[str]:
    """Return the names of the addresses that whoever has the link may open."""
    return {
        str(pattern.name)
        for pattern in urlpatterns
        if isinstance(pattern, URLPattern) and "token" in pattern.pattern.converters
    }


def templates_of_pages() -> set[str]:
    """Return the names of the templates of these pages."""
    return {
        path.relative_to(TEMPLATES).as_posix()
        for room in ROOMS
        for path in (TEMPLATES / room).glob("*.html")
    }


def customer_pages(language: str, settings: Any) -> dict[str, Any]:
    """Return the answers by what they show. The clock has to stand at 5 March 2026, 12:00 UTC."""
    cache.clear()
    found = {
        **_status_pages(language),
        **_back_in_stock_pages(language),
        **_digest_pages(language),
    }
    settings.ORDER_PAGE_RATE = 0
    refused = {"order_status": "order", "back_in_stock_confirm": "back in stock"}
    for name, what in refused.items():
        found[f"too many: {what}"] = _client(language).get(reverse(name, args=["link"]))
    return found


def text_of(answer: Any) -> str:
    """Return a page without the names of languages."""
    return NAMES_OF_LANGUAGES.sub("", answer.text)


def _client(language: str) -> Client:
    return Client(headers={"accept-language": language})


def _status_pages(language: str) -> dict[str, Any]:
    client = _client(language)
    open_shop(customers_may_cancel=True)
    Product.objects.update(name="SKU-1")
    late = {day: waiting_shipment() for day in (SOON, LONG, None)}
    punctual = waiting_shipment()
    for day, shipment in late.items():
        expect(shipment, day)
    run_job(date(2026, 3, 4))
    run_job(AGREED - timedelta(days=7))
    Order.objects.update(customer_language=language, city="Lund")
    pages = {day: _page_of(shipment) for day, shipment in late.items()}
    asked = {day: _request_of(shipment) for day, shipment in late.items()}
    found = {f"asked about {day}": client.get(page) for day, page in pages.items()}
    to_cancel = {"request": asked[LONG].pk, "shown_on": str(LONG)}
    found["late units to cancel"] = client.post(pages[LONG], {**to_cancel, "preview": "1"})
    found["late units canceled"] = client.post(pages[LONG], {**to_cancel, "answer": "CANCEL"})
    to_wait = {"request": asked[SOON].pk, "shown_on": str(SOON), "answer": "WAIT_UNTIL"}
    found["late units waited for"] = client.post(pages[SOON], to_wait)
    InventoryConfiguration.objects.update(delay_auto_cancel=False)
    found["staff decide"] = client.get(pages[None])
    page = _page_of(punctual)
    found["units to cancel"] = client.post(page, {"shipment": punctual.number})
    version = VERSION.findall(found["units to cancel"].text)[0]
    found["changed meanwhile"] = client.post(page, {"shipment": "none"})
    posted = {"shipment": punctual.number, "version": version}
    found["units canceled"] = client.post(page, posted)
    InventoryConfiguration.objects.update(customers_may_cancel=False)
    found["not canceled"] = client.post(page, posted)
    found["no order"] = client.get(reverse("order_status", args=["link"]))
    return found


def _page_of(shipment: Shipment) -> str:
    order = shipment.order
    token = order_token(order.pk, email=order.customer_email, now=NOW)
    return reverse("order_status", args=[token])


def _request_of(shipment: Shipment) -> DelayRequest:
    return DelayRequest.objects.get(order=shipment.order_id)


def _back_in_stock_pages(language: str) -> dict[str, Any]:
    client = _client(language)
    product, channel = ProductFactory(), SalesChannel.objects.get(code="web")
    ask(
        NewBackInStockRequest(
            product.pk, channel.pk, "a@example.com", language, "https://a.example"
        ),
        now=NOW,
    )
    request = BackInStockRequest.objects.get()
    found = {}
    for name in ("back_in_stock_confirm", "back_in_stock_unsubscribe"):
        page = reverse(name, args=[request.token(name)])
        found[f"{name}: asked"] = client.get(page)
        found[f"{name}: done"] = client.post(page)
        found[f"{name}: changed"] = client.get(reverse(name, args=["link"]))
    return found


def _digest_pages(language: str) -> dict[str, Any]:
    client = _client(language)
    found = {}
    for digest in (LowStockDigest, DemandDigest):
        row = digest.objects.create(day=NOW.date(), recipient="a@example.com", next_attempt_at=NOW)
        page = row.address(digest.UNSUBSCRIBE).removeprefix(row.site)
        found[f"{digest.UNSUBSCRIBE}: asked"] = client.get(page)
        found[f"{digest.UNSUBSCRIBE}: done"] = client.post(page)
        found[f"{digest.UNSUBSCRIBE}: changed"] = client.get(reverse(row.UNSUBSCRIBE, args=["x"]))
    return found
