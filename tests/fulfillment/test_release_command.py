import json
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from fulfillment.models import ArrivalNotice, ReleaseRun, Shipment
from fulfillment.operations.shipments import arrivals
from fulfillment.release.runs.dispatch import release_lock
from fulfillment.tasks import release_arrivals, release_backorders
from inventory.models import SourceItem
from orders.models import Order
from tests.factories.fulfillment import BackorderFactory
from tests.factories.inventory import (
    ProductFactory,
    SalesChannelFactory,
    SourceItemFactory,
    StockFactory,
)
from tests.factories.orders import OrderFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def waiting() -> SourceItem:
    """One shipment that can go, and one that lacks two units."""
    item = SourceItemFactory(product=ProductFactory(sku="KTP"), source__code="a", quantity=4)
    channel = SalesChannelFactory(stock=StockFactory(sources=[item.source]))
    for number, quantity in (("1001", 3), ("1002", 3)):
        order = OrderFactory(
            channel=channel, number=number, placed_at=datetime(2026, 4, int(number[-1]), tzinfo=UTC)
        )
        BackorderFactory(order=order, number=f"{number}-1", lines={item.product: quantity})
    return item


def run(*arguments: Any) -> Any:
    output = StringIO()
    call_command("release_backorders", *arguments, stdout=output)
    return output.getvalue()


def states() -> list[Any]:
    return list(Shipment.objects.order_by("number").values_list("number", "state"))


def test_table_says_what_left_and_why_the_rest_waits(waiting: SourceItem) -> None:
    output = run()

    assert states() == [("1001-1", "READY"), ("1002-1", "BACKORDER")]
    assert "a : 3 x KTP" in output
    assert "2 x KTP: TAKEN_BY_EARLIER" in output
    assert "1 released, 1 considered and still waiting" in output


def test_dry_run_says_the_same_and_writes_nothing(waiting: SourceItem) -> None:
    output = run("--dry-run")

    assert states() == [("1001-1", "BACKORDER"), ("1002-1", "BACKORDER")]
    assert "1 released, 1 considered and still waiting" in output


def test_json_is_for_programs(waiting: SourceItem) -> None:
    answer = json.loads(run("--format", "json"))

    assert (answer["state"], answer["released"], answer["waiting"]) == ("COMPLETED", 1, 1)
    assert answer["decisions"][0] == {
        "shipment": "1001-1",
        "outcome": "RELEASED",
        "children": [
            {
                "source": "a",
                "expected_on": None,
                "takes": [{"sku": "KTP", "quantity": "3"}],
            }
        ],
        "shortages": [],
        "expected_on": None,
    }
    assert answer["decisions"][1]["shortages"][0]["reasons"] == ["TAKEN_BY_EARLIER"]


@pytest.mark.parametrize(
    "scope",
    [
        ("--shipment", "1001-1"),
        ("--filter", "q=1001"),
        ("--stock", "elsewhere", "--dry-run"),
    ],
)
def test_a_part_of_the_queue_is_released_alone(waiting: SourceItem, scope: tuple[Any, ...]) -> None:
    StockFactory(code="elsewhere")
    waiting.quantity = 9
    waiting.save()

    output = run(*scope)

    released = "--dry-run" not in scope
    assert f"{int(released)} released, 0 considered" in output
    assert states() == [("1001-1", "READY" if released else "BACKORDER"), ("1002-1", "BACKORDER")]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--stock", "nowhere"), "There is no stock “nowhere”. There are: .*default"),
        (("--shipment", "1001-1", "--shipment", "7"), "do not wait for a release: 7$"),
        (("--filter", "age=NEVER"), "NEVER"),
        (("--filter", "colour=red"), "no filter “colour”"),
    ],
)
def test_a_part_that_makes_no_sense_is_refused_and_nothing_is_released(
    waiting: SourceItem, arguments: tuple[Any, ...], sentence: str
) -> None:
    with pytest.raises(CommandError, match=sentence):
        run(*arguments)

    assert {state for _, state in states()} == {"BACKORDER"}
    assert not ReleaseRun.objects.exists()


def test_shipments_that_runs_leave_out_are_refused_with_the_reason(waiting: SourceItem) -> None:
    held = Shipment.objects.filter(number="1001-1")
    held.update(is_held=True, hold_reason="STAFF")
    Order.objects.filter(number="1002").update(status="PAYMENT_REVIEW")

    with pytest.raises(CommandError) as caught:
        run("--shipment", "1002-1", "--shipment", "1001-1")

    assert str(caught.value).splitlines() == [
        "Nothing was released.",
        "1001-1: The shipment is on hold. Lift the hold, then release it.",
        "1002-1: The payment of its order is under review.",
    ]
    assert not ReleaseRun.objects.exists()


def test_a_terminal_shows_the_first_rows_and_says_how_many_follow(
    waiting: SourceItem, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fulfillment.management.commands.release_backorders.SHOWN", 1)

    output = run()

    assert "1001-1" in output
    assert "1002-1" not in output
    assert "and 1 more" in output


def test_unknown_format_is_refused(waiting: SourceItem) -> None:
    with pytest.raises(CommandError, match="xml"):
        run("--format", "xml")


def test_task_runs_the_engine_and_keeps_its_record(waiting: SourceItem) -> None:
    release_backorders()

    record = ReleaseRun.objects.get()
    assert (record.trigger, record.state, record.released_count) == ("SCHEDULE", "COMPLETED", 1)


def test_arrival_delivered_twice_runs_once(waiting: SourceItem) -> None:
    arrivals.note_arrival([waiting.product_id])

    release_arrivals()
    release_arrivals()

    assert list(ReleaseRun.objects.values_list("trigger", flat=True)) == ["ARRIVAL"]
    assert not ArrivalNotice.objects.exists()
    assert states()[0] == ("1001-1", "READY")


@pytest.mark.django_db(transaction=True)
def test_scheduled_run_is_skipped_while_another_goes_on(waiting: SourceItem) -> None:
    from_another_session(release_backorders)

    assert ReleaseRun.objects.get().state == "SKIPPED"
    assert ReleaseRun.objects.get().sentence == "Another run was going on."


def from_another_session(call: Callable[..., Any]) -> None:
    """Run ``call`` in a thread, with a connection of its own, while this session holds the lock."""

    def work() -> None:
        try:
            call()
        finally:
            connection.close()

    with release_lock(wait_seconds=0) as is_held:
        assert is_held
        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
