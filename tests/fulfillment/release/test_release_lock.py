"""Who is next at the release lock: queued runs, arrivals, and nobody forgotten or waiting."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from psycopg import Connection

from config.celery import app
from core.acts import Act
from core.operations.jobs import request_cancel
from fulfillment.models import ArrivalNotice, ReleaseRun
from fulfillment.operations.shipments.arrivals import NOTE, note_arrival
from fulfillment.release.runs import dispatch, engine
from fulfillment.release.runs.arrivals import release_arrivals
from fulfillment.release.runs.dispatch import RELEASE_LOCK
from fulfillment.release.runs.record import queue_run
from fulfillment.release.runs.scope import RunScope
from fulfillment.tasks import resume_work
from inventory.models import Product
from inventory.operations.future_supply import cancel_supply
from tests.factories.inventory import FutureSupplyFactory, ProductFactory
from tests.fulfillment.release.waiting_orders import NOW, TODAY, UTC_ZONE, World, configure, release
from tests.present import present

pytestmark = pytest.mark.django_db(transaction=True)

ARRIVALS = ("fulfillment.release_arrivals", None)


def perform(run: ReleaseRun) -> tuple[str, dict[str, int]]:
    return ("fulfillment.perform_run", {"run_id": run.pk})


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, Any]]:
    """What reached the broker: the names of tasks, with their arguments."""
    tasks = []

    def send_task(name: str, kwargs: Any = None, **_options: Any) -> None:
        tasks.append((name, kwargs))

    monkeypatch.setattr(app, "send_task", send_task)
    return tasks


@pytest.fixture
def going_on(other_connection: Connection[Any]) -> Callable[..., Any]:
    """Say whether another worker's run goes on."""

    def hold(is_held: bool) -> None:
        function = "pg_advisory_lock" if is_held else "pg_advisory_unlock"
        other_connection.execute(f"SELECT {function}(%s)", [RELEASE_LOCK])

    hold(True)
    return hold


def noted() -> list[Any]:
    return sorted(ArrivalNotice.objects.values_list("product__sku", flat=True))


def queued(**values: Any) -> ReleaseRun:
    return queue_run(trigger=ReleaseRun.Trigger.STAFF, act=Act(NOW), **values)


def test_the_beat_takes_up_arrivals_whose_task_was_lost(
    world: World, kettle: Product, sent: list[tuple[str, Any]]
) -> None:
    world.item(world.a, kettle, 3)
    world.backorder({kettle: 3}, number="1001")
    resume_work()
    assert sent == []
    note_arrival([kettle.pk])
    sent.clear()

    resume_work()

    assert sent == [ARRIVALS]


def test_each_arrival_that_somebody_waits_for_sends_a_task_of_its_own(
    world: World, kettle: Product, sent: list[tuple[str, Any]]
) -> None:
    world.backorder({kettle: 3}, number="1001")
    note_arrival([ProductFactory(sku="LAMP").pk])
    assert sent == []

    note_arrival([kettle.pk])
    note_arrival([kettle.pk])

    assert sent == [ARRIVALS, ARRIVALS]


def test_units_noted_beside_a_run_that_takes_notice_are_not_forgotten(
    world: World, kettle: Product, sent: list[tuple[str, Any]], other_connection: Connection[Any]
) -> None:
    world.backorder({kettle: 3}, number="1001")
    note_arrival([kettle.pk])
    other_connection.execute("BEGIN")
    other_connection.execute(NOTE, [[kettle.pk]])

    release_arrivals(now=NOW, zone=UTC_ZONE)
    other_connection.execute("COMMIT")

    assert noted() == ["KTP"]


def test_what_arrives_during_a_run_goes_in_one_run_afterwards(
    world: World, kettle: Product, sent: list[tuple[str, Any]], going_on: Callable[..., Any]
) -> None:
    pot = ProductFactory(sku="POT")
    for number, product in (("1001", kettle), ("1002", pot)):
        world.item(world.a, product, 3)
        world.backorder({product: 3}, number=number)
    for product in (kettle, pot):
        note_arrival([product.pk])
        assert release_arrivals(now=NOW, zone=UTC_ZONE) is None
    assert not ReleaseRun.objects.exists()

    going_on(False)
    run = present(release_arrivals(now=NOW, zone=UTC_ZONE))

    assert run.scope == {"products": sorted([kettle.pk, pot.pk])}
    assert (run.state, run.released_count, noted()) == ("COMPLETED", 2, [])


