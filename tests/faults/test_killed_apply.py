"""A worker killed at any point of applying a dry run has applied all of it, or nothing."""

from datetime import UTC, datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

import pytest

from core.acts import Act
from fulfillment.models import ReleaseDecision, ReleaseRun, Shipment
from fulfillment.release.runs import batches, engine
from fulfillment.release.runs.apply_dry_run import request_apply
from orders.models import OrderEmail
from tests.factories.fulfillment import BackorderFactory, promise
from tests.factories.inventory import SalesChannelFactory, SourceItemFactory, StockFactory
from tests.factories.orders import OrderFactory
from tests.faults.process_kills import in_a_process_killed_at
from tests.invariants import assert_invariants
from tests.present import present

NOW = datetime(2026, 4, 28, 12, tzinfo=UTC)
ZONE = ZoneInfo("UTC")
WAITING = 6
STRIDE = 9


@pytest.fixture
def queue(monkeypatch: pytest.MonkeyPatch) -> None:
    """Four shipments that can go, and two that cannot, two a batch."""
    monkeypatch.setattr(batches, "BATCH_SIZE", 2)
    item = SourceItemFactory(quantity=4)
    channel = SalesChannelFactory(stock=StockFactory(sources=[item.source]))
    for number in range(WAITING):
        placed_at = NOW - timedelta(days=9) + timedelta(minutes=number)
        order = OrderFactory(channel=channel, number=f"{number}", placed_at=placed_at)
        promise(BackorderFactory(order=order, number=f"{number}-1", lines={item.product: 1}), None)


def ready() -> int:
    return Shipment.objects.filter(state="READY").count()


@pytest.mark.django_db(transaction=True)
def test_all_of_it_is_applied_or_nothing_wherever_its_worker_is_killed(queue: None) -> None:
    shown = engine.run_release(act=Act(NOW), zone=ZONE, trigger="STAFF", is_dry_run=True)
    point = 1

    while not ready():
        asked = request_apply(run_id=shown.pk, act=Act(NOW))
        perform = partial(engine.perform_run, run_id=asked.pk, now=NOW, zone=ZONE)
        is_killed = in_a_process_killed_at(point, perform)
        assert ready() in {0, 4}
        assert_invariants()
        point += STRIDE * is_killed

    assert point > 10 * STRIDE
    applied = ReleaseRun.objects.get(is_dry_run=False, released_count__gt=0)
    assert (applied.state, applied.released_count, applied.waiting_count) == ("COMPLETED", 4, 2)
    assert ReleaseDecision.objects.exclude(run__in=[shown, applied]).count() == 0
    assert OrderEmail.objects.filter(kind="BEING_PREPARED").count() == 4
    others = ReleaseRun.objects.exclude(pk__in=[shown.pk, applied.pk])
    assert set(others.values_list("message_code", flat=True)) == {"WORKER_STOPPED", "GIVEN_UP"}
    assert present(others.order_by("-attempt_count").first()).attempt_count == 3
