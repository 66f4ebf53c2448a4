"""A run over a part of the queue never takes what a full run would give to someone else."""

from datetime import timedelta
from typing import Any

import pytest
from psycopg import Connection
from pytest_django import DjangoCaptureOnCommitCallbacks

from core.acts import Act
from fulfillment.models import ReleaseDecision, ReleaseRun, Shipment
from fulfillment.operations.shipments.arrivals import note_arrival
from fulfillment.release.runs import dispatch, engine, record
from fulfillment.release.runs.arrivals import release_arrivals
from fulfillment.release.runs.dispatch import RELEASE_LOCK
from fulfillment.release.runs.scope import RunScope
from inventory.models import Product
from tests.factories.inventory import ProductFactory, StockFactory
from tests.fulfillment.release.waiting_orders import NOW, UTC_ZONE, World, configure, release
from tests.invariants import assert_invariants
from tests.present import present

pytestmark = pytest.mark.django_db


def states() -> Any:
    return dict(Shipment.objects.order_by("number").values_list("number", "state"))


def test_one_shipment_is_released_and_no_other(world: World, kettle: Product) -> None:
    world.item(world.a, kettle, 10)
    world.backorder({kettle: 3}, number="1001", days=9)
    world.backorder({kettle: 3}, number="1002", days=1)

    run = release(scope=RunScope(shipments=("1002-1",)))

    assert states() == {"1001-1": "BACKORDER", "1002-1": "READY"}
    assert run.scope == {"shipments": ["1002-1"]}
    assert (run.total_count, run.done_count, run.released_count) == (1, 1, 1)
    assert_invariants()


def test_a_chosen_shipment_does_not_get_what_an_earlier_one_would(
    world: World, kettle: Product
) -> None:
    world.item(world.a, kettle, 4)
    world.backorder({kettle: 3}, number="1001", days=9)
    world.backorder({kettle: 3}, number="1002", days=1)

    run = release(scope=RunScope(shipments=("1002-1",)))

    assert states() == {"1001-1": "BACKORDER", "1002-1": "BACKORDER"}
    (decision,) = ReleaseDecision.objects.filter(run=run)
    assert decision.detail["shortages"] == [
        {
            "sku": "KTP",
            "missing": "2",
            "reasons": ["TAKEN_BY_EARLIER"],
            "facts": {"taken_by": ["1001-1"]},
        }
    ]
    assert_invariants()


def test_a_rival_of_a_rival_counts_too(world: World, kettle: Product) -> None:
    """The first takes the pots, so the second cannot go, so its kettles are free for the third."""
    pot = ProductFactory(sku="POT")
    world.item(world.a, kettle, 3)
    world.item(world.a, pot, 3)
    world.backorder({pot: 3}, number="1001", days=9)
    world.backorder({pot: 3, kettle: 3}, number="1002", days=5)
    world.backorder({kettle: 3}, number="1003", days=1)

    release(scope=RunScope(shipments=("1003-1",)))

    assert states() == {"1001-1": "BACKORDER", "1002-1": "BACKORDER", "1003-1": "READY"}
    assert_invariants()


def test_units_kept_for_an_old_shipment_stay_kept(world: World, kettle: Product) -> None:
    configure(release_policy="STRICT")
    world.item(world.a, kettle, 3)
    world.backorder({kettle: 5}, number="1001", days=9)
    world.backorder({kettle: 3}, number="1002", days=1)

    run = release(scope=RunScope(shipments=("1002-1",)))

    assert states() == {"1001-1": "BACKORDER", "1002-1": "BACKORDER"}
    (decision,) = ReleaseDecision.objects.filter(run=run)
    assert decision.detail["shortages"][0]["reasons"] == ["WAITING_BEHIND"]


