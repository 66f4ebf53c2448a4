"""Why a shipment waits, asked at any time, is what the next run would say."""

from decimal import Decimal
from random import Random
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.models import F
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoAssertNumQueries

from fulfillment.models import ReleaseDecision, ReleaseRun, Shipment
from fulfillment.release import explanation
from fulfillment.release.explanation import Explanation, explain
from fulfillment.release.planning.planner import Planner
from fulfillment.release.planning.values import QueuedShipment
from inventory.models import Product, Source, SourceItem
from orders.models import Order
from tests.factories.inventory import ProductFactory
from tests.fulfillment.release.waiting_orders import NOW, UTC_ZONE, World, configure, release
from tests.present import present

pytestmark = pytest.mark.django_db


def explained(*shipments: Shipment, **values: bool) -> dict[int, Explanation]:
    return explain([each.pk for each in shipments], now=NOW, zone=UTC_ZONE, **values)


def test_it_says_what_the_run_says_and_writes_nothing(world: World, kettle: Product) -> None:
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


def test_who_was_given_the_units_by_a_run_is_named_afterwards(
    world: World, kettle: Product
) -> None:
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


def test_products_without_any_supply_are_explained_too(world: World, kettle: Product) -> None:
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


def test_a_held_shipment_waits_because_it_is_held(world: World, kettle: Product) -> None:
    world.item(world.a, kettle, 9)
    waiting = world.backorder({kettle: 3}, number="1001")
    Shipment.objects.filter(pk=waiting.pk).update(is_held=True, hold_reason="STAFF")

    found = explained(waiting)[waiting.pk]

    assert found.detail["shortages"] == [
        {"sku": "KTP", "missing": "3", "reasons": ["HELD"], "facts": {"hold_reason": "STAFF"}}
    ]
    assert found.remedies == ({"kind": "LIFT_HOLD"},)


def test_an_order_without_money_waits_for_its_payment(world: World, kettle: Product) -> None:
    world.item(world.a, kettle, 9)
    waiting = world.backorder({kettle: 3}, number="1001")
    Order.objects.filter(pk=waiting.order_id).update(status="PAYMENT_REVIEW")

    found = explained(waiting)[waiting.pk]

    assert found.detail["shortages"][0]["reasons"] == ["PAYMENT"]
    assert found.detail["shortages"][0]["facts"] == {"order_status": "PAYMENT_REVIEW"}
    assert found.remedies == ({"kind": "SETTLE_PAYMENT"},)


def test_what_does_not_wait_is_left_out(world: World, kettle: Product) -> None:
    world.item(world.a, kettle, 3)
    waiting = world.backorder({kettle: 3}, number="1001")
    release()

    assert explained(waiting) == {}


