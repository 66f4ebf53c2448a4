"""Shipping what is there of one waiting shipment, whatever the mode in force."""

import contextlib
from contextlib import ExitStack
from datetime import timedelta
from decimal import Decimal
from threading import Barrier, Thread
from typing import Any

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from core.acts import Act
from fulfillment.models import Allocation, ReleaseRun, Shipment, ShipmentEvent
from fulfillment.operations.moves.holds import NotReleasableError
from fulfillment.operations.moves.received_units import NoUnitsReceivedError
from fulfillment.operations.shipments.locking import StaleShipmentError, WrongStateError
from fulfillment.release.runs.one_shipment import NothingReleasedError
from fulfillment.release.runs.part_release import PartPreview, preview_part, release_part
from inventory.models import FutureSupply, Product, Receipt, SourceItem
from inventory.operations.receipt_reversals import take_back_receipt
from inventory.operations.receipts import receive_supply
from inventory.options import ReleaseMode
from orders.models import OrderEmail
from tests.beside import beside
from tests.examples import examples
from tests.factories.inventory import FutureSupplyFactory, ProductFactory
from tests.fulfillment.release.waiting_orders import (
    NOW,
    TODAY,
    UTC_ZONE,
    World,
    configure,
    release,
)
from tests.invariants import assert_invariants

pytestmark = pytest.mark.django_db

BY_LINE, BY_QUANTITY = ReleaseMode.BY_LINE, ReleaseMode.BY_QUANTITY


@pytest.fixture
def pot() -> Product:
    return ProductFactory(sku="POT")


def part(shipment: Shipment, mode: ReleaseMode = BY_QUANTITY, **values: Any) -> Any:
    act = Act(NOW, reason="Asked for by phone")
    return release_part(shipment.pk, act, zone=UTC_ZONE, mode=mode, **values)


def preview(shipment: Shipment, mode: ReleaseMode = BY_QUANTITY) -> PartPreview:
    found = Shipment.objects.select_related("order", "source").get(pk=shipment.pk)
    return preview_part(found, mode=mode, now=NOW, zone=UTC_ZONE)


def units() -> dict[str, dict[str, Any]]:
    """Return the units on each shipment, by its number and state."""
    return {
        f"{shipment.number} {shipment.state}": {
            line.order_line.sku: int(line.quantity)
            for line in shipment.lines.filter(quantity__gt=0)
            .select_related("order_line")
            .order_by("pk")
        }
        for shipment in Shipment.objects.order_by("number")
    }


def test_by_quantity_what_is_there_leaves_and_the_rest_waits_on_with_its_age(
    world: World, kettle: Product, pot: Product
) -> None:
    world.item(world.a, kettle, 2)
    waiting = world.backorder({kettle: 5, pot: 1}, number="1001", days=9)
    since = waiting.backordered_since

    run = part(waiting)

    assert units() == {
        "1001-1 BACKORDER": {"KTP": 3, "POT": 1},
        "1001-1.1 READY": {"KTP": 2},
    }
    waiting.refresh_from_db()
    assert waiting.backordered_since == since
    assert run.scope == {"shipments": ["1001-1"], "mode": "BY_QUANTITY"}
    assert (run.state, run.released_count) == ("COMPLETED", 1)
    event = ShipmentEvent.objects.get(kind="RELEASED_IN_PART")
    assert (event.shipment, event.reason, event.detail) == (
        waiting, "Asked for by phone", {"run": run.pk, "mode": "BY_QUANTITY"},
    )  # fmt: skip
    assert_invariants()


def test_by_line_only_lines_that_are_all_there_leave(
    world: World, kettle: Product, pot: Product
) -> None:
    world.item(world.a, kettle, 2)
    world.item(world.a, pot, 1)
    waiting = world.backorder({kettle: 5, pot: 1}, number="1001")

    part(waiting, BY_LINE)

    assert units() == {"1001-1 BACKORDER": {"KTP": 5}, "1001-1.1 READY": {"POT": 1}}
    assert_invariants()


def test_a_run_of_the_site_still_leaves_such_a_shipment_whole(
    world: World, kettle: Product
) -> None:
    world.item(world.a, kettle, 2)
    world.backorder({kettle: 5}, number="1001")

    release()

    assert units() == {"1001-1 BACKORDER": {"KTP": 5}}


def test_nothing_leaves_that_an_earlier_shipment_is_given(world: World, kettle: Product) -> None:
    world.item(world.a, kettle, 4)
    world.backorder({kettle: 3}, number="1001", days=9)
    waiting = world.backorder({kettle: 5}, number="1002", days=1)

    part(waiting)

    assert units() == {
        "1001-1 BACKORDER": {"KTP": 3},
        "1002-1 BACKORDER": {"KTP": 4},
        "1002-1.1 READY": {"KTP": 1},
    }
    release()
    assert units()["1001-1 READY"] == {"KTP": 3}
    assert_invariants()