def test_a_worker_does_not_wait_for_another_run(
    world: World,
    sent: list[tuple[str, Any]],
    going_on: Callable[..., Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(
        "fulfillment.release.runs.dispatch.time.sleep",
        lambda _seconds: pytest.fail("It stays backordered."),
    )
    runs = [queue_run(trigger=trigger, act=Act(NOW)) for trigger in ("STAFF", "API", "COMMAND")]
    scheduled = queue_run(trigger="SCHEDULE", act=Act(NOW))

    states = [
        engine.perform_run(run_id=run.pk, now=NOW, zone=UTC_ZONE).state
        for run in (*runs, scheduled)
    ]

    assert states == ["QUEUED", "QUEUED", "QUEUED", "SKIPPED"]


def test_the_end_of_a_run_calls_the_oldest_that_is_queued_and_what_arrived(
    world: World, kettle: Product, sent: list[tuple[str, Any]]
) -> None:
    world.backorder({kettle: 3}, number="1001")
    first, second = queued(), queued()
    note_arrival([kettle.pk])
    sent.clear()

    release()
    assert sent == [perform(first), ARRIVALS]
    engine.perform_run(run_id=first.pk, now=NOW, zone=UTC_ZONE)

    assert sent[2:] == [perform(second), ARRIVALS]


def test_the_beat_calls_the_oldest_queued_run_and_no_crowd(sent: list[tuple[str, Any]]) -> None:
    first, _second = queued(), queued()
    assert dispatch.lost_runs(now=NOW + timedelta(seconds=29)) == []

    assert dispatch.lost_runs(now=NOW + timedelta(seconds=31)) == [first.pk]


def test_a_full_run_leaves_the_notices_to_the_run_that_dates_those_who_wait(
    world: World, kettle: Product, sent: list[tuple[str, Any]]
) -> None:
    """A full run passes over those who cannot leave; the products' own run dates them anew."""
    configure(default_backorder_days=21)
    future = FutureSupplyFactory(
        product=kettle, source=world.a, quantity=9, expected_on=TODAY + timedelta(days=15)
    )
    waiting = world.backorder({kettle: 3}, number="1001")
    release()
    cancel_supply(future.pk, Act(NOW))

    release()

    assert noted() == ["KTP"]
    release_arrivals(now=NOW, zone=UTC_ZONE)
    waiting.refresh_from_db()
    # 30 days after the order, the date on which its customer counts.
    assert waiting.expected_on == TODAY + timedelta(days=29)


def test_the_rules_are_those_in_force_once_the_other_run_has_ended(
    world: World,
    kettle: Product,
    sent: list[tuple[str, Any]],
    going_on: Callable[..., Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world.item(world.a, kettle, 2)
    world.backorder({kettle: 3}, number="1001")

    def other_run_ends(_seconds: Any) -> None:
        configure(release_mode="BY_QUANTITY")
        going_on(False)

    monkeypatch.setattr("fulfillment.release.runs.dispatch.time.sleep", other_run_ends)

    run = release()

    assert (run.released_count, run.settings_in_force["release_mode"]) == (1, "BY_QUANTITY")


def test_a_dead_run_is_taken_up_with_all_that_it_was_started_with(
    world: World, sent: list[tuple[str, Any]], django_user_model: type[User]
) -> None:
    user = django_user_model.objects.create_user("ada")
    lost = engine.request_run(
        trigger="API",
        act=Act(NOW, user.pk, "Asked by phone"),
        is_dry_run=True,
        scope=RunScope(stock=world.channel.stock.code),
        policy="STRICT",
    )
    ReleaseRun.objects.filter(pk=lost.pk).update(state="RUNNING", started_at=NOW)

    run = engine.perform_run(run_id=lost.pk, now=NOW, zone=UTC_ZONE)

    assert (run.pk > lost.pk, run.state, run.is_dry_run) == (True, "COMPLETED", True)
    assert (run.trigger, run.started_by, run.reason) == ("API", user, "Asked by phone")
    assert run.scope == {"stock": world.channel.stock.code, "policy": "STRICT"}
    assert run.settings_in_force["release_policy"] == "STRICT"


def test_a_dead_run_that_was_to_stop_is_canceled_and_not_taken_up(
    world: World, kettle: Product, sent: list[tuple[str, Any]]
) -> None:
    world.item(world.a, kettle, 3)
    waiting = world.backorder({kettle: 3}, number="1001")
    lost = queued(scope=RunScope(products=(kettle.pk,)))
    ReleaseRun.objects.filter(pk=lost.pk).update(state="RUNNING", started_at=NOW)
    assert request_cancel(job_id=lost.pk)

    run = engine.perform_run(run_id=lost.pk, now=NOW, zone=UTC_ZONE)

    waiting.refresh_from_db()
    assert (run.pk, run.state, waiting.state) == (lost.pk, "CANCELED", "BACKORDER")
    assert ReleaseRun.objects.count() == 1


def test_a_dead_run_on_arrival_is_closed_though_release_is_off_by_now(
    world: World, kettle: Product, sent: list[tuple[str, Any]]
) -> None:
    configure(release_enabled=False)
    lost = queue_run(trigger="ARRIVAL", act=Act(NOW), scope=RunScope(products=(kettle.pk,)))
    ReleaseRun.objects.filter(pk=lost.pk).update(state="RUNNING", started_at=NOW)

    run = engine.perform_run(run_id=lost.pk, now=NOW, zone=UTC_ZONE)

    lost.refresh_from_db()
    assert (lost.state, run.state) == ("FAILED", "SKIPPED")
