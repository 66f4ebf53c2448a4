"""Many shipments reassigned together: each finds what those before it have left."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from fulfillment.models import Allocation, Shipment, ShipmentEvent
from fulfillment.review.bulk_change import BulkAction, ShipmentBulkChange
from inventory.models import SourceItem
from tests.factories.inventory import ProductFactory
from tests.fulfillment.release.waiting_orders import World, release
from tests.fulfillment.review.bulk_moves import make_together, said
from tests.invariants import assert_invariants

pytestmark = pytest.mark.django_db
TO_B = ShipmentBulkChange(BulkAction.REASSIGN, reason="Nearer", source="b")


def states() -> dict[str, tuple[str, str | None]]:
    rows = Shipment.objects.order_by("number").values_list("number", "state", "source__code")
    return {number: (state, source) for number, state, source in rows}


def test_nobody_overtakes_whoever_still_waits() -> None:
    world = World()
    chair = ProductFactory(sku="CHAIR")
    first, second, third = (world.backorder({chair: 1}, number=f"S{n}").pk for n in (1, 2, 3))
    world.item(world.b, chair, 2)

    made = make_together([second, third], TO_B)

    assert [said(row) for row in made if row.refusal] == [
        "The source cannot supply 1 × CHAIR without units of earlier shipments."
    ]
    assert states() == {
        "S1-1": ("BACKORDER", None),
        "S2-1": ("READY", "b"),
        "S3-1": ("BACKORDER", None),
    }
    assert [row.is_change for row in make_together([first, third], TO_B)] == [True, False]
    assert_invariants()


def test_those_before_it_in_the_queue_wait_no_longer_once_they_are_served() -> None:
    world = World()
    chair = ProductFactory()
    chosen = [world.backorder({chair: 1}, number=f"S{n}").pk for n in range(3)]
    world.item(world.b, chair, 3)

    made = make_together(chosen, TO_B)

    assert [row.is_change for row in made] == [True] * 3
    assert set(states().values()) == {("READY", "b")}
    kinds = ShipmentEvent.objects.filter(shipment=chosen[2]).order_by("pk")
    assert [*kinds.values_list("kind", flat=True)][-2:] == ["REASSIGNED", "RELEASED"]
    assert_invariants()


def test_what_was_ready_elsewhere_gives_back_its_units() -> None:
    world = World()
    lamp = ProductFactory()
    world.item(world.a, lamp, 1)
    ready = world.backorder({lamp: 1}, number="READY").pk
    release()
    waits = world.backorder({lamp: 1}, number="WAITS").pk
    world.item(world.b, lamp, 2)

    made = make_together([ready, waits], TO_B)

    assert [row.is_change for row in made] == [True, True]
    assert states() == {
        "READY-1": ("REASSIGNED", "a"),
        "READY-1.1": ("READY", "b"),
        "WAITS-1": ("READY", "b"),
    }
    items = SourceItem.objects.order_by("source__code").values_list("source__code", "allocated")
    assert {code: int(units) for code, units in items} == {"a": 0, "b": 2}
    assert Allocation.objects.filter(source_item__source=world.b).count() == 2
    assert_invariants()


def test_many_that_wait_need_no_more_statements_than_a_few() -> None:
    world = World()
    chair = ProductFactory()
    chosen = [world.backorder({chair: 1}, number=f"S{n}").pk for n in range(20)]
    world.item(world.b, chair, 50)
    counts = []
    for part in (chosen[:2], chosen[2:]):
        with CaptureQueriesContext(connection) as sent:
            made = make_together(part, TO_B)
        assert all(row.is_change for row in made)
        counts.append(len(sent))

    assert counts[0] == counts[1] <= 50
