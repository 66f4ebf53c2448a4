"""A count locks the shipments that give way before the items, as everybody else does."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connections, transaction

from core.acts import Act
from fulfillment.models import Shipment
from fulfillment.release.runs import engine
from inventory.models import SourceItem
from inventory.operations.source_items import ItemChange, adjust_items, set_items
from tests.beside import wait_until_waiting
from tests.factories.fulfillment import BackorderFactory
from tests.factories.inventory import (
    SalesChannelFactory,
    SourceFactory,
    SourceItemFactory,
    StockFactory,
)
from tests.factories.orders import OrderFactory
from tests.invariants import assert_invariants

pytestmark = pytest.mark.django_db(transaction=True)

NOW = datetime(2026, 4, 28, 12, tzinfo=UTC)


@pytest.fixture
def shipment() -> Shipment:
    """A READY shipment that holds all 3 of one item and all 2 of another at one source."""
    source = SourceFactory(code="seattle")
    first = SourceItemFactory(source=source, quantity=Decimal(3))
    second = SourceItemFactory(source=source, quantity=Decimal(2))
    BackorderFactory(
        number="S1",
        order=OrderFactory(channel=SalesChannelFactory(stock=StockFactory(sources=[source]))),
        lines={first.product: 3, second.product: 2},
    )
    engine.run_release(act=Act(NOW), zone=ZoneInfo("UTC"), trigger="STAFF")
    return Shipment.objects.get(number="S1", state="READY")


def items() -> list[SourceItem]:
    return list(SourceItem.objects.order_by("pk"))


def in_thread(work: Callable[[], object]) -> tuple[threading.Thread, list[Any]]:
    answers: list[Any] = []

    def run() -> None:
        answers.append(work())
        connections.close_all()

    thread = threading.Thread(target=run)
    thread.start()
    return thread, answers


def lowered(item: SourceItem) -> object:
    return set_items([ItemChange(item.product_id, item.source_id, {"quantity": 0})], Act(NOW))


def taken_off(item: SourceItem) -> object:
    return adjust_items({(item.product_id, item.source_id): Decimal(-2)}, Act(NOW))


@pytest.mark.parametrize("count", [lowered, taken_off])
def test_a_count_waits_for_the_shipment_before_it_locks_any_item(
    shipment: Shipment, count: Callable[..., Any]
) -> None:
    _first, second = items()

    with transaction.atomic():
        Shipment.objects.filter(pk=shipment.pk).locked().get()
        thread, answers = in_thread(lambda: count(second))
        wait_until_waiting(1)
        # Would fail at once, and without NOWAIT be a deadlock, if the count held an item.
        list(SourceItem.objects.order_by("pk").select_for_update(nowait=True))
    thread.join(timeout=120)

    assert answers[0].fallen_back == ("S1",)
    assert [(item.quantity, item.allocated) for item in items()] == [
        (Decimal(3), Decimal(0)),
        (Decimal(0), Decimal(0)),
    ]
    assert Shipment.objects.get().state == "BACKORDER"
    assert_invariants()


def test_a_count_locks_what_the_shipment_holds_besides_in_key_order(shipment: Shipment) -> None:
    first, second = items()

    with transaction.atomic():
        SourceItem.objects.filter(pk=first.pk).locked().get()
        thread, answers = in_thread(lambda: lowered(second))
        wait_until_waiting(1)
        # The second item is locked after the first, or these two would wait for each other.
        list(SourceItem.objects.filter(pk=second.pk).select_for_update(nowait=True))
    thread.join(timeout=120)

    assert answers[0].fallen_back == ("S1",)
    assert_invariants()


def test_a_count_tries_again_when_another_shipment_is_last_in_the_queue_by_then(
    shipment: Shipment,
) -> None:
    _first, second = items()
    later = BackorderFactory(
        number="S2",
        order=OrderFactory(channel=shipment.order.channel),
        lines={second.product: 2},
    )
    set_items([ItemChange(second.product_id, second.source_id, {"quantity": 4})], Act(NOW))

    with transaction.atomic():
        Shipment.objects.filter(pk=shipment.pk).locked().get()
        thread, answers = in_thread(
            lambda: set_items(
                [ItemChange(second.product_id, second.source_id, {"quantity": 0})], Act(NOW)
            )
        )
        wait_until_waiting(1)
        release_in_its_own_transaction()
    thread.join(timeout=120)

    later.refresh_from_db()
    assert answers[0].fallen_back == ("S1", "S2")
    assert later.state == "BACKORDER"
    assert items()[1].allocated == 0
    assert_invariants()


def release_in_its_own_transaction() -> None:
    """Set units aside for the shipment that waits, while the count is kept waiting."""
    thread, _answers = in_thread(
        lambda: engine.run_release(act=Act(NOW), zone=ZoneInfo("UTC"), trigger="STAFF")
    )
    thread.join(timeout=120)
    assert not thread.is_alive()
