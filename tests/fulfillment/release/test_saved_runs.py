"""A saved dry run is applied as it was shown, or not at all."""

import pytest

from fulfillment.models import ReleaseRun, Shipment
from fulfillment.release.lock import RELEASE_LOCK, ReleaseBusyError
from fulfillment.release.saved import Drift, DriftError, NotApplicableError, apply_run, drift_of
from inventory.models import SourceItem
from tests.fulfillment.release.waiting_orders import NOW, UTC_ZONE, release
from tests.invariants import assert_invariants

pytestmark = pytest.mark.django_db


def apply(run, **values):
    return apply_run(run_id=run.pk, now=NOW, zone=UTC_ZONE, by_id=None, **values)


def states():
    return dict(Shipment.objects.order_by("number").values_list("number", "state"))


def at(source, quantity):
    return [
        {
            "source": source,
            "expected_on": None,
            "takes": [{"sku": "KTP", "quantity": str(quantity)}],
        }
    ]


def test_what_was_shown_is_what_comes_of_it(world, kettle):
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


def test_when_the_world_moved_nothing_is_applied_and_the_drift_is_listed(world, kettle):
    item = world.item(world.a, kettle, 6)
    world.backorder({kettle: 3}, number="1001", days=9)
    world.backorder({kettle: 3}, number="1002", days=1)
    shown = release(is_dry_run=True)
    SourceItem.objects.filter(pk=item.pk).update(quantity=5)

    with pytest.raises(DriftError) as caught:
        apply(shown)

    assert caught.value.drift == (Drift("1002-1", at("a", 3), []),)
    assert drift_of(run_id=shown.pk, now=NOW, zone=UTC_ZONE) == [Drift("1002-1", at("a", 3), [])]
    assert states() == {"1001-1": "BACKORDER", "1002-1": "BACKORDER"}
    assert ReleaseRun.objects.count() == 1
    assert_invariants()


def test_on_request_the_decisions_that_still_hold_are_applied(world, kettle):
    item = world.item(world.a, kettle, 6)
    world.backorder({kettle: 3}, number="1001", days=9)
    world.backorder({kettle: 3}, number="1002", days=1)
    shown = release(is_dry_run=True)
    SourceItem.objects.filter(pk=item.pk).update(quantity=5)

    run = apply(shown, accepts_drift=True)

    assert states() == {"1001-1": "READY", "1002-1": "BACKORDER"}
    assert run.released_count == 1
    assert_invariants()


def test_more_than_was_shown_is_drift_too_and_is_not_given(world, kettle):
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


def test_what_was_released_meanwhile_is_drift_and_a_second_application_too(world, kettle):
    world.item(world.a, kettle, 3)
    world.backorder({kettle: 3}, number="1001")
    shown = release(is_dry_run=True)
    apply(shown)

    with pytest.raises(DriftError) as caught:
        apply(shown)

    assert caught.value.drift == (Drift("1001-1", at("a", 3), []),)
    assert SourceItem.objects.get().allocated == 3


def test_a_run_that_released_cannot_be_applied(world, kettle):
    with pytest.raises(NotApplicableError):
        apply(release())


@pytest.mark.django_db(transaction=True)
def test_nothing_is_applied_beside_another_run(world, kettle, monkeypatch, other_connection):
    monkeypatch.setattr("fulfillment.release.engine.WAIT_SECONDS", 0.0)
    shown = release(is_dry_run=True)
    other_connection.execute("SELECT pg_advisory_lock(%s)", [RELEASE_LOCK])

    with pytest.raises(ReleaseBusyError):
        apply(shown)
