"""Supply that arrives or moves beside changes of the orders that it was promised to."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from psycopg import Connection

from core.acts import Act
from fulfillment.models import Shipment
from inventory.models import FutureSupply, Source, SourceItem
from inventory.operations.future_supply import NewSupply, cancel_supply, change_supply
from inventory.operations.receipts import receive_supply
from tests.beside import beside
from tests.factories.inventory import FutureSupplyFactory
from tests.fulfillment.operations.paid_orders import NOW, buy, open_shop, release, standing
from tests.invariants import assert_invariants
from tests.inventory.files.imports import written

pytestmark = pytest.mark.django_db(transaction=True)


def promised_order(**options: bool) -> int:
    """Place an order of 4 kettles that are promised for 9 March; return its id."""
    open_shop(future_inventory=True, **options)
    order_id = buy()
    FutureSupplyFactory(
        source=Source.objects.get(code="a"),
        product=SourceItem.objects.get().product,
        quantity=4,
        expected_on=date(2026, 3, 9),
    )
    release()
    assert standing() == "FUTURE"
    return order_id


def receive() -> None:
    receive_supply(FutureSupply.objects.get().pk, Act(NOW), quantity=Decimal(4))


def move() -> None:
    change_supply(
        FutureSupply.objects.get().pk,
        NewSupply(Decimal(4), date(2026, 3, 10)),
        Act(NOW),
        today=NOW.date(),
    )


@pytest.mark.parametrize("change", [receive, move])
def test_whoever_has_the_order_may_lock_its_shipments(
    change: Callable[..., Any], other: Connection[Any]
) -> None:
    order_id = promised_order(void_and_reauthorize=False)
    other.execute("SELECT 1 FROM orders_order WHERE id = %s FOR UPDATE", [order_id])

    with beside(change):
        # It waits for the order, and holds nothing that a cancellation of it needs next.
        locked = other.execute(
            "SELECT count(*) FROM (SELECT 1 FROM fulfillment_shipment WHERE order_id = %s "
            "ORDER BY id FOR UPDATE NOWAIT) AS locked",
            [order_id],
        ).fetchone()
        assert locked == (2,)
        other.rollback()

    assert_invariants()


def cancel() -> None:
    cancel_supply(FutureSupply.objects.get().pk, Act(NOW))


def bring_in() -> None:
    row = f"{SourceItem.objects.get().product.sku},a,4,,PO-1\n"
    written(f"sku,source_code,quantity,expected_on,reference\n{row}", format_code="FUTURE_SUPPLY")


@pytest.mark.parametrize("change", [cancel, bring_in])
def test_supply_waits_for_the_orders_that_it_dates_before_it_locks_its_record(
    change: Callable[..., Any], other: Connection[Any]
) -> None:
    open_shop(void_and_reauthorize=False)
    order_id = buy()
    FutureSupplyFactory(
        source=Source.objects.get(code="a"),
        product=SourceItem.objects.get().product,
        quantity=4,
        expected_on=date(2026, 3, 9),
        reference="PO-1",
    )
    release()
    assert Shipment.objects.get().has_known_supply
    other.execute("SELECT 1 FROM orders_order WHERE id = %s FOR UPDATE", [order_id])

    with beside(change):
        other.execute("SELECT 1 FROM fulfillment_shipment FOR UPDATE NOWAIT")
        other.execute("SELECT 1 FROM inventory_futuresupply FOR UPDATE NOWAIT")
        other.rollback()

    assert not Shipment.objects.get().has_known_supply
    assert_invariants()


def test_an_authorization_that_expires_meanwhile_is_seen_by_the_receipt(
    other: Connection[Any],
) -> None:
    order_id = promised_order(void_and_reauthorize=False)
    other.execute("SELECT 1 FROM orders_order WHERE id = %s FOR UPDATE", [order_id])

    with beside(receive):
        other.execute("UPDATE orders_payment SET state = 'EXPIRED'")
        other.commit()

    ready = Shipment.objects.get(state="READY")
    assert standing(ready) == "READY PAYMENT"
    assert_invariants()
