"""E-mails that bounce: what the mail provider reports, and what staff see of it."""

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from config.environment import check_webhook
from core.operations.mail import send_again
from orders.email_reports import PROVIDERS
from orders.models import Order, OrderEmail
from orders.notices.email_queue import Notice, queue_emails
from orders.notices.send import send_queued
from tests.factories.orders import OrderFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("sends_at_once")]
NOW = datetime(2026, 3, 1, 9, tzinfo=UTC)
SHOWN = "shop:a-password-of-its-own"
KEY = "key-that-mailgun-signs-with"
CONTEXT = {"lines": [{"sku": "KTP", "name": "Kettle", "quantity": "1"}], "amount": "2.50"}


@pytest.fixture(autouse=True)
def provider(settings: Settings) -> None:
    settings.EMAIL_WEBHOOK_PROVIDER = "postmark"
    settings.EMAIL_WEBHOOK_SECRET = SHOWN
    settings.EMAIL_WEBHOOK_SIGNING_KEY = KEY


def sent(order: Order, key: str = "a", *, at: datetime = NOW) -> OrderEmail:
    queue_emails([Notice(order, key, CONTEXT)], kind=OrderEmail.Kind.REFUNDED, now=at)
    send_queued(now=at)
    return order.emails.get(event_key=key)


def postmark(**values: Any) -> dict[str, Any]:
    """What Postmark sends of a hard bounce."""
    return {
        "RecordType": "Bounce",
        "MessageStream": "outbound",
        "ID": 4323372036854775807,
        "Type": "HardBounce",
        "TypeCode": 1,
        "Name": "Hard bounce",
        "Tag": "",
        "MessageID": "883953f4-6105-42a2-a16a-77a8eac79483",
        "Metadata": {},
        "ServerID": 23,
        "Description": "The server was unable to deliver your message (ex: unknown user).",
        "Details": "smtp;550 5.1.1 The email account does not exist.",
        "Email": "Ada@example.com",
        "From": "orders@example.com",
        "BouncedAt": "2026-03-01T09:05:00.000Z",
        "DumpAvailable": False,
        "Inactive": True,
        "CanActivate": True,
        "Subject": "Refund",
        **values,
    }


def report(body: Any, *, secret: str = SHOWN) -> int:
    authorization = base64.b64encode(secret.encode()).decode()
    response = Client(enforce_csrf_checks=True).post(
        reverse("email_reports"),
        body if isinstance(body, str) else json.dumps(body),
        content_type="application/json",
        headers={"Authorization": f"Basic {authorization}"} if secret else {},
    )
    return response.status_code


def mailgun(email: OrderEmail, *, key: str = KEY) -> dict[str, Any]:
    """What Mailgun sends of a permanent failure, with its signature."""
    message_id = email.headers()["Message-ID"].strip("<>")
    stamp, token = "1772355900", "c" * 50
    digest = hmac.new(key.encode(), f"{stamp}{token}".encode(), hashlib.sha256).hexdigest()
    return {
        "signature": {"timestamp": stamp, "token": token, "signature": digest},
        "event-data": {
            "event": "failed",
            "severity": "permanent",
            "reason": "bounce",
            "id": "G9Bn5sl1TC6nu79C8C0bwg",
            "timestamp": 1772355900.5,
            "recipient": "ada@example.com",
            "delivery-status": {"code": 605, "message": "Not delivering to a bounced address"},
            "message": {"headers": {"message-id": message_id, "to": "ada@example.com"}},
        },
    }


def test_the_last_email_before_the_bounce_is_marked_with_what_was_sent_in_it(
    inbox: list[Any],
) -> None:
    order = OrderFactory(customer_email="ada@example.com")
    earlier = sent(order, "a", at=NOW - timedelta(hours=1))
    email = sent(order, "b")
    with_it = sent(order, "c")
    OrderEmail.objects.filter(pk=with_it.pk).update(collected_in=email, claimed_at=email.claimed_at)
    later = sent(order, "d", at=NOW + timedelta(hours=1))

    assert report(postmark()) == 200

    states = {one.pk: one.state for one in OrderEmail.objects.all()}
    assert states == {
        earlier.pk: "SENT",
        email.pk: "BOUNCED",
        with_it.pk: "BOUNCED",
        later.pk: "SENT",
    }
    email.refresh_from_db()
    assert email.sent_at is None
    assert email.last_error == "The server was unable to deliver your message (ex: unknown user)."


def test_a_report_that_names_an_email_marks_that_one(inbox: list[Any], settings: Settings) -> None:
    settings.EMAIL_WEBHOOK_PROVIDER = "mailgun"
    order = OrderFactory(customer_email="ada@example.com")
    named, other = sent(order, "a"), sent(order, "b")

    assert report(mailgun(named)) == 200

    named.refresh_from_db()
    other.refresh_from_db()
    assert (named.state, other.state) == ("BOUNCED", "SENT")
    assert inbox[0]["Message-ID"] == named.headers()["Message-ID"]


