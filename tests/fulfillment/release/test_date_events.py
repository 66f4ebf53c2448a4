"""The timeline keeps every change of the date that a shipment is expected on, once."""

from datetime import date, timedelta
from typing import Any

import pytest

from core.acts import Act
from fulfillment.models import Shipment, ShipmentEvent
from fulfillment.operations.moves.expected_date import set_expected_date
from fulfillment.queries.shipment_page import events_of
from inventory.models import Product
from orders.models import OrderEmail
from tests.factories.fulfillment import promise
from tests.factories.inventory import FutureSupplyFactory
from tests.fulfillment.release.waiting_orders import NOW, TODAY, World, configure, release

pytestmark = pytest.mark.django_db


def dated(shipment: Shipment) -> list[tuple[Any, Any]]:
    """Return what the shipment's own timeline says of its date, oldest first."""
    events = ShipmentEvent.objects.filter(shipment=shipment).order_by("pk")
    return [(event.kind, event.detail) for event in events if "to" in event.detail]


def test_a_run_notes_each_date_that_it_moves_without_a_notice(
    world: World, kettle: Product
) -> None:
    configure(default_backorder_days=3)
    world.item(world.a, kettle, 1)
    first = world.backorder({kettle: 3}, number="1001", days=9)
    second = world.backorder({kettle: 3}, number="1002", days=1)
    Shipment.objects.filter(pk=first.pk).update(expected_on=date(2026, 5, 2))

    run = release()

    # Without known supply the date before stands, and where there is none it is the usual one.
    assert dated(first) == []
    assert dated(second) == [
        ("EXPECTED_DATE_SET", {"from": None, "to": "2026-04-30", "run": run.pk})
    ]
    assert not OrderEmail.objects.exists()
    event = ShipmentEvent.objects.get()
    assert (event.actor, event.created_at) == (None, NOW)

    release()
    assert ShipmentEvent.objects.count() == 1


def test_the_first_date_is_noted_as_one(world: World, kettle: Product) -> None:
    world.item(world.a, kettle, 1)
    waiting = world.backorder({kettle: 3}, number="1001", days=1)

    run = release()

    assert dated(waiting) == [
        ("EXPECTED_DATE_SET", {"from": None, "to": "2026-05-11", "run": run.pk})
    ]


def test_children_begin_with_their_date_and_what_is_left_keeps_its_own(
    world: World, kettle: Product
) -> None:
    configure(future_inventory=True, release_mode="BY_QUANTITY", default_backorder_days=21)
    world.item(world.a, kettle, 2)
    FutureSupplyFactory(source=world.b, product=kettle, quantity=3, expected_on=date(2026, 5, 1))
    waiting = world.backorder({kettle: 9}, number="1001", days=1)
    Shipment.objects.filter(pk=waiting.pk).update(expected_on=date(2026, 5, 12))
    promise(waiting, date(2026, 5, 12))

    run = release()

    ready = Shipment.objects.get(state="READY")
    promised = Shipment.objects.get(state="FUTURE")
    # What is left keeps its date: no supply is known for it.
    assert dated(waiting) == []
    assert dated(promised) == [
        ("RELEASED", {"from": "2026-05-12", "to": "2026-05-01", "run": run.pk})
    ]
    assert dated(ready) == []
    assert ShipmentEvent.objects.get(shipment=ready).detail == {"run": run.pk}
    # What became of the rest in the same run is none of the promise's history.
    assert [event.shipment_id for event in events_of(promised)] == [promised.pk]
    told = OrderEmail.objects.filter(kind="EXPECTED_DATE_CHANGED").order_by("pk")
    assert [(mail.context["former_expected_on"], mail.context["expected_on"]) for mail in told] == [
        ("2026-05-12", "2026-05-01"),
    ]


def test_a_promise_for_the_very_day_moves_no_date(world: World, kettle: Product) -> None:
    configure(future_inventory=True)
    FutureSupplyFactory(source=world.b, product=kettle, quantity=3, expected_on=date(2026, 5, 1))
    waiting = world.backorder({kettle: 3}, number="1001", days=1)
    Shipment.objects.filter(pk=waiting.pk).update(expected_on=date(2026, 5, 1))
    promise(waiting, date(2026, 5, 1))

    run = release()

    promised = Shipment.objects.get(state="FUTURE")
    assert [(event.kind, event.detail) for event in ShipmentEvent.objects.all()] == [
        ("RELEASED", {"run": run.pk})
    ]
    assert promised.expected_on == date(2026, 5, 1)
    assert not OrderEmail.objects.filter(kind="EXPECTED_DATE_CHANGED").exists()


def test_a_grandchild_has_no_part_in_what_its_parents_parent_got_later(
    world: World, kettle: Product
) -> None:
    configure(future_inventory=True, release_mode="BY_QUANTITY", default_backorder_days=21)
    FutureSupplyFactory(source=world.b, product=kettle, quantity=3, expected_on=date(2026, 5, 1))
    waiting = world.backorder({kettle: 9}, number="1001", days=1)
    release()
    promised = Shipment.objects.get(state="FUTURE")
    later = NOW + timedelta(hours=1)
    day = date(2026, 6, 1)
    set_expected_date(waiting.pk, Act(later), expected_on=day, today=TODAY)
    # given a part of the promise that leaves after all that
    part = Shipment.objects.create(
        number="PART",
        order=promised.order,
        stock=promised.stock,
        parent=promised,
        state="CANCELED",
        source=promised.source,
        backordered_since=promised.backordered_since,
        created_at=later + timedelta(hours=1),
    )

    assert {event.shipment_id for event in events_of(part)} == {promised.pk}
