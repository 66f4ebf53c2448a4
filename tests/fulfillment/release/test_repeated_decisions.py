"""What a run need not decide again: only what a run has said of the wait that goes on."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from core.acts import Act
from fulfillment.models import ReleaseDecision, ReleaseRun, Shipment
from fulfillment.operations.moves.customer_care import move_to_care, return_to_queue
from fulfillment.review.filters import shipments_matching
from fulfillment.review.review_rows import rows_of
from inventory.models import FutureSupply, Product, SourceItem
from inventory.operations.future_supply import cancel_supply
from inventory.operations.source_items import ItemChange, set_items
from tests.factories.inventory import FutureSupplyFactory, ProductFactory
from tests.fulfillment.release.waiting_orders import NOW, TODAY, UTC_ZONE, World, configure, release
from tests.invariants import assert_invariants

pytestmark = pytest.mark.django_db


def decided(run: ReleaseRun, shipment: Shipment) -> Any:
    """Return the reasons that a run gave; nothing if it passed over the shipment."""
    decision = ReleaseDecision.objects.filter(run=run, shipment=shipment).first()
    return decision and [each["reasons"] for each in decision.detail["shortages"]]


def listed(shipment: Shipment) -> list[str]:
    """Return the reasons of the review's row, each of which finds the shipment."""
    shipment.refresh_from_db()
    (row,) = rows_of([shipment], now=NOW, zone=UTC_ZONE)
    waiting = Shipment.objects.waiting()
    for reason in row.reasons:
        found = shipments_matching(
            f"reason={reason}", shipments=waiting, today=TODAY, zone=UTC_ZONE
        )
        assert shipment in found
    return row.reasons


def count(product: Product, quantity: int) -> None:
    item = SourceItem.objects.get(product=product)
    change = ItemChange(item.product_id, item.source_id, {"quantity": Decimal(quantity)})
    set_items([change], Act(NOW))


def test_what_cannot_go_is_decided_once(world: World, kettle: Product) -> None:
    world.item(world.a, kettle, 2)
    waiting = world.backorder({kettle: 3}, number="1001")

    assert decided(release(), waiting) == [["NOT_ENOUGH_STOCK"]]
    assert decided(release(), waiting) is None
    assert listed(waiting) == ["NOT_ENOUGH_STOCK"]


def test_a_dry_run_settles_nothing_and_gives_no_reason(world: World, kettle: Product) -> None:
    world.item(world.a, kettle, 2)
    waiting = world.backorder({kettle: 3}, number="1001")

    release(is_dry_run=True)

    assert listed(waiting) == ["NO_STOCK"]
    assert decided(release(), waiting) == [["NOT_ENOUGH_STOCK"]]


def test_a_dry_run_that_would_release_it_takes_no_reason_away(
    world: World, kettle: Product
) -> None:
    item = world.item(world.a, kettle, 2)
    waiting = world.backorder({kettle: 3}, number="1001")
    release()
    SourceItem.objects.filter(pk=item.pk).update(quantity=3)

    release(is_dry_run=True)

    assert listed(waiting) == ["NOT_ENOUGH_STOCK"]


def test_a_shipment_sent_back_by_a_count_is_decided_again(world: World, kettle: Product) -> None:
    # given it waited for what is safety stock, was released, and is not all there
    item = world.item(world.a, kettle, 3, safety_stock=1)
    waiting = world.backorder({kettle: 3}, number="1001")
    assert decided(release(), waiting) == [["NOT_ENOUGH_STOCK", "SAFETY_STOCK"]]
    SourceItem.objects.filter(pk=item.pk).update(quantity=4)
    assert release().released_count == 1

    count(kettle, 2)

    assert listed(waiting) == ["NO_STOCK"]
    SourceItem.objects.filter(pk=item.pk).update(safety_stock=0)
    assert decided(release(), waiting) == [["NOT_ENOUGH_STOCK"]]
    assert listed(waiting) == ["NOT_ENOUGH_STOCK"]
    assert_invariants()


def test_a_shipment_with_a_broken_promise_is_decided_again(world: World, kettle: Product) -> None:
    # given a promise of both, that a run left as it was while there was a pot
    pot = ProductFactory(sku="POT")
    configure(future_inventory=True)
    for product in (kettle, pot):
        FutureSupplyFactory(
            source=world.a, product=product, quantity=3, expected_on=TODAY + timedelta(days=9)
        )
    waiting = world.backorder({kettle: 3, pot: 3}, number="1001")
    release()
    promise = Shipment.objects.get(state="FUTURE")
    world.item(world.a, pot, 1)
    assert decided(release(), promise) == []

    for supply in FutureSupply.objects.order_by("pk"):
        cancel_supply(supply.pk, Act(NOW))

    assert decided(release(), promise) == [["NO_STOCK"], ["NOT_ENOUGH_STOCK"]]
    assert listed(promise) == ["NO_STOCK", "NOT_ENOUGH_STOCK"]
    waiting.refresh_from_db()
    assert waiting.state == "REASSIGNED"
    assert_invariants()


def test_a_shipment_back_from_customer_care_is_decided_again(world: World, kettle: Product) -> None:
    world.item(world.a, kettle, 2)
    waiting = world.backorder({kettle: 3}, number="1001")
    release()
    move_to_care(waiting.pk, Act(NOW, reason="Asked for another color"))

    return_to_queue(waiting.pk, Act(NOW))

    assert decided(release(), waiting) == [["NOT_ENOUGH_STOCK"]]