def test_a_report_that_comes_again_changes_nothing(inbox: list[Any]) -> None:
    email = sent(OrderFactory(customer_email="ada@example.com"))
    assert report(postmark()) == 200
    send_again(OrderEmail, keys=[email.pk], now=NOW)
    send_queued(now=NOW)

    assert [report(postmark()), report(postmark())] == [200, 200]

    email.refresh_from_db()
    assert (email.state, len(inbox)) == ("SENT", 2)


@pytest.mark.parametrize(
    ("secret", "status"), [("", 403), ("shop:another", 403), (f"x{SHOWN}", 403)]
)
def test_a_call_without_the_secret_is_refused(inbox: list[Any], secret: str, status: int) -> None:
    email = sent(OrderFactory(customer_email="ada@example.com"))

    assert report(postmark(), secret=secret) == status

    email.refresh_from_db()
    assert email.state == "SENT"


def test_a_call_that_was_changed_on_its_way_is_refused(
    inbox: list[Any], settings: Settings
) -> None:
    settings.EMAIL_WEBHOOK_PROVIDER = "mailgun"
    email = sent(OrderFactory(customer_email="ada@example.com"))
    tampered = mailgun(email)
    tampered["signature"]["timestamp"] = "1772355901"

    assert report(tampered) == 403
    assert report(mailgun(email, key="another")) == 403
    email.refresh_from_db()
    assert email.state == "SENT"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ("{", 400),
        ("[]", 400),
        ('"text"', 400),
        ({**postmark(), "Email": 7}, 200),
        ({**postmark(), "BouncedAt": "soon"}, 200),
        ({**postmark(), "Type": "Transient"}, 200),
        ({**postmark(), "RecordType": "Delivery"}, 200),
        ({**postmark(), "Email": "nobody@example.com"}, 200),
        ({**postmark(), "BouncedAt": "2026-02-01T09:05:00Z"}, 200),
    ],
)
def test_what_reports_no_bounce_of_ours_changes_nothing(
    inbox: list[Any], body: Any, status: int
) -> None:
    email = sent(OrderFactory(customer_email="ada@example.com"))
    OrderEmail.objects.update(claimed_at=datetime.now(UTC) + timedelta(days=1))
    if body == {**postmark(), "BouncedAt": "2026-02-01T09:05:00Z"}:
        OrderEmail.objects.update(claimed_at=NOW)

    assert report(body) == status

    email.refresh_from_db()
    assert email.state == "SENT"


def test_no_provider_no_address(settings: Settings) -> None:
    settings.EMAIL_WEBHOOK_PROVIDER = ""

    assert report(postmark()) == 404


def test_every_provider_can_be_asked(settings: Settings) -> None:
    for name in PROVIDERS:
        settings.EMAIL_WEBHOOK_PROVIDER = name
        assert Client().head(reverse("email_reports")).status_code == 200
        assert report({}, secret="") == 403


@pytest.mark.parametrize(
    ("provider", "secret", "key", "fault"),
    [
        ("postmark", "", "", "EMAIL_WEBHOOK_SECRET"),
        ("postmark", "a-long-text-without-a-colon", "", "EMAIL_WEBHOOK_SECRET"),
        ("postmark", "shop:short", "", "EMAIL_WEBHOOK_SECRET"),
        ("mailgun", SHOWN, "", "EMAIL_WEBHOOK_SIGNING_KEY"),
    ],
)
def test_the_program_does_not_start_without_the_secret(
    provider: str, secret: str, key: str, fault: str
) -> None:
    with pytest.raises(ImproperlyConfigured, match=fault):
        check_webhook(provider, secret, key)

    check_webhook("", "", "")
    check_webhook("postmark", SHOWN, "")
    check_webhook("mailgun", SHOWN, KEY)


def test_staff_see_the_address_and_find_the_emails(admin_client: Client, inbox: list[Any]) -> None:
    order = OrderFactory(number="1001", customer_email="ada@example.com")
    page = reverse("admin:orders_order_change", args=[order.pk])
    sent(order)
    warning = "E-mails to this address bounce."
    assert warning not in admin_client.get(page).content.decode()

    report(postmark())

    assert warning in admin_client.get(page).content.decode()
    listed = reverse("admin:orders_orderemail_changelist")
    found = admin_client.get(listed, {"state__in": "BOUNCED"}).context["cl"].queryset
    assert [email.order for email in found] == [order]
    # Another address is not known to bounce.
    Order.objects.update(customer_email="grace@example.com")
    assert warning not in admin_client.get(page).content.decode()