def test_units_kept_for_an_earlier_shipment_stay(world: World, kettle: Product) -> None:
    configure(release_policy="STRICT")
    world.item(world.a, kettle, 4)
    world.backorder({kettle: 9}, number="1001", days=9)
    waiting = world.backorder({kettle: 5}, number="1002", days=1)

    with pytest.raises(NothingReleasedError) as caught:
        part(waiting)

    assert caught.value.detail["shortages"][0]["reasons"] == ["WAITING_BEHIND"]
    assert units() == {"1001-1 BACKORDER": {"KTP": 9}, "1002-1 BACKORDER": {"KTP": 5}}


def test_dated_supply_is_not_promised_and_the_preview_says_what_comes(
    world: World, kettle: Product
) -> None:
    configure(future_inventory=True)
    world.item(world.a, kettle, 2)
    FutureSupplyFactory(
        source=world.a, product=kettle, quantity=9, expected_on=TODAY + timedelta(days=5)
    )
    waiting = world.backorder({kettle: 5}, number="1001")

    shown = preview(waiting)
    part(waiting, shown=shown.shown)

    assert shown.detail["children"] == [
        {"source": "a", "expected_on": None, "takes": [{"sku": "KTP", "quantity": "2"}]}
    ]
    (shortage,) = shown.detail["shortages"]
    assert (shortage["sku"], shortage["missing"]) == ("KTP", "3")
    assert shown.detail["expected_on"] == "2026-05-03"
    assert units() == {"1001-1 BACKORDER": {"KTP": 3}, "1001-1.1 READY": {"KTP": 2}}
    assert not Allocation.objects.filter(future_supply__isnull=False).exists()


def test_what_is_all_there_leaves_whole(world: World, kettle: Product) -> None:
    world.item(world.a, kettle, 5)
    waiting = world.backorder({kettle: 5}, number="1001")

    part(waiting)

    assert units() == {"1001-1 READY": {"KTP": 5}}
    assert not ShipmentEvent.objects.filter(kind="RELEASED_IN_PART").exists()


def test_a_preview_writes_nothing(world: World, kettle: Product) -> None:
    world.item(world.a, kettle, 2)
    waiting = world.backorder({kettle: 5}, number="1001")

    shown = preview(waiting)

    assert shown.releases_any
    assert units() == {"1001-1 BACKORDER": {"KTP": 5}}
    assert not ReleaseRun.objects.exists()
    assert not ShipmentEvent.objects.exists()


def test_what_has_changed_since_the_preview_is_not_released(world: World, kettle: Product) -> None:
    item = world.item(world.a, kettle, 2)
    waiting = world.backorder({kettle: 5}, number="1001")
    shown = preview(waiting)
    SourceItem.objects.filter(pk=item.pk).update(quantity=1)

    with pytest.raises(StaleShipmentError):
        part(waiting, shown=shown.shown)

    assert units() == {"1001-1 BACKORDER": {"KTP": 5}}


def test_a_shipment_that_is_held_ready_or_has_changed_is_refused(
    world: World, kettle: Product
) -> None:
    world.item(world.a, kettle, 2)
    waiting = world.backorder({kettle: 5}, number="1001")
    with pytest.raises(StaleShipmentError):
        part(waiting, expected_version=0)
    Shipment.objects.filter(pk=waiting.pk).update(is_held=True, hold_reason="STAFF")
    with pytest.raises(NotReleasableError):
        part(waiting)
    with pytest.raises(NotReleasableError):
        preview(waiting)
    Shipment.objects.filter(pk=waiting.pk).update(is_held=False, hold_reason="")
    part(waiting)
    ready = Shipment.objects.get(state="READY")

    with pytest.raises(WrongStateError):
        part(ready)
    with pytest.raises(WrongStateError):
        preview(ready)


@pytest.fixture
def promise(world: World, kettle: Product, pot: Product) -> Shipment:
    """Of 3 kettles 2 are received, of 2 pots both, and a lamp is still to come."""
    configure(future_inventory=True)
    lamp = ProductFactory(sku="LAMP")
    on = TODAY + timedelta(days=9)
    for product, quantity in [(kettle, 3), (pot, 2), (lamp, 1)]:
        world.item(world.a, product, 0)
        FutureSupplyFactory(source=world.a, product=product, quantity=quantity, expected_on=on)
    world.backorder({kettle: 3, pot: 2, lamp: 1}, number="1001")
    release()
    for product in (kettle, pot):
        received = FutureSupply.objects.get(product=product)
        receive_supply(received.pk, Act(NOW), quantity=Decimal(2))
    return Shipment.objects.get(state="FUTURE")


def test_of_a_promise_the_units_received_leave(promise: Shipment) -> None:
    shown = preview(promise)

    child = part(promise, shown=shown.shown)

    assert shown.detail["children"] == [
        {
            "source": "a",
            "expected_on": None,
            "takes": [{"sku": "KTP", "quantity": "2"}, {"sku": "POT", "quantity": "2"}],
        }
    ]
    assert shown.promised == (
        {"sku": "KTP", "quantity": "1", "expected_on": TODAY + timedelta(days=9)},
        {"sku": "LAMP", "quantity": "1", "expected_on": TODAY + timedelta(days=9)},
    )
    assert (child.state, child.parent_id, child.source_id) == (
        "READY", promise.pk, promise.source_id,
    )  # fmt: skip
    assert units()[f"{promise.number} FUTURE"] == {"KTP": 1, "LAMP": 1}
    assert units()[f"{child.number} READY"] == {"KTP": 2, "POT": 2}
    assert child.backordered_since == promise.backordered_since
    kinds = ShipmentEvent.objects.filter(shipment__in=[promise, child], reason="Asked for by phone")
    assert list(kinds.order_by("kind").values_list("kind", "shipment")) == [
        ("RELEASED", child.pk),
        ("RELEASED_IN_PART", promise.pk),
    ]
    assert_invariants()


