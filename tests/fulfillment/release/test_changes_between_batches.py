"""What moves between the batches of a run: later shipments never gain by it."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import OperationalError
from psycopg.errors import DeadlockDetected, LockNotAvailable

from core.acts import Act
from fulfillment.models import Allocation, Shipment
from fulfillment.release.rows.writing import apply_decisions
from fulfillment.release.runs import batches
from inventory.models import FutureSupply, Product, Source, SourceItem, StockSource
from inventory.operations.future_supply import NewSupply, cancel_supply, change_supply
from inventory.operations.receipts import receive_supply
from tests.factories.inventory import FutureSupplyFactory, ProductFactory
from tests.fulfillment.release.waiting_orders import NOW, TODAY, World, configure, release
from tests.invariants import assert_invariants

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def one_shipment_a_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batches, "BATCH_SIZE", 1)


def after_the_first(change: Callable[..., Any]) -> Callable[..., Any]:
    """Return a progress that changes something between the first and the second batch."""

    def progress(done: Any) -> None:
        if done == 1:
            change()

    return progress


def states(*shipments: Shipment) -> list[Any]:
    return [Shipment.objects.get(pk=each.pk).state for each in shipments]


def test_units_that_come_in_meanwhile_are_for_the_first_who_waits(
    world: World, kettle: Product
) -> None:
    world.item(world.a, kettle, 2)
    first = world.backorder({kettle: 5}, number="1001", days=9)
    second = world.backorder({kettle: 2}, number="1002", days=5)
    third = world.backorder({kettle: 3}, number="1003", days=1)

    def receive() -> None:
        SourceItem.objects.filter(product=kettle).update(quantity=5)

    release(progress=after_the_first(receive))

    # The second has what was there for it; the three that came in are not given to the third,
    # though the first could not be asked again: in the next run it is.
    assert states(first, second, third) == ["BACKORDER", "READY", "BACKORDER"]
    assert_invariants()


def test_units_that_a_moved_promise_gives_back_are_for_the_first_who_waits(
    world: World, kettle: Product, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given a promise of 4 at A, 2 of them received; and now 4 at B with which it leaves at once
    configure(future_inventory=True)
    coming = FutureSupplyFactory(
        product=kettle, source=world.a, quantity=4, expected_on=TODAY + timedelta(days=9)
    )
    promised = world.backorder({kettle: 4}, number="1001", days=9)
    release()
    receive_supply(coming.pk, Act(NOW), quantity=Decimal(2))
    world.item(world.b, kettle, 4)
    second = world.backorder({kettle: 2}, number="1002", days=5)
    third = world.backorder({kettle: 2}, number="1003", days=1)
    monkeypatch.setattr(batches, "BATCH_SIZE", 2)

    release()

    moved = Shipment.objects.get(order=promised.order, state="READY")
    assert moved.source == world.b
    # The 2 at A are free only once the first batch, with the second shipment, is written.
    assert states(second) == ["READY"]
    assert Shipment.objects.get(order=third.order, state="FUTURE").source == world.a
    assert_invariants()


def test_a_promise_is_not_made_for_a_date_that_has_moved(world: World, kettle: Product) -> None:
    configure(future_inventory=True)
    coming = FutureSupplyFactory(
        product=kettle, source=world.a, quantity=9, expected_on=TODAY + timedelta(days=9)
    )
    first = world.backorder({kettle: 2}, number="1001", days=9)
    second = world.backorder({kettle: 2}, number="1002", days=5)

    def postpone() -> None:
        later = TODAY + timedelta(days=20)
        FutureSupply.objects.filter(pk=coming.pk).update(expected_on=later)

    release(progress=after_the_first(postpone))

    assert Allocation.objects.filter(shipment_line__shipment__order=first.order).exists()
    assert states(second) == ["BACKORDER"]
    release()
    assert_invariants()
    child = Shipment.objects.get(order=second.order, state="FUTURE")
    assert child.expected_on == TODAY + timedelta(days=20)


def test_no_shipment_is_dated_by_supply_that_is_canceled_or_moved_meanwhile(
    world: World, kettle: Product
) -> None:
    # It is not promised: the site does not promise from future inventory.
    soon = FutureSupplyFactory(
        product=kettle, source=world.a, quantity=9, expected_on=TODAY + timedelta(days=9)
    )
    bell = ProductFactory()
    moving = FutureSupplyFactory(
        product=bell, source=world.a, quantity=9, expected_on=TODAY + timedelta(days=9)
    )
    first = world.backorder({kettle: 1}, number="1001", days=9)
    second = world.backorder({kettle: 2}, number="1002", days=5)
    third = world.backorder({bell: 2}, number="1003", days=1)

    def lose() -> None:
        cancel_supply(soon.pk, Act(NOW))
        later = NewSupply(Decimal(9), TODAY + timedelta(days=20))
        change_supply(moving.pk, later, Act(NOW), today=TODAY)

    release(progress=after_the_first(lose))

    rows = Shipment.objects.in_bulk([first.pk, second.pk, third.pk])
    assert [rows[each.pk].has_known_supply for each in (first, second, third)] == [
        False,
        False,
        True,
    ]
    assert rows[third.pk].expected_on == TODAY + timedelta(days=20)


@pytest.mark.parametrize(
    "close",
    [
        lambda source: Source.objects.filter(pk=source.pk).update(is_enabled=False),
        lambda source: Source.objects.filter(pk=source.pk).update(ships_to_home=False),
        lambda source: StockSource.objects.filter(source=source).delete(),
    ],
    ids=["disabled", "not shipping", "not linked"],
)
def test_a_source_that_is_closed_meanwhile_gives_nothing_more(
    world: World, kettle: Product, close: Callable[..., Any]
) -> None:
    world.item(world.a, kettle, 9)
    first = world.backorder({kettle: 2}, number="1001", days=9)
    second = world.backorder({kettle: 2}, number="1002", days=5)

    release(progress=after_the_first(lambda: close(world.a)))

    assert states(first, second) == ["READY", "BACKORDER"]


def test_a_source_that_is_opened_meanwhile_waits_for_the_next_run(
    world: World, kettle: Product
) -> None:
    Source.objects.filter(pk=world.b.pk).update(is_enabled=False)
    world.item(world.a, kettle, 2)
    world.item(world.b, kettle, 9)
    first = world.backorder({kettle: 3}, number="1001", days=9)
    second = world.backorder({kettle: 2}, number="1002", days=5)
    third = world.backorder({kettle: 3}, number="1003", days=1)

    def enable() -> None:
        Source.objects.filter(pk=world.b.pk).update(is_enabled=True)

    release(progress=after_the_first(enable))

    assert states(first, second, third) == ["BACKORDER", "READY", "BACKORDER"]
    release()
    assert states(first, third) == ["READY", "READY"]


@pytest.mark.parametrize("cause", [DeadlockDetected, LockNotAvailable])
def test_a_batch_that_others_were_in_the_way_of_is_tried_again(
    world: World, kettle: Product, monkeypatch: pytest.MonkeyPatch, cause: Any
) -> None:
    world.item(world.a, kettle, 3)
    world.backorder({kettle: 3}, number="1001")
    apply = apply_decisions
    troubles = [cause(), cause()]

    def disturbed(*arguments: Any, **values: Any) -> None:
        apply(*arguments, **values)
        if troubles:
            raise OperationalError from troubles.pop()

    monkeypatch.setattr(batches, "apply_decisions", disturbed)

    run = release()

    assert (run.state, run.released_count, run.waiting_count) == ("COMPLETED", 1, 0)
    assert_invariants()
