"""One shipment's failure never stops the others."""

from typing import Any

import pytest
from django.db import connection

from fulfillment.models import ReleaseDecision, Shipment
from fulfillment.release.planning.planner import Planner
from fulfillment.release.planning.values import QueuedShipment
from inventory.models import Product
from tests.fulfillment.release.waiting_orders import World, release
from tests.invariants import assert_invariants

pytestmark = pytest.mark.django_db


def test_a_shipment_that_cannot_be_written_fails_alone(world: World, kettle: Product) -> None:
    # given a rule of the database that the second one's release would break
    world.item(world.a, kettle, 4)
    world.item(world.b, kettle, 5)
    first = world.backorder({kettle: 3}, number="1001", days=9)
    clash = world.backorder({kettle: 4}, number="1002", days=5)
    third = world.backorder({kettle: 2}, number="1003", days=1)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(
            "ALTER TABLE fulfillment_shipment ADD CONSTRAINT refuse_second "
            "CHECK (number <> '1002-1' OR state = 'BACKORDER')"
        )

    run = release()

    assert [Shipment.objects.get(pk=each.pk).state for each in (first, clash, third)] == [
        "READY", "BACKORDER", "READY",
    ]  # fmt: skip
    assert (run.state, run.released_count, run.failed_count, run.waiting_count) == (
        "COMPLETED", 2, 1, 0,
    )  # fmt: skip
    failed = ReleaseDecision.objects.get(run=run, shipment=clash)
    assert failed.outcome == "FAILED"
    assert "refuse_second" in failed.detail["error"]
    assert_invariants()


def test_a_shipment_that_cannot_be_decided_fails_alone(
    world: World, kettle: Product, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.item(world.a, kettle, 9)
    first = world.backorder({kettle: 3}, number="1001", days=9)
    odd = world.backorder({kettle: 4}, number="1002", days=5)
    decide = Planner.decide

    def stumble(self: Planner, shipment: QueuedShipment) -> Any:
        if shipment.id == odd.pk:
            raise KeyError("a source that is nowhere")
        return decide(self, shipment)

    monkeypatch.setattr(Planner, "decide", stumble)

    run = release()

    assert (run.released_count, run.failed_count) == (1, 1)
    assert Shipment.objects.get(pk=first.pk).state == "READY"
    assert Shipment.objects.get(pk=odd.pk).state == "BACKORDER"
