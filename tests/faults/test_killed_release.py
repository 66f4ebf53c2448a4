"""A worker killed at any point of a release leaves a state from which the next run completes."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from core.acts import Act
from fulfillment.models import Allocation, ReleaseDecision, ReleaseRun, Shipment
from fulfillment.release.runs import batches, engine
from inventory.models import InventoryConfiguration
from orders.models import OrderEmail
from tests.factories.fulfillment import BackorderFactory, promise
from tests.factories.inventory import (
    FutureSupplyFactory,
    ProductFactory,
    SalesChannelFactory,
    SourceFactory,
    SourceItemFactory,
    StockFactory,
)
from tests.factories.orders import OrderFactory
from tests.faults.process_kills import in_a_process_killed_at
from tests.invariants import assert_invariants

NOW = datetime(2026, 4, 28, 12, tzinfo=UTC)
POINTS = 210
BATCH = 2


@pytest.fixture
def queue(monkeypatch: pytest.MonkeyPatch, count: Any) -> None:
    """Shipments that leave whole, in parts, on a promise, and not at all."""
    monkeypatch.setattr(batches, "BATCH_SIZE", BATCH)
    a, b = SourceFactory(code="a"), SourceFactory(code="b")
    channel = SalesChannelFactory(stock=StockFactory(sources=[a, b]))
    kettle, pot, lamp, none = (ProductFactory(sku=sku) for sku in ("KTP", "POT", "LAMP", "NONE"))
    SourceItemFactory(source=a, product=kettle, quantity=1000)
    SourceItemFactory(source=b, product=pot, quantity=1000)
    FutureSupplyFactory(product=lamp, source=b, quantity=1000, expected_on=date(2026, 5, 8))
    InventoryConfiguration.load()
    InventoryConfiguration.objects.update(future_inventory=True)
    wanted = [{kettle: 2}, {kettle: 1, pot: 1}, {pot: 1, lamp: 3}, {kettle: 1, none: 1}]
    for number in range(count):
        order = OrderFactory(
            channel=channel,
            number=f"{number:04}",
            placed_at=NOW - timedelta(days=9) + timedelta(minutes=number),
        )
        promise(
            BackorderFactory(order=order, number=f"{number:04}-1", lines=wanted[number % 4]), None
        )


def release(**values: Any) -> ReleaseRun:
    return engine.run_release(
        act=Act(NOW), zone=ZoneInfo("UTC"), trigger=ReleaseRun.Trigger.COMMAND, **values
    )


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("every", "count"), [(15, 80), pytest.param(1, 320, marks=pytest.mark.long)]
)
def test_nothing_is_lost_or_doubled_wherever_a_worker_is_killed(
    queue: None, every: int, count: int
) -> None:
    """Points alternate before and after a statement, and so does every 15th of them."""
    quarter = count // 4
    planned = release(is_dry_run=True)
    shown = dict(
        ReleaseDecision.objects.filter(run=planned).values_list("shipment__number", "outcome")
    )
    assert Counter(shown.values()) == {"RELEASED": 3 * quarter, "WAITING": quarter}
    states = {"BACKORDER": count}

    killed = 0
    points = range(1, POINTS + 1, every)
    for point in points:
        killed += in_a_process_killed_at(point, release)
        assert_invariants()
        states = Counter(Shipment.objects.filter(parent=None).values_list("state", flat=True))
        assert states["BACKORDER"] > quarter, "the queue is too short for so many points"
    release()

    assert killed == len(points)
    first = Shipment.objects.filter(parent=None)
    waiting = set(first.filter(state="BACKORDER").values_list("number", flat=True))
    assert waiting == {number for number, outcome in shown.items() if outcome == "WAITING"}
    assert Counter(first.values_list("state", flat=True)) == {
        "READY": quarter, "REASSIGNED": 2 * quarter, "BACKORDER": quarter,
    }  # fmt: skip
    assert Counter(Shipment.objects.exclude(parent=None).values_list("state", flat=True)) == {
        "READY": 3 * quarter, "FUTURE": quarter,
    }  # fmt: skip
    assert sum(Allocation.objects.values_list("quantity", flat=True)) == 8 * quarter
    released = OrderEmail.objects.filter(kind="BEING_PREPARED").values_list("order_id", flat=True)
    assert (len(released), len(set(released))) == (3 * quarter, 3 * quarter)
    abandoned = ReleaseRun.objects.exclude(state="COMPLETED").values_list("state", flat=True)
    assert set(abandoned) <= {"FAILED", "QUEUED"}
    assert_invariants()
