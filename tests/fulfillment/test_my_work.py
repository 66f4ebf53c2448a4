"""My work: what each role sees of what is to do, where it leads, and how much is read for it."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import Group, User
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.html import strip_tags

from core.models import Job
from fulfillment.admin.my_work.merchant import LOW, UNBUYABLE
from fulfillment.models import DelayRequest, RuleRun, RuleStep, Shipment, WaitingRule
from inventory.models import SourceItem
from orders.models import OrderEmail, Payment, PaymentOperation, Return
from tests.factories.fulfillment import BackorderFactory
from tests.factories.inventory import FutureSupplyFactory, ProductFactory, SourceItemFactory

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 4, 15, 12, tzinfo=UTC)
TODAY = date(2026, 4, 15)
MINUTES = timedelta(minutes=5)
# A test run has no worker: its health and its queues are what they are.
OF_THE_MACHINE = {"Health", "Queues"}


@pytest.fixture(autouse=True)
def clock() -> Iterator[None]:
    cache.delete_many([LOW, UNBUYABLE])
    with time_machine.travel(NOW, tick=False):
        yield
    cache.delete_many([LOW, UNBUYABLE])


def work(client: Client) -> dict[str, Any]:
    """Return the cards of the page, by title."""
    parts = client.get(reverse("admin:index")).context["parts"]
    return {card.title: card for part in parts for card in part["cards"]}


def member(client: Client, *roles: str) -> Client:
    user = User.objects.create(username=" ".join(roles), is_staff=True)
    user.groups.set(Group.objects.filter(name__in=roles))
    client.force_login(user)
    return client


def shipment(number: str, **values: Any) -> Shipment:
    return BackorderFactory(number=number, lines={ProductFactory(): 2}, **values)


def make_work(number: int) -> None:
    """Make one thing to do of each kind."""
    source = SourceItemFactory(
        product__sku=f"LOW-{number}",
        quantity=Decimal(1),
        notify_quantity_below=Decimal(5),
        source__code=f"s{number}",
    ).source
    record = {"source": source, "quantity": 10, "received_quantity": 4}
    for name, on in (("LATE", TODAY - timedelta(days=2)), ("TODAY", TODAY), ("LATER", None)):
        product = ProductFactory(sku=f"{name}-{number}", min_cart_qty=None)
        FutureSupplyFactory(product=product, expected_on=on, reference=f"PO-{name}", **record)
    ProductFactory(sku=f"NO-{number}", name="Stuck", min_cart_qty=9, max_cart_qty=5)
    ready = shipment(f"READY-{number}")
    held = shipment(f"HELD-{number}")
    Shipment.objects.filter(pk__in=[ready.pk, held.pk]).update(state="READY", source=source)
    Shipment.objects.filter(pk=held.pk).update(is_held=True, hold_reason="STAFF")
    kept = shipment(f"KEPT-{number}")
    Shipment.objects.filter(pk=kept.pk).update(
        state="READY", source=source, pickup_source=source, set_aside_at=NOW - timedelta(days=15),
        collect_by=TODAY - timedelta(days=1),
    )  # fmt: skip
    shipment(f"OLD-{number}", backordered_since=NOW - timedelta(days=45))
    shipment(f"NEW-{number}", backordered_since=NOW - timedelta(days=3))
    recent = {"backordered_since": NOW - timedelta(days=3), "care_reason": "Wrong address"}
    shipment(f"CARE-{number}", state="CUSTOMER_CARE", **recent)
    for name, answer_by in (("DUE", TODAY), ("TIME", TODAY + timedelta(days=7))):
        asked = shipment(f"{name}-{number}", backordered_since=NOW - timedelta(days=3))
        email = OrderEmail.objects.create(
            order=asked.order, kind="DELAYED", event_key=name, state="SENT", sent_at=NOW,
            language="en", recipient="a@example.com", created_at=NOW, next_attempt_at=NOW,
        )  # fmt: skip
        DelayRequest.objects.create(
            order=asked.order, shipment=asked, ordinal=1, agreed_on=answer_by, silence="CANCELS",
            answer_by=answer_by, opened_at=NOW, email=email,
        )  # fmt: skip
    payment = Payment.objects.create(
        order=ready.order, gateway="manual", state="UNKNOWN", currency="USD", amount=7,
        created_at=NOW,
    )  # fmt: skip
    PaymentOperation.objects.create(
        payment=payment, kind="CAPTURE", amount=7, idempotency_key=f"{number}", created_at=NOW,
        state="UNKNOWN", review_since=NOW,
    )  # fmt: skip
    PaymentOperation.objects.create(
        payment=payment, kind="REFUND", amount=3, idempotency_key=f"due-{number}", created_at=NOW,
        state="DUE",
    )  # fmt: skip
    Return.objects.create(
        order=ready.order, state="OPEN", amount=Decimal("4.50"), created_at=NOW - timedelta(days=1)
    )
    OrderEmail.objects.create(
        order=ready.order, kind="CONFIRMATION", event_key=f"{number}", state="FAILED",
        language="en", recipient="a@example.com", created_at=NOW, next_attempt_at=NOW,
    )  # fmt: skip
    rule = WaitingRule.objects.create(
        name=f"Old-{number}", age_days_min=1, action="HOLD", is_enabled=True
    )
    rule.refresh_from_db()
    run = RuleRun.objects.create(kind="rules", trigger="SCHEDULE", created_at=NOW - MINUTES)
    RuleStep.objects.create(
        run=run, rule=rule, name=rule.name, action="HOLD", rule_version=rule.version,
        state="STOPPED", found_count=51,
    )  # fmt: skip
    Job.objects.create(kind="K", state="FAILED", created_at=NOW, finished_at=NOW - MINUTES)
    Job.objects.create(
        kind="K", state="FAILED", created_at=NOW, finished_at=NOW - timedelta(days=8)
    )


EVERY_CARD = {
    "Merchant": ["Low stock", "Overdue supply", "Receive today", "Cannot be bought"],
    "Fulfillment": [
        "Assigned to you", "Ready to ship", "Not collected", "Waiting too long", "Needs attention",
        "Delays to decide", "Customers to call", "Payments to decide", "Refunds due",
        "Returns to refund", "E-mails not sent",
    ],
    "Operations": ["Health", "Failures", "Rules that stopped", "Queues", "Last runs"],
}  # fmt: skip


@pytest.mark.parametrize("role", EVERY_CARD)
def test_each_role_lands_on_its_work_and_all_is_clear_where_there_is_none(
    client: Client, role: Any
) -> None:
    shown = work(member(client, role))

    assert list(shown) == EVERY_CARD[role]
    assert {title for title, card in shown.items() if card.rows} <= OF_THE_MACHINE
    page = client.get(reverse("admin:index")).text
    assert page.count("All clear") >= len(set(shown) - OF_THE_MACHINE - {"Last runs"})


def test_several_roles_see_each_part_and_who_only_looks_lands_on_the_dashboard() -> None:
    both = work(member(Client(), "Fulfillment", "Merchant"))
    viewer = member(Client(), "Viewer").get(reverse("admin:index"))

    assert list(both) == EVERY_CARD["Merchant"] + EVERY_CARD["Fulfillment"]
    assert "parts" not in viewer.context
    assert viewer.context["may_see_figures"]


def test_each_card_names_its_first_rows(admin_client: Client, admin_user: User) -> None:
    make_work(1)
    shipment("MINE-1", assignee=admin_user, backordered_since=NOW)
    Shipment.objects.filter(pk=shipment("MINE-2", assignee=admin_user).pk).update(state="CANCELED")

    shown = {
        title: (card.count, [f"{row.name}: {row.remark}" for row in card.rows])
        for title, card in work(admin_client).items()
        if title not in OF_THE_MACHINE
    }

    number = Shipment.objects.get(number="READY-1").order.number
    customer = Shipment.objects.get(number="READY-1").order.customer_name
    mine = Shipment.objects.get(number="MINE-1").order
    due = Shipment.objects.get(number="DUE-1").order
    kept = Shipment.objects.get(number="KEPT-1").order
    value = "20.00 USD"
    assert shown == {
        "Low stock": ("1", ["LOW-1 at S1: 1 on hand, low below 5"]),
        "Overdue supply": ("1", ["6 of LATE-1: PO-LATE · S1 · 13 Apr 2026"]),
        "Receive today": ("1", ["6 of TODAY-1: PO-TODAY · S1 · 15 Apr 2026"]),
        "Cannot be bought": ("1", ["NO-1: Stuck"]),
        "Assigned to you": ("1", [f"MINE-1: Backorder · {mine.customer_name}"]),
        "Ready to ship": ("1", [f"READY-1: S1 · {customer}"]),
        "Not collected": ("1", [f"KEPT-1: Kept until 14 Apr 2026 · {kept.customer_name}"]),
        "Waiting too long": ("1", [f"OLD-1: 45 days · {value}"]),
        "Needs attention": ("1", ["CARE-1: Wrong address"]),
        "Delays to decide": ("1", [f"DUE-1: Answer by 15 Apr 2026 · {due.customer_name}"]),
        "Customers to call": ("1", [f"DUE-1: Answer by 15 Apr 2026 · {due.customer_name}"]),
        "Payments to decide": ("1", [f"Order {number}: Capture of 7.00 USD"]),
        "Refunds due": ("1", [f"Order {number}: Refund of 3.00 USD"]),
        "Returns to refund": ("1", [f"Order {number}: 4.50 USD · 14 Apr 2026"]),
        "E-mails not sent": ("1", [f"Order {number}: Order confirmation"]),
        "Failures": ("1", ["K: 5 min ago"]),
        "Rules that stopped": ("1", ["Old-1: Asks about 51 shipments · 5 min ago"]),
        "Last runs": ("", []),
    }


def test_every_count_leads_to_a_list_of_as_many_and_every_row_opens(admin_client: Client) -> None:
    make_work(1)
    asked = RuleRun.objects.get()
    done = RuleRun.objects.create(
        kind="rules", trigger="STAFF", state="COMPLETED", created_at=NOW, finished_at=NOW
    )

    for card in work(admin_client).values():
        assert admin_client.get(card.link).status_code == 200, card.title
        for row in card.rows:
            assert not row.link or admin_client.get(row.link).status_code == 200, row.name
    for title, text in (
        ("Overdue supply", "PO-LATE"),
        ("Receive today", "PO-TODAY"),
        ("Cannot be bought", "NO-1"),
        ("Ready to ship", "READY-1"),
        ("Not collected", "KEPT-1"),
        ("Waiting too long", "OLD-1"),
        ("Needs attention", "CARE-1"),
        ("Delays to decide", "DUE-1"),
        ("Customers to call", "DUE-1"),
        ("Rules that stopped", f"#{asked.pk}"),
    ):
        listed = strip_tags(admin_client.get(work(admin_client)[title].link).text)
        assert text in listed, title
        if title == "Ready to ship":
            assert "KEPT-1" not in listed
        for other in {"PO-LATER", "HELD-1", "NEW-1", "LOW-1", "TIME-1", f"#{done.pk}"}:
            assert other not in listed, (title, other)


def test_five_rows_are_shown_and_the_statements_are_as_many_for_many_rows(
    admin_client: Client,
) -> None:
    make_work(1)
    work(admin_client)
    with CaptureQueriesContext(connection) as few:
        work(admin_client)
    for number in range(2, 12):
        make_work(number)
    cache.delete_many([LOW, UNBUYABLE])
    many = work(admin_client)
    with CaptureQueriesContext(connection) as repeated:
        work(admin_client)

    # A card of more rows than it shows counts them besides.
    assert len(repeated) <= len(few) + len(many)
    for title in EVERY_CARD["Merchant"] + EVERY_CARD["Fulfillment"][1:]:
        assert (many[title].count, len(many[title].rows)) == ("11", 5), title


def test_what_was_mended_is_no_row_though_it_was_counted_lately(admin_client: Client) -> None:
    make_work(1)
    assert work(admin_client)["Low stock"].count == "1"

    SourceItem.objects.update(quantity=50)

    card = work(admin_client)["Low stock"]
    assert (card.count, card.rows) == ("", ())


def test_a_rule_that_stopped_is_listed_until_nothing_of_it_is_to_decide(
    admin_client: Client,
) -> None:
    make_work(1)
    rule, asked = WaitingRule.objects.get(name="Old-1"), RuleStep.objects.get()

    def rows() -> list[str]:
        return [row.remark for row in work(admin_client)["Rules that stopped"].rows]

    # A question about what the rule was is over.
    WaitingRule.objects.filter(pk=rule.pk).update(age_days_min=2)
    changed = rows()
    rule.refresh_from_db()
    RuleStep.objects.update(rule_version=rule.version)
    WaitingRule.objects.filter(pk=rule.pk).update(is_enabled=False)
    off = rows()
    WaitingRule.objects.filter(pk=rule.pk).update(is_enabled=True)
    # A run that failed with a rule not at its end.
    asked.state = "OPEN"
    asked.save()
    going_on = rows()
    Job.objects.filter(pk=asked.run_id).update(state="FAILED", finished_at=NOW)
    failed = rows()
    ended = {"state": "COMPLETED", "created_at": NOW, "finished_at": NOW}
    RuleRun.objects.create(kind="rules", trigger="SCHEDULE", **ended)

    assert (changed, off, going_on) == ([], [], [])
    assert failed == ["Its run failed · 5 min ago"]
    assert rows() == []
