"""The demo's examples: one of each state, made once, and Northwind stays as it is."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db.models import Sum

from core.acts import Act
from core.models import Job
from demo.catalogue import load_catalogue
from demo.examples.load import load_examples
from demo.users import make_users
from fulfillment.models import ReleaseRun, Shipment, SourceBar
from fulfillment.release.runs.engine import run_release
from inventory.models import FutureSupply, ImportFile, InventoryConfiguration, SourceItem
from orders.models import Order, OrderEmail, PaymentOperation, Return
from tests.invariants import assert_invariants

NOW = datetime(2026, 6, 15, 14, tzinfo=UTC)
UTC_ZONE = ZoneInfo("UTC")
SHOWN = {
    "DEMO-BAR": [("BACKORDER", False, 2)],
    "DEMO-CARE": [("CUSTOMER_CARE", False, 2)],
    "DEMO-DRIFT": [("BACKORDER", False, 10)],
    "DEMO-EMAIL": [("READY", False, 2)],
    "DEMO-FUTURE": [("FUTURE", False, 3), ("REASSIGNED", False, 0)],
    "DEMO-HELD": [("READY", True, 2)],
    "DEMO-OVERDUE": [("BACKORDER", False, 3)],
    "DEMO-PARTIAL": [("FUTURE", False, 20), ("REASSIGNED", False, 0)],
    "DEMO-PAYMENT": [("READY", False, 1)],
    "DEMO-RETURN": [("FULFILLED", False, 5)],
    "DEMO-SPLIT": [
        ("BACKORDER", False, 4),
        ("FULFILLED", False, 2),
        ("READY", False, 4),
        ("READY", False, 4),
    ],
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


@pytest.mark.django_db(transaction=True)
def test_one_of_each_state_is_made_once_and_no_run_changes_it() -> None:
    make_users(password="secret-of-the-demo")  # noqa: S106 - of this test
    load_catalogue(shift=timedelta(0))
    before = northwind()

    load_examples(now=NOW, zone=UTC_ZONE)

    assert shown() == SHOWN
    assert northwind() == before
    run_release(act=Act(NOW), zone=UTC_ZONE, trigger=ReleaseRun.Trigger.SCHEDULE)
    assert shown() == SHOWN
    assert_what_needs_a_person()
    assert_invariants()

    counts = (Job.objects.count(), ReleaseRun.objects.count(), ImportFile.objects.count())
    load_examples(now=NOW + timedelta(days=1), zone=UTC_ZONE)

    assert (Job.objects.count(), ReleaseRun.objects.count(), ImportFile.objects.count()) == counts
    assert shown() == SHOWN


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
    ]
    faulty = ImportFile.objects.get(state="REFUSED")
    assert (faulty.name, faulty.findings["problem_count"]) == ("new-products.csv", 2)
    written = Job.objects.filter(kind="inventory.write_file").order_by("pk")
    assert list(written.values_list("state", flat=True)) == ["COMPLETED", "FAILED"]
    drifted = ReleaseRun.objects.get(state="SKIPPED")
    assert [row["shipment"] for row in drifted.drift] == ["DEMO-DRIFT-1"]
    assert InventoryConfiguration.load().in_force("future_inventory") is False
