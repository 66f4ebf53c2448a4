"""Promises of which one product is all there, and another comes free."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from psycopg import Connection

from core.acts import Act
from fulfillment.models import ReleaseDecision, Shipment
from fulfillment.release.runs.apply_dry_run import apply_run
from fulfillment.release.runs.one_shipment import release_ahead
from inventory.models import FutureSupply, Product, SourceItem, StockBalance
from inventory.operations.receipts import receive_supply
from tests.beside import beside
from tests.factories.inventory import FutureSupplyFactory, ProductFactory
from tests.fulfillment.release.waiting_orders import (
    NOW,
    TODAY,
    UTC_ZONE,
    World,
    configure,
    drift_of,
    release,
)
from tests.invariants import assert_invariants
from tests.rows import is_free

pytestmark = pytest.mark.django_db


@pytest.fixture
def pan() -> Product:
    return ProductFactory(sku="PAN")


@pytest.fixture
def promise(world: World, kettle: Product) -> Shipment:
    """3 kettles, received, and 2 pots that are still to come; and now there are 2 pots."""
    pot = ProductFactory(sku="POT")
    configure(future_inventory=True)
    for product, quantity in [(kettle, 3), (pot, 2)]:
        world.item(world.a, product, 0)
        FutureSupplyFactory(
            source=world.a,
            product=product,
            quantity=quantity,
            expected_on=TODAY + timedelta(days=9),
        )
    world.backorder({kettle: 3, pot: 2}, number="1001")
    release()
    received = FutureSupply.objects.get(product=kettle)
    receive_supply(received.pk, Act(NOW), quantity=Decimal(3))
    promise = Shipment.objects.get(state="FUTURE")
    SourceItem.objects.filter(product=pot).update(quantity=2)
    return promise


def test_a_full_run_moves_it_to_what_is_there(promise: Shipment) -> None:
    run = release()

    promise.refresh_from_db()
    assert (promise.state, run.failed_count, run.released_count) == ("READY", 0, 1)
    decision = ReleaseDecision.objects.get(run=run)
    assert decision.detail["children"] == [
        {
            "source": "a",
            "expected_on": None,
            "takes": [{"sku": "KTP", "quantity": "3"}, {"sku": "POT", "quantity": "2"}],
        }
    ]
    assert_invariants()


def test_it_is_released_ahead_of_the_queue(promise: Shipment) -> None:
    release_ahead(promise.pk, Act(NOW, reason="By phone"), zone=UTC_ZONE)

    promise.refresh_from_db()
    assert promise.state == "READY"
    assert_invariants()


def test_a_saved_dry_run_is_applied(promise: Shipment) -> None:
    shown = release(is_dry_run=True)
    assert shown.failed_count == 0
    assert drift_of(shown) == []

    apply_run(run_id=shown.pk, act=Act(NOW), zone=UTC_ZONE)

    promise.refresh_from_db()
    assert promise.state == "READY"
    assert_invariants()


@pytest.mark.django_db(transaction=True)
def test_what_it_gives_back_and_what_others_take_is_counted_in_key_order(
    pan: Product, promise: Shipment, kettle: Product, world: World, other: Connection[Any]
) -> None:
    world.item(world.a, pan, 3)
    world.backorder({pan: 3}, number="1000")
    first, second = (StockBalance.objects.get(product=product) for product in (pan, kettle))
    assert is_free(other, first)

    with beside(release):
        is_second_free = is_free(other, second)
        other.rollback()

    assert is_second_free
    assert set(Shipment.objects.values_list("state", flat=True)) == {"READY", "REASSIGNED"}
    assert_invariants()
