"""Each e-mail that is sent, with everything that it may say."""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.apps import apps
from django.contrib.auth.models import Group, User
from django.test import override_settings

from core.callers import Caller
from core.models import AccountEmail, PersonLanguage
from core.models.queued_email import QueuedEmail
from core.operations.account_emails import SUBJECTS, record_and_inform
from fulfillment.models import DemandDigest, RuleEmail
from fulfillment.operations.upkeep.demand_digests import queue_demand_digests
from inventory.models import BackInStockRequest, LowStockDigest
from inventory.operations.back_in_stock import NewBackInStockRequest, ask, confirm, tell_due
from inventory.operations.low_stock_digests import queue_digests
from orders.models import OrderEmail, OrderLine
from orders.notices.placeholders import CAUSES
from orders.notices.render import render_emails
from tests.factories.fulfillment import BackorderFactory
from tests.factories.inventory import (
    ProductFactory,
    SalesChannelFactory,
    SourceFactory,
    SourceItemFactory,
    StockFactory,
)
from tests.factories.orders import OrderFactory
from tests.fulfillment.delays.consent import open_shop, waiting
from tests.fulfillment.waiting_rules.rules import make, run

LINE = {
    "sku": "SKU-1",
    "name": "Product SKU-1",
    "quantity": "1.5",
    "backordered_quantity": "1",
    "canceled_quantity": "0.5",
}
STORE = {
    "name": "Lund",
    "street": "Kungsgatan 1",
    "postcode": "",
    "city": "Lund",
    "phone": "46",
    "opening_hours": "10–18",
}
ASKED = {"lines": [LINE], "agreed_on": "2026-05-01", "answer_by": "2026-05-01"}
DELAYS = [
    {**ASKED, "new_on": "2026-05-20", "silence": "AGREES", "is_canceled_by_silence": True},
    {**ASKED, "new_on": None, "silence": "CANCELS", "is_canceled_by_silence": True},
    {**ASKED, "new_on": None, "silence": "CANCELS", "is_canceled_by_silence": False},
]
# Units with a date and without one; a date that changed, and one that was lost; each cause.
CONTEXTS = (
    {
        "lines": [LINE, {**LINE, "expected_on": "2026-05-01"}],
        "total": "7.50",
        "parcels": [
            {"carrier": "UPS", "number": "1Z7731", "link": "https://ups.example/1Z7731"},
            {"carrier": "Our van", "number": "7731", "link": ""},
        ],
        "stores": [STORE],
        "cause": "PAYMENT_DECLINED",
        "is_uncharged": True,
        "amount": "7.50",
        "together": "SENT",
    },
    {
        "lines": [LINE],
        "total": "7.50",
        "expected_on": "2026-05-01",
        "former_expected_on": "2026-04-01",
        "delays": DELAYS,
        "cause": "NOT_AVAILABLE",
        "refund_amount": "7.50",
        "amount": "7.50",
        "stores": [STORE],
        "until": "2026-05-01",
        "together": "COLLECTED",
    },
)
ADDRESS = re.compile(r"https?://\S+")


def every_email() -> list[OrderEmail]:
    """Return the e-mails about orders, not kept."""
    order = OrderFactory(customer_name="Ada", currency="USD")
    said: list[tuple[str, Mapping[str, Any]]] = [
        (kind, context) for kind in OrderEmail.Kind.values for context in CONTEXTS
    ]
    said += [(OrderEmail.Kind.CANCELED, {"lines": [LINE], "cause": cause}) for cause in CAUSES]
    emails = [OrderEmail(order=order, kind=kind, context=context) for kind, context in said]
    sent_home = OrderFactory(customer_name="Ada", currency="USD", recipient="Ada", city="Lund")
    confirmed = OrderEmail.Kind.CONFIRMATION
    return [*emails, OrderEmail(order=sent_home, kind=confirmed, context=CONTEXTS[0])]


