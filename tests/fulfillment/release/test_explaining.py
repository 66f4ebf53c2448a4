"""Why a shipment waits, asked at any time, is what the next run would say."""

import pytest

from fulfillment.models import ReleaseDecision, ReleaseRun, Shipment
from fulfillment.release.explaining import explain
from orders.models import Order
from tests.factories.inventory import ProductFactory
from tests.fulfillment.release.waiting_orders import NOW, UTC_ZONE, release

pytestmark = pytest.mark.django_db


def explained(*shipments, **values):
    return explain([each.pk for each in shipments], now=NOW, zone=UTC_ZONE, **values)


def test_it_says_what_the_run_says_and_writes_nothing(world, kettle):
    world.item(world.a, kettle, 4)
    older = world.backorder({kettle: 3}, number="1001", days=9)
    younger = world.backorder({kettle: 3}, number="1002", days=1)

    found = explained(older, younger)
    assert not ReleaseRun.objects.exists()
    run = release()

    for shipment in (older, younger):
        decision = ReleaseDecision.objects.get(run=run, shipment=shipment)
        assert found[shipment.pk].outcome == decision.outcome
        assert found[shipment.pk].detail == decision.detail
    assert [found[each.pk].outcome for each in (older, younger)] == ["RELEASED", "WAITING"]


def test_who_was_given_the_units_by_a_run_is_named_afterwards(world, kettle):
    world.item(world.a, kettle, 4)
    world.backorder({kettle: 3}, number="1001", days=9)
    waiting = world.backorder({kettle: 3}, number="1002", days=1)
    # Placed later and released by hand, it took nothing that this one was next for.
    world.backorder({kettle: 1}, number="1003", days=0)
    release()

    (short,) = explained(waiting)[waiting.pk].detail["shortages"]

    assert (short["missing"], short["reasons"], short["facts"]) == (
        "3", ["TAKEN_BY_EARLIER"], {"taken_by": ["1001-1"]},
    )  # fmt: skip


def test_products_without_any_supply_are_explained_too(world, kettle):
    pot = ProductFactory(sku="POT")
    waiting = world.backorder({kettle: 3, pot: 2}, number="1001")

    found = explained(waiting, with_remedies=True)[waiting.pk]

    assert [
        (short["sku"], short["missing"], short["reasons"]) for short in found.detail["shortages"]
    ] == [("KTP", "3", ["NO_STOCK"]), ("POT", "2", ["NO_STOCK"])]
    assert found.remedies == (
        {"kind": "RECEIVE", "sku": "KTP", "source": "a", "quantity": "3"},
        {"kind": "RECEIVE", "sku": "POT", "source": "a", "quantity": "2"},
    )


def test_a_held_shipment_waits_because_it_is_held(world, kettle):
    world.item(world.a, kettle, 9)
    waiting = world.backorder({kettle: 3}, number="1001")
    Shipment.objects.filter(pk=waiting.pk).update(is_held=True, hold_reason="STAFF")

    found = explained(waiting)[waiting.pk]

    assert found.detail["shortages"] == [
        {"sku": "KTP", "missing": "3", "reasons": ["HELD"], "facts": {"hold_reason": "STAFF"}}
    ]
    assert found.remedies == ({"kind": "LIFT_HOLD"},)


def test_an_order_without_money_waits_for_its_payment(world, kettle):
    world.item(world.a, kettle, 9)
    waiting = world.backorder({kettle: 3}, number="1001")
    Order.objects.filter(pk=waiting.order_id).update(status="PAYMENT_REVIEW")

    found = explained(waiting)[waiting.pk]

    assert found.detail["shortages"][0]["reasons"] == ["PAYMENT"]
    assert found.detail["shortages"][0]["facts"] == {"order_status": "PAYMENT_REVIEW"}
    assert found.remedies == ({"kind": "SETTLE_PAYMENT"},)


def test_what_does_not_wait_is_left_out(world, kettle):
    world.item(world.a, kettle, 3)
    waiting = world.backorder({kettle: 3}, number="1001")
    release()

    assert explained(waiting) == {}


def test_many_are_explained_in_as_many_queries_as_one(world, kettle, django_assert_max_num_queries):
    waiting = [world.backorder({kettle: 1}, number=f"10{n}") for n in range(30)]

    with django_assert_max_num_queries(15):
        assert len(explained(*waiting)) == 30
