"""A receipt is taken back beside a second time, a shipment that leaves, and a release run."""

from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction

from core.acts import Act
from fulfillment.models import Shipment
from fulfillment.operations.moves.fulfill import fulfill
from fulfillment.operations.shipments.locking import WrongStateError
from fulfillment.release.runs import engine
from inventory.models import (
    FutureSupply,
    InventoryConfiguration,
    Product,
    Receipt,
    SalesChannel,
    SourceItem,
)
from inventory.operations.future_supply import SupplyMovedError
from inventory.operations.receipt_reversals import (
    NotLastReceiptError,
    TooManyUnitsError,
    take_back_receipt,
)
from inventory.operations.receipts import receive_supply
from inventory.promises import TakeBackPlan
from tests.beside import beside
from tests.factories.fulfillment import BackorderFactory
from tests.factories.inventory import (
    FutureSupplyFactory,
    ProductFactory,
    SalesChannelFactory,
    SourceFactory,
    SourceItemFactory,
    StockFactory,
)
from tests.factories.orders import OrderFactory
from tests.invariants import assert_invariants

NOW = datetime(2026, 4, 28, 12, tzinfo=UTC)
LATER = datetime(2026, 4, 28, 13, tzinfo=UTC)
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def receipt() -> Receipt:
    """5 kettles, 3 of which were promised to O1."""
    kettle, source = ProductFactory(sku="KTP"), SourceFactory(code="a")
    SourceItemFactory(source=source, product=kettle, quantity=0)
    InventoryConfiguration.objects.update_or_create(pk=1, defaults={"future_inventory": True})
    supply = FutureSupplyFactory(
        source=source, product=kettle, quantity=5, expected_on=datetime(2026, 5, 1, tzinfo=UTC)
    )
    channel = SalesChannelFactory(stock=StockFactory(sources=[source]))
    backorder(channel, kettle, 1, 3)
    release()
    receive_supply(supply.pk, Act(NOW), quantity=Decimal(5))
    backorder(channel, kettle, 2, 2)
    return Receipt.objects.get()


def backorder(channel: SalesChannel, product: Product, day: int, quantity: int) -> None:
    placed_at = datetime(2026, 4, day, tzinfo=UTC)
    order = OrderFactory(channel=channel, number=f"O{day}", placed_at=placed_at)
    BackorderFactory(order=order, number=f"S{day}", lines={product: quantity})


def release() -> None:
    engine.run_release(act=Act(LATER), zone=ZoneInfo("UTC"), trigger="STAFF")


def ship_first() -> None:
    fulfill(Shipment.objects.get(order__number="O1", state="READY").pk, Act(LATER))


def take_back(receipt: Receipt, quantity: Decimal | None = None) -> TakeBackPlan:
    return take_back_receipt(receipt.pk, Act(LATER, reason="Never came"), quantity=quantity)


def beside_uncommitted(first: Callable[..., Any], second: Callable[..., Any]) -> Any:
    """Do ``first``, and commit it only when ``second`` waits for it; return how that ended."""
    ended: list[type[Exception] | None] = []

    def call() -> None:
        try:
            second()
        except Exception as error:
            ended.append(type(error))
            return
        ended.append(None)

    with ExitStack() as second_ends, transaction.atomic():
        first()
        second_ends.enter_context(beside(call))
    return ended[0]


def test_a_receipt_is_taken_back_once(receipt: Receipt) -> None:
    ended = beside_uncommitted(lambda: take_back(receipt), lambda: take_back(receipt))

    assert ended is NotLastReceiptError
    assert (SourceItem.objects.get().quantity, FutureSupply.objects.get().received_quantity) == (
        Decimal(0),
        Decimal(0),
    )
    assert_invariants()


def test_units_that_leave_meanwhile_are_not_taken_back(receipt: Receipt) -> None:
    ended = beside_uncommitted(ship_first, lambda: take_back(receipt))

    assert ended is TooManyUnitsError
    assert SourceItem.objects.get().quantity == 2
    assert_invariants()


def test_units_that_are_taken_back_meanwhile_do_not_leave(receipt: Receipt) -> None:
    ended = beside_uncommitted(lambda: take_back(receipt), ship_first)

    assert ended is WrongStateError
    assert Shipment.objects.get(order__number="O1", state="FUTURE").source_id
    assert_invariants()


def test_units_that_are_taken_back_meanwhile_are_not_released(receipt: Receipt) -> None:
    ended = beside_uncommitted(lambda: take_back(receipt, Decimal(2)), release)

    assert ended is None
    ready = Shipment.objects.filter(state="READY").values_list("order__number", flat=True)
    assert list(ready) == ["O1"]
    assert SourceItem.objects.get().quantity == 3
    assert_invariants()


def test_units_that_are_released_meanwhile_are_not_taken_back_unseen(receipt: Receipt) -> None:
    ended = beside_uncommitted(release, lambda: take_back(receipt))

    assert ended is SupplyMovedError
    assert SourceItem.objects.get().quantity == 5
    assert Shipment.objects.filter(state="READY").count() == 2
    assert_invariants()