def test_of_a_promise_by_line_whole_lines_leave(promise: Shipment) -> None:
    child = part(promise, BY_LINE)

    assert units()[f"{promise.number} FUTURE"] == {"KTP": 3, "LAMP": 1}
    assert units()[f"{child.number} READY"] == {"POT": 2}
    assert_invariants()


def test_the_customer_of_a_promise_is_told_what_is_being_prepared(promise: Shipment) -> None:
    promise.lines.update(promise_told_at=NOW)

    child = part(promise)

    email = OrderEmail.objects.get(kind="BEING_PREPARED")
    assert email.context["shipments"] == [child.pk]
    assert [line["quantity"] for line in email.context["lines"]] == ["2.0000", "2.0000"]


def test_a_receipt_taken_back_finds_its_units_on_the_part(promise: Shipment) -> None:
    child = part(promise)
    receipt = Receipt.objects.get(future_supply__product__sku="POT")

    take_back_receipt(receipt.pk, Act(NOW, reason="Counted wrong"))

    child.refresh_from_db()
    assert child.state == "FUTURE"
    assert_invariants()


def test_a_promise_of_which_nothing_is_received_is_refused(promise: Shipment) -> None:
    part(promise)

    with pytest.raises(NoUnitsReceivedError):
        part(promise)
    assert not preview(promise).releases_any


def test_units_received_since_the_preview_are_shown_first(promise: Shipment) -> None:
    shown = preview(promise)
    kettles = FutureSupply.objects.get(product__sku="KTP")
    receive_supply(kettles.pk, Act(NOW), quantity=Decimal(1))

    with pytest.raises(StaleShipmentError):
        part(promise, shown=shown.shown)

    assert units() == {f"{promise.number} FUTURE": {"KTP": 3, "POT": 2, "LAMP": 1}} | {
        key: value for key, value in units().items() if "REASSIGNED" in key
    }


QUEUES = st.lists(st.integers(1, 6), min_size=2, max_size=4)


@hypothesis_settings(examples(20), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(wanted=QUEUES, there=st.integers(0, 12), mode=st.sampled_from([BY_LINE, BY_QUANTITY]))
def test_nobody_before_it_loses_a_unit(wanted: list[int], there: int, mode: ReleaseMode) -> None:
    """Whatever the last is given, a run of the site gives the others what it gave them before."""
    with transaction.atomic():
        world, kettle = World(), ProductFactory()
        world.item(world.a, kettle, there)
        queue = [
            world.backorder({kettle: each}, number=f"{number}", days=20 - number)
            for number, each in enumerate(wanted, start=1)
        ]
        left, owed = there, set()
        for shipment, each in zip(queue[:-1], wanted[:-1], strict=True):
            if each <= left:
                left -= each
                owed.add(shipment.pk)

        with contextlib.suppress(NothingReleasedError):
            part(queue[-1], mode)
        release()

        ready = Shipment.objects.filter(state="READY", pk__in=[one.pk for one in queue[:-1]])
        assert set(ready.values_list("pk", flat=True)) == owed
        assert_invariants()
        transaction.set_rollback(True)


@pytest.mark.django_db(transaction=True)
def test_a_run_and_a_part_release_at_once_give_no_unit_twice(world: World, kettle: Product) -> None:
    world.item(world.a, kettle, 4)
    world.backorder({kettle: 3}, number="1001", days=9)
    waiting = world.backorder({kettle: 5}, number="1002", days=1)
    start = Barrier(2)

    def run_all() -> None:
        start.wait()
        try:
            release()
        finally:
            connection.close()

    thread = Thread(target=run_all)
    thread.start()
    start.wait()
    part(waiting)
    thread.join(timeout=60)

    assert units() == {
        "1001-1 READY": {"KTP": 3},
        "1002-1 BACKORDER": {"KTP": 4},
        "1002-1.1 READY": {"KTP": 1},
    }
    assert_invariants()


@pytest.mark.django_db(transaction=True)
def test_two_people_at_one_promise_split_it_once(promise: Shipment) -> None:
    """The second waits for the first, and finds nothing more that is there."""
    refused: list[type[Exception]] = []

    def second() -> None:
        try:
            part(promise)
        except NoUnitsReceivedError as error:
            refused.append(type(error))

    with ExitStack() as others, transaction.atomic():
        part(promise)
        others.enter_context(beside(second))

    assert refused == [NoUnitsReceivedError]
    assert units()[f"{promise.number} FUTURE"] == {"KTP": 1, "LAMP": 1}
    assert_invariants()