def test_many_are_explained_in_as_many_queries_as_one(
    world: World, kettle: Product, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    waiting = [world.backorder({kettle: 1}, number=f"10{n}") for n in range(30)]
    with CaptureQueriesContext(connection) as one:
        explained(waiting[0])

    with django_assert_num_queries(len(one)):
        assert len(explained(*waiting)) == 30


def test_those_who_come_before_and_have_nothing_share_in_what_is_received(
    world: World, kettle: Product
) -> None:
    world.backorder({kettle: 5}, number="1001", days=9)
    waiting = world.backorder({kettle: 5}, number="1002", days=1)

    found = explained(waiting, with_remedies=True)[waiting.pk]

    assert found.remedies == ({"kind": "RECEIVE", "sku": "KTP", "source": "a", "quantity": "10"},)


def test_one_that_is_held_and_short_needs_both(world: World, kettle: Product) -> None:
    world.item(world.a, kettle, 2)
    waiting = world.backorder({kettle: 3}, number="1001")
    Shipment.objects.filter(pk=waiting.pk).update(is_held=True, hold_reason="STAFF")
    Order.objects.filter(pk=waiting.order_id).update(status="PAYMENT_REVIEW")

    found = explained(waiting, with_remedies=True)[waiting.pk]

    (short,) = found.detail["shortages"]
    assert short["reasons"] == ["HELD", "PAYMENT"]
    assert short["facts"] == {"hold_reason": "STAFF", "order_status": "PAYMENT_REVIEW"}
    assert found.remedies == (
        {"kind": "LIFT_HOLD"},
        {"kind": "SETTLE_PAYMENT"},
        {"kind": "RECEIVE", "sku": "KTP", "source": "a", "quantity": "1"},
    )


@pytest.mark.parametrize("policy", ["SKIP_OVER", "STRICT"])
def test_a_queue_of_many_batches_is_planned_like_one_of_a_single_batch(
    world: World, kettle: Product, monkeypatch: pytest.MonkeyPatch, policy: str
) -> None:
    configure(release_policy=policy)
    world.item(world.a, kettle, 4)
    queue = [
        world.backorder({kettle: wanted}, number=f"100{wanted}", days=9 - wanted)
        for wanted in (3, 2, 1)
    ]
    in_one = explained(queue[-1])
    monkeypatch.setattr(explanation, "BATCH_SIZE", 1)

    assert explained(queue[-1]) == in_one


def test_once_nothing_is_left_nobody_else_is_planned(
    world: World, kettle: Product, monkeypatch: pytest.MonkeyPatch
) -> None:
    configure(release_policy="STRICT")
    world.item(world.a, kettle, 4)
    queue = [
        world.backorder({kettle: 9}, number=f"10{n}", days=days)
        for n, days in enumerate(range(20, 10, -1))
    ]
    monkeypatch.setattr(explanation, "BATCH_SIZE", 1)
    planned = []
    decide = Planner.decide

    def note(self: Planner, shipment: QueuedShipment) -> Any:
        planned.append(shipment.id)
        return decide(self, shipment)

    monkeypatch.setattr(Planner, "decide", note)

    found = explained(queue[-1])[queue[-1].pk]

    # The first keeps what there is; the eight between are in nobody's way.
    assert planned == [queue[0].pk, queue[-1].pk]
    assert found.detail["shortages"][0]["reasons"] == ["WAITING_BEHIND"]


def test_of_a_very_long_queue_only_the_first_are_planned(
    world: World, kettle: Product, monkeypatch: pytest.MonkeyPatch
) -> None:
    configure(release_mode="BY_QUANTITY")
    world.item(world.a, kettle, 9)
    queue = [
        world.backorder({kettle: 1}, number=f"10{n}", days=days)
        for n, days in enumerate(range(20, 10, -1))
    ]
    monkeypatch.setattr(explanation, "BATCH_SIZE", 2)
    monkeypatch.setattr(explanation, "MOST_RIVALS", 4)

    # Of the nine before it only four take one; all nine would have left it none.
    assert explained(queue[-1])[queue[-1].pk].outcome == "RELEASED"


@pytest.mark.parametrize("most", [0, 250])
@pytest.mark.parametrize("seed", range(6))
def test_doing_what_would_help_releases_the_shipment(
    world: World, monkeypatch: pytest.MonkeyPatch, seed: int, most: int
) -> None:
    """In random worlds, each remedy is carried out as staff would, and a run started."""
    monkeypatch.setattr(explanation, "MOST_PLANNED_AGAIN", most)
    random = Random(seed)  # noqa: S311 (a seed is what it is for)
    products = [ProductFactory(sku=sku) for sku in ("KTP", "CUP", "POT")]
    for product in products:
        for source in (world.a, world.b):
            if random.random() < 0.6:
                world.item(
                    source,
                    product,
                    random.randint(0, 4),
                    safety_stock=random.randint(0, 2),
                    status=random.choice(["IN_STOCK", "IN_STOCK", "OUT_OF_STOCK"]),
                )
    if random.random() < 0.4:
        Source.objects.filter(pk=world.b.pk).update(is_enabled=False)
    configure(release_policy=random.choice(["SKIP_OVER", "STRICT"]))
    queue = [
        world.backorder(
            {product: random.randint(1, 3) for product in random.sample(products, 2)},
            number=f"100{number}",
            days=9 - number,
        )
        for number in range(4)
    ]
    release()
    for shipment in queue:
        found = explained(shipment, with_remedies=True).get(shipment.pk)
        if found is None:
            continue
        with transaction.atomic():
            for remedy in found.remedies:
                carry_out(remedy, world)
            release()
            assert not Shipment.objects.filter(pk=shipment.pk, state="BACKORDER").exists()
            transaction.set_rollback(True)


def carry_out(remedy: Any, world: World) -> None:
    """Do what a remedy says."""
    source = present(Source.objects.filter(code=remedy.get("source")).first())
    items = SourceItem.objects.filter(source=source, product__sku=remedy.get("sku"))
    match remedy["kind"]:
        case "RECEIVE" if items.exists():
            items.update(quantity=F("quantity") + Decimal(remedy["quantity"]))
        case "RECEIVE":
            product = Product.objects.get(sku=remedy["sku"])
            world.item(source, product, Decimal(remedy["quantity"]))
        case "SET_IN_STOCK":
            items.update(status="IN_STOCK")
        case "LOWER_SAFETY_STOCK":
            items.update(safety_stock=Decimal(remedy["quantity"]))
        case "ENABLE_SOURCE":
            Source.objects.filter(pk=source.pk).update(is_enabled=True)
        case other:
            pytest.fail(f"nothing in these worlds needs {other}")
