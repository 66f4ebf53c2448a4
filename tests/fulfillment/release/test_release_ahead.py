"""Releasing ahead of the queue: a person's decision, logged as one."""

from typing import Any

import pytest

from core.acts import Act
from fulfillment.models import ReleaseRun, Shipment, ShipmentEvent
from fulfillment.operations.moves.holds import NotReleasableError
from fulfillment.operations.shipments.locking import StaleShipmentError, WrongStateError
from fulfillment.release.runs.one_shipment import NotCoveredError, release_ahead
from inventory.models import Product
from tests.fulfillment.release.waiting_orders import NOW, UTC_ZONE, World
from tests.invariants import assert_invariants

pytestmark = pytest.mark.django_db


def ahead(shipment: Shipment, **values: Any) -> ReleaseRun:
    return release_ahead(
        shipment.pk, Act(NOW, reason="Promised on the phone"), zone=UTC_ZONE, **values
    )


def test_the_younger_is_served_first_and_it_is_written_down(world: World, kettle: Product) -> None:
    world.item(world.a, kettle, 3)
    older = world.backorder({kettle: 3}, number="1001", days=9)
    younger = world.backorder({kettle: 3}, number="1002", days=1)

    run = ahead(younger)

    younger.refresh_from_db()
    older.refresh_from_db()
    assert (younger.state, older.state) == ("READY", "BACKORDER")
    event = ShipmentEvent.objects.get(kind="RELEASED_AHEAD")
    assert (event.shipment, event.reason, event.detail) == (
        younger, "Promised on the phone", {"run": run.pk},
    )  # fmt: skip
    assert (run.state, run.scope) == ("COMPLETED", {"shipments": ["1002-1"], "ahead": True})
    assert_invariants()


def test_what_supply_does_not_cover_is_refused_with_the_reasons(
    world: World, kettle: Product
) -> None:
    world.item(world.a, kettle, 2)
    waiting = world.backorder({kettle: 3}, number="1001")

    with pytest.raises(NotCoveredError) as caught:
        ahead(waiting)

    assert caught.value.detail["shortages"] == [
        {"sku": "KTP", "missing": "1", "reasons": ["NOT_ENOUGH_STOCK"], "facts": {}}
    ]
    assert not ReleaseRun.objects.exists()
    assert not ShipmentEvent.objects.exists()


def test_a_held_shipment_is_refused(world: World, kettle: Product) -> None:
    world.item(world.a, kettle, 3)
    waiting = world.backorder({kettle: 3}, number="1001")
    Shipment.objects.filter(pk=waiting.pk).update(is_held=True, hold_reason="STAFF")

    with pytest.raises(NotReleasableError):
        ahead(waiting)

    assert not ReleaseRun.objects.exists()


def test_a_shipment_that_has_changed_or_gone_is_refused(world: World, kettle: Product) -> None:
    world.item(world.a, kettle, 6)
    waiting = world.backorder({kettle: 3}, number="1001")

    with pytest.raises(StaleShipmentError):
        ahead(waiting, expected_version=0)
    ahead(waiting)
    with pytest.raises(WrongStateError):
        ahead(waiting)

    assert ReleaseRun.objects.count() == 1
