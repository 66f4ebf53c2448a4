"""A transfer that is canceled beside its receipt, and beside others who need the same rows."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from psycopg import Connection

from core.acts import Act
from inventory.models import FutureSupply, Source, SourceItem
from inventory.operations.future_supply import ClosedSupplyError, cancel_supply
from inventory.operations.receipts import receive_supply
from inventory.operations.transfers import Consignment, TransferredUnits, send
from tests.beside import beside
from tests.factories.inventory import ProductFactory, SourceFactory, SourceItemFactory
from tests.fulfillment.operations.paid_orders import NOW
from tests.invariants import assert_invariants

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def supply() -> FutureSupply:
    """5 units on their way from a to b, which held none."""
    product, a, b = ProductFactory(), SourceFactory(code="a"), SourceFactory(code="b")
    SourceItemFactory(product=product, source=a, quantity=5)
    SourceItemFactory(product=product, source=b, quantity=0)
    move = TransferredUnits(product.pk, a.pk, b.pk, Decimal(5))
    send([move], Consignment("TR-1", date(2026, 5, 16)))
    return FutureSupply.objects.get()


def receive(supply: FutureSupply) -> None:
    receive_supply(supply.pk, Act(NOW), quantity=Decimal(5))


def cancel(supply: FutureSupply) -> None:
    cancel_supply(supply.pk, Act(NOW))


def on_hand() -> dict[str, int]:
    return {item.source.code: int(item.quantity) for item in SourceItem.objects.order_by("pk")}


@pytest.mark.parametrize(
    ("first", "second", "left"),
    [(receive, cancel, {"a": 0, "b": 5}), (cancel, receive, {"a": 5, "b": 0})],
)
def test_of_a_receipt_and_a_cancellation_at_once_one_wins_and_the_other_is_told(
    supply: FutureSupply, other: Connection[Any], first: Any, second: Any, left: dict[str, int]
) -> None:
    other.execute("SELECT 1 FROM inventory_futuresupply FOR UPDATE")

    def lose() -> None:
        with pytest.raises(ClosedSupplyError):
            second(supply)

    # The first has the source items, and waits for the record; the second waits for the items.
    with beside(lambda: first(supply)), beside(lose, waiting=2):
        other.rollback()

    assert on_hand() == left
    assert_invariants()


def test_the_item_of_the_sender_is_locked_before_the_record(
    supply: FutureSupply, other: Connection[Any]
) -> None:
    sender = Source.objects.get(code="a")
    other.execute("SELECT 1 FROM inventory_sourceitem WHERE source_id = %s FOR UPDATE", [sender.pk])

    with beside(lambda: cancel(supply)):
        other.execute("SELECT 1 FROM inventory_futuresupply FOR UPDATE NOWAIT")
        other.rollback()

    assert on_hand() == {"a": 5, "b": 0}
