"""What the page of a waiting shipment foretells comes true on the real database."""

from datetime import timedelta
from random import Random
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from core.acts import Act
from fulfillment.admin.reasons import sentences
from fulfillment.models import ReleaseRun, Shipment, SourceBar
from fulfillment.release import outlook
from fulfillment.release.explanation import Explanation, explain
from fulfillment.release.runs import engine
from inventory.models import FutureSupply, Product, Source
from inventory.operations.receipts import receive_supply
from tests.factories.inventory import FutureSupplyFactory, ProductFactory, SourceItemFactory
from tests.fulfillment.release.waiting_orders import (
    NOW,
    TODAY,
    UTC_ZONE,
    World,
    configure,
    release,
)

pytestmark = pytest.mark.django_db


def explained(shipment: Shipment) -> Explanation:
    return explain([shipment.pk], now=NOW, zone=UTC_ZONE, with_remedies=True)[shipment.pk]


def comes(source: Source, product: Product, units: int, days: int | None, name: str = "") -> None:
    FutureSupplyFactory(
        source=source,
        product=product,
        quantity=units,
        expected_on=None if days is None else TODAY + timedelta(days),
        reference=name,
    )


def in_days(number: int) -> str:
    return (TODAY + timedelta(number)).isoformat()


def test_the_date_counts_what_earlier_shipments_will_need(world: World, kettle: Product) -> None:
    for days, name in ((9, "PO-7"), (20, "PO-8")):
        comes(world.a, kettle, 40, days, name)
    world.backorder({kettle: 40}, number="1001", days=9)
    second = world.backorder({kettle: 30}, number="1002", days=5)
    third = world.backorder({kettle: 41}, number="1003", days=1)

    found, last = explained(second), explained(third)

    assert found.detail["expected_on"] == in_days(20)
    assert found.detail["shortages"][0]["facts"]["coming"] == {
        "quantity": "30.0000",
        "wanted": "30.0000",
        "incoming": "30.0000",
        "expected_on": in_days(20),
        "references": ["PO-7", "PO-8"],
        "sent_from": {},
        "goes_to_later": False,
    }
    # Of 80, the two before it take 70.
    assert last.detail["expected_on"] is None
    assert last.detail["shortages"][0]["facts"]["coming"]["quantity"] == "10.0000"


def test_a_large_shipment_that_later_ones_pass_has_no_date(world: World, kettle: Product) -> None:
    comes(world.a, kettle, 40, 9, "PO-7")
    large = world.backorder({kettle: 41}, number="1001", days=9)
    world.backorder({kettle: 30}, number="1002", days=5)

    found = explained(large).detail

    assert found["expected_on"] is None
    coming = found["shortages"][0]["facts"]["coming"]
    assert (coming["quantity"], coming["goes_to_later"]) == ("40.0000", True)
    last = sentences(found)[-1]
    assert last.endswith(
        "40 of 41 would come on PO-7 by 7 May 2026, and 1 is missing. "
        "Shipments after it that need fewer units would take some of them first."
    )


def test_of_a_long_queue_the_units_are_summed(
    world: World, kettle: Product, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outlook, "MOST_PLANNED", 0)
    comes(world.a, kettle, 40, 9)
    comes(world.a, kettle, 40, 20)
    world.item(world.a, kettle, 1)
    world.backorder({kettle: 40}, number="1001", days=9)
    second = world.backorder({kettle: 30}, number="1002", days=5)
    third = world.backorder({kettle: 12}, number="1003", days=1)

    assert explained(second).detail["expected_on"] == in_days(20)
    found = explained(third).detail
    assert found["expected_on"] is None
    assert found["shortages"][0]["facts"]["coming"]["quantity"] == "11.0000"


def test_what_no_run_considers_has_no_date(world: World, kettle: Product) -> None:
    comes(world.a, kettle, 40, 9)
    waiting = world.backorder({kettle: 3}, number="1001")
    Shipment.objects.filter(pk=waiting.pk).update(is_held=True, hold_reason="STAFF")

    found = explained(waiting)

    assert found.detail["expected_on"] is None
    assert found.detail["shortages"][0]["facts"] == {"hold_reason": "STAFF"}