def texts_in(language: str) -> list[str]:
    """Return the subjects and bodies of all e-mails in a language, without web addresses.

    A new kind of e-mail is a model of queued e-mails: give it an entry in ``WRITTEN``.
    """
    models = [model for model in apps.get_models() if issubclass(model, QueuedEmail)]
    pairs = (pair for model in models for pair in WRITTEN[model](language))
    return [ADDRESS.sub("", text) for pair in pairs for text in pair]


def _about_orders(language: str) -> Iterator[tuple[str, str]]:
    for email in every_email():
        email.language = language
        yield render_emails([email])


def _about_low_stock(language: str) -> Iterator[tuple[str, str]]:
    source = SourceFactory(name="Lund", email="lund@example.com")
    for _number in range(2):
        SourceItemFactory(source=source, quantity=Decimal(0))
    with override_settings(LANGUAGE_CODE=language):
        queue_digests(today=date(2026, 3, 1), now=datetime(2026, 3, 1, 7, tzinfo=UTC))
    for digest in LowStockDigest.objects.all():
        yield digest.subject, digest.body


def _back_in_stock(language: str) -> Iterator[tuple[str, str]]:
    """Yield the e-mail that asks for confirmation, and the one that says it can be bought."""
    now = datetime(2026, 3, 2, 9, tzinfo=UTC)
    item = SourceItemFactory(quantity=Decimal(5))
    channel = SalesChannelFactory(stock=StockFactory(sources=[item.source]))
    ask(
        NewBackInStockRequest(
            item.product_id, channel.pk, "a@example.com", language, "https://a.example"
        ),
        now=now,
    )
    request = BackInStockRequest.objects.get()
    yield request.subject, request.body
    confirm(request.pk, now=now)
    assert tell_due(now=now + timedelta(hours=1), today=now.date()) == 1
    request.refresh_from_db()
    yield request.subject, request.body


def _of_rules(language: str) -> Iterator[tuple[str, str]]:
    """Yield the digest to staff of a rule that found a shipment."""
    open_shop("NOTIFY")
    waiting()
    OrderLine.objects.update(sku="SKU-1")
    make("EMAIL", name="Mine", recipients="a@example.com")
    with override_settings(LANGUAGE_CODE=language):
        run()
    digest = RuleEmail.objects.get()
    yield digest.subject, digest.body


def _about_demand(language: str) -> Iterator[tuple[str, str]]:
    """Yield the weekly digest of a merchant where a product is backordered."""
    BackorderFactory(lines={ProductFactory(): 2})
    reader = User.objects.create(username="reader", email="reader@example.com")
    reader.groups.add(Group.objects.get(name="Merchant"))
    PersonLanguage.objects.create(user=reader, language=language)
    now = datetime(2026, 3, 1, 7, tzinfo=UTC)
    queue_demand_digests(today=now.date(), now=now, zone=ZoneInfo("UTC"))
    digest = DemandDigest.objects.get(recipient=reader.email)
    yield digest.subject, digest.body


def _about_accounts(language: str) -> Iterator[tuple[str, str]]:
    """Yield what a person is sent whose password or second factor was changed, by whom ever."""
    person = User.objects.create(username="ada", email="ada@example.com")
    root = User.objects.create(username="root", email="")
    PersonLanguage.objects.create(user=person, language=language)
    now = datetime(2026, 3, 1, 7, tzinfo=UTC)
    for kind in SUBJECTS:
        for actor_id in (person.pk, root.pk, None):
            record_and_inform(Caller(now, actor_id, "192.0.2.1"), kind, person_id=person.pk)
    for email in AccountEmail.objects.order_by("pk"):
        yield email.subject, email.body


WRITTEN: Mapping[type[QueuedEmail], Callable[[str], Iterator[tuple[str, str]]]] = {
    OrderEmail: _about_orders,
    LowStockDigest: _about_low_stock,
    BackInStockRequest: _back_in_stock,
    RuleEmail: _of_rules,
    DemandDigest: _about_demand,
    AccountEmail: _about_accounts,
}
