from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils.html import strip_tags
from pytest_django import Settings

from orders.models import Order, OrderEmail
from orders.notices.email_queue import Notice, queue_emails
from orders.notices.send import send_queued
from tests.factories.orders import OrderFactory
from tests.inbox import text_of

NOW = datetime(2026, 3, 1, 9, tzinfo=UTC)
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("sends_at_once")]
# A server that takes its time is no other outcome.
SOON = NOW + timedelta(minutes=4)
PARCELS = [
    {"carrier": "UPS", "number": "1Z7", "link": "https://ups.example/1Z7"},
    {"carrier": "Our van", "number": "7731", "link": ""},
]
LINES = {
    "lines": [
        {
            "sku": "KTP",
            "name": "Kettle",
            "quantity": "6.0000",
            "backordered_quantity": "2.0000",
            "expected_on": "2026-03-15",
        }
    ]
}


def queue(
    order: Order,
    kind: Any = OrderEmail.Kind.CONFIRMATION,
    event_key: str = "placed",
    context: dict[Any, Any] = LINES,
) -> None:
    queue_emails([Notice(order, event_key, context)], kind=kind, now=NOW)


def test_confirmation_says_what_is_backordered_and_until_when(inbox: list[Any]) -> None:
    # given
    queue(OrderFactory(number="1001"))

    # when
    sent = send_queued(now=NOW)

    # then
    email = OrderEmail.objects.get()
    assert (sent, email.state) == (1, "SENT")
    assert email.sent_at
    assert NOW <= email.sent_at < SOON
    assert [message["Subject"] for message in inbox] == ["Your order 1001"]
    assert inbox[0]["To"] == "ada@example.com"
    text = text_of(inbox[0])
    assert "6 × Kettle (KTP)" in text
    assert "On backorder: 2. We expect to send this by 15 Mar 2026." in text


def test_an_event_has_one_notice(inbox: list[Any]) -> None:
    order = OrderFactory()
    queue(order)
    queue(order)

    assert send_queued(now=NOW) == 1
    assert send_queued(now=NOW) == 0
    assert len(inbox) == 1


def test_database_refuses_a_second_email_for_an_event() -> None:
    order = OrderFactory()
    queue(order)
    again = OrderEmail.objects.get()
    again.pk = None

    with pytest.raises(IntegrityError), transaction.atomic():
        again.save(force_insert=True)


def test_server_that_is_down_is_asked_again_after_growing_pauses(settings: Settings) -> None:
    # given
    settings.EMAIL_BACKEND = "core.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    queue(OrderFactory())

    # when
    first = send_queued(now=NOW)
    too_early = send_queued(now=NOW + timedelta(seconds=59))
    second = send_queued(now=NOW + timedelta(seconds=90))

    # then
    email = OrderEmail.objects.get()
    assert (first, too_early, second) == (0, 0, 0)
    assert (email.state, email.attempt_count) == ("QUEUED", 2)
    assert NOW + timedelta(seconds=210) <= email.next_attempt_at < SOON
    assert "refused" in email.last_error


def test_server_that_stays_down_leaves_the_email_failed(settings: Settings) -> None:
    settings.EMAIL_BACKEND = "core.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    queue(OrderFactory())
    OrderEmail.objects.update(attempt_count=9)

    send_queued(now=NOW)

    assert OrderEmail.objects.get().state == "FAILED"


@pytest.mark.parametrize(
    ("kind", "context", "subject", "sentence"),
    [
        (
            OrderEmail.Kind.EXPECTED_DATE_CHANGED,
            {**LINES, "expected_on": "2026-04-01"},
            "A new date for your order 1001",
            "order 1001 by 1 Apr 2026.",
        ),
        (
            OrderEmail.Kind.EXPECTED_DATE_CHANGED,
            {**LINES, "expected_on": None},
            "A new date for your order 1001",
            "do not know yet when we can send",
        ),
        (
            OrderEmail.Kind.BEING_PREPARED,
            LINES,
            "Your order 1001 is being prepared",
            "Your backordered units have arrived.",
        ),
        (
            OrderEmail.Kind.DISPATCHED,
            {**LINES, "parcels": PARCELS},
            "Your order 1001 is on its way to you",
            "Follow what was sent:\nUPS 1Z7 https://ups.example/1Z7\nOur van 7731",
        ),
        (
            OrderEmail.Kind.TRACKING,
            {**LINES, "parcels": PARCELS},
            "Follow your order 1001",
            "were sent to you, and can be followed now:",
        ),
        (
            OrderEmail.Kind.REFUNDED,
            {**LINES, "amount": "15.00"},
            "Refund for your order 1001",
            "We have paid back 15.00 USD for these units of your order 1001:",
        ),
        (
            OrderEmail.Kind.PAYMENT_NEEDED,
            {**LINES, "until": "2026-04-01"},
            "Payment needed for your order 1001",
            "only reserved until 1 Apr 2026",
        ),
        (
            OrderEmail.Kind.PAYMENT_NEEDED,
            {**LINES, "until": None},
            "Payment needed for your order 1001",
            "is no longer reserved.",
        ),
        (
            OrderEmail.Kind.CANCELED,
            {**LINES, "cause": "PAYMENT_DECLINED", "is_uncharged": True},
            "Canceled units of your order 1001",
            "The payment was declined.\nYou are not charged for them.",
        ),
        (
            OrderEmail.Kind.CANCELED,
            {**LINES, "cause": "NOT_AVAILABLE", "refund_amount": "5.00"},
            "Canceled units of your order 1001",
            "They are not available.\nYou will get 5.00 USD back.",
        ),
        (
            OrderEmail.Kind.CANCELED,
            LINES,
            "Canceled units of your order 1001",
            "These units of your order 1001 were canceled:",
        ),
    ],
)
def test_every_kind_has_its_text(
    inbox: list[Any], kind: Any, context: dict[Any, Any], subject: str, sentence: str
) -> None:
    order = OrderFactory(number="1001", currency="USD")
    queue(order, kind=kind, event_key="x", context=context)

    send_queued(now=NOW)

    assert inbox[0]["Subject"] == subject
    assert sentence in text_of(inbox[0])


@pytest.mark.parametrize("language", ["en", "sv", "fr"])
def test_an_email_says_the_same_as_text_and_as_html(inbox: list[Any], language: str) -> None:
    order = OrderFactory(number="1001", customer_name="<b>Ada</b>", customer_language=language)
    queue(order)

    send_queued(now=NOW)

    assert inbox[0].get_content_type() == "multipart/alternative"
    html = text_of(inbox[0], "text/html")
    assert f'<html lang="{language}">' in html
    assert "<b>" not in html
    shown = unescape(strip_tags(html[html.index("</h1>") :]))
    text = "\n".join(line.removeprefix("- ") for line in text_of(inbox[0]).splitlines())
    assert shown.split() == text.split()
