"""A saved dry run is applied as it was shown, or not at all."""

from typing import Any

import pytest
from psycopg import Connection
from pytest_django import DjangoCaptureOnCommitCallbacks

from core.acts import Act
from fulfillment.models import ReleaseDecision, ReleaseRun, Shipment, WaitingBalance
from fulfillment.release.rows import decision_log
from fulfillment.release.runs import batches, dispatch, engine, record
from fulfillment.release.runs.apply_dry_run import (
    DriftError,
    NotApplicableError,
    apply_run,
    request_apply,
)
from fulfillment.release.runs.dispatch import RELEASE_LOCK, ReleaseBusyError
from fulfillment.release.runs.dry_runs import Drift
from fulfillment.release.runs.scope import RunScope
from inventory.models import Product, SourceItem, StockBalance
from tests.factories.inventory import ProductFactory
from tests.fulfillment.release.waiting_orders import NOW, UTC_ZONE, World, drift_of, release
from tests.invariants import assert_invariants
from tests.rows import is_free

pytestmark = pytest.mark.django_db


def apply(run: ReleaseRun, **values: Any) -> ReleaseRun:
    return apply_run(run_id=run.pk, act=Act(NOW), zone=UTC_ZONE, **values)


def states() -> Any:
    return dict(Shipment.objects.order_by("number").values_list("number", "state"))


def at(source: str, quantity: int) -> list[dict[str, Any]]:
    return [
        {
            "source": source,
            "expected_on": None,
            "takes": [{"sku": "KTP", "quantity": str(quantity)}],
        }
    ]


def test_what_was_shown_is_what_comes_of_it(world: World, kettle: Product) -> None:
    world.item(world.a, kettle, 5)
    world.backorder({kettle: 3}, number="1001", days=9)
    world.backorder({kettle: 3}, number="1002", days=1)
    shown = release(is_dry_run=True)
    assert states() == {"1001-1": "BACKORDER", "1002-1": "BACKORDER"}

    run = apply(shown)

    assert states() == {"1001-1": "READY", "1002-1": "BACKORDER"}
    assert (run.state, run.released_count, run.waiting_count) == ("COMPLETED", 1, 1)
    assert run.scope == {"as_shown": shown.pk}
    assert_invariants()


