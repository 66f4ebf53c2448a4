"""The demo's examples: one of each state, made once, and Northwind stays as it is."""

import time
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import partial
from itertools import count
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db.models import Sum
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from core.acts import Act
from core.models import Job
from core.operations import mail
from demo.catalogue import load_catalogue
from demo.examples.load import load_examples
from demo.users import make_users
from fulfillment.models import DelayDecision, DelayRequest, ReleaseRun, Shipment, SourceBar
from fulfillment.release.runs.engine import run_release
from inventory.models import (
    BackInStockRequest,
    FutureSupply,
    ImportFile,
    InventoryConfiguration,
    SourceItem,
)
from orders.models import Order, OrderEmail, PaymentOperation, Return
from orders.order_links import order_token
from tests.invariants import assert_invariants

NOW = datetime(2026, 6, 15, 14, tzinfo=UTC)
UTC_ZONE = ZoneInfo("UTC")
SHOWN = {
    "DEMO-AGREED": [("FUTURE", False, 1), ("REASSIGNED", False, 0)],
    "DEMO-BAR": [("BACKORDER", False, 2)],
    "DEMO-CARE": [("CUSTOMER_CARE", False, 2)],
    "DEMO-COMPLETE": [("BACKORDER", False, 1), ("READY", True, 1)],
    "DEMO-DELAY": [("FUTURE", False, 1), ("REASSIGNED", False, 0)],
    "DEMO-DRIFT": [("BACKORDER", False, 10)],
    "DEMO-EMAIL": [("READY", False, 2)],
    "DEMO-FUTURE": [("FUTURE", False, 3), ("REASSIGNED", False, 0)],
    "DEMO-HELD": [("READY", True, 2)],
    "DEMO-LAST": [("READY", False, 3)],
    "DEMO-OVERDUE": [("BACKORDER", False, 3)],
    "DEMO-PARTIAL": [("FUTURE", False, 20), ("REASSIGNED", False, 0)],
    "DEMO-PAYMENT": [("READY", False, 1)],
    "DEMO-PREORDER": [("BACKORDER", False, 2)],
    "DEMO-RETURN": [("FULFILLED", False, 5)],
    "DEMO-SPLIT": [
        ("BACKORDER", False, 4),
        ("FULFILLED", False, 2),
        ("READY", False, 4),
        ("READY", False, 4),
    ],
}

# Of the page of an order: its status, the delays that it asks about, what can be asked for there.
PAGES = {
    "DEMO-AGREED": (200, 1, 0),
    "DEMO-COMPLETE": (200, 0, 0),
    "DEMO-DELAY": (200, 1, 0),
    "DEMO-LAST": (200, 0, 1),
    "DEMO-PREORDER": (200, 0, 0),
}


def shown() -> dict[str, list[tuple[str, bool, int]]]:
    """Return what each example's shipments are: state, held or not, units."""
    found: dict[str, list[tuple[str, bool, int]]] = {}
    for shipment in Shipment.objects.order_by("order__number", "state", "pk"):
        units = shipment.lines.aggregate(units=Sum("quantity"))["units"]
        row = (shipment.state, shipment.is_held, int(units))
        found.setdefault(shipment.order.number, []).append(row)
    return found


def northwind() -> dict[Any, Decimal]:
    items = SourceItem.objects.filter(product__sku__startswith="NW-").order_by("pk")
    return dict(items.values_list("pk", "quantity"))