def test_a_later_batch_still_leaves_alone_what_an_earlier_one_set_aside(
    world: World, kettle: Product, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fulfillment.release.runs.batches.BATCH_SIZE", 1)
    world.item(world.a, kettle, 4)
    world.backorder({kettle: 3}, number="1001", days=9)
    world.backorder({kettle: 3}, number="1002", days=1)

    release(scope=RunScope(shipments=("1002-1",)))

    assert states() == {"1001-1": "BACKORDER", "1002-1": "BACKORDER"}


def test_a_filter_and_a_stock_choose_together(world: World, kettle: Product) -> None:
    world.item(world.a, kettle, 20)
    world.backorder({kettle: 3}, number="1001", days=9)
    world.backorder({kettle: 3}, number="1002", days=1)
    other = StockFactory(sources=[world.a])

    nothing = release(scope=RunScope(stock=other.code, filter="age_days_min=8"))
    something = release(scope=RunScope(stock=world.channel.stock.code, filter="age_days_min=8"))

    assert nothing.released_count == 0
    assert something.released_count == 1
    assert states() == {"1001-1": "READY", "1002-1": "BACKORDER"}


def test_a_filter_that_is_not_understood_fails_the_run_and_says_so(
    world: World, kettle: Product
) -> None:
    world.item(world.a, kettle, 20)
    world.backorder({kettle: 3}, number="1001")

    run = release(scope=RunScope(filter="age_days_min=old"))

    assert run.state == "FAILED"
    assert run.message_values == {"filter": "age_days_min=old", "names": "age_days_min"}
    assert run.sentence == "The filter “age_days_min=old” is not understood, in: age_days_min"
    assert states() == {"1001-1": "BACKORDER"}


def test_an_arrival_concerns_only_those_that_wait_for_it(world: World, kettle: Product) -> None:
    pot = ProductFactory(sku="POT")
    world.item(world.a, kettle, 3)
    world.item(world.a, pot, 3)
    world.backorder({kettle: 3}, number="1001")
    world.backorder({pot: 3}, number="1002")
    note_arrival([kettle.pk])

    run = present(release_arrivals(now=NOW, zone=UTC_ZONE))

    assert states() == {"1001-1": "READY", "1002-1": "BACKORDER"}
    assert (run.trigger, run.scope) == ("ARRIVAL", {"products": [kettle.pk]})
    assert release_arrivals(now=NOW, zone=UTC_ZONE) is None


def test_a_requested_run_is_queued_and_performed_once(
    world: World,
    kettle: Product,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sent: list[int] = []
    monkeypatch.setattr(engine, "enqueue", sent.append)
    world.item(world.a, kettle, 3)
    world.backorder({kettle: 3}, number="1001")

    with django_capture_on_commit_callbacks(execute=True):
        run = engine.request_run(trigger=ReleaseRun.Trigger.API, act=Act(NOW))
    assert (run.state, sent) == ("QUEUED", [run.pk])
    first = engine.perform_run(run_id=run.pk, now=NOW, zone=UTC_ZONE)
    again = engine.perform_run(run_id=run.pk, now=NOW, zone=UTC_ZONE)

    assert (first.state, first.released_count) == ("COMPLETED", 1)
    assert (again.pk, again.state, again.released_count) == (run.pk, "COMPLETED", 1)
    assert ReleaseRun.objects.count() == 1


def test_a_run_whose_worker_died_is_taken_up_in_a_new_one(
    world: World, kettle: Product, other_connection: Connection[Any]
) -> None:
    world.item(world.a, kettle, 3)
    world.backorder({kettle: 3}, number="1001")
    lost = record.queue_run(
        trigger=ReleaseRun.Trigger.ARRIVAL, act=Act(NOW), scope=RunScope(products=(kettle.pk,))
    )
    ReleaseRun.objects.filter(pk=lost.pk).update(state="RUNNING", started_at=NOW)
    later = NOW + timedelta(minutes=3)
    other_connection.execute("SELECT pg_advisory_lock(%s)", [RELEASE_LOCK])
    assert dispatch.lost_runs(now=later) == []
    other_connection.execute("SELECT pg_advisory_unlock(%s)", [RELEASE_LOCK])
    assert dispatch.lost_runs(now=NOW) == [lost.pk]

    run = engine.perform_run(run_id=lost.pk, now=later, zone=UTC_ZONE)

    lost.refresh_from_db()
    assert (lost.state, lost.finished_at is None) == ("FAILED", False)
    assert run.pk != lost.pk
    assert (run.state, run.trigger, run.released_count) == ("COMPLETED", "ARRIVAL", 1)
    assert states() == {"1001-1": "READY"}


@pytest.mark.django_db(transaction=True)
def test_while_another_run_goes_on_a_schedule_skips_and_a_request_stays_queued(
    world: World,
    kettle: Product,
    monkeypatch: pytest.MonkeyPatch,
    other_connection: Connection[Any],
) -> None:
    monkeypatch.setattr(engine, "WAIT_SECONDS", 0.0)
    other_connection.execute("SELECT pg_advisory_lock(%s)", [RELEASE_LOCK])
    asked = record.queue_run(trigger=ReleaseRun.Trigger.STAFF, act=Act(NOW))

    scheduled = engine.run_release(act=Act(NOW), zone=UTC_ZONE, trigger=ReleaseRun.Trigger.SCHEDULE)
    waits = engine.perform_run(run_id=asked.pk, now=NOW, zone=UTC_ZONE)
    other_connection.execute("SELECT pg_advisory_unlock(%s)", [RELEASE_LOCK])
    done = engine.perform_run(run_id=asked.pk, now=NOW, zone=UTC_ZONE)

    assert (scheduled.state, scheduled.message_code) == ("SKIPPED", "ANOTHER_RUN")
    assert waits.state == "QUEUED"
    assert done.state == "COMPLETED"
