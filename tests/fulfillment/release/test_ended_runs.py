"""How runs that do not complete end: once, with their cause, and not again for ever."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from django.db import OperationalError, connection
from django.utils.translation import override

from core.acts import Act
from fulfillment.models import ReleaseRun
from fulfillment.release.runs import dispatch, engine, one_shipment, record
from fulfillment.release.runs.scope import RunScope
from inventory.models import Product, SourceItem
from tests.fulfillment.release.waiting_orders import NOW, UTC_ZONE, World, release

pytestmark = pytest.mark.django_db


class BrokenShelfError(Exception):
    pass


def break_the_walk(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*arguments: Any, **values: Any) -> None:
        raise BrokenShelfError("The shelf is gone.\nAll of it.")

    monkeypatch.setattr(engine, "walk_scope", fail)


def test_an_error_is_kept_with_its_cause_and_the_run_is_not_taken_up_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    break_the_walk(monkeypatch)
    asked = record.queue_run(trigger="STAFF", act=Act(NOW), scope=RunScope(stock="default"))

    with pytest.raises(BrokenShelfError) as caught:
        engine.perform_run(run_id=asked.pk, now=NOW, zone=UTC_ZONE)

    run = ReleaseRun.objects.get()
    assert (run.state, run.message_code, run.finished_at is None) == ("FAILED", "ERROR", False)
    assert run.sentence == "An error ended it: BrokenShelfError: The shelf is gone."
    assert caught.value.__notes__ == [f"Release run #{run.pk}"]
    assert dispatch.lost_runs(now=NOW + timedelta(days=1)) == []
    assert engine.perform_run(run_id=run.pk, now=NOW, zone=UTC_ZONE).pk == run.pk
    assert ReleaseRun.objects.count() == 1


def test_a_run_that_stops_its_worker_every_time_is_given_up_after_three_attempts(
    world: World,
) -> None:
    run = record.queue_run(
        trigger="STAFF", act=Act(NOW), scope=RunScope(stock="default"), note={"policy": "STRICT"}
    )
    tried = [run]
    for _attempt in range(2):
        record.claim(tried[-1], now=NOW, settings={})
        tried.append(record.replace_abandoned(tried[-1], now=NOW)[tried[-1].pk])
    record.claim(tried[-1], now=NOW, settings={})

    last = engine.perform_run(run_id=tried[-1].pk, now=NOW, zone=UTC_ZONE)

    kept = list(ReleaseRun.objects.order_by("pk"))
    assert [(run.attempt_count, run.state, run.message_code) for run in kept] == [
        (1, "FAILED", "WORKER_STOPPED"),
        (2, "FAILED", "WORKER_STOPPED"),
        (3, "FAILED", "GIVEN_UP"),
    ]
    assert kept == [*tried[:2], last]
    assert [run.scope for run in kept] == [{"stock": "default", "policy": "STRICT"}] * 3
    assert record.attempts_before(last) == [tried[1].pk, tried[0].pk]
    assert last.sentence == "It was interrupted at each of 3 attempts. It is not started again."


def test_what_is_said_of_a_run_is_no_sentence_of_the_worker(world: World) -> None:
    run = release(scope=RunScope(filter="age_days_min=old"))

    assert (run.state, run.message_code, run.message) == ("FAILED", "INVALID_FILTER", "")
    assert run.message_values == {"filter": "age_days_min=old", "names": "age_days_min"}
    with override("en"):
        assert run.sentence == "The filter “age_days_min=old” is not understood, in: age_days_min"


def test_a_filter_that_there_is_not_is_named_beside_those_that_there_are(world: World) -> None:
    run = release(scope=RunScope(filter="color=red"))

    assert (run.state, run.message_code) == ("FAILED", "UNKNOWN_FILTER")
    assert run.sentence.startswith("There is no filter “color”. There are: age, age_days_max, ")


def test_runs_from_before_keep_the_sentence_that_they_have(world: World) -> None:
    run = ReleaseRun.objects.create(trigger="STAFF", created_at=NOW, message="100% of it failed.")

    assert run.sentence == "100% of it failed."


@contextmanager
def somebody_holds(item: SourceItem) -> Iterator[None]:
    """Have another session hold a source item, for longer than a run waits for it here."""
    with closing(psycopg.connect(**connection.get_connection_params())) as other:
        other.execute("SELECT 1 FROM inventory_sourceitem WHERE id = %s FOR UPDATE", [item.pk])
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '50ms'")
        yield
    connection.close()


@pytest.mark.django_db(transaction=True)
def test_a_run_that_others_are_in_the_way_of_is_performed_again(
    world: World, kettle: Product
) -> None:
    item = world.item(world.a, kettle, 3)
    waiting = world.backorder({kettle: 3}, number="1001")
    asked = record.queue_run(trigger="ARRIVAL", act=Act(NOW), scope=RunScope(products=(kettle.pk,)))

    with somebody_holds(item), pytest.raises(OperationalError):
        engine.perform_run(run_id=asked.pk, now=NOW, zone=UTC_ZONE)

    assert dispatch.lost_runs(now=NOW) == [asked.pk]
    again = engine.perform_run(run_id=asked.pk, now=NOW, zone=UTC_ZONE)
    asked.refresh_from_db()
    waiting.refresh_from_db()
    assert (asked.state, asked.sentence) == (
        "FAILED",
        "It was interrupted. Its saved work stays, and a later run does the rest.",
    )
    assert (again.replaces, again.state, again.released_count) == (asked, "COMPLETED", 1)
    assert waiting.state == "READY"


@pytest.mark.django_db(transaction=True)
def test_a_person_whose_release_others_are_in_the_way_of_leaves_it_to_a_worker(
    world: World, kettle: Product, monkeypatch: pytest.MonkeyPatch
) -> None:
    called: list[int] = []
    monkeypatch.setattr(one_shipment, "enqueue", called.append)
    item = world.item(world.a, kettle, 3)
    waiting = world.backorder({kettle: 3}, number="1001")

    with somebody_holds(item):
        asked = one_shipment.release_alone(waiting.pk, Act(NOW), zone=UTC_ZONE)

    assert (asked.state, called) == ("RUNNING", [asked.pk])
    again = engine.perform_run(run_id=asked.pk, now=NOW, zone=UTC_ZONE)
    assert (again.replaces, again.released_count) == (asked, 1)
