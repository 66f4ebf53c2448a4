"""What a run frees by moving promises to current stock goes on to the next in the queue."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User

from core.acts import Act
from core.operations.jobs import request_cancel
from fulfillment.models import ReleaseRun, Shipment
from fulfillment.release.runs import engine, record
from fulfillment.release.runs.apply_dry_run import apply_run
from fulfillment.release.runs.one_shipment import release_ahead
from fulfillment.release.runs.scope import RunScope
from inventory.models import FutureSupply, Product
from tests.factories.inventory import FutureSupplyFactory
from tests.fulfillment.release.waiting_orders import NOW, TODAY, UTC_ZONE, World, configure, release
from tests.invariants import assert_invariants

pytestmark = pytest.mark.django_db

HANDED_ON = {
    "1001-1": "REASSIGNED",
    "1001-1.1": "READY",
    "1002-1": "REASSIGNED",
    "1002-1.1": "FUTURE",
}
KEPT = {"1001-1": "REASSIGNED", "1001-1.1": "READY", "1002-1": "BACKORDER"}


@pytest.fixture
def promise(world: World, kettle: Product) -> Shipment:
    """A promise that current stock covers by now; behind it, one who waits for the same supply."""
    configure(future_inventory=True)
    FutureSupplyFactory(
        product=kettle, source=world.a, quantity=3, expected_on=TODAY + timedelta(days=5)
    )
    world.backorder({kettle: 3}, number="1001", days=9)
    release()
    world.backorder({kettle: 3}, number="1002", days=1)
    world.item(world.b, kettle, 3)
    return Shipment.objects.get(number="1001-1.1")


def states() -> Any:
    return dict(Shipment.objects.order_by("number").values_list("number", "state"))


def after(run: ReleaseRun) -> ReleaseRun:
    return ReleaseRun.objects.get(pk__gt=run.pk)


def perform(run: ReleaseRun) -> ReleaseRun:
    return engine.perform_run(run_id=run.pk, now=NOW, zone=UTC_ZONE)


def test_after_a_run_over_a_part_by_hand_though_release_is_off(
    promise: Shipment, kettle: Product, django_user_model: type[User]
) -> None:
    configure(release_enabled=False)
    user = django_user_model.objects.create_user("ada")

    run = release(scope=RunScope(shipments=("1001-1.1",)), by_id=user.pk)

    assert states() == HANDED_ON
    followed = after(run)
    assert (followed.trigger, followed.started_by) == ("STAFF", user)
    assert followed.scope == {"products": [kettle.pk]}
    assert FutureSupply.objects.get().allocated_quantity == 3
    assert_invariants()


def test_after_a_run_over_all_is_one_over_all(promise: Shipment) -> None:
    run = release()

    assert states() == HANDED_ON
    assert (after(run).trigger, after(run).scope) == ("STAFF", {})


def test_after_a_release_ahead_of_the_queue(promise: Shipment, kettle: Product) -> None:
    run = release_ahead(promise.pk, Act(NOW, reason="By phone"), zone=UTC_ZONE, trigger="API")

    assert states() == KEPT
    followed = after(run)
    assert (followed.state, followed.trigger) == ("QUEUED", "API")
    assert followed.scope == {"products": [kettle.pk]}
    perform(followed)
    assert states() == HANDED_ON
    assert_invariants()


def test_after_a_dry_run_applied_as_shown(promise: Shipment, kettle: Product) -> None:
    shown = release(is_dry_run=True, scope=RunScope(shipments=("1001-1.1",)))

    run = apply_run(run_id=shown.pk, act=Act(NOW), zone=UTC_ZONE)

    followed = ReleaseRun.objects.latest("pk")
    assert (followed.pk > run.pk, followed.trigger) == (True, "STAFF")
    assert followed.scope == {"products": [kettle.pk]}
    perform(followed)
    assert states() == HANDED_ON
    assert_invariants()


def test_a_worker_that_dies_in_between_leaves_it_queued(
    promise: Shipment, kettle: Product, monkeypatch: pytest.MonkeyPatch
) -> None:
    claim = record.claim

    def die_at_the_second(run: ReleaseRun, **values: Any) -> Any:
        if run.scope == {"products": [kettle.pk]}:
            raise SystemExit
        return claim(run, **values)

    monkeypatch.setattr(record, "claim", die_at_the_second)

    with pytest.raises(SystemExit):
        release(scope=RunScope(shipments=("1001-1.1",)))

    followed, first = ReleaseRun.objects.order_by("-pk")[:2]
    assert (first.state, followed.state) == ("COMPLETED", "QUEUED")


def test_not_after_a_dry_run(promise: Shipment) -> None:
    run = release(is_dry_run=True)

    assert not ReleaseRun.objects.filter(pk__gt=run.pk).exists()


def test_not_after_a_run_that_was_canceled(
    promise: Shipment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fulfillment.release.runs.batches.BATCH_SIZE", 1)
    going = ReleaseRun.objects.filter(state="RUNNING")

    run = release(progress=lambda _done: request_cancel(job_id=going.get().pk))

    assert (run.state, run.done_count, states()) == ("CANCELED", 1, KEPT)
    assert not ReleaseRun.objects.filter(pk__gt=run.pk).exists()
