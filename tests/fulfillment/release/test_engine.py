"""A run on the real database: what it moves, writes and leaves alone."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core.acts import Act
from fulfillment.models import Allocation, ReleaseDecision, ReleaseRun, Shipment
from fulfillment.release.runs import batches, engine
from inventory.models import Product
from orders.models import OrderEmail
from tests.factories.fulfillment import promise
from tests.factories.inventory import (
    FutureSupplyFactory,
    ProductFactory,
)
from tests.fulfillment.release.waiting_orders import NOW, TODAY, World, configure, release
from tests.invariants import assert_invariants
from tests.present import present

pytestmark = pytest.mark.django_db


def test_what_one_source_covers_becomes_ready_itself(world: World, kettle: Product) -> None:
    # given
    item = world.item(world.a, kettle, 3)
    waiting = world.backorder({kettle: 3}, number="1001")

    # when
    run = release()

    # then
    waiting.refresh_from_db()
    item.refresh_from_db()
    assert (waiting.state, waiting.source, waiting.released_at) == ("READY", world.a, NOW)
    assert item.allocated == Decimal(3)
    assert (run.state, run.released_count, run.split_count, run.waiting_count) == (
        "COMPLETED", 1, 0, 0,
    )  # fmt: skip
    assert waiting.children.count() == 0
    assert_invariants()


def test_two_sources_make_two_children_and_reassign_the_parent(world: World) -> None:
    # given
    first, second = ProductFactory(sku="KTP"), ProductFactory(sku="KTP2")
    world.item(world.a, first, 5)
    world.item(world.b, second, 5)
    waiting = world.backorder({first: 5, second: 5}, number="1001")

    # when
    run = release()

    # then
    waiting.refresh_from_db()
    assert (waiting.state, waiting.amount) == ("REASSIGNED", Decimal(0))
    children = Shipment.objects.filter(parent=waiting).order_by("number")
    assert [(child.number, child.state, present(child.source).code) for child in children] == [
        ("1001-1.1", "READY", "a"),
        ("1001-1.2", "READY", "b"),
    ]
    assert [child.backordered_since for child in children] == [waiting.backordered_since] * 2
    assert [child.amount for child in children] == [Decimal("50.00"), Decimal("50.00")]
    assert (run.released_count, run.split_count) == (1, 1)
    assert_invariants()


def test_one_short_product_keeps_all_waiting_and_the_reason_is_kept(world: World) -> None:
    # given
    first, second = ProductFactory(sku="KTP"), ProductFactory(sku="KTP2")
    item = world.item(world.a, first, 5)
    waiting = world.backorder({first: 5, second: 5}, number="1001")

    # when
    run = release()

    # then
    waiting.refresh_from_db()
    item.refresh_from_db()
    assert waiting.state == "BACKORDER"
    assert item.allocated == 0
    decision = ReleaseDecision.objects.get(run=run)
    assert decision.outcome == "WAITING"
    assert decision.detail["shortages"] == [
        {"sku": "KTP2", "missing": "5", "reasons": ["NO_STOCK"], "facts": {}}
    ]
    assert_invariants()


def test_older_is_served_first_and_the_younger_hears_who_took_it(
    world: World, kettle: Product
) -> None:
    # given
    world.item(world.a, kettle, 4)
    younger = world.backorder({kettle: 3}, number="1002", days=1)
    older = world.backorder({kettle: 3}, number="1001", days=9)

    # when
    run = release()

    # then
    older.refresh_from_db()
    younger.refresh_from_db()
    assert (older.state, younger.state) == ("READY", "BACKORDER")
    detail = ReleaseDecision.objects.get(run=run, shipment=younger).detail
    assert detail["shortages"][0]["reasons"] == ["TAKEN_BY_EARLIER"]
    assert detail["shortages"][0]["facts"] == {"taken_by": ["1001-1"]}
    assert detail["shortages"][0]["missing"] == "2"


def test_skip_over_lets_the_next_take_what_the_first_cannot_use(
    world: World, kettle: Product
) -> None:
    world.item(world.a, kettle, 4)
    large = world.backorder({kettle: 5}, number="1001", days=9)
    small = world.backorder({kettle: 1}, number="1002")

    release()

    large.refresh_from_db()
    small.refresh_from_db()
    assert (large.state, small.state) == ("BACKORDER", "READY")


def test_strict_keeps_units_across_batches(
    world: World, kettle: Product, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given
    monkeypatch.setattr(batches, "BATCH_SIZE", 1)
    configure(release_policy="STRICT")
    world.item(world.a, kettle, 4)
    large = world.backorder({kettle: 5}, number="1001", days=9)
    small = world.backorder({kettle: 1}, number="1002")

    # when
    run = release()

    # then
    large.refresh_from_db()
    small.refresh_from_db()
    assert (large.state, small.state) == ("BACKORDER", "BACKORDER")
    facts = ReleaseDecision.objects.get(run=run, shipment=small).detail["shortages"][0]
    assert "WAITING_BEHIND" in facts["reasons"]
    assert facts["facts"]["kept_for"] == ["1001-1"]


def test_by_quantity_leaves_the_rest_on_the_backorder(world: World, kettle: Product) -> None:
    # given
    configure(release_mode="BY_QUANTITY")
    world.item(world.a, kettle, 2)
    waiting = world.backorder({kettle: 3}, number="1001")

    # when
    release()

    # then
    waiting.refresh_from_db()
    child = Shipment.objects.get(parent=waiting)
    assert (waiting.state, waiting.lines.get().quantity) == ("BACKORDER", Decimal(1))
    assert (child.state, child.lines.get().quantity) == ("READY", Decimal(2))
    assert (waiting.amount, child.amount) == (Decimal("10.00"), Decimal("20.00"))
    assert_invariants()


def test_dated_supply_promises_and_a_receipt_elsewhere_moves_the_promise(
    world: World, kettle: Product
) -> None:
    # given
    configure(future_inventory=True)
    supply = FutureSupplyFactory(
        source=world.b, product=kettle, quantity=5, expected_on=TODAY + timedelta(days=3)
    )
    waiting = world.backorder({kettle: 5}, number="1001")
    release()
    promised = Shipment.objects.get(parent=waiting)
    supply.refresh_from_db()
    assert (promised.state, promised.expected_on) == ("FUTURE", date(2026, 5, 1))
    assert (promised.source, supply.allocated_quantity) == (world.b, Decimal(5))
    assert_invariants()

    # when
    world.item(world.a, kettle, 5)
    release()

    # then
    promised.refresh_from_db()
    supply.refresh_from_db()
    assert (promised.state, promised.source) == ("READY", world.a)
    assert supply.allocated_quantity == 0
    assert present(Allocation.objects.get().source_item).source == world.a
    assert_invariants()


@pytest.mark.parametrize("values", [{"is_held": True, "hold_reason": "STAFF"}])
def test_held_shipments_are_left_out(world: World, kettle: Product, values: dict[str, Any]) -> None:
    world.item(world.a, kettle, 3)
    waiting = world.backorder({kettle: 3}, number="1001")
    Shipment.objects.update(**values)

    run = release()

    waiting.refresh_from_db()
    assert waiting.state == "BACKORDER"
    assert (run.done_count, run.released_count) == (0, 0)


def test_orders_without_money_behind_them_are_left_out(world: World, kettle: Product) -> None:
    item = world.item(world.a, kettle, 3)
    world.backorder({kettle: 3}, number="1001", status="PENDING_PAYMENT")

    release()

    item.refresh_from_db()
    assert item.allocated == 0


def test_second_run_changes_nothing(world: World, kettle: Product) -> None:
    item = world.item(world.a, kettle, 5)
    world.backorder({kettle: 3}, number="1001")
    release()

    run = release()

    item.refresh_from_db()
    assert item.allocated == 3
    assert (run.released_count, run.waiting_count) == (0, 0)


def test_dry_run_writes_its_record_and_nothing_else(world: World, kettle: Product) -> None:
    # given
    item = world.item(world.a, kettle, 3)
    waiting = world.backorder({kettle: 3}, number="1001")

    # when
    run = release(is_dry_run=True)

    # then
    waiting.refresh_from_db()
    item.refresh_from_db()
    assert (waiting.state, item.allocated, Allocation.objects.count()) == (
        "BACKORDER",
        Decimal(0),
        0,
    )
    assert run.released_count == 1
    assert ReleaseDecision.objects.get(run=run).outcome == "RELEASED"


def test_one_notice_is_sent_for_one_release(world: World, kettle: Product) -> None:
    world.item(world.a, kettle, 3)
    waiting = world.backorder({kettle: 3}, number="1001")
    promise(waiting, None)

    release()
    release()

    email = OrderEmail.objects.get()
    assert (email.order, email.kind, email.state) == (waiting.order, "BEING_PREPARED", "QUEUED")
    assert email.context["lines"] == [{"sku": "KTP", "name": "Product KTP", "quantity": "3.0000"}]


def test_scheduled_run_does_nothing_where_release_is_off(world: World, kettle: Product) -> None:
    configure(release_enabled=False)
    world.item(world.a, kettle, 3)
    world.backorder({kettle: 3}, number="1001")

    scheduled = engine.run_release(act=Act(NOW), zone=ZoneInfo("UTC"), trigger="SCHEDULE")
    assert (scheduled.state, scheduled.released_count) == ("SKIPPED", 0)
    assert scheduled.settings_in_force["release_enabled"] is False

    assert release().released_count == 1


def test_query_count_does_not_grow_with_shipments(world: World, kettle: Product) -> None:
    world.item(world.a, kettle, 100)
    world.backorder({kettle: 1}, number="1")
    with CaptureQueriesContext(connection) as one:
        release()
    for number in range(2, 22):
        world.backorder({kettle: 1}, number=str(number))

    with CaptureQueriesContext(connection) as twenty:
        assert release().released_count == 20

    assert len(twenty) == len(one)


def test_run_whose_worker_died_is_closed_by_the_next(world: World, kettle: Product) -> None:
    # given
    world.item(world.a, kettle, 3)
    world.backorder({kettle: 3}, number="1001")
    dead = ReleaseRun.objects.create(trigger="SCHEDULE", state="RUNNING", created_at=NOW)

    # when
    run = release()

    # then
    dead.refresh_from_db()
    assert (dead.state, dead.finished_at is not None) == ("FAILED", True)
    assert dead.message_code == "WORKER_STOPPED"
    assert (run.state, run.released_count, run.total_count) == ("COMPLETED", 1, 1)


def test_batches_follow_each_other_in_queue_order_over_several_priorities(
    world: World, kettle: Product, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batches, "BATCH_SIZE", 2)
    world.item(world.a, kettle, 6)
    numbers = ["1001", "1002", "1003", "1004", "1005", "1006", "1007"]
    for days, number in enumerate(numbers, start=1):
        world.backorder({kettle: 1}, number=number, days=days)
    for number, priority in (("1001", 5), ("1002", 5), ("1003", -5), ("1004", -5)):
        Shipment.objects.filter(number=f"{number}-1").update(priority=priority)

    run = release()

    order = ReleaseDecision.objects.filter(run=run).order_by("position")
    assert [(decision.shipment.number, decision.outcome) for decision in order] == [
        ("1002-1", "RELEASED"),
        ("1001-1", "RELEASED"),
        ("1007-1", "RELEASED"),
        ("1006-1", "RELEASED"),
        ("1005-1", "RELEASED"),
        ("1004-1", "RELEASED"),
        ("1003-1", "WAITING"),
    ]