@pytest.fixture
def slow_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let one pass of the job that sends e-mails have time for one."""
    monotonic = partial(next, count(step=3))
    monkeypatch.setattr(mail, "time", SimpleNamespace(monotonic=monotonic, sleep=time.sleep))


@pytest.mark.django_db(transaction=True)
def test_one_of_each_state_is_made_once_and_no_run_changes_it(slow_machine: None) -> None:
    make_users(password="secret-of-the-demo")  # noqa: S106 - of this test
    load_catalogue(shift=timedelta(0))
    before = northwind()

    load_examples(now=NOW, zone=UTC_ZONE)

    assert shown() == SHOWN
    assert northwind() == before
    run_release(act=Act(NOW), zone=UTC_ZONE, trigger=ReleaseRun.Trigger.SCHEDULE)
    assert shown() == SHOWN
    assert_what_needs_a_person()
    assert_what_customers_have_to_say()
    assert_invariants()

    counts = (Job.objects.count(), ReleaseRun.objects.count(), ImportFile.objects.count())
    load_examples(now=NOW + timedelta(days=1), zone=UTC_ZONE)

    assert (Job.objects.count(), ReleaseRun.objects.count(), ImportFile.objects.count()) == counts
    assert shown() == SHOWN


def assert_what_customers_have_to_say() -> None:
    """Customers were told of each delay; one has answered, and the link opens its page."""
    requests = DelayRequest.objects.order_by("order__number")
    asked = ("order__number", "state", "agreed_on", "new_on", "answer_by", "email__state")
    due, later = date(2026, 6, 25), date(2026, 7, 9)
    assert list(requests.values_list(*asked)) == [
        ("DEMO-AGREED", "AGREED", due, later, due, "SENT"),
        ("DEMO-DELAY", "OPEN", due, later, due, "SENT"),
    ]
    decision = DelayDecision.objects.get()
    assert (decision.by, decision.answer, decision.agreed_on) == ("CUSTOMER", "WAIT_UNTIL", later)
    assert "9 Jul 2026" in decision.text
    preorder = OrderEmail.objects.get(order__number="DEMO-PREORDER", kind="CONFIRMATION")
    assert (preorder.state, preorder.language) == ("SENT", "sv")
    assert "30 juli 2026" in preorder.body
    wanted = BackInStockRequest.objects.order_by("pk")
    assert [(row.recipient, row.language, row.confirmed_at is not None) for row in wanted] == [
        ("camille.laurent@example.com", "fr", True),
        ("elin.sjoberg@example.com", "sv", False),
    ]
    customer = Client()
    for number in ("DEMO-DELAY", "DEMO-AGREED", "DEMO-PREORDER", "DEMO-LAST", "DEMO-COMPLETE"):
        order = Order.objects.get(number=number)
        token = order_token(order.pk, email=order.customer_email, now=timezone.now())
        page = customer.get(reverse("order_status", args=[token]))
        shown_on_page = (
            page.status_code,
            len(page.context["delays"]),
            len(page.context["out_of_stock"]),
        )
        assert shown_on_page == PAGES[number], number


def assert_what_needs_a_person() -> None:
    payment = PaymentOperation.objects.get(payment__order__number="DEMO-PAYMENT")
    assert (payment.state, payment.review_since is None) == ("UNKNOWN", False)
    assert Order.objects.get(number="DEMO-PAYMENT").status == "PAYMENT_REVIEW"
    failed = OrderEmail.objects.filter(state="FAILED").values_list("order__number", flat=True)
    assert list(failed) == ["DEMO-EMAIL"]
    assert SourceBar.objects.in_force().get().shipment.order.number == "DEMO-BAR"
    returned = Return.objects.get()
    assert (returned.state, returned.amount) == ("OPEN", Decimal("45.50"))
    assert sorted(returned.lines.values_list("order_line__sku", "is_to_stock", "quantity")) == [
        ("DEMO-FLASK", True, Decimal(1)),
        ("DEMO-TOWEL", False, Decimal(1)),
    ]
    supply = FutureSupply.objects.filter(reference__startswith="PO-DEMO").order_by("reference")
    received = supply.values_list("reference", "quantity", "received_quantity", "expected_on")
    assert [(*row[:3], row[3] is not None and row[3] < NOW.date()) for row in received] == [
        ("PO-DEMO-1", Decimal(20), Decimal(0), False),
        ("PO-DEMO-2", Decimal(30), Decimal(12), False),
        ("PO-DEMO-3", Decimal(25), Decimal(0), True),
        ("PO-DEMO-4", Decimal(15), Decimal(0), False),
    ]
    faulty = ImportFile.objects.get(state="REFUSED")
    assert (faulty.name, faulty.findings["problem_count"]) == ("new-products.csv", 2)
    written = Job.objects.filter(kind="inventory.write_file").order_by("pk")
    assert list(written.values_list("state", flat=True)) == ["COMPLETED", "FAILED"]
    drifted = ReleaseRun.objects.get(state="SKIPPED")
    assert [row["shipment"] for row in drifted.drift] == ["DEMO-DRIFT-1"]
    assert InventoryConfiguration.load().in_force("future_inventory") is False
