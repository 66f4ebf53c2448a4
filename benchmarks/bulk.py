"""Bulk work as a worker makes it: a change for all that match a filter, shipping of what is ready.

``BULK_SHIPMENTS`` says how many wait (10,000). They are changed in sets, each a transaction of its
own; the floor is one statement that sets the flag of all, without a lock, a timeline, or the word
on each that was left alone. What ends their waiting is made for ``SOME`` of them.
"""

import os
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import transaction

from benchmarks.release import make_world
from core.acts import Act
from core.models import Job
from core.operations import jobs
from core.operations.bulk.apply import BulkRequest, confirm
from core.operations.bulk.preview import preview
from fulfillment.models import Shipment
from fulfillment.review.bulk_change import BulkAction, ShipmentBulkChange
from inventory.models import Product, Source, SourceItem
from orders.models import Order, OrderLine, Payment

SOME = 1_000
SOURCE = "bench-1"
WHY = "Counted again"
# In an order in which each finds all that it is for.
CHANGES = (
    ShipmentBulkChange(BulkAction.HOLD, reason=WHY),
    ShipmentBulkChange(BulkAction.LIFT_HOLD, reason=WHY),
    ShipmentBulkChange(BulkAction.SET_PRIORITY, reason=WHY, priority=7),
    ShipmentBulkChange(
        BulkAction.SET_EXPECTED_DATE,
        reason=WHY,
        expected_on=datetime.now(UTC).date() + timedelta(days=30),
    ),
    ShipmentBulkChange(BulkAction.REASSIGN, reason=WHY, source=SOURCE),
    # What was just made ready; the gateway is asked for its money afterwards, by other tasks.
    ShipmentBulkChange(BulkAction.FULFILL),
    ShipmentBulkChange(BulkAction.CANCEL, reason=WHY),
    ShipmentBulkChange(BulkAction.CUSTOMER_CARE, reason=WHY),
)


def run() -> Iterator[dict[str, Any]]:
    """Yield how many shipments a second a worker changes in each way, beside one statement."""
    make_world(int(os.environ.get("BULK_SHIPMENTS", "10000")))
    floor = _floor()
    SourceItem.objects.bulk_create(_plenty())
    for change in CHANGES:
        if change.action == BulkAction.FULFILL:
            _authorize()
        changed, seconds = _make(change)
        yield {
            "benchmark": "bulk",
            "case": f"{change.action.value} of {changed:,}, by a worker",
            "unit": "shipments/s",
            "ours": round(changed / seconds),
            "floor": round(floor),
        }


def _plenty() -> Iterator[SourceItem]:
    """Yield enough of every product at one source, for those that are reassigned to it."""
    source = Source.objects.get(code=SOURCE)
    for product_id in Product.objects.values_list("pk", flat=True):
        yield SourceItem(product_id=product_id, source=source, quantity=10_000)


def _authorize() -> None:
    """Have the money of each order with ready shipments authorized, to be captured as they ship."""
    orders = Order.objects.filter(shipments__state=Shipment.State.READY).distinct().order_by("pk")
    Payment.objects.filter(order__in=orders).delete()
    OrderLine.objects.filter(order__in=orders).update(invoiced_quantity=0)
    Payment.objects.bulk_create(
        Payment(
            order=order,
            gateway="manual",
            action="AUTHORIZE",
            state=Payment.State.AUTHORIZED,
            currency=order.currency,
            amount=order.total,
            created_at=order.placed_at,
        )
        for order in orders
    )


def _make(change: ShipmentBulkChange) -> tuple[int, float]:
    """Make a change for all that wait, or for some; return how many, and the worker's seconds."""
    now = datetime.now(UTC)
    ships = change.action == BulkAction.FULFILL
    state = Shipment.State.READY if ships else Shipment.State.BACKORDER
    found = Shipment.objects.filter(state=state).order_by("pk")
    most = SOME if change.action in (BulkAction.REASSIGN, BulkAction.CANCEL) else None
    keys = tuple(found.values_list("pk", flat=True)[:most])
    day = change.expected_on
    values = {"zone": "UTC", "priority": change.priority, "source": change.source}
    values["expected_on"] = day and day.isoformat()
    code, more = change.action.value, {"reason": change.reason}
    shown = preview(code, keys, values, Act(now), page=1, page_size=50).snapshot
    request = BulkRequest(code, keys, values, "Benchmark", shown, more)
    # Without the message to a worker: it is done here.
    with transaction.atomic():
        made = confirm(request, Act(now))
        job = made.job
        if job is None:
            raise RuntimeError(f"{len(keys)} shipments are too few for a worker")
    began = time.perf_counter()
    done = jobs.run(job_id=job.pk, now=now)
    seconds = time.perf_counter() - began
    if done is None or done.state != Job.State.COMPLETED:
        raise RuntimeError(f"the change ended as {done and done.state}: {done and done.message}")
    if done.result["changed"] != len(keys):
        raise RuntimeError(f"{done.result['refused']} stayed as they were")
    return len(keys), seconds


def _floor() -> float:
    """Return how many shipments a second the one statement changes; it is undone."""
    with transaction.atomic():
        began = time.perf_counter()
        changed = Shipment.objects.filter(state__in=Shipment.QUEUED_STATES).update(
            is_held=True, hold_reason=Shipment.HoldReason.STAFF
        )
        seconds = time.perf_counter() - began
        transaction.set_rollback(True)
    return changed / seconds