def test_a_promise_has_the_date_of_its_record(world: World, kettle: Product) -> None:
    configure(future_inventory=True)
    comes(world.a, kettle, 3, 9)
    world.backorder({kettle: 3}, number="1001")
    release()

    assert explained(Shipment.objects.get(state="FUTURE")).detail["expected_on"] == in_days(9)


def test_the_page_says_the_date_first_and_what_is_where(
    world: World, kettle: Product, admin_client: Client
) -> None:
    closed = SourceItemFactory(product=kettle, quantity=7, source__code="home-only")
    Source.objects.filter(pk=closed.source_id).update(is_enabled=False, ships_to_home=False)
    world.item(world.a, kettle, 2, safety_stock=2)
    world.item(world.b, kettle, 5)
    comes(world.a, kettle, 9, 2_000, "PO-9")
    waiting = world.backorder({kettle: 12}, number="1001")
    SourceBar.objects.create(shipment=waiting, source=world.b, product=kettle, created_at=NOW)

    address = reverse("admin:fulfillment_shipment_change", args=[waiting.pk])
    page = admin_client.get(address)

    assert page.context["panel"]["stock"] == [
        "7 × KTP at home-only may not go: the source is disabled, "
        "the source does not serve the stock of this order, the source does not ship to home.",
        "2 × KTP at a may not go: all of it is safety stock.",
        "5 × KTP at b may not go: the source is barred for this shipment.",
    ]
    assert "9 of 12 would come on PO-9 by 19 Oct 2031, and 3 are missing." in page.text
    assert page.text.index("No date can be given yet.") < page.text.index("12 × KTP missing")

    comes(world.a, kettle, 3, 2_001)
    page = admin_client.get(address)
    assert "All 12 would be there by 20 Oct 2031, with PO-9." in page.text
    assert page.text.index("Earliest date: 20 Oct 2031") < page.text.index("12 × KTP missing")


@pytest.mark.parametrize("seed", range(4))
def test_each_shipment_goes_on_the_date_foretold(world: World, seed: int) -> None:
    """Supply is received as recorded, nobody orders, and a run follows each delivery."""
    random = Random(seed)  # noqa: S311 (a seed is what it is for)
    configure(
        release_policy=random.choice(["SKIP_OVER", "STRICT"]),
        release_mode=random.choice(["FULL", "BY_QUANTITY"]),
        future_inventory=random.random() < 0.5,
    )
    products = [ProductFactory(sku=sku) for sku in ("KTP", "CUP", "POT")]
    for product in products:
        world.item(world.a, product, random.randint(0, 2))
        for days in random.sample([2, 5, 8, 40], 2):
            comes(random.choice([world.a, world.b]), product, random.randint(1, 5), days)
    for number in range(5):
        lines = {each: random.randint(1, 3) for each in random.sample(products, 2)}
        world.backorder(lines, number=f"100{number}", days=9 - number)
    release()
    # Of an order in parts, the last part counts; "Z": never.
    foretold: dict[int, str] = {}
    for each in Shipment.objects.in_queue().order_by("pk"):
        day = explained(each).detail["expected_on"] or "Z"
        foretold[each.order_id] = max(day, foretold.get(each.order_id, ""))

    went: dict[int, Any] = dict.fromkeys(foretold, "Z")
    for days in (2, 5, 8, 10, 40):
        later = NOW + timedelta(days)
        due = FutureSupply.objects.filter(expected_on=later.date(), state="OPEN").order_by("pk")
        for record in due:
            receive_supply(record.pk, Act(later), quantity=record.quantity)
        for _again in range(3):
            engine.run_release(act=Act(later), zone=UTC_ZONE, trigger=ReleaseRun.Trigger.STAFF)
        left = set(Shipment.objects.in_queue().values_list("order_id", flat=True))
        for order, day in went.items():
            if day == "Z" and order not in left:
                went[order] = later.date().isoformat()
    assert went == foretold
