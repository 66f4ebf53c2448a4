"""Links to the page of an order: what opens it, and what does not."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pytest_django import Settings

from fulfillment.models import DelayRequest
from inventory.models import InventoryConfiguration
from orders.models import Order, OrderEmail
from orders.notices.email_queue import Notice, queue_emails
from orders.notices.send import send_queued
from orders.order_links import linked_order, order_token
from tests.factories.fulfillment import BackorderFactory
from tests.factories.orders import OrderFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("sends_at_once")]

NOW = datetime(2026, 3, 1, 9, tzinfo=UTC)


def token_of(order: Order) -> str:
    return order_token(order.pk, email=order.customer_email, now=NOW)


def test_a_link_opens_its_order_for_as_many_days_as_the_site_says() -> None:
    order = OrderFactory()
    token = token_of(order)

    assert linked_order(token, now=NOW + timedelta(days=180)) == order
    assert linked_order(token, now=NOW + timedelta(days=180, seconds=1)) is None

    InventoryConfiguration.objects.update_or_create(pk=1, defaults={"order_link_days": 2})
    assert linked_order(token, now=NOW + timedelta(days=2)) == order
    assert linked_order(token, now=NOW + timedelta(days=2, seconds=1)) is None


def test_a_changed_link_opens_nothing() -> None:
    order = OrderFactory()
    other = OrderFactory()
    token = token_of(order)
    pk, issued, signature = token.split(".")
    later = token_of(other).split(".")

    for changed in (
        "",
        "link",
        token[:-1],
        f"{token}A",
        f"{token}\n",
        f"{pk}.{issued}.{signature[:-1]}{'A' if signature[-1] != 'A' else 'B'}",
        f"{later[0]}.{issued}.{signature}",
        f"0{token}",
        f"{pk}.zzzzzz.{signature}",
        f"zzzzzzzzzz.{issued}.{signature}",
    ):
        assert linked_order(changed, now=NOW) is None, changed


def test_another_address_ends_the_links_sent_before() -> None:
    order = OrderFactory(customer_email="ada@example.com")
    token = token_of(order)
    Order.objects.filter(pk=order.pk).update(customer_email="grace@example.com")

    assert linked_order(token, now=NOW) is None
    order.refresh_from_db()
    assert linked_order(token_of(order), now=NOW) == order


def test_a_former_key_still_opens_what_it_signed(settings: Settings) -> None:
    order = OrderFactory()
    token, former = token_of(order), settings.SECRET_KEY
    settings.SECRET_KEY = "a new key"  # noqa: S105 - of the test

    assert linked_order(token, now=NOW) is None
    settings.SECRET_KEY_FALLBACKS = [former]
    assert linked_order(token, now=NOW) == order


@pytest.mark.parametrize("kind", OrderEmail.Kind.values)
def test_every_email_has_a_link_that_staff_do_not_get(
    inbox: list[Any], settings: Settings, kind: str
) -> None:
    settings.SITE_URL = "https://shop.example.com"
    order = OrderFactory(number="1001")
    context = {"lines": [{"sku": "KTP", "name": "Kettle", "quantity": "6"}]}
    queue_emails([Notice(order, "event", context)], kind=OrderEmail.Kind(kind), now=NOW)
    if kind == OrderEmail.Kind.DELAYED:
        # Only what is asked is sent.
        DelayRequest.objects.create(
            order=order,
            shipment=BackorderFactory(order=order),
            email=OrderEmail.objects.get(),
            ordinal=1,
            agreed_on=NOW - timedelta(days=1),
            answer_by=NOW,
            silence="CANCELS",
            opened_at=NOW,
        )

    assert send_queued(now=NOW) == 1

    text, html = (part.get_payload(decode=True).decode() for part in inbox[0].get_payload())
    before = "See the state of your order at any time: https://shop.example.com/order/"
    token = text.partition(before)[2].partition("/")[0]
    assert linked_order(token, now=NOW) == order
    assert f'href="https://shop.example.com/order/{token}/"' in html
    kept = OrderEmail.objects.get()
    assert f"{before}link/" in kept.body
    assert token not in kept.body + str(kept.context)


def test_an_email_to_a_former_address_has_no_link_that_works(
    inbox: list[Any], settings: Settings
) -> None:
    settings.SITE_URL = "https://shop.example.com"
    order = OrderFactory(customer_email="ada@example.com")
    queue_emails([Notice(order, "event", {})], kind=OrderEmail.Kind.CANCELED, now=NOW)
    Order.objects.filter(pk=order.pk).update(customer_email="grace@example.com")

    assert send_queued(now=NOW) == 1

    assert inbox[0]["To"] == "ada@example.com"
    text = inbox[0].get_payload()[0].get_payload(decode=True).decode()
    token = text.partition("/order/")[2].partition("/")[0]
    assert len(token) > 43
    assert linked_order(token, now=NOW) is None


def test_without_an_address_of_the_site_there_is_no_link(inbox: list[Any]) -> None:
    queue_emails([Notice(OrderFactory(), "event", {})], kind=OrderEmail.Kind.CANCELED, now=NOW)

    assert send_queued(now=NOW) == 1
    assert "/order/" not in str(inbox[0])