@pytest.mark.django_db(transaction=True)
def test_all_that_was_shown_is_locked_before_the_first_batch_is_written(
    world: World, kettle: Product, other: Connection[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batches, "BATCH_SIZE", 1)
    pan = ProductFactory(sku="PAN")
    items = [world.item(world.a, product, 5) for product in (pan, kettle)]
    world.backorder({pan: 3}, number="1001", days=1)
    world.backorder({kettle: 3}, number="1002", days=9)
    shown = release(is_dry_run=True)
    last = Shipment.objects.get(number="1001-1")
    balances = [balance.objects.get(product=pan) for balance in (StockBalance, WaitingBalance)]
    rows = [last.order, last, items[0], *balances]
    free = []
    kept = decision_log.keep_decisions

    def keep_and_look(*arguments: Any, **values: Any) -> None:
        free.append([row for row in rows if is_free(other, row)])
        other.rollback()
        kept(*arguments, **values)

    monkeypatch.setattr(decision_log, "keep_decisions", keep_and_look)
    apply(shown)

    assert states() == {"1001-1": "READY", "1002-1": "READY"}
    assert free == [[], []]


def test_when_the_world_moved_nothing_is_applied_and_the_drift_is_listed(
    world: World, kettle: Product
) -> None:
    item = world.item(world.a, kettle, 6)
    world.backorder({kettle: 3}, number="1001", days=9)
    world.backorder({kettle: 3}, number="1002", days=1)
    shown = release(is_dry_run=True)
    SourceItem.objects.filter(pk=item.pk).update(quantity=5)

    with pytest.raises(DriftError) as caught:
        apply(shown)

    assert caught.value.drift == (Drift("1002-1", at("a", 3), []),)
    assert drift_of(shown) == [Drift("1002-1", at("a", 3), [])]
    assert states() == {"1001-1": "BACKORDER", "1002-1": "BACKORDER"}
    run = ReleaseRun.objects.get(is_dry_run=False)
    assert (run.state, run.message_code, run.message_values) == ("SKIPPED", "DRIFTED", {"count": 1})
    assert (run.done_count, run.released_count) == (0, 0)
    assert_invariants()


def test_on_request_the_decisions_that_still_hold_are_applied(
    world: World, kettle: Product
) -> None:
    item = world.item(world.a, kettle, 6)
    world.backorder({kettle: 3}, number="1001", days=9)
    world.backorder({kettle: 3}, number="1002", days=1)
    shown = release(is_dry_run=True)
    SourceItem.objects.filter(pk=item.pk).update(quantity=5)

    run = apply(shown, accepts_drift=True)

    assert states() == {"1001-1": "READY", "1002-1": "BACKORDER"}
    assert run.released_count == 1
    assert_invariants()


def test_more_than_was_shown_is_drift_too_and_is_not_given(world: World, kettle: Product) -> None:
    item = world.item(world.a, kettle, 3)
    world.backorder({kettle: 3}, number="1001", days=9)
    world.backorder({kettle: 3}, number="1002", days=1)
    shown = release(is_dry_run=True)
    SourceItem.objects.filter(pk=item.pk).update(quantity=6)

    with pytest.raises(DriftError) as caught:
        apply(shown)
    run = apply(shown, accepts_drift=True)

    assert caught.value.drift == (Drift("1002-1", [], at("a", 3)),)
    assert states() == {"1001-1": "READY", "1002-1": "BACKORDER"}
    assert run.released_count == 1


def test_what_was_released_meanwhile_is_drift_and_a_second_application_too(
    world: World, kettle: Product
) -> None:
    world.item(world.a, kettle, 3)
    world.backorder({kettle: 3}, number="1001")
    shown = release(is_dry_run=True)
    apply(shown)

    with pytest.raises(DriftError) as caught:
        apply(shown)

    assert caught.value.drift == (Drift("1001-1", at("a", 3), []),)
    assert SourceItem.objects.get().allocated == 3


def test_a_run_that_released_cannot_be_applied(world: World, kettle: Product) -> None:
    with pytest.raises(NotApplicableError):
        apply(release())


@pytest.mark.django_db(transaction=True)
def test_nothing_is_applied_beside_another_run(
    world: World,
    kettle: Product,
    monkeypatch: pytest.MonkeyPatch,
    other_connection: Connection[Any],
) -> None:
    monkeypatch.setattr("fulfillment.release.runs.engine.WAIT_SECONDS", 0.0)
    shown = release(is_dry_run=True)
    other_connection.execute("SELECT pg_advisory_lock(%s)", [RELEASE_LOCK])

    with pytest.raises(ReleaseBusyError):
        apply(shown)


def requested(shown: ReleaseRun, **values: Any) -> ReleaseRun:
    return request_apply(run_id=shown.pk, act=Act(NOW), **values)


def perform(run: ReleaseRun) -> ReleaseRun:
    return engine.perform_run(run_id=run.pk, now=NOW, zone=UTC_ZONE)


def test_a_worker_applies_a_run_once_for_repeated_messages(
    world: World,
    kettle: Product,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    sent: list[int] = []
    monkeypatch.setattr(dispatch, "enqueue", sent.append)
    world.item(world.a, kettle, 3)
    world.backorder({kettle: 3}, number="1001")
    shown = release(is_dry_run=True)

    with django_capture_on_commit_callbacks(execute=True):
        asked = requested(shown)
        again = requested(shown)
    first, second = perform(asked), perform(asked)

    assert (again.pk, sent) == (asked.pk, [asked.pk])
    assert (first.state, first.released_count, first.done_count) == ("COMPLETED", 1, 1)
    assert (second.pk, second.state) == (first.pk, "COMPLETED")
    assert SourceItem.objects.get().allocated == 3


def test_what_a_killed_worker_had_applied_is_no_drift_to_the_next(
    world: World, kettle: Product
) -> None:
    world.item(world.a, kettle, 6)
    world.backorder({kettle: 3}, number="1001", days=9)
    world.backorder({kettle: 3}, number="1002", days=1)
    shown = release(is_dry_run=True)
    died = requested(shown, accepts_drift=True)
    begun = release(scope=RunScope(shipments=("1001-1",)))
    ReleaseDecision.objects.filter(run=begun).update(run=died)
    record.claim(died, now=NOW, settings={})

    run = perform(died)

    assert (run.attempt_count, run.replaces, run.scope) == (2, died, died.scope)
    assert (run.state, run.released_count, run.drift, run.sentence) == ("COMPLETED", 1, [], "")
    assert states() == {"1001-1": "READY", "1002-1": "READY"}
    assert_invariants()


@pytest.mark.django_db(transaction=True)
def test_one_that_is_canceled_before_its_end_has_applied_nothing(
    world: World,
    kettle: Product,
    monkeypatch: pytest.MonkeyPatch,
    other_connection: Connection[Any],
) -> None:
    monkeypatch.setattr(batches, "BATCH_SIZE", 1)
    world.item(world.a, kettle, 6)
    world.backorder({kettle: 3}, number="1001", days=9)
    world.backorder({kettle: 3}, number="1002", days=1)
    shown = release(is_dry_run=True)
    asked = requested(shown)
    kept = decision_log.keep_decisions

    def keep_and_cancel(*arguments: Any, **values: Any) -> None:
        kept(*arguments, **values)
        cancel = "UPDATE core_job SET is_cancel_requested = TRUE WHERE id = %s"
        other_connection.execute(cancel, [asked.pk])

    monkeypatch.setattr(decision_log, "keep_decisions", keep_and_cancel)
    run = perform(asked)

    assert (run.state, run.message_code) == ("CANCELED", "NOT_APPLIED")
    assert (run.done_count, run.released_count) == (0, 0)
    assert states() == {"1001-1": "BACKORDER", "1002-1": "BACKORDER"}
    assert not ReleaseDecision.objects.filter(run=run).exists()
    assert_invariants()


@pytest.mark.django_db(transaction=True)
def test_everybody_sees_how_far_it_is_while_nobody_sees_what_it_writes(
    world: World,
    kettle: Product,
    monkeypatch: pytest.MonkeyPatch,
    other_connection: Connection[Any],
) -> None:
    monkeypatch.setattr(batches, "BATCH_SIZE", 1)
    world.item(world.a, kettle, 6)
    world.backorder({kettle: 3}, number="1001", days=9)
    world.backorder({kettle: 3}, number="1002", days=1)
    shown = release(is_dry_run=True)
    asked = requested(shown)
    seen = []
    kept = decision_log.keep_decisions

    def keep_and_look(*arguments: Any, **values: Any) -> None:
        ask = (
            "SELECT message_code, done_count, total_count, "
            "(SELECT count(*) FROM fulfillment_shipment WHERE state = 'READY') "
            "FROM fulfillment_releaserun JOIN core_job ON id = job_id WHERE id = %s"
        )
        seen.append(other_connection.execute(ask, [asked.pk]).fetchone())
        kept(*arguments, **values)

    monkeypatch.setattr(decision_log, "keep_decisions", keep_and_look)
    run = perform(asked)

    assert seen == [("APPLYING", 0, 2, 0), ("APPLYING", 1, 2, 0)]
    assert (run.state, run.released_count, run.message_code) == ("COMPLETED", 2, "")
    assert states() == {"1001-1": "READY", "1002-1": "READY"}
